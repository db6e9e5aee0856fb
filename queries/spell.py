"""Spelling out: which aggregates a metric is made of, and the metric's figure once they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from operator import add
from typing import Any

from app.values.money import EXACT, divide, percent_change
from queries.catalogue.model import Catalogue, Change, Collected, Difference, Distinct, Documents, Metric, Ratio, Sum
from queries.slice import COLLECTED, Part
from queries.sources import PLANS

Number = Decimal | int
Figure = tuple[Any, str | None]
"""A number, a day or None; and a reason code where there is something to say."""

PLAN_OF: Mapping[str, str] = {"net_sales": "budget"}
"""The metric that is the plan of another one."""


@cache
def own_parts(metric: Metric) -> tuple[Part, ...]:
    """The aggregates of a metric that one fact answers by itself."""
    fact = metric.fact or ""
    match metric.expression:
        case Sum(terms):
            return tuple(Part(fact, measure, credited=metric.credited) for _, measure in terms)
        case Documents(measure, _):
            return (Part(fact, measure, "document", sales_only=True),)
        case Distinct(level):
            return (Part(fact, "", level, sales_only=True),)
        case Collected(what):
            return (Part(fact, what, sales_only=True),)
    return ()


def parts_of(known: Catalogue, metric_ids: Iterable[str]) -> tuple[Part, ...]:
    """Every aggregate that metrics are made of, each once."""
    return tuple(dict.fromkeys(part for metric in known.base_metrics(metric_ids) for part in own_parts(metric)))


def changes_of(known: Catalogue, metric_ids: Iterable[str]) -> dict[str, str]:
    """The metrics among these that are changes, each with the comparison it takes by default."""
    found = {}
    for metric_id in metric_ids:
        match known.metric(metric_id).expression:
            case Change(_, versus):
                found[metric_id] = versus
    return found


@dataclass(slots=True)
class Bucket:
    """The aggregates of one row in one period while they are collected; parts may be missing."""

    parts: dict[Part, Any] = field(default_factory=dict)
    rows: int = 0
    held: int = 0

    def add(self, parts: Iterable[Part], values: Iterable[Any], rows: int, held: int) -> None:
        """Add a fetched row's aggregates."""
        for part, value in zip(parts, values, strict=True):
            former = self.parts.get(part)
            together = COLLECTED.get(part.measure, add)
            self.parts[part] = former if value is None else value if former is None else together(former, value)
        self.rows += rows
        self.held += held

    def figure(self, part: Part) -> Figure:
        """A part's value, or why there is none."""
        value = self.parts.get(part)
        if value is None:
            return _NOTHING
        if self.held and self.held == self.rows and part.is_money and part.fact not in PLANS:
            return None, "missing_fx_rate"
        return value, None


_NOTHING: Figure = (None, "no_base")

Cells = Sequence[Bucket]
"""The same period of many rows."""
Reader = Callable[[Cells, Cells | None], list[Figure]]
"""From the aggregates of rows, and those in the comparison that a change is measured against, to a metric's figures."""


def reader(known: Catalogue, metric_id: str) -> Reader:
    """How a metric is read off aggregates: ratios divide after everything is summed."""
    metric = known.metric(metric_id)
    match metric.expression:
        case Sum(((1, _),)) | Documents() | Distinct() | Collected():
            return partial(_single, own_parts(metric)[0])
        case Sum(terms):
            signed = tuple((sign, part) for (sign, _), part in zip(terms, own_parts(metric), strict=True))
            return partial(_summed, signed)
        case Ratio(a, b):
            return partial(_quotient, reader(known, a), reader(known, b), b)
        case Difference(a, b):
            return partial(_difference, reader(known, a), reader(known, b))
        case Change(changed, _):
            return partial(_changed, reader(known, changed))


def _single(part: Part, now: Cells, _earlier: Cells | None) -> list[Figure]:
    return [
        (value, None) if not cell.held and (value := cell.parts.get(part)) is not None else cell.figure(part)
        for cell in now
    ]


def _summed(signed: tuple[tuple[int, Part], ...], now: Cells, _earlier: Cells | None) -> list[Figure]:
    return [_total(signed, cell) for cell in now]


def _total(signed: tuple[tuple[int, Part], ...], cell: Bucket) -> Figure:
    total: Number = 0
    for sign, part in signed:
        value, reason = cell.figure(part)
        if value is None:
            return None, reason
        total = EXACT.add(Decimal(total), sign * value) if isinstance(value, Decimal) else total + sign * value
    return total, None


def _quotient(above: Reader, below: Reader, divisor: str, now: Cells, earlier: Cells | None) -> list[Figure]:
    pairs = zip(above(now, earlier), below(now, earlier), strict=True)
    return [_divided(one, other, divisor) for one, other in pairs]


def _divided(one: Figure, other: Figure, divisor: str) -> Figure:
    if one[0] is None or other[0] is None:
        return None, one[1] or other[1]
    value, reason = divide(one[0], other[0])
    return value, "quota_zero" if reason and divisor == "quota" else reason


def _difference(minuend: Reader, subtrahend: Reader, now: Cells, earlier: Cells | None) -> list[Figure]:
    return [
        (None, one[1] or other[1])
        if one[0] is None or other[0] is None
        else (EXACT.subtract(Decimal(one[0]), Decimal(other[0])), None)
        for one, other in zip(minuend(now, earlier), subtrahend(now, earlier), strict=True)
    ]


def _changed(changed: Reader, now: Cells, earlier: Cells | None) -> list[Figure]:
    if earlier is None:
        return [_NOTHING] * len(now)
    return [
        (None, new[1] or old[1]) if new[0] is None or old[0] is None else percent_change(new[0], old[0])
        for new, old in zip(changed(now, None), changed(earlier, None), strict=True)
    ]
