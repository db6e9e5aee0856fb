"""Erin asks who is behind the change: the largest moves first, the rest in one, and nothing missing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import Compared, total
from app.domain.movers import Direction, movers, rank_changes
from app.values.errors import Invalid
from tests.domain.strategies import members

directions = st.sampled_from(["both", "up", "down"])


def sold(key: str, now: int, before: int) -> Compared:
    return Compared(key, Decimal(now), Decimal(before))


REGIONS = [sold("north", 150, 100), sold("south", 40, 100), sold("east", 110, 100), sold("west", 100, 100)]


def test_the_largest_moves_come_first_whichever_way_they_go() -> None:
    found = movers(REGIONS, count=2)
    assert [(move.key, move.change) for move in found.moves] == [("south", -60), ("north", 50)]
    assert (found.rest.now, found.rest.before, found.rest.change, found.rest_count) == (210, 200, 10, 2)
    assert found.total.change == 0


def test_a_move_is_told_in_percent_and_as_its_part_of_the_change() -> None:
    south, north = movers(REGIONS[:2]).moves
    assert (south.percent, south.of_change, south.of_movement) == (Decimal("-0.6"), 6, Decimal(60) / Decimal(110))
    assert (north.percent, north.of_change) == (Decimal("0.5"), -5)


def test_when_ups_and_downs_cancel_out_only_the_part_of_the_movement_is_known() -> None:
    found = movers(REGIONS)
    assert {move.of_change for move in found.moves} == {None}
    assert found.moves[0].of_movement == Decimal("0.5")
    assert "west" not in [move.key for move in found.moves]


def test_a_newcomer_has_no_percentage_but_a_reason() -> None:
    (move,) = movers([sold("new", 10, 0)]).moves
    assert (move.percent, move.reason) == (None, "zero_base")
    (move,) = movers([sold("returns", 10, -10)]).moves
    assert (move.percent, move.reason) == (2, "negative_base")


def test_only_the_falls_are_shown_when_asked_for_and_the_rises_are_among_the_rest() -> None:
    found = movers(REGIONS, direction="down")
    assert [move.key for move in found.moves] == ["south"]
    assert found.rest.change == 60


def test_equal_moves_stand_in_the_order_of_their_keys() -> None:
    assert [move.key for move in movers([sold("b", 1, 0), sold("c", 0, 1), sold("a", 1, 0)]).moves] == ["a", "b", "c"]


def test_nobody_moved_and_nobody_is_there() -> None:
    for none in ([], [sold("a", 0, 0)]):
        found = movers(none)
        assert (found.moves, found.rest.change, found.total.of_movement) == ((), 0, None)
    with pytest.raises(Invalid):
        movers([], count=-1)


@given(members, st.integers(0, 30), directions)
def test_moves_and_rest_make_the_total(known: list[Compared], count: int, direction: Direction) -> None:
    found = movers(known, count, direction)
    parts = (*found.moves, found.rest)
    for name in ("now", "before", "change"):
        assert total(getattr(part, name) for part in parts) == getattr(found.total, name)
    assert len(found.moves) + found.rest_count == len(known)
    if found.total.of_movement is not None:
        whole = total(part.of_movement or Decimal(0) for part in parts)
        assert abs(whole - 1) < Decimal("1e-20")
    assert len(found.moves) <= count
    sizes = [abs(move.change) for move in found.moves]
    assert sizes == sorted(sizes, reverse=True)


@given(members, st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_order_of_the_members_does_not_matter(known: list[Compared], count: int, chance: object) -> None:
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert movers(shuffled, count) == movers(known, count)
    assert rank_changes(shuffled) == rank_changes(known)


def test_a_customer_who_overtook_two_has_won_two_places_and_equals_share_one() -> None:
    ranked = rank_changes([sold("ada", 90, 10), sold("ben", 80, 70), sold("cal", 80, 80), sold("dee", 5, 0)])
    assert [(each.key, each.rank, each.rank_before, each.moved) for each in ranked] == [
        ("ada", 1, 3, 2), ("ben", 2, 2, 0), ("cal", 2, 1, -1), ("dee", 4, None, None),
    ]  # fmt: skip


def test_who_bought_nothing_has_no_place_and_stands_last() -> None:
    ranked = rank_changes([sold("ada", 0, 50), sold("ben", -5, 40), sold("cal", 7, 0)])
    assert [(each.key, each.rank, each.rank_before) for each in ranked] == [
        ("cal", 1, None), ("ben", 2, 2), ("ada", None, 1),
    ]  # fmt: skip
    assert rank_changes([sold("ada", 0, 50), sold("cal", 7, 0)], count=1)[0].key == "cal"
