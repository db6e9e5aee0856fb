"""Lena asks whether dearer means fewer: told as an association, with its interval, or not at all."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.price import Sold, arc_elasticity, elasticity

BASE = {"x": (10, 200), "y": (40, 30), "z": (5, 500)}


def company() -> list[Sold]:
    """120 sales of three products whose buyers answer to the price with about −1.8, to months and to promotions."""
    chance = Random(11)
    sold = []
    for _ in range(120):
        product, month = chance.choice("xyz"), chance.randint(1, 12)
        usual, units = BASE[product]
        price = round(usual * chance.choice([0.85, 0.9, 1, 1.05, 1.1]), 2)
        promoted = chance.random() < 0.2
        demand = units * (price / usual) ** -1.8 * (1 + 0.02 * month) * (1.3 if promoted else 1)
        quantity = round(demand * chance.uniform(0.8, 1.25))
        sold.append(Sold(product, month, Decimal(str(price)), Decimal(quantity), promoted))
    return sold


def test_the_slope_and_its_interval_are_those_of_statsmodels() -> None:
    found = elasticity(company())
    assert (found.slope.n, found.slope.status) == (120, "ok")
    figures = [float(each or 0) for each in (found.slope.value, found.slope.low, found.slope.high)]
    assert figures == pytest.approx([-1.6290974667881843, -1.8860826910706656, -1.372112242505703], abs=1e-6)
    assert found.explained is not None
    assert 0 < found.explained < Decimal("0.5")


def test_a_price_that_only_falls_in_promotions_is_said_to_go_with_them() -> None:
    sold = [
        Sold("x", 1, Decimal(price), Decimal(quantity), promoted=price < 10)
        for price, quantity in ((10, 100), (10, 104), (11, 98), (8, 160), (8, 150), (8, 155))
        for _ in range(5)
    ]
    found = elasticity(sold)
    assert found.explained is not None
    assert found.explained > Decimal("0.5")


@pytest.mark.parametrize("less", ["29 sales", "two prices", "nine percent", "one price", "returns"])
def test_too_little_to_go_by_says_so(less: str) -> None:
    prices = {"two prices": (10, 12), "nine percent": (100, 105, 109), "one price": (10,)}.get(less, (10, 11, 12))
    sold = [Sold("x", 1, Decimal(prices[at % len(prices)]), Decimal(50 + at % 7)) for at in range(30)]
    if less == "29 sales":
        sold.pop()
    if less == "returns":
        sold[0] = Sold("x", 1, Decimal(10), Decimal(-5))
    found = elasticity(sold)
    assert (found.slope.value, found.slope.reason, found.explained) == (None, "not_enough_data", None)
    assert elasticity([]).slope.n == 0


def test_a_price_that_changes_with_the_month_alone_tells_nothing_of_its_own() -> None:
    sold = [Sold("x", 1 + at % 4, Decimal(10 + at % 4), Decimal(40 + at)) for at in range(40)]
    assert elasticity(sold).slope.status == "not_enough_data"


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_sales_does_not_matter(chance: object) -> None:
    shuffled = company()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert elasticity(shuffled) == elasticity(company())


def test_between_two_points_the_midpoint_counts() -> None:
    assert arc_elasticity(Decimal(10), Decimal(12), Decimal(110), Decimal(90)) == Decimal("-1.1")
    assert arc_elasticity(Decimal(10), Decimal(10), Decimal(1), Decimal(2)) is None
    assert arc_elasticity(Decimal(10), Decimal(12), Decimal(0), Decimal(9)) is None


positive = st.decimals(1, 10**6, places=2)


@given(positive, positive, positive, positive)
def test_there_and_back_is_the_same_elasticity(p0: Decimal, p1: Decimal, q0: Decimal, q1: Decimal) -> None:
    assert arc_elasticity(p0, p1, q0, q1) == arc_elasticity(p1, p0, q1, q0)
