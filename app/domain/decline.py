"""Decline: customers who buy less or fell silent, each with the evidence, the most revenue at risk first.

Source: analytics-methods §11.7 (a) silence, (b) decline, (c) gap; features VD-18, CS-08, CS-24, `/customers` at-risk
list. The evidence of §11.7 (d), P(alive), needs the BG/NBD model of §11.4 and is not looked for here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from app.domain.figures import ZERO, share, total
from app.domain.rhythm import rhythm
from app.values.calendar import add_months
from app.values.errors import Invalid
from app.values.money import EXACT, round_money

BASELINE = 12
"""Months before the recent ones that say what is normal."""


@dataclass(frozen=True)
class History:
    """A customer's complete months, oldest first, without gaps, the same last month for all.

    `orders` (sale documents) and `net` (returns subtracted) have one figure a month; 15 months and more can be
    tested, fewer cannot. `days`: order days, for the rhythm; may be empty.
    """

    key: str
    orders: tuple[int, ...]
    net: tuple[Decimal, ...]
    days: tuple[date, ...] = ()


@dataclass(frozen=True)
class Thresholds:
    """When a customer is flagged: `months` are recent; silent below `probability`; down by `drop` and below `z`."""

    months: int = 3
    probability: float = 0.05
    drop: Decimal = Decimal("0.30")
    z: Decimal = Decimal("-1.645")


@dataclass(frozen=True)
class Silence:
    """`observed` orders where `expected` (and, last year, `expected_last_year`) were usual, and how likely so few
    are by chance (Poisson)."""

    observed: int
    expected: Decimal
    probability: float
    expected_last_year: int
    probability_last_year: float


@dataclass(frozen=True)
class Drop:
    """Net sales a month, recent and before; `change` as a fraction; `z` None when every month before was the same."""

    recent: Decimal
    before: Decimal
    change: Decimal
    z: Decimal | None


@dataclass(frozen=True)
class Gap:
    """Silent for longer than 95 % of the customer's own gaps; `beyond`: the part of the gaps that were shorter."""

    silent_days: int
    usual_gap: Decimal
    longest_usual: Decimal
    last: date
    beyond: Decimal


@dataclass(frozen=True)
class Declining:
    """A flagged customer with at least one piece of evidence.

    `at_risk` = `trailing` (net of the last 12 months) × the strongest evidence's share: 1 − probability of silence,
    the drop, or the part of own gaps that were shorter.
    """

    key: str
    silence: Silence | None
    drop: Drop | None
    gap: Gap | None
    trailing: Decimal
    at_risk: Decimal


def declining(
    histories: Iterable[History], as_of: date, currency: str, thresholds: Thresholds = Thresholds()
) -> tuple[Declining, ...]:
    """All flagged customers who brought something in the last 12 months, by revenue at risk, ties by key."""
    if thresholds.months < 1:
        raise Invalid("Recent is one month at least.")
    found = [judged for history in histories if (judged := _judge(history, as_of, currency, thresholds)) is not None]
    return tuple(sorted(found, key=lambda each: (-each.at_risk, each.key)))


def precision(
    histories: Iterable[History], as_of: date, currency: str, thresholds: Thresholds = Thresholds()
) -> tuple[Decimal | None, int]:
    """How well the flags did: of those that would have been flagged `months` ago, the part that bought nothing since,
    and how many were flagged then. None when there were none."""
    months = thresholds.months
    known = list(histories)
    then = add_months(as_of, -months)
    # What was not known then must not help to judge then.
    earlier = [
        replace(
            each,
            orders=each.orders[:-months],
            net=each.net[:-months],
            days=tuple(day for day in each.days if day <= then),
        )
        for each in known
    ]
    silent = {each.key for each in known if not any(each.orders[-months:])}
    flagged = declining(earlier, then, currency, thresholds)
    return share(sum(each.key in silent for each in flagged), len(flagged)), len(flagged)


_NOTHING = 1e-22
"""A part of a sum that no figure of ours has room for."""


