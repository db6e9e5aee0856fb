"""Finn asks how much hangs on how few: classes, shares of the largest, Gini and Herfindahl."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.concentration import (
    class_sums,
    concentration,
    count_for,
    share_of_largest,
    standings,
    top_fraction_share,
    top_share,
)
from app.domain.figures import total
from app.values.errors import Invalid
from tests.domain.strategies import named_amounts

Pairs = list[tuple[str, Decimal]]
CUSTOMERS = [(key, Decimal(amount)) for key, amount in zip("abcdefgh", (400, 300, 120, 80, 50, 30, 15, 5), strict=True)]


def test_the_one_that_reaches_eighty_percent_is_still_in_class_a() -> None:
    found = concentration(CUSTOMERS)
    assert [member.abc for member in standings(found)] == ["A", "A", "A", "B", "B", "C", "C", "C"]
    assert [(each.count, each.amount) for each in class_sums(found)] == [(3, 820), (2, 130), (3, 50)]
    assert count_for(found) == 3
    assert count_for(found, Decimal("0.70")) == 2
    assert standings(found)[1].cumulative == Decimal("0.7")


def test_the_share_of_the_largest_is_a_ratio_of_sums() -> None:
    found = concentration(CUSTOMERS)
    assert top_share(found, 2) == Decimal("0.7")
    assert top_share(found, 0) == 0
    assert top_share(found, 99) == 1
    assert top_fraction_share(found, Decimal("0.20")) == Decimal("0.7")  # ceil(1.6) = 2
    assert top_fraction_share(found, Decimal("0.25")) == Decimal("0.7")


def test_gini_and_herfindahl_know_the_even_and_the_lonely() -> None:
    even = concentration([(key, Decimal(5)) for key in "abcd"])
    assert (even.gini, even.herfindahl) == (0, Decimal("0.25"))
    alone = concentration([("a", Decimal(5))])
    assert (alone.gini, alone.herfindahl) == (0, 1)
    # Sorted 1, 3: Σ(2i − n − 1)x = −1 + 3 = 2; n Σx = 8.
    assert concentration([("a", Decimal(3)), ("b", Decimal(1))]).gini == Decimal("0.25")


def test_who_gave_back_more_than_they_bought_stand_last_and_lower_the_total() -> None:
    found = concentration([("a", Decimal(90)), ("b", Decimal(30)), ("c", Decimal(-20))])
    assert [member.abc for member in standings(found)] == ["A", "B", "C"]
    assert [member.running for member in standings(found)] == [90, 120, 100]
    assert standings(found)[1].cumulative == Decimal("1.2")
    assert (found.positive, standings(found)[2].share) == (2, Decimal("-0.2"))


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [([], "zero_base"), ([("a", Decimal(0))], "zero_base"), ([("a", Decimal(-3))], "negative_base")],
)
def test_nothing_above_zero_has_no_shares_but_a_reason(pairs: Pairs, reason: str) -> None:
    found = concentration(pairs)
    assert (found.reason, found.gini, found.herfindahl) == (reason, None, None)
    assert (count_for(found), top_share(found, 3), class_sums(found)) == (None, None, ())
    assert all(member.abc is None and member.share is None for member in standings(found))


def test_classes_that_overlap_are_refused() -> None:
    with pytest.raises(Invalid):
        concentration([], Decimal("0.9"), Decimal("0.8"))


@given(named_amounts)
def test_classes_hold_everyone_and_make_the_total(pairs: Pairs) -> None:
    found = concentration(pairs)
    assert found.total == total(amount for _, amount in pairs)
    if found.reason is None:
        sums = class_sums(found)
        assert sum(each.count for each in sums) == len(pairs)
        assert total(each.amount for each in sums) == found.total
        assert standings(found)[-1].cumulative == 1
        assert sums[0].count == count_for(found)
        assert [member.abc for member in standings(found)] == sorted(member.abc or "" for member in standings(found))


@given(named_amounts)
def test_gini_and_herfindahl_stay_within_their_bounds(pairs: Pairs) -> None:
    found = concentration(pairs)
    if found.positive:
        assert found.gini is not None
        assert found.herfindahl is not None
        slack = Decimal("1e-20")
        assert 0 <= found.gini <= 1 - Decimal(1) / found.positive + slack
        assert Decimal(1) / found.positive - slack <= found.herfindahl <= 1


@given(named_amounts, st.randoms(use_true_random=False))
def test_the_order_of_the_members_does_not_matter(pairs: Pairs, chance: object) -> None:
    shuffled = list(pairs)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert concentration(shuffled) == concentration(pairs)
    assert standings(concentration(shuffled), 3) == standings(concentration(pairs))[:3]


@given(named_amounts, st.integers(0, 12))
def test_what_the_largest_make_needs_no_ranking_of_the_others(amounts: Pairs, count: int) -> None:
    plain = share_of_largest((amount for _, amount in amounts), count)
    assert plain == top_share(concentration(amounts), count)
