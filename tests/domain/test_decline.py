"""Maya is told who is slipping away, why, and how much hangs on it; nobody is flagged without evidence."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decline import History, Thresholds, declining, poisson_at_most, precision
from app.domain.figures import total
from app.values.errors import Invalid

AS_OF = date(2026, 11, 1)
histories = st.lists(
    st.integers(0, 24).flatmap(
        lambda months: st.builds(
            History,
            st.text("abcdef", min_size=1, max_size=3),
            st.lists(st.integers(0, 9), min_size=months, max_size=months).map(tuple),
            st.lists(st.decimals(-1000, 9000, places=2), min_size=months, max_size=months).map(tuple),
            st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 1)), max_size=12).map(tuple),
        )
    ),
    max_size=8,
    unique_by=lambda history: history.key,
)


def history(key: str, orders: list[int], net: list[int], days: list[date] | None = None) -> History:
    return History(key, tuple(orders), tuple(map(Decimal, net)), tuple(days or ()))


def test_a_key_account_that_fell_silent_is_flagged_with_its_evidence() -> None:
    (found,) = declining([history("acme", [2] * 12 + [0] * 3, [1000] * 12 + [0] * 3)], AS_OF, "EUR")
    assert found.silence is not None
    assert (found.silence.observed, found.silence.expected, found.silence.expected_last_year) == (0, 6, 6)
    assert found.silence.probability == pytest.approx(math.exp(-6))
    assert found.drop is not None
    assert (found.drop.recent, found.drop.before, found.drop.change, found.drop.z) == (0, 1000, -1, None)
    assert (found.trailing, found.at_risk) == (9000, 9000)


def test_a_customer_who_sleeps_every_autumn_is_not_called_silent() -> None:
    seasonal = [0, 0, 0, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 0]
    (found,) = declining([history("ice", seasonal, [count * 100 for count in seasonal])], AS_OF, "EUR")
    assert found.silence is None
    assert found.drop is not None


def test_two_orders_where_three_were_usual_is_chance() -> None:
    assert declining([history("ben", [1] * 12 + [1, 0, 1], [100] * 12 + [100, 50, 100])], AS_OF, "EUR") == ()


def test_a_drop_by_a_third_counts_only_when_the_months_before_were_steady() -> None:
    steady = [1000, 1100, 900, 1000] * 3 + [600] * 3
    wild = [100, 3000, 10, 890] * 3 + [600] * 3
    found = declining([history("steady", [5] * 15, steady), history("wild", [5] * 15, wild)], AS_OF, "EUR")
    assert [each.key for each in found] == ["steady"]
    drop = found[0].drop
    assert drop is not None
    assert drop.change == Decimal("-0.4")
    # sd of the months before = √(60000 / 11); z = −400 ÷ (sd ÷ √3).
    assert float(drop.z or 0) == pytest.approx(-400 / math.sqrt(60000 / 11 / 3))
    assert found[0].at_risk == total(map(Decimal, steady[-12:])) * Decimal("0.4")


def test_exactly_thirty_percent_under_is_a_drop_and_a_little_less_is_none() -> None:
    def slipped(to: int) -> History:
        return history("ada", [3] * 15, [1000] * 12 + [to] * 3)

    assert [each.key for each in declining([slipped(700)], AS_OF, "EUR")] == ["ada"]
    assert declining([slipped(701)], AS_OF, "EUR") == ()


def test_a_customer_overdue_by_their_own_rhythm_is_flagged_though_months_look_fine() -> None:
    days = [date(2026, 6, 1) + timedelta(days=10 * number) for number in range(8)]
    (found,) = declining([history("cal", [1] * 12, [100] * 12, days)], days[-1] + timedelta(days=25), "EUR")
    assert found.gap is not None
    assert (found.gap.silent_days, found.gap.usual_gap, found.gap.longest_usual, found.gap.beyond) == (25, 10, 10, 1)
    assert (found.silence, found.drop, found.at_risk) == (None, None, 1200)


def test_with_less_than_fifteen_months_only_the_rhythm_can_tell() -> None:
    assert declining([history("young", [9] * 11 + [0] * 3, [500] * 11 + [0] * 3)], AS_OF, "EUR") == ()


def test_who_brought_nothing_for_a_year_has_nothing_left_to_lose() -> None:
    assert declining([history("gone", [9] * 12 + [0] * 12, [500] * 12 + [0] * 12)], AS_OF, "EUR") == ()
    assert declining([history("none", [0] * 24, [0] * 24), history("empty", [], [])], AS_OF, "EUR") == ()
    assert declining([], AS_OF, "EUR") == ()


def test_the_most_revenue_at_risk_comes_first() -> None:
    silent = [3] * 12 + [0] * 3
    found = declining(
        [history(key, silent, [each] * 12 + [0] * 3) for key, each in (("small", 10), ("big", 900), ("mid", 90))],
        AS_OF,
        "EUR",
    )
    assert [each.key for each in found] == ["big", "mid", "small"]


def test_months_of_orders_and_money_belong_together() -> None:
    with pytest.raises(Invalid):
        declining([history("odd", [1], [])], AS_OF, "EUR")
    with pytest.raises(Invalid):
        declining([], AS_OF, "EUR", Thresholds(months=0))


def test_flags_are_held_against_what_happened_since() -> None:
    silent = [3] * 12 + [0] * 3
    stayed_away = history("away", [*silent, 0, 0, 0], [300] * 12 + [0] * 6)
    came_back = history("back", [*silent, 2, 2, 2], [300] * 12 + [0] * 3 + [200] * 3)
    fine = history("fine", [3] * 18, [300] * 18)
    assert precision([stayed_away, came_back, fine], AS_OF, "EUR") == (Decimal("0.5"), 2)
    assert precision([fine], AS_OF, "EUR") == (None, 0)


def test_the_chance_of_few_orders_is_poissons() -> None:
    assert poisson_at_most(0, Decimal(3)) == pytest.approx(math.exp(-3))
    assert poisson_at_most(2, Decimal(4)) == pytest.approx(math.exp(-4) * (1 + 4 + 8))
    assert poisson_at_most(0, Decimal(0)) == 1
    assert 0 < poisson_at_most(900, Decimal(1000)) < 0.001
    assert poisson_at_most(9999, Decimal(10)) == pytest.approx(1)


@settings(max_examples=30)
@given(histories, st.randoms(use_true_random=False))
def test_every_flag_has_evidence_and_never_more_at_risk_than_there_is(known: list[History], chance: object) -> None:
    found = declining(known, AS_OF, "EUR")
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert declining(shuffled, AS_OF, "EUR") == found
    for each in found:
        assert each.silence or each.drop or each.gap
        assert 0 <= each.at_risk <= each.trailing
        if each.silence:
            assert max(each.silence.probability, each.silence.probability_last_year) < 0.05
        if each.drop:
            assert each.drop.change <= Decimal("-0.3")
    assert [each.at_risk for each in found] == sorted((each.at_risk for each in found), reverse=True)
