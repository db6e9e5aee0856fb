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
from app.values.segmentation import AS_SHIPPED, NAMES, SCORES, Segmentation

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


CELLS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {f"{recency}-{both}": (recency, both) for recency in SCORES for both in SCORES}
)
"""Cells of the grid: the score of recency, and the mean of frequency and money, rounded down."""

SETS: Mapping[str, str] = MappingProxyType(
    {f"segment-{segment.replace('_', '-')}": segment for segment in NAMES}
    | {f"segment-r{recency}-m{both}": cell for cell, (recency, both) in CELLS.items()}
)
"""Names of sets of customers that are found anew whenever they are asked for → the segment or cell that they are."""


@dataclass(frozen=True)
class Scored:
    """A customer's days since the last order, scores from 1 (least) to 5 (best), and segment.

    With fewer than 20 customers the scores of fifths, the cell and the segment are None.
    """

    customer: Customer
    recency_days: int
    recency: int | None
    frequency: int | None
    money: int | None
    cell: str | None
    segment: str | None


@dataclass(frozen=True)
class SegmentSum:
    """What the customers of a segment, or of a cell of the grid, make together."""

    segment: str
    customers: int
    net: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Segments:
    """`scored` by key; `sums` one for each segment of the table in its order, also empty ones; `cells` of each cell."""

    scored: tuple[Scored, ...]
    sums: tuple[SegmentSum, ...]
    cells: tuple[SegmentSum, ...]
    status: Status


def segments(customers: Iterable[Customer], as_of: date, settled: Segmentation = AS_SHIPPED) -> Segments:
    """Score and name all customers. Fixed breaks score any number of them, fifths need 20."""
    known = sorted(customers, key=lambda customer: customer.key)
    silent = [(as_of - customer.last).days for customer in known]
    if len(known) < FEWEST and settled.needs_fifths:
        few = (
            Scored(customer, days, None, None, None, None, None) for customer, days in zip(known, silent, strict=True)
        )
        return Segments(tuple(few), (), (), "not_enough_data")
    recency = [6 - score for score in _scores(silent, _FIFTHS, settled.recency)]
    frequency = _scores([customer.orders for customer in known], _FIFTHS, settled.frequency)
    money = _scores([customer.net for customer in known], _FIFTHS, settled.money)
    halves = [(f + m) // 2 for f, m in zip(frequency, money, strict=True)]
    named_of = {
        (r, both): (f"{r}-{both}", settled.segment_of(r, both)) for r, both in {*zip(recency, halves, strict=True)}
    }
    scored = tuple(
        Scored(customer, days, r, f, m, *named_of[r, both])
        for customer, days, r, f, m, both in zip(known, silent, recency, frequency, money, halves, strict=True)
    )
    named = ((each.segment or "", each.customer.net) for each in scored)
    celled = ((each.cell or "", each.customer.net) for each in scored)
    return Segments(scored, _sums((rule.segment for rule in settled.rules), named), _sums(CELLS, celled), "ok")


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


def _sums(names: Iterable[str], nets: Iterable[tuple[str, Decimal]]) -> tuple[SegmentSum, ...]:
    own: dict[str, list[Decimal]] = {name: [] for name in names}
    for name, net in nets:
        own[name].append(net)
    whole = total(net for each in own.values() for net in each)
    return tuple(
        SegmentSum(name, len(each), together := total(each), share(together, whole)) for name, each in own.items()
    )


def _scores(values: Sequence[Decimal | int], at: Sequence[Decimal], fixed: Sequence[Decimal | int] = ()) -> list[int]:
    """1 + the number of breaks strictly below the value: those that are fixed, or else quantiles."""
    if not values:
        return []
    ordered = sorted(values)
    breaks = fixed or [quantile(ordered, each) for each in at]
    return [1 + bisect_left(breaks, value) for value in values]
