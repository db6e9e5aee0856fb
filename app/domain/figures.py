"""Figures: sums without loss, rounded parts that still add up, shares, quantiles and estimates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Literal

from app.values.errors import Invalid
from app.values.money import EXACT, exponent, round_money

Status = Literal["ok", "low_confidence", "not_enough_data"]
ZERO = Decimal(0)
_QUOTIENT = Context(prec=28, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Compared:
    """A member's amount in the period and in the one it is compared with; a member absent from one has 0 there."""

    key: str
    now: Decimal
    before: Decimal


@dataclass(frozen=True)
class Estimate:
    """A figure that is not exact: `low` and `high` hold it at confidence `level`, from `n` observations.

    `value` None means undefined, with a code of analytics rule 11 in `reason`; without an interval both ends are None.
    """

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    level: Decimal
    n: int
    status: Status
    method: str
    reason: str | None = None


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, not rounded (60 digits), whatever the caller's decimal context."""
    with localcontext(EXACT):
        return sum(amounts, ZERO)


def adding_up(parts: Sequence[Decimal], whole: Decimal, currency: str) -> tuple[Decimal, ...]:
    """Round each part to the currency's minor unit so that together they make `whole` (rounded likewise) exactly.

    Largest remainder, for parts of either sign: all are rounded down, what is missing goes to the largest fractions,
    ties to the earlier one. Invalid without parts when there is something to share out.
    """
    places = exponent(currency)
    unit = Decimal(1).scaleb(-places)
    with localcontext(EXACT):
        units = [part.scaleb(places) for part in parts]
        floors = [part.to_integral_value(rounding=ROUND_FLOOR) for part in units]
        missing = int(round_money(whole, currency).scaleb(places) - sum(floors, ZERO))
        if missing and not parts:
            raise Invalid("An amount is shared out over at least one part.")
        order = sorted(range(len(units)), key=lambda index: (floors[index] - units[index], index))
        if missing < 0:
            order.reverse()
        for turn in range(abs(missing)):
            floors[order[turn % len(order)]] += 1 if missing > 0 else -1
        return tuple(part * unit for part in floors)


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """A part of a whole as a fraction of 28 digits; None when the whole is not above zero: no share has a meaning."""
    return _QUOTIENT.divide(part, whole) if whole > 0 else None


def quantile(ordered: Sequence[Decimal | int], at: Decimal) -> Decimal:
    """Quantile by linear interpolation at (n − 1) × at of values in ascending order; Invalid without values."""
    if not ordered:
        raise Invalid("A quantile needs at least one value.")
    with localcontext(EXACT):
        position = (len(ordered) - 1) * at
        below = int(position)
        low = Decimal(ordered[below])
        if position == below:
            return low
        return low + (Decimal(ordered[below + 1]) - low) * (position - below)


def median(values: Iterable[Decimal | int]) -> Decimal:
    """The middle value, or halfway between the two middle ones."""
    return quantile(sorted(values), Decimal("0.5"))
