"""Rhythm: how often a customer buys, how regularly, when the next order was due, and how many come back how often.

Source: analytics-methods §11.7 (c) (95th percentile of own gaps, 5 gaps or more); features VD-18, CS-07, CS-08, CS-13.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from app.domain.figures import Status, median, quantile, share

ENOUGH_GAPS = 5
"""Fewer gaps between orders do not tell what is unusual for a customer."""
GAPS_PER_HALF = 3
"""So many gaps on either side before an older and a newer rhythm are compared."""
UNUSUAL = Decimal("0.95")
NEAR = Decimal("0.25")


@dataclass(frozen=True)
class Rhythm:
    """A customer's rhythm as of a day. Gaps are days between two days with an order.

    `orders`: distinct days. `usual_gap`: the median. `regularity`: the part of the gaps that lie within a quarter
    of it (or a day). `longest_usual`: the 95th percentile of the gaps; `overdue`: silent for longer than that; both
    None with fewer than 5 gaps. `beyond`: the part of the gaps that were shorter than the silence now.
    `expected`: last day plus the usual gap, a habit and no forecast; `late_days`: how long ago that was, 0 when it
    is still to come. `earlier_gap`, `recent_gap`: medians of the older and the newer half, from 6 gaps on.
    `status`: "not_enough_data" without a gap, "low_confidence" under 5.
    """

    orders: int
    first: date | None
    last: date | None
    usual_gap: Decimal | None
    regularity: Decimal | None
    longest_usual: Decimal | None
    silent_days: int | None
    beyond: Decimal | None
    expected: date | None
    late_days: int | None
    overdue: bool | None
    earlier_gap: Decimal | None
    recent_gap: Decimal | None
    status: Status


@dataclass(frozen=True)
class Repeat:
    """How many bought at least `times` times, as a part of all buyers, and how long after the time before (median)."""

    times: int
    customers: int
    share: Decimal
    median_days: Decimal | None


def rhythm(order_days: Iterable[date], as_of: date) -> Rhythm:
    """The rhythm of one customer's order days (credit notes left out) until `as_of`; later days are not looked at."""
    days = sorted({day for day in order_days if day <= as_of})
    if not days:
        return Rhythm(0, None, None, None, None, None, None, None, None, None, None, None, None, "not_enough_data")
    silent = (as_of - days[-1]).days
    gaps = [(day - earlier).days for earlier, day in pairwise(days)]
    if not gaps:
        return Rhythm(
            1, days[0], days[-1], None, None, None, silent, None, None, None, None, None, None, "not_enough_data"
        )
    usual, enough, half = median(gaps), len(gaps) >= ENOUGH_GAPS, len(gaps) // 2
    longest = quantile(sorted(gaps), UNUSUAL) if enough else None
    expected = days[-1] + timedelta(days=int(usual.to_integral_value(rounding=ROUND_HALF_UP)))
    near = max(usual * NEAR, Decimal(1))
    return Rhythm(
        orders=len(days),
        first=days[0],
        last=days[-1],
        usual_gap=usual,
        regularity=share(sum(abs(gap - usual) <= near for gap in gaps), len(gaps)),
        longest_usual=longest,
        silent_days=silent,
        beyond=share(sum(gap < silent for gap in gaps), len(gaps)),
        expected=expected,
        late_days=max((as_of - expected).days, 0),
        overdue=None if longest is None else silent > longest,
        earlier_gap=median(gaps[:half]) if half >= GAPS_PER_HALF else None,
        recent_gap=median(gaps[-half:]) if half >= GAPS_PER_HALF else None,
        status="ok" if enough else "low_confidence",
    )


def repeats(customers: Iterable[Iterable[date]], until: int = 10) -> tuple[Repeat, ...]:
    """The n-th order curve, from the first order to the `until`-th or the last anybody made; days count once."""
    histories = [sorted(set(days)) for days in customers]
    buyers = sum(1 for days in histories if days)
    curve = []
    for times in range(1, until + 1):
        reached = [days for days in histories if len(days) >= times]
        if not reached:
            break
        waits = [(days[times - 1] - days[times - 2]).days for days in reached] if times > 1 else []
        wait = median(waits) if waits else None
        curve.append(Repeat(times, len(reached), share(len(reached), buyers) or Decimal(0), wait))
    return tuple(curve)
