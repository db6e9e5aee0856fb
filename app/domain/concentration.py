"""Concentration: how few make how much; Pareto with ABC classes, share of the largest, Gini and Herfindahl index.

Source: analytics-methods §4 "share of top x%"; features §5.5 "Concentration"; SR-34, VD-12, CS-06, CS-12.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from heapq import nlargest
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Literal

from app.domain.figures import ZERO, share, total
from app.values.errors import Invalid
from app.values.money import EXACT

Abc = Literal["A", "B", "C"]
EIGHTY, NINETY_FIVE = Decimal("0.80"), Decimal("0.95")


@dataclass(frozen=True)
class Standing:
    """A member in order of size: its part of the total, and that of all down to and with it.

    Shares and class are None when the total is not above zero. Before members below zero the cumulative share may
    pass 1; with the last member it is 1.
    """

    key: str
    amount: Decimal
    place: int
    running: Decimal
    share: Decimal | None
    cumulative: Decimal | None
    abc: Abc | None


@dataclass(frozen=True)
class ClassSum:
    """What the members of one class make together."""

    abc: Abc
    count: int
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Concentration:
    """`keys` have the largest amount first, ties by key; `running`: the sum of all down to and with each.

    The first `until_a` members are class A, those up to `until_b` class B, the others C. `reason`: "zero_base" or
    "negative_base" when the total is not above zero; then there are no shares and no classes. `gini` (0 all equal,
    towards 1 one has all) and `herfindahl` (1/n all equal, 1 one has all) are over the `positive` members with an
    amount above zero, None without any.
    """

    keys: tuple[str, ...]
    running: tuple[Decimal, ...]
    total: Decimal
    until_a: int
    until_b: int
    positive: int
    gini: Decimal | None
    herfindahl: Decimal | None
    reason: str | None


def concentration(
    amounts: Iterable[tuple[str, Decimal]],
    a_until: Decimal = EIGHTY,
    b_until: Decimal = NINETY_FIVE,
    rest: Decimal = ZERO,
) -> Concentration:
    """Order members by amount and class them; one amount per key.

    A are the largest members until they make `a_until` of the total, with the one that reaches it; then B until
    `b_until`; the others, and all that are not above zero, are C. `rest` is what further members, none larger than
    these, make together: it counts in the total and nowhere else.
    """
    if not 0 < a_until <= b_until <= 1:
        raise Invalid("Class A ends above zero, not after class B, and both end by the whole.")
    # Sorted twice, for a stable sort keeps the order of keys among equals.
    ordered = sorted(sorted(amounts, key=itemgetter(0)), key=itemgetter(1), reverse=True)
    positive = [amount for _, amount in ordered if amount > 0]
    with localcontext(EXACT):
        running = tuple(accumulate(amount for _, amount in ordered))
        whole = (running[-1] if running else ZERO) + rest
        ends = [
            min(bisect_left(running, whole * part, hi=len(positive)) + 1, len(running)) for part in (a_until, b_until)
        ]
    reason = None if whole > 0 else "negative_base" if whole < 0 else "zero_base"
    until_a, until_b = ends if reason is None else (0, 0)
    keys = tuple(key for key, _ in ordered)
    gini, herfindahl = _gini(positive), _herfindahl(positive)
    return Concentration(keys, running, whole, until_a, until_b, len(positive), gini, herfindahl, reason)


def standings(found: Concentration, count: int | None = None) -> tuple[Standing, ...]:
    """The `count` largest members, all if None, with their shares and classes."""
    known = []
    with localcontext(EXACT):
        for at, key in enumerate(found.keys[:count]):
            running = found.running[at]
            amount = running - found.running[at - 1] if at else running
            shares = share(amount, found.total), share(running, found.total)
            known.append(Standing(key, amount, at + 1, running, *shares, _abc(found, at)))
    return tuple(known)


def class_sums(found: Concentration) -> tuple[ClassSum, ...]:
    """The three classes, also empty ones; together they hold every member and make the total."""
    if found.reason is not None:
        return ()
    ends = (0, found.until_a, found.until_b, len(found.keys))
    names: tuple[Abc, ...] = ("A", "B", "C")
    sums = []
    with localcontext(EXACT):
        for abc, (start, end) in zip(names, pairwise(ends), strict=True):
            amount = _sum_of_first(found, end) - _sum_of_first(found, start)
            sums.append(ClassSum(abc, end - start, amount, share(amount, found.total)))
    return tuple(sums)


def top_share(found: Concentration, count: int) -> Decimal | None:
    """What the `count` largest members make of the total; None without a total above zero."""
    return share(_sum_of_first(found, min(max(count, 0), len(found.keys))), found.total)


def share_of_largest(amounts: Iterable[Decimal], count: int) -> Decimal | None:
    """The same of plain amounts, of which nothing else is asked."""
    known = list(amounts)
    return share(total(nlargest(max(count, 0), known)), total(known))


def top_fraction_share(found: Concentration, fraction: Decimal) -> Decimal | None:
    """What the largest ceil(fraction × n) members make: `top_fraction_share(found, Decimal("0.2"))` for 20 %."""
    with localcontext(EXACT):
        count = int((fraction * len(found.keys)).to_integral_value(rounding=ROUND_CEILING))
    return top_share(found, count)


def count_for(found: Concentration, part: Decimal = EIGHTY) -> int | None:
    """How many of the largest members make `part` (up to 1) of the total; None without a total above zero."""
    if found.reason is not None:
        return None
    with localcontext(EXACT):
        return bisect_left(found.running, found.total * part, hi=found.positive) + 1


def _abc(found: Concentration, at: int) -> Abc | None:
    if found.reason is not None:
        return None
    return "A" if at < found.until_a else "B" if at < found.until_b else "C"


def _sum_of_first(found: Concentration, count: int) -> Decimal:
    return found.running[count - 1] if count else ZERO


def _gini(descending: Sequence[Decimal]) -> Decimal | None:
    """Sum of (2i − n − 1) x over n times the sum, x ascending."""
    count = len(descending)
    with localcontext(EXACT):
        weighted = total((count + 1 - 2 * place) * amount for place, amount in enumerate(descending, start=1))
        return share(weighted, count * total(descending))


def _herfindahl(amounts: Sequence[Decimal]) -> Decimal | None:
    with localcontext(EXACT):
        whole = total(amounts)
        return share(total(amount * amount for amount in amounts), whole * whole)
