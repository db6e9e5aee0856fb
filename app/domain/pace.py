"""Pace: how far towards a target, how far one should be today, what is needed a day, and how attainment spreads.

Source: analytics-methods §5.4 (pace, status) and §11 codes; features §5.2, SR-37, T-08, T-33, `/sales/team`, `/me`.
Nothing here looks ahead: a required rate is arithmetic, no forecast.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Literal

from app.domain.figures import ZERO, quantile, share
from app.values.calendar import DAY, Calendar, Span
from app.values.errors import Invalid
from app.values.money import EXACT, divide

TargetStatus = Literal["not_started", "exceeded", "achieved", "missed", "at_risk", "on_track"]
EDGES = tuple(Decimal(edge) / 100 for edge in (50, 60, 70, 80, 90, 100, 110, 120, 130, 150))


@dataclass(frozen=True)
class Pace:
    """Where somebody stands against a target.

    `attainment` = actual ÷ target; `expected` = what should be there by today; `pace` = actual ÷ expected; `gap` =
    actual − expected; `variance` = actual − target. Days are working days, today among the elapsed ones (all days
    where a period has no working day). `run_rate` and `required` are money a day, so far and from here on.
    `reason` ("quota_zero", "negative_base", "no_base") when there is no attainment, `required_reason` ("quota_met",
    "zero_base": no day left) when nothing is required or nothing helps.
    """

    actual: Decimal
    target: Decimal | None
    expected: Decimal | None
    attainment: Decimal | None
    pace: Decimal | None
    gap: Decimal | None
    variance: Decimal | None
    days: int
    days_elapsed: int
    days_left: int
    run_rate: Decimal | None
    required: Decimal | None
    required_reason: str | None
    status: TargetStatus | None
    reason: str | None


@dataclass(frozen=True)
class Bin:
    """Those from `start` up to, but without, `end`; None: open. Keys in order of their attainment."""

    start: Decimal | None
    end: Decimal | None
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Distribution:
    """Bins that together hold all `n` with an attainment; `without` have none. Quartiles None when n is 0."""

    bins: tuple[Bin, ...]
    n: int
    without: tuple[str, ...]
    reached: int
    reached_share: Decimal | None
    lower_quartile: Decimal | None
    middle: Decimal | None
    upper_quartile: Decimal | None


def pace(
    actual: Decimal,
    target: Decimal | None,
    span: Span,
    today: date,
    calendar: Calendar,
    expected: Decimal | None = None,
    exceeded: Decimal = Decimal("1.10"),
    at_risk: Decimal = Decimal("0.90"),
) -> Pace:
    """Stand on `today` in `span`, a whole period or one cut after today.

    `expected`: the plan to date where it is known by month; otherwise the target by working days elapsed.
    """
    days, elapsed = _days(span, today, calendar)
    left = days - elapsed
    run_rate = divide(actual, elapsed)[0]
    if target is None or target <= 0:
        reason = "no_base" if target is None else "negative_base" if target else "quota_zero"
        variance = None if target is None else actual - target
        return Pace(
            actual, target, None, None, None, None, variance, days, elapsed, left, run_rate, None, reason, None, reason
        )
    with localcontext(EXACT):
        due = target * elapsed / days if expected is None else expected
        remaining, gap = target - actual, actual - due
    attainment, speed = divide(actual, target)[0], share(actual, due)
    required, required_reason = (None, "quota_met") if remaining <= 0 else divide(remaining, left)
    started, over = today >= span.start, today >= span.whole_end - DAY
    return Pace(
        actual=actual,
        target=target,
        expected=due,
        attainment=attainment,
        pace=speed,
        gap=gap,
        variance=-remaining,
        days=days,
        days_elapsed=elapsed,
        days_left=left,
        run_rate=run_rate,
        required=required,
        required_reason=required_reason,
        status=_status(attainment or ZERO, speed, started, over, exceeded, at_risk),
        reason=None,
    )


def distribution(attainments: Iterable[tuple[str, Decimal | None]], edges: Sequence[Decimal] = EDGES) -> Distribution:
    """Who is where: below the first edge, between two, from the last edge on; an edge belongs to the bin above it."""
    if not edges or list(edges) != sorted(set(edges)):
        raise Invalid("The edges of a distribution rise.")
    pairs = list(attainments)
    known = sorted((value, key) for key, value in pairs if value is not None)
    starts, ends = (None, *edges), (*edges, None)
    bins = tuple(
        Bin(start, end, tuple(key for value, key in known if _inside(value, start, end)))
        for start, end in zip(starts, ends, strict=True)
    )
    values = [value for value, _ in known]
    reached = sum(value >= 1 for value in values)
    quartiles = [quantile(values, Decimal(at)) if values else None for at in ("0.25", "0.5", "0.75")]
    without = tuple(sorted(key for key, value in pairs if value is None))
    return Distribution(bins, len(values), without, reached, share(reached, len(values)), *quartiles)


def _days(span: Span, today: date, calendar: Calendar) -> tuple[int, int]:
    """The days of the whole period that count, and those up to and with today."""
    whole = Span.whole(span.start, span.whole_end)
    past = Span.whole(span.start, max(span.start, min(today + DAY, span.whole_end)))
    days = calendar.working_days(whole)
    return (days, calendar.working_days(past)) if days else (whole.days, past.days)


def _inside(value: Decimal, start: Decimal | None, end: Decimal | None) -> bool:
    return (start is None or value >= start) and (end is None or value < end)


def _status(
    attainment: Decimal, speed: Decimal | None, started: bool, over: bool, exceeded: Decimal, at_risk: Decimal
) -> TargetStatus:
    if not started:
        return "not_started"
    if attainment >= exceeded:
        return "exceeded"
    if attainment >= 1:
        return "achieved"
    if over:
        return "missed"
    return "at_risk" if speed is not None and speed < at_risk else "on_track"
