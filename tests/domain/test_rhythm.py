"""Sam knows his customers' habits: how often they order, when the next order was due, and who is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.rhythm import repeats, rhythm
from app.values.money import divide

START = date(2026, 1, 5)
order_days = st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 31)), max_size=30)


def after(*gaps: int) -> list[date]:
    days = [START]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    return days


def test_a_customer_who_orders_every_fortnight_is_due_a_fortnight_after_the_last_order() -> None:
    days = after(14, 14, 13, 15, 14, 30)
    found = rhythm(days, days[-1] + timedelta(days=16))
    assert (found.orders, found.usual_gap, found.status) == (7, 14, "ok")
    assert found.expected == days[-1] + timedelta(days=14)
    assert (found.silent_days, found.late_days, found.overdue) == (16, 2, False)
    assert found.regularity == divide(5, 6)[0]


def test_overdue_is_a_silence_above_the_95th_percentile_of_ones_own_gaps() -> None:
    days = after(10, 10, 10, 10, 20)
    # (5 − 1) × 0.95 = 3.8: 10 + 0.8 × 10 = 18.
    assert rhythm(days, days[-1] + timedelta(days=18)).longest_usual == 18
    assert rhythm(days, days[-1] + timedelta(days=18)).overdue is False
    late = rhythm(days, days[-1] + timedelta(days=19))
    assert late.overdue is True
    assert late.beyond == Decimal("0.8")


def test_four_gaps_do_not_tell_what_is_unusual() -> None:
    found = rhythm(after(10, 10, 10, 10), date(2030, 1, 1))
    assert (found.overdue, found.longest_usual, found.status) == (None, None, "low_confidence")
    assert found.expected == START + timedelta(days=50)


def test_one_order_or_none_has_no_rhythm() -> None:
    one, none = rhythm([START], START + timedelta(days=9)), rhythm([], START)
    assert (one.orders, one.silent_days, one.usual_gap, one.status) == (1, 9, None, "not_enough_data")
    assert (none.orders, none.last, none.silent_days, none.status) == (0, None, None, "not_enough_data")


def test_two_orders_on_one_day_are_one_day_and_later_days_are_not_known_yet() -> None:
    days = [START, START, START + timedelta(days=7), START + timedelta(days=99)]
    assert rhythm(days, START + timedelta(days=8)) == rhythm(after(7), START + timedelta(days=8))


def test_a_slowing_customer_has_a_longer_recent_gap() -> None:
    days = after(7, 7, 7, 20, 21, 22)
    found = rhythm(days, days[-1])
    assert (found.earlier_gap, found.recent_gap) == (7, 21)
    assert rhythm(days[:-1], days[-2]).recent_gap is None


@given(order_days, st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.randoms(use_true_random=False))
def test_the_order_of_the_days_does_not_matter_and_the_figures_hang_together(
    days: list[date], as_of: date, chance: object
) -> None:
    found = rhythm(days, as_of)
    shuffled = list(days)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rhythm(shuffled, as_of) == found
    assert found.orders == len({day for day in days if day <= as_of})
    if found.usual_gap is not None:
        assert found.usual_gap >= 1
        assert found.regularity is not None
        assert 0 <= found.regularity <= 1
        assert found.expected is not None
        assert found.last is not None
        assert found.expected > found.last
        assert (found.overdue is None) == (found.orders <= 5)
    if found.overdue:
        assert found.beyond is not None
        assert found.beyond > Decimal("0.5")


def test_the_curve_tells_how_many_came_back_how_often() -> None:
    curve = repeats([after(10, 20), after(30), after(), []])
    assert [(each.times, each.customers, each.median_days) for each in curve] == [(1, 3, None), (2, 2, 20), (3, 1, 20)]
    assert curve[0].share == 1
    assert repeats([]) == repeats([[]]) == ()
    assert len(repeats([after(*[1] * 20)], until=4)) == 4


@given(st.lists(order_days, max_size=8))
def test_fewer_and_fewer_come_back_once_more(customers: list[list[date]]) -> None:
    counts = [each.customers for each in repeats(customers)]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == sum(min(len(set(days)), 10) for days in customers)
