"""Spelling out: which aggregates a metric is made of, and the metric's figure once they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache, partial
from typing import Any, NamedTuple

from app.values.money import EXACT, divide, percent_change
from queries.catalogue.model import Catalogue, Change, Collected, Difference, Distinct, Documents, Metric, Ratio, Sum
from queries.compile import Part
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


class Cell(NamedTuple):
    """The aggregates of one row in one period, and how many rows they are made of; parts may be missing."""

    parts: Mapping[Part, Any]
    rows: int = 0
    held: int = 0

    def figure(self, part: Part) -> Figure:
        """A part's value, or why there is none."""
        value = self.parts.get(part)
        if value is None:
            return None, "no_base"
        if self.held and self.held == self.rows and part.is_money and part.fact not in PLANS:
            return None, "missing_fx_rate"
        return value, None


Reader = Callable[[Cell, Cell | None], Figure]
"""From a row's aggregates, and those in the comparison that a change is measured against, to a metric's figure."""


def reader(known: Catalogue, metric_id: str) -> Reader:
    """How a metric is read off aggregates, settled once for all rows: ratios divide after everything is summed."""
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


def _single(part: Part, now: Cell, _earlier: Cell | None) -> Figure:
    return now.figure(part)


def _summed(signed: tuple[tuple[int, Part], ...], now: Cell, _earlier: Cell | None) -> Figure:
    total: Number = 0
    for sign, part in signed:
        value, reason = now.figure(part)
        if value is None:
            return None, reason
        total = EXACT.add(Decimal(total), sign * value) if isinstance(value, Decimal) else total + sign * value
    return total, None


def _quotient(above: Reader, below: Reader, divisor: str, now: Cell, earlier: Cell | None) -> Figure:
    (one, why), (other, why_other) = above(now, earlier), below(now, earlier)
    if one is None or other is None:
        return None, why or why_other
    value, reason = divide(one, other)
    return value, "quota_zero" if reason and divisor == "quota" else reason


def _difference(minuend: Reader, subtrahend: Reader, now: Cell, earlier: Cell | None) -> Figure:
    (one, why), (other, why_other) = minuend(now, earlier), subtrahend(now, earlier)
    if one is None or other is None:
        return None, why or why_other
    return EXACT.subtract(Decimal(one), Decimal(other)), None


def _changed(changed: Reader, now: Cell, earlier: Cell | None) -> Figure:
    if earlier is None:
        return None, "no_base"
    (new, why), (old, why_old) = changed(now, None), changed(earlier, None)
    if new is None or old is None:
        return None, why or why_old
    return percent_change(new, old)
