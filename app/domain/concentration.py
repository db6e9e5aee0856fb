"""Concentration: how few make how much; Pareto with ABC classes, share of the largest, Gini and Herfindahl index.

Source: analytics-methods §4 "share of top x%"; features §5.5 "Concentration"; SR-34, VD-12, CS-06, CS-12.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
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
    """`members` have the largest amount first, ties by key. `reason`: "zero_base" or "negative_base" without shares.

    `gini` (0 all equal, towards 1 one has all) and `herfindahl` (1/n all equal, 1 one has all) are over the
    `positive` members with an amount above zero, None without any.
    """

    members: tuple[Standing, ...]
    total: Decimal
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
    """Order members by amount and class them.

    A are the largest members until they make `a_until` of the total, with the one that reaches it; then B until
    `b_until`; the others, and all that are not above zero, are C. `rest` is what further members, none larger than
    these, make together: it counts in the total, not in `gini` and `herfindahl`.
    """
    if not 0 < a_until <= b_until <= 1:
        raise Invalid("Class A ends above zero, not after class B, and both end by the whole.")
    ordered = sorted(amounts, key=lambda pair: (-pair[1], pair[0]))
    whole = total((*(amount for _, amount in ordered), rest))
    members = []
    with localcontext(EXACT):
        a_mark, b_mark, running = whole * a_until, whole * b_until, ZERO
        for place, (key, amount) in enumerate(ordered, start=1):
            abc: Abc | None = None
            if whole > 0:
                abc = "C" if amount <= 0 or running >= b_mark else "B" if running >= a_mark else "A"
            running += amount
            members.append(Standing(key, amount, place, running, share(amount, whole), share(running, whole), abc))
    positive = [amount for _, amount in ordered if amount > 0]
    reason = None if whole > 0 else "negative_base" if whole < 0 else "zero_base"
    return Concentration(tuple(members), whole, len(positive), _gini(positive), _herfindahl(positive), reason)


def class_sums(found: Concentration) -> tuple[ClassSum, ...]:
    """The three classes, also empty ones; together they hold every member and make the total."""
    sums = []
    classes: tuple[Abc, ...] = ("A", "B", "C")
    for abc in classes if found.reason is None else ():
        amounts = [member.amount for member in found.members if member.abc == abc]
        amount = total(amounts)
        sums.append(ClassSum(abc, len(amounts), amount, share(amount, found.total)))
    return tuple(sums)


def top_share(found: Concentration, count: int) -> Decimal | None:
    """What the `count` largest members make of the total; None without a total above zero."""
    if count <= 0 or not found.members:
        return share(ZERO, found.total)
    return found.members[min(count, len(found.members)) - 1].cumulative


def top_fraction_share(found: Concentration, fraction: Decimal) -> Decimal | None:
    """What the largest ceil(fraction × n) members make: `top_fraction_share(found, Decimal("0.2"))` for 20 %."""
    with localcontext(EXACT):
        count = int((fraction * len(found.members)).to_integral_value(rounding=ROUND_CEILING))
    return top_share(found, count)


def count_for(found: Concentration, part: Decimal = EIGHTY) -> int | None:
    """How many of the largest members make `part` of the total; None without a total above zero."""
    if found.reason is not None:
        return None
    with localcontext(EXACT):
        mark = found.total * part
    return next((member.place for member in found.members if member.running >= mark), len(found.members))


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
