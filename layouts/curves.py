"""Curves: running totals by day, this period's over every earlier one of its kind and over the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from layouts.answered import AnsweredPanel
from layouts.columns import number
from layouts.marks import Cumulative
from layouts.settle import Cycle, cycle_of, month_shift, span_of
from queries.frame import Frame, Member

DAY = timedelta(days=1)

SETTLED = timedelta(days=10)
"""Data that starts later than this in a cycle does not show the whole of it."""


@dataclass(frozen=True)
class Curve:
    """A running total: the value at the end of each day from `start`."""

    start: date
    values: tuple[Decimal, ...]


@dataclass(frozen=True)
class Curves:
    """`current` runs to today; `earlier` are complete, the latest first; `plan` runs to the cycle's end, if known.

    `last_year` is the position in `earlier` of the same cycle a year ago, None when it is not there.
    """

    cycle: Cycle
    days: int
    current: Curve
    earlier: tuple[Curve, ...] = ()
    last_year: int | None = None
    plan: Curve | None = None


def curves_of(answered: AnsweredPanel) -> Curves | None:
    """The curves of a panel's daily answer; None without figures, a cycle, or a day that has come."""
    frame = answered.frame
    span = span_of(answered.view.selection, answered.context)
    if frame is None or span is None or answered.metric is None or span.start > answered.context.today:
        return None
    cycle = cycle_of(span)
    by_day = _by_day(frame, answered.metric.id)
    if not by_day:
        return None
    first, last = min(by_day), span.last_day
    count = answered.mark.earlier if isinstance(answered.mark, Cumulative) else 0
    starts = [cycle.before(step) for step in range(1, count + 1)]
    kept = [start for start in starts if first <= start + SETTLED]
    back = 12 // cycle.months
    end = cycle.before(-1)
    return Curves(
        cycle=cycle,
        days=(end - cycle.start).days,
        current=_curve(by_day, cycle.start, last + DAY),
        earlier=tuple(_curve(by_day, start, month_shift(start, cycle.months)) for start in kept),
        last_year=back - 1 if len(kept) >= back else None,
        plan=_plan(answered, cycle, end),
    )


def _by_day(frame: Frame, metric: str) -> dict[date, Decimal]:
    day_at = next(at for at, column in enumerate(frame.columns) if column.role == "dimension")
    at = frame.index(metric)
    found: dict[date, Decimal] = {}
    for row in frame.rows:
        key, value = row[day_at], number(row[at])
        if isinstance(key, Member) and value is not None and len(key.key) == len("2026-11-21"):
            found[date.fromisoformat(key.key)] = Decimal(value)
    return found


def _curve(by_day: Mapping[date, Decimal], start: date, end: date) -> Curve:
    days = (start + DAY * step for step in range((end - start).days))
    return Curve(start, tuple(accumulate(by_day.get(day, Decimal(0)) for day in days)))


def _plan(answered: AnsweredPanel, cycle: Cycle, end: date) -> Curve | None:
    """The plan by day: each month's part spread evenly over the working days it stands for."""
    by_day: dict[date, Decimal] = {}
    last = None
    for name in ("plan", "rest"):
        frame = answered.frames.get(name)
        if frame is None or frame.provenance.span is None:
            continue
        for row in frame.rows:
            month, value = row[0], number(row[-1])
            if isinstance(month, Member) and value is not None:
                days = _days_of(month.key, frame.provenance.span.start, frame.provenance.span.end_exclusive)
                last = max(last or days[0], days[-1]) if days else last
                _spread(Decimal(value), days, by_day)
    return _curve(by_day, cycle.start, min(end, last + DAY)) if last is not None and by_day else None


def _days_of(month: str, start: date, end: date) -> list[date]:
    first = date(int(month[:4]), int(month[5:7]), 1)
    start, end = max(first, start), min(month_shift(first, 1), end)
    return [start + DAY * step for step in range((end - start).days)]


def _spread(value: Decimal, days: list[date], by_day: dict[date, Decimal]) -> None:
    working = [day for day in days if day.weekday() < 5] or days[-1:]
    for day in working:
        by_day[day] = by_day.get(day, Decimal(0)) + value / len(working)


def standing(curve: Curve, day: int) -> Decimal | None:
    """The running total at the end of a day, counted from 0; a curve that ended earlier keeps its last value."""
    return curve.values[min(day, len(curve.values) - 1)] if curve.values else None
