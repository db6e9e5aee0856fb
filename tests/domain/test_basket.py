"""Lena asks what is bought together: counted exactly, and recommended only when chance would hardly give it."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.basket import Counts, attach_rates, benjamini_hochberg, count_baskets, fisher_at_least
from app.values.errors import Invalid
from app.values.money import divide

baskets_of_few = st.lists(st.lists(st.sampled_from("abcde"), max_size=5), max_size=40)


def test_an_item_twice_in_a_basket_is_one_and_an_empty_basket_is_a_basket() -> None:
    counts = count_baskets([["a", "b", "a"], ["b"], []])
    assert (counts.baskets, counts.items, counts.pairs) == (3, {"a": 1, "b": 2}, {("a", "b"): 1})


def test_the_attach_rate_reads_both_ways() -> None:
    counts = Counts(100, {"desk": 20, "lamp": 30}, {("desk", "lamp"): 15})
    found = {(each.item, each.other): each for each in attach_rates(counts)}
    desk, lamp = found["desk", "lamp"], found["lamp", "desk"]
    assert (desk.rate, lamp.rate, desk.support) == (Decimal("0.75"), Decimal("0.5"), Decimal("0.15"))
    assert desk.lift == lamp.lift
    assert (desk.lift.value, desk.leverage) == (Decimal("2.5"), Decimal("0.09"))
    assert desk.conviction == Decimal("2.8")  # (1 − 0.3) ÷ (1 − 0.75)
    assert desk.sound


def test_what_is_always_bought_with_it_has_no_conviction() -> None:
    found = attach_rates(Counts(100, {"desk": 20, "lamp": 30}, {("desk", "lamp"): 20}))
    assert {(each.item, each.conviction is None) for each in found} == {("desk", True), ("lamp", False)}


def test_nine_joint_baskets_show_nothing_and_neither_do_too_few_of_many() -> None:
    assert attach_rates(Counts(100, {"a": 9, "b": 9}, {("a", "b"): 9})) == ()
    assert attach_rates(Counts(20_001, {"a": 20, "b": 20}, {("a", "b"): 20})) == ()
    assert len(attach_rates(Counts(20_000, {"a": 20, "b": 20}, {("a", "b"): 20}))) == 2
    assert attach_rates(count_baskets([])) == ()


def test_bought_together_as_chance_has_it_is_shown_but_not_sound() -> None:
    first, second = attach_rates(Counts(100, {"a": 50, "b": 50}, {("a", "b"): 25}))
    assert (first.lift.value, first.sound, second.sound) == (1, False, False)
    assert first.lift.low is not None
    assert first.lift.high is not None
    assert first.lift.low < 1 < first.lift.high


@pytest.mark.parametrize(
    ("joint", "with_item", "with_other", "baskets", "chance"),
    [
        (15, 20, 30, 100, 3.7641004189417568e-06),
        (736, 1903, 2513, 9835, 1.4438915547437522e-45),
        (2, 30, 40, 200, 0.9931834723742502),
        (40, 400, 900, 1_000_000, 8.939455438337034e-68),
    ],
)
def test_the_chance_is_the_one_scipy_gives(
    joint: int, with_item: int, with_other: int, baskets: int, chance: float
) -> None:
    assert fisher_at_least(joint, with_item, with_other, baskets) == pytest.approx(chance, rel=1e-9)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_the_chance_is_that_of_counting_all_tables(both: int, only_a: int, only_b: int, neither: int) -> None:
    a, b, baskets = both + only_a, both + only_b, both + only_a + only_b + neither
    ways = sum(math.comb(a, k) * math.comb(baskets - a, b - k) for k in range(both, min(a, b) + 1))
    assert fisher_at_least(both, a, b, baskets) == pytest.approx(ways / math.comb(baskets, b), rel=1e-9)


def test_more_together_than_apart_cannot_be() -> None:
    with pytest.raises(Invalid):
        fisher_at_least(5, 4, 9, 20)
    with pytest.raises(Invalid):
        fisher_at_least(1, 15, 15, 20)


def test_chances_are_corrected_for_how_many_were_tried() -> None:
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.02, 0.04, 0.04, 0.02))
    assert benjamini_hochberg([]) == ()
    assert benjamini_hochberg([0.9, 1.0]) == pytest.approx((1.0, 1.0))


@given(baskets_of_few, st.randoms(use_true_random=False))
def test_counts_are_those_of_looking_into_every_basket(baskets: list[list[str]], chance: object) -> None:
    counts = count_baskets(baskets)
    for first, second in combinations("abcde", 2):
        assert counts.pairs.get((first, second), 0) == sum({first, second} <= set(basket) for basket in baskets)
    shuffled = list(baskets)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = attach_rates(counts, fewest=1)
    assert attach_rates(count_baskets(shuffled), fewest=1) == found
    for each in found:
        assert each.joint <= min(each.with_item, each.with_other) <= counts.baskets
        assert 0 <= each.rate <= 1
        assert each.lift.low is not None
        assert each.lift.high is not None
        assert each.lift.value is not None
        assert float(each.lift.low) <= float(each.lift.value) * (1 + 1e-12)
        assert float(each.lift.high) >= float(each.lift.value) * (1 - 1e-12)


def test_the_groceries_that_everybody_counts(shared_data: Path) -> None:
    lines = (shared_data / "analytics" / "groceries.txt").read_text(encoding="utf-8").splitlines()
    counts = count_baskets(line.split(",") for line in lines)
    assert (counts.baskets, len(counts.items), counts.items["whole milk"]) == (9835, 169, 2513)
    found = {(each.item, each.other): each for each in attach_rates(counts)}
    milk = found["other vegetables", "whole milk"]
    assert (milk.joint, milk.support, milk.rate) == (736, divide(736, 9835)[0], divide(736, 1903)[0])
    assert float(milk.lift.value or 0) == pytest.approx(1.5136341)
    assert milk.sound
