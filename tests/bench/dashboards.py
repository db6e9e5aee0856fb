"""Dashboards: all panels answered on the server, cold and from the cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.auth.roles import PERMISSIONS
from app.running import spare_the_collector
from app.values.view import View
from app.values.viewer import Viewer
from layouts.dashboard import Dashboard, answer
from layouts.dashboards import dashboards
from tests.bench.company import Company
from tests.bench.measure import Results, interleaved

RUNS = 5


def measure(companies: list[Company], results: Results) -> None:
    """Every dashboard at every size, in a process as the web's are."""
    spare_the_collector()
    for each in companies:
        viewer = Viewer("job", "bench", "Bench", "", "administrator", frozenset(PERMISSIONS), each.context)
        for dashboard in dashboards():
            warm = each.asker(cached=True)
            view = View.parse(f"/d/{dashboard.id}")
            if dashboard.about:
                [one, *_] = warm.members(dashboard.about, each.context)
                view = view.with_selection(view.selection.with_filter(dashboard.about, (one.key,)))
            answer(dashboard, view, viewer, warm)
            name = f"{dashboard.id}@{each.lines}"
            ways: dict[str, Callable[[], object]] = {
                f"cold:{name}": partial(_cold, dashboard, view, viewer, each),
                f"warm:{name}": partial(answer, dashboard, view, viewer, warm),
            }
            medians = interleaved(results, RUNS, ways, short=lambda way: way.startswith("warm:"))
            results.add(f"{dashboard.id} cold, {each.lines:,} lines", medians[f"cold:{name}"], "ms", at_most=400)
            results.add(f"{dashboard.id} warm, {each.lines:,} lines", medians[f"warm:{name}"], "ms", at_most=40)


def _cold(dashboard: Dashboard, view: View, viewer: Viewer, each: Company) -> None:
    answer(dashboard, view, viewer, each.asker(cached=True))
