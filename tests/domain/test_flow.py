"""Maya follows her customers: who came, stayed, came back, fell silent and was lost, and every one is counted once."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import Compared
from app.domain.flow import Buyer, flow, revenue_flow, states
from app.values.errors import Invalid
from app.values.money import divide
from tests.domain.strategies import members

buyers = st.lists(
    st.builds(
        Buyer,
        st.text("abcdef", min_size=1, max_size=3),
        st.frozensets(st.integers(0, 15), max_size=8),
        st.none() | st.integers(-3, 0),
    ),
    max_size=15,
    unique_by=lambda buyer: buyer.key,
)
patience = st.integers(2, 5)


def bought(key: str, *periods: int, first: int | None = None) -> Buyer:
    return Buyer(key, frozenset(periods), first)


def test_each_customer_is_new_once_then_stays_lapses_and_comes_back() -> None:
    ada, ben, cal = bought("ada", 1, 2, 3), bought("ben", 1, 3), bought("cal", 1, first=0)
    first, second, third = flow([ada, ben, cal], range(1, 4), lost_after=3)
    assert (first.active_before, first.new, first.retained, first.active) == (1, 2, 1, 3)
    assert (second.retained, second.lapsed, second.active, second.dormant) == (1, 2, 1, 2)
    assert (third.reactivated, third.retained, third.new, third.active, third.dormant) == (1, 1, 0, 2, 1)
    assert second.retention == divide(1, 3)[0]


def test_a_long_silence_is_a_loss_and_whoever_returns_from_it_is_won_back() -> None:
    found = flow([bought("ada", 1, 5)], range(1, 7), lost_after=3)
    assert [(each.lapsed, each.lost, each.won_back, each.dormant, each.gone) for each in found] == [
        (0, 0, 0, 0, 0), (1, 0, 0, 1, 0), (0, 0, 0, 1, 0), (0, 1, 0, 0, 1), (0, 0, 1, 0, 0), (1, 0, 0, 1, 0),
    ]  # fmt: skip


def test_a_customer_known_for_years_is_not_new_because_the_window_is_short() -> None:
    (only,) = flow([bought("ada", 7, first=1)], range(7, 8), lost_after=12)
    assert (only.new, only.reactivated) == (0, 1)


def test_states_tell_who_they_are() -> None:
    customers = [
        bought("new", 6), bought("kept", 5, 6), bought("back", 3, 6), bought("won", 1, 6), bought("lapsed", 5),
        bought("dormant", 4), bought("lost", 3), bought("gone", 1), bought("later", 9),
    ]  # fmt: skip
    assert states(customers, 6, lost_after=3) == {
        "new": "new", "kept": "retained", "back": "reactivated", "won": "won_back", "lapsed": "lapsed",
        "dormant": "dormant", "lost": "lost", "gone": "gone",
    }  # fmt: skip


def test_without_customers_every_stock_is_empty() -> None:
    (only,) = flow([], range(3, 4), 2)
    assert (only.active_before, only.active, only.retention) == (0, 0, None)
    assert flow([bought("ada", 1)], range(3, 3), 2) == ()
    assert states([], 3, 2) == {}


def test_nobody_is_lost_before_they_lapse() -> None:
    with pytest.raises(Invalid):
        flow([], range(1, 2), lost_after=1)
    with pytest.raises(Invalid):
        states([], 1, lost_after=1)


@given(buyers, st.integers(0, 6), st.integers(1, 9), patience)
def test_the_stocks_follow_from_the_movements_and_hold_every_known_customer(
    known: list[Buyer], start: int, length: int, lost_after: int
) -> None:
    earlier = None
    for each in flow(known, range(start, start + length), lost_after):
        assert each.active_before + each.new + each.reactivated + each.won_back - each.lapsed == each.active
        assert each.dormant_before + each.lapsed - each.reactivated - each.lost == each.dormant
        assert each.gone_before + each.lost - each.won_back == each.gone
        assert min(each.active, each.dormant, each.gone, each.retained) >= 0
        if earlier is not None:
            assert (each.active_before, each.dormant_before, each.gone_before) == (
                earlier.active, earlier.dormant, earlier.gone,
            )  # fmt: skip
        earlier = each
        first = [
            min(buyer.bought | ({buyer.first} if buyer.first is not None else set()), default=99) for buyer in known
        ]
        assert each.active + each.dormant + each.gone == sum(period <= each.period for period in first)


@given(buyers, st.integers(0, 15), patience)
def test_the_names_and_the_numbers_agree(known: list[Buyer], period: int, lost_after: int) -> None:
    (numbers,) = flow(known, range(period, period + 1), lost_after)
    names = Counter(states(known, period, lost_after).values())
    for event in ("new", "retained", "reactivated", "won_back", "lapsed", "lost"):
        assert names[event] == getattr(numbers, event)
    assert names["lapsed"] + names["dormant"] == numbers.dormant
    assert names["lost"] + names["gone"] == numbers.gone


@given(buyers, patience, st.randoms(use_true_random=False))
def test_the_order_of_the_customers_does_not_matter(known: list[Buyer], lost_after: int, chance: object) -> None:
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert flow(shuffled, range(12), lost_after) == flow(known, range(12), lost_after)


def spent(key: str, before: int, now: int) -> Compared:
    return Compared(key, Decimal(now), Decimal(before))


def test_net_and_gross_retention_of_the_published_example() -> None:
    # 1,000 at the start, +150 expansion, −60 contraction, −80 churn: NRR 101 %, GRR 86 %.
    found = revenue_flow(
        [spent("grew", 500, 650), spent("shrank", 420, 360), spent("left", 80, 0), spent("new", 0, 70)], "EUR"
    )
    assert (found.start, found.expansion, found.contraction, found.churn, found.end) == (1000, 150, 60, 80, 1010)
    assert (found.net_retention, found.gross_retention) == (Decimal("1.01"), Decimal("0.86"))
    assert (found.customers, found.outside) == (3, 70)


def test_who_only_gives_back_has_left_and_takes_more_than_they_brought() -> None:
    found = revenue_flow([spent("left", 80, -20)], "EUR")
    assert (found.churn, found.end, found.gross_retention) == (100, -20, Decimal("-0.25"))


def test_without_a_base_there_is_no_retention_but_a_reason() -> None:
    for none in ([], [spent("new", 0, 10)], [spent("returns", -5, 10)]):
        found = revenue_flow(none, "EUR")
        assert (found.net_retention, found.gross_retention, found.reason, found.start) == (None, None, "no_base", 0)


@given(members, st.sampled_from(["EUR", "JPY"]))
def test_the_revenue_bridge_closes_to_the_last_unit(known: list[Compared], currency: str) -> None:
    found = revenue_flow(known, currency)
    assert found.start + found.expansion - found.contraction - found.churn == found.end
    assert min(found.expansion, found.contraction, found.churn) >= 0
    assert revenue_flow(reversed(known), currency) == found
    if found.gross_retention is not None and found.net_retention is not None:
        assert found.gross_retention <= min(found.net_retention, Decimal(1))
