"""Sums lose nothing, rounded parts still add up, and quantiles are those of the methods."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import adding_up, median, quantile, share, total
from app.values.errors import Invalid
from app.values.money import exponent, round_money

parts = st.lists(st.decimals(-(10**8), 10**8, places=5, allow_nan=False), min_size=1, max_size=12)


def test_a_sum_is_exact_whatever_precision_the_caller_works_with() -> None:
    with localcontext(prec=4):
        assert total([Decimal("123456789.01"), Decimal("0.02")]) == Decimal("123456789.03")


@given(parts, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_rounded_parts_make_the_rounded_whole_and_each_stays_within_a_unit(amounts: list[Decimal], code: str) -> None:
    whole = total(amounts)
    rounded = adding_up(amounts, whole, code)
    assert total(rounded) == round_money(whole, code)
    for part, exact in zip(rounded, amounts, strict=True):
        assert abs(part - exact) < Decimal(1).scaleb(-exponent(code))
        assert part == round_money(part, code)


@given(parts)
def test_a_part_that_needs_no_rounding_is_left_alone(amounts: list[Decimal]) -> None:
    cents = [round_money(amount, "EUR") for amount in amounts]
    assert list(adding_up(cents, total(cents), "EUR")) == cents


def test_a_whole_that_was_rounded_apart_from_its_parts_is_still_met() -> None:
    assert adding_up([Decimal("0.30"), Decimal("0.20")], Decimal("0.47"), "EUR") == (Decimal("0.29"), Decimal("0.18"))
    assert adding_up([Decimal("0.304"), Decimal("0.207")], Decimal("0.50"), "EUR") == (Decimal("0.30"), Decimal("0.20"))
    assert adding_up([], Decimal(0), "EUR") == ()
    with pytest.raises(Invalid):
        adding_up([], Decimal(1), "EUR")


def test_a_share_of_nothing_or_of_less_is_unknown() -> None:
    assert (share(1, 4), share(-1, 4), share(1, 0), share(1, -4)) == (Decimal("0.25"), Decimal("-0.25"), None, None)


def test_quantiles_interpolate_between_neighbours() -> None:
    assert quantile([1, 2, 3, 4], Decimal("0.25")) == Decimal("1.75")
    assert quantile([7], Decimal("0.95")) == 7
    assert quantile([1, 2], Decimal(1)) == 2
    assert median([5, 1, 2, 4]) == 3
    with pytest.raises(Invalid):
        quantile([], Decimal("0.5"))