def poisson_at_most(observed: int, expected: Decimal) -> float:
    """P(X ≤ observed) of a Poisson variable; 1 when nothing was expected."""
    rate = float(expected)
    if rate <= 0:
        return 1.0
    return min(math.fsum(_falling(observed, rate)), 1.0)


def _falling(observed: int, rate: float) -> Iterator[float]:
    """P(X = observed), P(X = observed − 1) … as long as they matter."""
    largest = 0.0
    for count in range(observed, -1, -1):
        each = math.exp(count * math.log(rate) - rate - math.lgamma(count + 1))
        largest = max(largest, each)
        if count < rate and each < largest * _NOTHING:
            return
        yield each


def _is_likely(observed: int, expected: Decimal, probability: float) -> bool:
    """Whether P(X ≤ observed) is clearly so much; a few of its parts tell."""
    clearly, found, rate = probability * (1 + 1e-9), 0.0, float(expected)
    if rate <= 0:
        return clearly < 1
    for each in _falling(observed, rate):
        found += each
        if found >= clearly:
            return True
    return False


def _judge(history: History, as_of: date, currency: str, thresholds: Thresholds) -> Declining | None:
    if len(history.orders) != len(history.net):
        raise Invalid("A history has as many months of orders as of net sales.")
    trailing = total(history.net[-12:])
    if trailing <= 0:
        return None
    months = thresholds.months
    tested = len(history.net) >= BASELINE + months
    silence = _silence(history.orders, months, thresholds) if tested else None
    drop = _drop(history.net, months, thresholds) if tested else None
    gap = _gap(history.days, as_of)
    if silence is None and drop is None and gap is None:
        return None
    shares = [ZERO]
    if silence is not None:
        shares.append(1 - Decimal(repr(round(max(silence.probability, silence.probability_last_year), 6))))
    if drop is not None:
        shares.append(min(-drop.change, Decimal(1)))
    if gap is not None:
        shares.append(gap.beyond)
    with localcontext(EXACT):
        at_risk = round_money(trailing * max(shares), currency)
    return Declining(history.key, silence, drop, gap, round_money(trailing, currency), at_risk)


def _silence(orders: Sequence[int], months: int, thresholds: Thresholds) -> Silence | None:
    observed = sum(orders[-months:])
    before = orders[-BASELINE - months : -months]
    with localcontext(EXACT):
        expected = Decimal(sum(before) * months) / BASELINE
    # The first of the twelve months before the recent ones are the recent ones of last year.
    last_year = sum(before[:months])
    if any(_is_likely(observed, each, thresholds.probability) for each in (expected, Decimal(last_year))):
        return None
    probabilities = poisson_at_most(observed, expected), poisson_at_most(observed, Decimal(last_year))
    if max(probabilities) >= thresholds.probability:
        return None
    return Silence(observed, expected, probabilities[0], last_year, probabilities[1])


def _drop(net: Sequence[Decimal], months: int, thresholds: Thresholds) -> Drop | None:
    with localcontext(EXACT):
        before = net[-BASELINE - months : -months]
        recent_mean, mean = total(net[-months:]) / months, total(before) / BASELINE
        if mean <= 0 or recent_mean > mean * (1 - thresholds.drop):
            return None
        variance = total((month - mean) ** 2 for month in before) / (BASELINE - 1)
        z = (recent_mean - mean) / (variance / months).sqrt() if variance else None
        if z is not None and z > thresholds.z:
            return None
        return Drop(recent_mean, mean, (recent_mean - mean) / mean, z)


def _gap(days: Iterable[date], as_of: date) -> Gap | None:
    found = rhythm(days, as_of)
    if not found.overdue:
        return None
    if found.last is None or found.usual_gap is None or found.longest_usual is None or found.silent_days is None:
        raise ValueError("who is overdue has a rhythm")
    return Gap(found.silent_days, found.usual_gap, found.longest_usual, found.last, found.beyond or ZERO)
