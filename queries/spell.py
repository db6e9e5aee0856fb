"""Spelling out: which aggregates a metric is made of, and the metric's figure once they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

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


@dataclass(frozen=True)
class Cell:
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


def figure(known: Catalogue, metric_id: str, now: Cell, earlier: Cell | None = None) -> Figure:
    """A metric's figure from its aggregates: ratios divide here, after everything is summed.

    `earlier` is the row in the comparison that a change is measured against.
    """
    metric = known.metric(metric_id)
    match metric.expression:
        case Sum(terms):
            return _summed(metric, terms, now)
        case Documents() | Distinct() | Collected():
            return now.figure(own_parts(metric)[0])
        case Ratio(a, b):
            return _quotient(figure(known, a, now), figure(known, b, now), b)
        case Difference(a, b):
            (one, why), (other, why_other) = figure(known, a, now), figure(known, b, now)
            if one is None or other is None:
                return None, why or why_other
            return EXACT.subtract(Decimal(one), Decimal(other)), None
        case Change(changed, _):
            if earlier is None:
                return None, "no_base"
            (new, why), (old, why_old) = figure(known, changed, now), figure(known, changed, earlier)
            if new is None or old is None:
                return None, why or why_old
            return percent_change(new, old)


def _summed(metric: Metric, terms: tuple[tuple[int, str], ...], cell: Cell) -> Figure:
    parts = own_parts(metric)
    if len(terms) == 1 and terms[0][0] == 1:
        return cell.figure(parts[0])
    total: Number = 0
    for (sign, _), part in zip(terms, parts, strict=True):
        value, reason = cell.figure(part)
        if value is None:
            return None, reason
        total = EXACT.add(Decimal(total), sign * value) if isinstance(value, Decimal) else total + sign * value
    return total, None


def _quotient(numerator: Figure, denominator: Figure, divisor: str) -> Figure:
    (above, why), (below, why_below) = numerator, denominator
    if above is None or below is None:
        return None, why or why_below
    value, reason = divide(above, below)
    return value, "quota_zero" if reason and divisor == "quota" else reason
