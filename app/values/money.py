"""Money: rounding to a currency's minor unit, splitting without loss, and change in percent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from app.values.errors import Invalid

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENT_OF = {currency: exponent for exponent, codes in _EXPONENTS.items() for currency in codes.split()}

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Enough digits for any sum of products of the warehouse, so that only the last step rounds."""


_QUOTIENT = Context(prec=28, rounding=ROUND_HALF_UP)


def exponent(currency: str) -> int:
    """Digits after the point in ISO 4217: EUR 2, JPY 0, KWD 3, CLF 4."""
    return _EXPONENT_OF.get(currency, 2)


def round_money(amount: Decimal, currency: str) -> Decimal:
    """To the currency's minor unit, half away from zero: `round_money(Decimal("-0.125"), "EUR") == -0.13`."""
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP, context=EXACT)


def largest_remainder(total: int, weights: Sequence[Decimal | Fraction | int]) -> tuple[int, ...]:
    """Split `total` units by weight so that the parts add up: `largest_remainder(1000, (2, 3, 4)) == (222, 333, 445)`.

    Leftover units go to the largest fractions, ties to the earlier position; a zero weight gets nothing unless all
    are zero, when all count alike; a negative total is split by its size and negated. Invalid without weights or
    with a negative one.
    """
    shares = [Fraction(weight) for weight in weights]
    if not shares or any(share < 0 for share in shares):
        raise Invalid("An amount is split over at least one weight, and no weight is negative.")
    if not any(shares):
        shares = [Fraction(1)] * len(shares)
    size, whole = abs(total), sum(shares)
    exact = [size * share / whole for share in shares]
    parts = [int(part) for part in exact]
    by_fraction = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_fraction[: size - sum(parts)]:
        parts[index] += 1
    return tuple(-part if total < 0 else part for part in parts)


def percent_change(new: Decimal | int | None, old: Decimal | int | None) -> tuple[Decimal | None, str | None]:
    """(new − old) ÷ |old| as a fraction, and a reason code when there is something to say.

    `old` missing: (None, "no_base"); zero: (None, "zero_base"); negative: the value with "negative_base".
    """
    if new is None or old is None:
        return None, "no_base"
    change, reason = divide(Decimal(new) - Decimal(old), abs(Decimal(old)))
    if reason is not None:
        return None, "zero_base"
    return change, "negative_base" if old < 0 else None


def divide(numerator: Decimal | int | None, denominator: Decimal | int | None) -> tuple[Decimal | None, str | None]:
    """A quotient of 28 digits and None, or None and the reason: "no_base" (a part is missing) or "zero_base"."""
    if numerator is None or denominator is None:
        return None, "no_base"
    if denominator == 0:
        return None, "zero_base"
    return _QUOTIENT.divide(Decimal(numerator), Decimal(denominator)), None
