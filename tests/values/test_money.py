"""Money: nothing is lost when it is split, and nothing is rounded twice."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.errors import Invalid
from app.values.money import divide, exponent, largest_remainder, percent_change, round_money

amounts = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)


def test_a_currency_has_the_minor_unit_iso_gives_it() -> None:
    assert [exponent(code) for code in ("EUR", "JPY", "KWD", "CLF", "ISK", "UYI", "IDR")] == [2, 0, 3, 4, 0, 0, 2]


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.125", "EUR", "0.13"), ("-0.125", "EUR", "-0.13"), ("0.124999", "EUR", "0.12"), ("0.5", "JPY", "1"),
        ("-0.5", "JPY", "-1"), ("2.5", "JPY", "3"), ("1.0005", "KWD", "1.001"),
        ("123456789012345678901234567890.125", "EUR", "123456789012345678901234567890.13"),
    ],
)  # fmt: skip
def test_half_a_cent_goes_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    assert round_money(Decimal(amount), currency) == Decimal(rounded)


@given(amounts)
def test_a_debt_rounds_like_a_credit(amount: Decimal) -> None:
    assert round_money(-amount, "EUR") == -round_money(amount, "EUR")
    assert abs(round_money(amount, "EUR") - amount) <= Decimal("0.005")


def test_the_worked_example_of_the_largest_remainder() -> None:
    assert largest_remainder(1000, (2, 3, 4)) == (222, 333, 445)
    assert largest_remainder(-1000, (2, 3, 4)) == (-222, -333, -445)
    assert largest_remainder(2, (1, 1, 1)) == (1, 1, 0)
    assert largest_remainder(5, (0, 0)) == (3, 2)


@given(
    st.integers(-(10**15), 10**15),
    st.lists(st.integers(0, 10**9) | st.decimals(0, 10**6, places=4), min_size=1, max_size=12),
)
def test_parts_add_up_and_lie_within_one_unit_of_their_share(total: int, weights: list[Decimal | int]) -> None:
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    whole = sum(Fraction(weight) for weight in weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - total * Fraction(weight) / whole) < 1
            assert weight != 0 or part == 0


def test_a_negative_weight_or_none_at_all_is_refused() -> None:
    for weights in ((), (1, -1)):
        with pytest.raises(Invalid):
            largest_remainder(10, weights)


def test_change_in_percent_says_why_it_is_missing() -> None:
    assert percent_change(Decimal(110), Decimal(100)) == (Decimal("0.1"), None)
    assert percent_change(Decimal(50), Decimal(-100)) == (Decimal("1.5"), "negative_base")
    assert percent_change(Decimal(50), Decimal(0)) == (None, "zero_base")
    assert percent_change(Decimal(50), None) == (None, "no_base")
    assert percent_change(None, Decimal(50)) == (None, "no_base")


def test_a_quotient_by_zero_is_missing_not_zero() -> None:
    assert divide(Decimal(1), 0) == (None, "zero_base")
    assert divide(1, 4) == (Decimal("0.25"), None)
    assert divide(None, 4) == (None, "no_base")
