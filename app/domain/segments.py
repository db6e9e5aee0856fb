"""Segments: customers scored by recency, frequency and money, named by a table; and value deciles that migrate.

Source: analytics-methods §11.1 (five bins by quantile breaks, equals share a score, 20 customers or more); features
CS-26, CS-12, `/customers` deciles and migration, `/customers/rfm`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from app.domain.figures import Status, quantile, share, total
from app.values.errors import Invalid

FEWEST = 20
_FIFTHS = tuple(Decimal(at) / 10 for at in (2, 4, 6, 8))
_TENTHS = tuple(Decimal(at) / 10 for at in range(1, 10))


@dataclass(frozen=True)
class Customer:
    """A customer who bought: the last day with an order, distinct orders (1 or more) and net sales."""

    key: str
    last: date
    orders: int
    net: Decimal


@dataclass(frozen=True)
class Rule:
    """Customers with recency from `recency[0]` to `recency[1]`, and the mean of frequency and money likewise."""

    segment: str
    recency: tuple[int, int]
    frequency_money: tuple[Decimal, Decimal]


def _rule(segment: str, recency: tuple[int, int], low: str, high: str) -> Rule:
    return Rule(segment, recency, (Decimal(low), Decimal(high)))


SEGMENTS: tuple[Rule, ...] = (
    _rule("champions", (4, 5), "4", "5"),
    _rule("loyal", (3, 5), "3", "5"),
    _rule("promising", (3, 5), "2", "2.5"),
    _rule("new", (4, 5), "1", "1.5"),
    _rule("drifting", (3, 3), "1", "1.5"),
    _rule("cannot_lose", (1, 2), "4", "5"),
    _rule("at_risk", (1, 2), "2.5", "3.5"),
    _rule("hibernating", (1, 2), "1", "2"),
)
"""Read from top to bottom, the first rule that fits names the segment; every combination of scores fits one."""

SETS: Mapping[str, str] = MappingProxyType(
    {f"segment-{rule.segment.replace('_', '-')}": rule.segment for rule in SEGMENTS}
)
"""Names of sets of customers that are found anew whenever they are asked for → the segment that they are."""


@dataclass(frozen=True)
class Scored:
    """A customer's days since the last order, scores from 1 (least) to 5 (best), and segment.

    With fewer than 20 customers the scores and the segment are None.
    """

    customer: Customer
    recency_days: int
    recency: int | None
    frequency: int | None
    money: int | None
    segment: str | None


@dataclass(frozen=True)
class SegmentSum:
    """What a segment's customers make together."""

    segment: str
    customers: int
    net: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Segments:
    """`scored` by key; `sums` one for each segment of the table in its order, also empty ones."""

    scored: tuple[Scored, ...]
    sums: tuple[SegmentSum, ...]
    status: Status


def segments(customers: Iterable[Customer], as_of: date, rules: Sequence[Rule] = SEGMENTS) -> Segments:
    """Score and name all customers; Invalid for a table that leaves a combination of scores without a name."""
    names = _table(rules)
    known = sorted(customers, key=lambda customer: customer.key)
    silent = [(as_of - customer.last).days for customer in known]
    if len(known) < FEWEST:
        plain = (Scored(customer, days, None, None, None, None) for customer, days in zip(known, silent, strict=True))
        return Segments(tuple(plain), (), "not_enough_data")
    recency = [6 - score for score in _scores(silent, _FIFTHS)]
    frequency = _scores([customer.orders for customer in known], _FIFTHS)
    money = _scores([customer.net for customer in known], _FIFTHS)
    scored = tuple(
        Scored(customer, days, r, f, m, names[r, f + m])
        for customer, days, r, f, m in zip(known, silent, recency, frequency, money, strict=True)
    )
    whole = total(customer.net for customer in known)
    nets: dict[str | None, list[Decimal]] = {rule.segment: [] for rule in rules}
    for each in scored:
        nets[each.segment].append(each.customer.net)
    sums = (
        SegmentSum(segment, len(own), together := total(own), share(together, whole))
        for segment, own in nets.items()
        if segment is not None
    )
    return Segments(scored, tuple(sums), "ok")


def deciles(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, int]:
    """Each customer's decile by value: 1 the best tenth, 10 the last; equals share one, so some may stay empty."""
    known = sorted(amounts)
    scores = _scores([amount for _, amount in known], _TENTHS)
    return {key: 11 - score for (key, _), score in zip(known, scores, strict=True)}


def migration(
    before: Mapping[str, int | str], now: Mapping[str, int | str]
) -> dict[tuple[int | str | None, int | str | None], int]:
    """How many went from one decile or segment to another; None: not among the customers then, or now.

    The counts add up to all customers of either time.
    """
    return dict(Counter((before.get(key), now.get(key)) for key in sorted(before.keys() | now.keys())))


def _scores(values: Sequence[Decimal | int], at: Sequence[Decimal]) -> list[int]:
    """1 + the number of breaks strictly below the value."""
    if not values:
        return []
    ordered = sorted(values)
    breaks = [quantile(ordered, each) for each in at]
    return [1 + bisect_left(breaks, value) for value in values]


def _table(rules: Sequence[Rule]) -> dict[tuple[int, int], str]:
    """Recency and the sum of frequency and money → segment."""
    table: dict[tuple[int, int], str] = {}
    for recency in range(1, 6):
        for both in range(2, 11):
            mean = Decimal(both) / 2
            fits = (
                rule.segment
                for rule in rules
                if rule.recency[0] <= recency <= rule.recency[1]
                and rule.frequency_money[0] <= mean <= rule.frequency_money[1]
            )
            segment = next(fits, None)
            if segment is None:
                raise Invalid(
                    "No segment is named for recency {recency} with {mean} for frequency and money.",
                    recency=recency,
                    mean=mean,
                )
            table[recency, both] = segment
    return table
