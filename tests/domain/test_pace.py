"""Sam sees how far he is, how far he should be, and what each remaining working day must bring."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import total
from app.domain.pace import Pace, distribution, pace
from app.values.calendar import Calendar, Span
from app.values.errors import Invalid
from app.values.money import divide
from app.values.period import Period
from tests.domain.strategies import amounts, keys

CALENDAR = Calendar()
NOVEMBER = Period.parse("2026-11")
"""21 working days."""


def stand(actual: int | str, target: int | str | None, today: date, **settings: Decimal) -> Pace:
    span = NOVEMBER.settle(today, CALENDAR)
    aim = None if target is None else Decimal(target)
    return pace(Decimal(actual), aim, span, today, CALENDAR, **settings)


def test_after_seven_of_twenty_one_working_days_a_third_is_due() -> None:
    found = stand(30_000, 105_000, date(2026, 11, 10))
    assert (found.days, found.days_elapsed, found.days_left) == (21, 7, 14)
    assert (found.expected, found.gap, found.variance) == (35_000, -5_000, -75_000)
    assert (found.attainment, found.pace) == (divide(30, 105)[0], divide(30, 35)[0])
    assert (found.run_rate, found.required) == (divide(30_000, 7)[0], divide(75_000, 14)[0])
    assert found.status == "at_risk"


def test_a_holiday_is_no_day_to_sell() -> None:
    calendar = Calendar(holidays=frozenset({date(2026, 11, 2), date(2026, 11, 30)}))
    today = date(2026, 11, 10)
    found = pace(Decimal(1), Decimal(19), NOVEMBER.settle(today, calendar), today, calendar)
    assert (found.days, found.days_elapsed, found.expected) == (19, 6, 6)


@pytest.mark.parametrize(
    ("actual", "today", "status"),
    [
        (500, date(2026, 10, 31), "not_started"),
        (110, date(2026, 11, 10), "exceeded"),
        (100, date(2026, 11, 10), "achieved"),
        (30, date(2026, 11, 10), "on_track"),
        (29, date(2026, 11, 10), "at_risk"),
        (99, date(2026, 11, 29), "on_track"),
        (99, date(2026, 11, 30), "missed"),
        (99, date(2027, 2, 1), "missed"),
        (110, date(2027, 2, 1), "exceeded"),
        (0, date(2026, 11, 1), "on_track"),
    ],
)
def test_the_status_is_the_first_that_fits(actual: int, today: date, status: str) -> None:
    assert stand(actual, 100, today).status == status


def test_a_plan_known_by_month_says_what_is_due_instead_of_the_days() -> None:
    found = stand(30, 100, date(2026, 11, 10), expected=Decimal(20))
    assert (found.expected, found.pace, found.status) == (20, Decimal("1.5"), "on_track")


def test_nothing_is_required_of_who_has_reached_the_target_nor_when_no_day_is_left() -> None:
    reached = stand(120, 100, date(2026, 11, 10))
    assert (reached.required, reached.required_reason) == (None, "quota_met")
    assert stand(100, 100, date(2026, 11, 10)).required_reason == "quota_met"
    late = stand(90, 100, date(2026, 12, 24))
    assert (late.days_left, late.required, late.required_reason) == (0, None, "zero_base")


@pytest.mark.parametrize(("target", "reason"), [(None, "no_base"), (0, "quota_zero"), (-5, "negative_base")])
def test_without_a_target_above_zero_there_is_no_attainment_but_a_reason(target: int | None, reason: str) -> None:
    found = stand(70, target, date(2026, 11, 10))
    assert (found.attainment, found.pace, found.status, found.reason) == (None, None, None, reason)
    assert (found.run_rate, found.variance) == (10, None if target is None else 70 - target)


def test_a_weekend_without_working_days_counts_by_its_days() -> None:
    span = Span.whole(date(2026, 11, 7), date(2026, 11, 9))
    found = pace(Decimal(1), Decimal(4), span, date(2026, 11, 7), CALENDAR)
    assert (found.days, found.days_elapsed, found.expected) == (2, 1, 2)


@given(amounts, st.decimals(1, 10**9, places=2), st.integers(-40, 80))
def test_days_and_money_hang_together(actual: Decimal, target: Decimal, passed: int) -> None:
    today = date(2026, 11, 1) + timedelta(days=passed)
    found = stand(str(actual), str(target), today)
    assert found.days_elapsed + found.days_left == found.days == 21
    assert found.expected is not None
    assert 0 <= found.expected <= target
    assert found.variance == actual - target
    if found.required is not None:
        assert abs(found.required * found.days_left - (target - actual)) < Decimal("1e-9")
    if found.days_left == 0:
        assert found.expected == target


def test_the_spread_of_attainment_has_every_rep_in_one_bin() -> None:
    people = {"ada": "1.10", "ben": "0.9999", "cal": "1", "dee": "0.2", "eve": "-0.1", "fay": "2.5", "gus": None}
    found = distribution((key, None if value is None else Decimal(value)) for key, value in people.items())
    filled = {(each.start, each.end): each.keys for each in found.bins if each.keys}
    assert filled == {
        (None, Decimal("0.5")): ("eve", "dee"),
        (Decimal("0.9"), Decimal(1)): ("ben",),
        (Decimal(1), Decimal("1.1")): ("cal",),
        (Decimal("1.1"), Decimal("1.2")): ("ada",),
        (Decimal("1.5"), None): ("fay",),
    }
    assert (found.n, found.without, found.reached, found.reached_share) == (6, ("gus",), 3, Decimal("0.5"))
    assert found.middle == Decimal("0.99995")


def test_nobody_with_a_target_makes_an_empty_spread() -> None:
    found = distribution([("gus", None)])
    assert (found.n, found.middle, found.reached_share, found.without) == (0, None, None, ("gus",))
    with pytest.raises(Invalid):
        distribution([], edges=[Decimal(1), Decimal(1)])


@given(
    st.lists(st.tuples(keys, st.none() | st.decimals(-1, 3, places=3)), max_size=30, unique_by=lambda pair: pair[0]),
    st.randoms(use_true_random=False),
)
def test_bins_hold_everybody_once_in_whatever_order(people: list[tuple[str, Decimal | None]], chance: object) -> None:
    found = distribution(people)
    held = [key for each in found.bins for key in each.keys]
    assert sorted([*held, *found.without]) == sorted(key for key, _ in people)
    assert total(Decimal(len(each.keys)) for each in found.bins) == found.n
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert distribution(shuffled) == found
