"""The dashboards over the demo company: the whole way down, and figures that agree wherever they are shown."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from app.values.money import round_money
from app.values.scope import Scope
from app.values.view import View
from layouts.answered import AnsweredPanel
from layouts.card import card_face
from layouts.curves import curves_of
from layouts.dashboard import answer, answer_panel
from layouts.dashboards import dashboards
from layouts.marks import Card
from layouts.render.csv import document
from layouts.render.plotly import figure
from queries.asking import Asker
from queries.catalogue import catalogue
from queries.catalogue.rollups import ROLLUPS
from queries.frame import Member
from queries.warehouse.demo import build_demo
from queries.warehouse.engines import open_engine
from tests.layouts.company import TODAY, answered, context, of_somebody, paper, view, viewer

DOWN = ("market", "country", "region", "rep", "customer", "document", "line")


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Salient over a small demo company."""
    home = tmp_path_factory.mktemp("demo")
    engine = open_engine("", home, ROLLUPS, context().calendar, "EUR", (), threads=1)
    build_demo(engine, lines=4_000, seed=1, today=TODAY, scratch=home / "scratch", progress=None)
    yield Asker(engine, catalogue())
    engine.close()


def ranked(at: View, asker: Asker, scope: Scope | None = None) -> AnsweredPanel:
    """The ranking of the regions dashboard."""
    dashboard = next(each for each in dashboards() if each.id == "regions")
    panel = dashboard.panel("ranked")
    assert panel is not None
    return answer_panel(dashboard, panel, at, viewer(scope), asker)


def test_erin_drills_from_the_company_to_a_single_line(asker: Asker) -> None:
    at = view("/d/regions?period=2026")
    totals = []
    for level in DOWN:
        panel = ranked(at, asker)
        assert (panel.state, panel.drill_level) == ("ready", level)
        assert panel.frame is not None
        assert panel.frame.totals is not None
        first = panel.frame.rows[0]
        totals.append((panel.frame.totals[1], first[1]))
        assert isinstance(first[0], Member)
        at = at.with_selection(at.selection.drill_to(level, first[0].key))
    # What a bar shows is what one finds behind it.
    assert all(inside == bar for (_, bar), (inside, _) in itertools.pairwise(totals))


@pytest.mark.parametrize("depth", range(0, 7, 2))
def test_every_panel_stands_or_says_why_at_every_depth(asker: Asker, depth: int) -> None:
    at = view("/d/regions?period=2026")
    for _ in range(depth):
        panel = ranked(at, asker)
        assert panel.frame is not None
        member = panel.frame.rows[0][0]
        assert isinstance(member, Member)
        at = at.with_selection(at.selection.drill_to(panel.drill_level or "", member.key))
    for dashboard in dashboards():
        for each in answer(dashboard, View(dashboard.id, None, at.selection), viewer(), asker):
            assert each.state != "error"
            assert (each.state == "ready") != bool(each.sentence)
            # "None of the largest customers …" is a sentence.
            assert not re.search(r"\bNone\b(?! of )", json.dumps(figure(each), allow_nan=False))
            if isinstance(each.mark, Card):
                assert len(card_face(each).spark) == 13


def test_a_regional_lead_sees_only_the_own_places(asker: Asker) -> None:
    scope = Scope.of(country=["spain"])
    panel = ranked(view("/d/regions?period=2026&drill=market:emea"), asker, scope)
    assert panel.frame is not None
    assert [row[0].key for row in panel.frame.rows if isinstance(row[0], Member)] == ["spain"]
    elsewhere = ranked(view("/d/regions?period=2026&drill=market:americas"), asker, scope)
    assert (elsewhere.state, elsewhere.table.rows) == ("empty", ())


def test_the_card_the_picture_the_table_and_the_file_agree_to_the_cent(asker: Asker) -> None:
    found = {each.panel.id: each for each in answer(dashboards()[0], view("/d/overview?period=2026"), viewer(), asker)}
    sales = found["net-sales"].frame
    assert sales is not None
    whole = sales.rows[0][0]
    assert isinstance(whole, Decimal)
    for name in ("variance", "top-customers", "category-mix"):
        frame = found[name].frame
        assert frame is not None
        assert frame.totals is not None
        assert frame.totals[frame.index("net_sales")] == whole
    rows = csv.DictReader(io.StringIO(document(paper(found["top-customers"])).content.decode(), newline=""))
    added = sum(Decimal(row["net_sales"]) for row in rows)
    assert abs(added - round_money(whole, "EUR")) <= Decimal("0.01") * 8


def test_the_running_total_ends_at_the_cards_figure(asker: Asker) -> None:
    found = {each.panel.id: each for each in answer(dashboards()[0], view(), viewer(), asker)}
    sales = found["net-sales"].frame
    assert sales is not None
    labels = [label["text"] for label in figure(found["cumulative"])["layout"]["annotations"]]
    curves = curves_of(found["cumulative"])
    assert curves is not None
    assert curves.current.values[-1] == sales.rows[0][0]
    assert any("Today" in text for text in labels)


def test_the_formulas_of_the_other_tests_have_the_shape_of_real_answers(asker: Asker) -> None:
    for dashboard in dashboards():
        about = asker.members(dashboard.about, viewer().context)[0].key if dashboard.about else ""
        at = of_somebody(dashboard, somebody=about)
        for real in answer(dashboard, at, viewer(), asker):
            made = answered(real.panel.id, str(at))
            if real.panel.derive or real.panel.query.metrics[0].startswith("kept_"):
                continue  # columns that follow the data, or records beside it, are tried in tests of their own
            assert real.frame is not None
            assert made.frame is not None
            assert [(c.id, c.role) for c in made.frame.columns] == [(c.id, c.role) for c in real.frame.columns]
