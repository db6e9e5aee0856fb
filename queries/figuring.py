"""Figuring: the columns of an answer and how its figures are read off aggregates, settled once for all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from app.values.money import EXACT, percent_change
from queries.catalogue.model import Catalogue
from queries.compare import PLAN
from queries.frame import Column
from queries.plan import ASKED, Plan
from queries.spell import PLAN_OF, Cells, Figure, Reader, reader

VERSUS_TITLES = {"previous": "previous period", "last-year": "last year", PLAN: "budget"}

Periods = Mapping[str, Cells]
"""The aggregates of rows by period."""
Step = Callable[[Periods], list[Figure]]


@dataclass(frozen=True)
class Figuring:
    """The columns; for each metric its figure and those it is compared with; and the periods that these look at."""

    columns: tuple[Column, ...]
    periods: tuple[str, ...]
    metrics: Mapping[str, tuple[Step, Mapping[str, Step]]]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The columns of figures, in the order of `row`."""
        return tuple(column.id for column in self.columns if column.role != "dimension")

    def figures(self, cells: Periods) -> list[list[Figure]]:
        """Column by column: per metric its figures, then per comparison the references, differences and changes."""
        found = []
        for asked, references in self.metrics.values():
            now = asked(cells)
            found.append(now)
            for step in references.values():
                reference = step(cells)
                found += (reference, _each(_delta, now, reference), _each(_change, now, reference))
        return found

    def ranked_by(self, column: str, cells: Periods) -> list[Any]:
        """The figures of one column."""
        metric, _, rest = column.partition("@")
        versus, _, kind = rest.partition(":")
        asked, references = self.metrics[metric]
        if not versus:
            found = asked(cells)
        elif not kind:
            found = references[versus](cells)
        else:
            found = _each({"delta": _delta, "change": _change}[kind], asked(cells), references[versus](cells))
        return [value for value, _ in found]


def figuring_of(plan: Plan, known: Catalogue) -> Figuring:
    """How the answer to a plan is figured."""
    unmet = {each.versus: each.reason for each in plan.references if each.reason}
    in_time = (each for each in (*plan.query.versus, *plan.changes.values()) if each != PLAN)
    metrics = {
        metric: (
            _asked(reader(known, metric), plan.changes.get(metric), unmet),
            {versus: _reference(known, metric, versus, unmet) for versus in plan.query.versus},
        )
        for metric in plan.query.metrics
    }
    return Figuring(tuple(_columns(plan, known)), tuple(dict.fromkeys((ASKED, *in_time))), metrics)


def _asked(read: Reader, versus: str | None, unmet: Mapping[str, str]) -> Step:
    if not versus:
        return lambda cells: read(cells[ASKED], None)
    if versus in unmet:
        return partial(_none, unmet[versus])
    return lambda cells: read(cells[ASKED], cells[versus])


def _reference(known: Catalogue, metric: str, versus: str, unmet: Mapping[str, str]) -> Step:
    if versus == PLAN:
        plan = PLAN_OF.get(metric)
        return _asked(reader(known, plan), None, unmet) if plan else partial(_none, "no_base")
    if versus in unmet:
        return partial(_none, unmet[versus])
    read = reader(known, metric)
    return lambda cells: read(cells[versus], None)


def _none(reason: str, cells: Periods) -> list[Figure]:
    return [(None, reason)] * len(cells[ASKED])


def _columns(plan: Plan, known: Catalogue) -> Iterator[Column]:
    """Levels, then per metric its figure and per comparison reference, delta and change."""
    for level in plan.query.by:
        yield Column(level, known.level(level).title, "dimension", level=level)
    for metric_id in plan.query.metrics:
        metric = known.metric(metric_id)
        own = Column(
            metric_id,
            metric.title,
            "metric",
            metric=metric_id,
            unit=metric.unit,
            format=metric.format,
            better=metric.better,
        )
        yield own
        for versus in plan.query.versus:
            yield from _compared(own, versus, VERSUS_TITLES.get(versus, versus))


def _compared(own: Column, versus: str, against: str) -> tuple[Column, ...]:
    near = f"{own.id}@{versus}"
    return (
        replace(own, id=near, title=f"{own.title}, {against}", role="reference", versus=versus),
        replace(own, id=f"{near}:delta", title=f"{own.title} less {against}", role="delta", versus=versus),
        replace(
            own,
            id=f"{near}:change",
            title=f"{own.title}, change on {against}",
            role="change",
            versus=versus,
            unit="ratio",
            format="signed_percent",
        ),
    )


def _each(compared: Callable[[Figure, Figure], Figure], now: list[Figure], reference: list[Figure]) -> list[Figure]:
    return [compared(*pair) for pair in zip(now, reference, strict=True)]


def _delta(now: Figure, reference: Figure) -> Figure:
    if now[0] is None or reference[0] is None:
        return None, now[1] or reference[1]
    if isinstance(now[0], Decimal) and isinstance(reference[0], Decimal):
        return EXACT.subtract(now[0], reference[0]), None
    if isinstance(now[0], date):
        return None, "no_base"
    if isinstance(now[0], int) and isinstance(reference[0], int):
        return now[0] - reference[0], None
    return EXACT.subtract(Decimal(now[0]), Decimal(reference[0])), None


def _change(now: Figure, reference: Figure) -> Figure:
    if now[0] is None or reference[0] is None:
        return None, now[1] or reference[1]
    return (None, "no_base") if isinstance(now[0], date) else percent_change(now[0], reference[0])
