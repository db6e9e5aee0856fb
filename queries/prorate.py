"""Proration: a plan kept by month, shared out over other stretches of time by their working days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from app.values.calendar import DAY, Calendar, Span, add_months
from app.values.money import EXACT
from queries.compare import Window

_FROM_MONTHS = frozenset({"year", "quarter", "month"})


def shares(
    month: date, window: Window, levels: tuple[str, ...], calendar: Calendar
) -> Iterable[tuple[tuple[str, ...], Fraction]]:
    """The members of the time levels that a month's plan falls to within the window, each with its exact share.

    A month with 20 working days of which 15 lie in the window counts 15/20. A month without any working day counts
    by its days.
    """
    whole = Span.whole(month, add_months(month, 1))
    pieces = [piece for span in window.spans if (piece := _met(whole, span)) is not None]
    if pieces == [whole] and all(_holds_months(level, calendar) for level in levels):
        return [(tuple(calendar.key(level, month) for level in levels), Fraction(1))]
    counts_days = calendar.working_days(whole) == 0
    total = whole.days if counts_days else calendar.working_days(whole)
    found: dict[tuple[str, ...], int] = {}
    for piece in pieces:
        for offset in range(piece.days):
            day = piece.start + timedelta(days=offset)
            keys = tuple(calendar.key(level, day) for level in levels)
            found[keys] = found.get(keys, 0) + int(counts_days or calendar.is_working_day(day))
    return [(keys, Fraction(days, total)) for keys, days in found.items()]


def share_of(amount: Decimal, share: Fraction) -> Decimal:
    """An amount's share: exact up to 60 digits, never rounded to cents here."""
    if share == 1:
        return amount
    return EXACT.divide(EXACT.multiply(amount, Decimal(share.numerator)), Decimal(share.denominator))


def _holds_months(level: str, calendar: Calendar) -> bool:
    return level in _FROM_MONTHS or (level.startswith("fiscal_") and not calendar.is_week_calendar)


def _met(a: Span, b: Span) -> Span | None:
    start, end = max(a.start, b.start), min(a.end_exclusive, b.end_exclusive)
    return Span.whole(start, end) if end - start >= DAY else None
