"""Maya names her customers by how lately, how often and for how much they buy, and sees who moved up or down."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import total
from app.domain.segments import CELLS, Customer, deciles, migration, segments
from app.values.errors import Invalid
from app.values.segmentation import SHIPPED, Rule, Segmentation
from tests.domain.strategies import amounts, named_amounts

AS_OF = date(2026, 11, 1)
customers = st.lists(
    st.builds(
        Customer,
        st.text("abcdef", min_size=1, max_size=3),
        st.dates(date(2024, 1, 1), AS_OF),
        st.integers(1, 9),
        amounts,
    ),
    max_size=40,
    unique_by=lambda customer: customer.key,
)

PUBLISHED = {
    "Abbey O'Reilly": (205, 6, 472, 3, 4, 3),
    "Add Senger": (140, 3, 340, 4, 1, 2),
    "Aden Lesch": (194, 4, 405, 3, 2, 3),
    "Admiral Senger": (132, 5, 448, 4, 3, 3),
    "Agness O'Keefe": (90, 9, 843, 5, 5, 5),
    "Aileen Barton": (84, 9, 763, 5, 5, 5),
    "Ailene Hermann": (281, 8, 699, 3, 5, 5),
    "Aiyanna Bruen": (246, 4, 157, 3, 2, 1),
    "Ala Schmidt": (349, 3, 363, 2, 1, 2),
    "Alannah Borer": (619, 4, 196, 1, 2, 1),
}
"""Days silent, orders, revenue and the three scores, as the data's own package prints them for 31 December 2006."""


def twenty() -> list[Customer]:
    return [
        Customer(f"c{number:02}", AS_OF - timedelta(days=10 * number), 21 - number, Decimal(100 * (21 - number)))
        for number in range(1, 21)
    ]


def test_the_best_fifth_scores_five_in_everything() -> None:
    found = segments(twenty(), AS_OF)
    scores = [(each.recency, each.frequency, each.money) for each in found.scored]
    assert scores == [(score,) * 3 for score in (5, 4, 3, 2, 1) for _ in range(4)]
    assert [(each.segment, each.customers) for each in found.sums if each.customers] == [
        ("champions", 8), ("loyal", 4), ("hibernating", 8),
    ]  # fmt: skip


def test_equals_share_a_score() -> None:
    same = [Customer(f"c{number:02}", AS_OF, 3, Decimal(50)) for number in range(25)]
    found = segments(same, AS_OF)
    assert {(each.recency, each.frequency, each.money) for each in found.scored} == {(5, 1, 1)}
    assert {each.segment for each in found.scored} == {"new"}


def test_nineteen_customers_are_too_few_to_score() -> None:
    found = segments(twenty()[:19], AS_OF)
    assert (found.status, found.sums) == ("not_enough_data", ())
    assert [each.recency_days for each in found.scored[:2]] == [10, 20]
    assert {each.segment for each in found.scored} == {None}
    assert segments([], AS_OF).scored == ()


def test_a_table_of_segments_names_every_combination_or_is_refused() -> None:
    with pytest.raises(Invalid, match="No segment is named for recency 2 with frequency and money 2"):
        Segmentation(SHIPPED[:-1])
    everyone = Rule("loyal", (1, 5), (1, 5))
    assert segments(twenty(), AS_OF, Segmentation((everyone,))).sums[0].share == 1
    with pytest.raises(Invalid, match="Champions: the segments above take all of its customers"):
        Segmentation((everyone, Rule("champions", (4, 5), (4, 5))))
    with pytest.raises(Invalid, match="Champions: scores go from the smaller to the larger"):
        Segmentation((Rule("champions", (5, 4), (4, 5)), everyone))
    with pytest.raises(Invalid, match="one row"):
        Segmentation((Rule("loyal", (5, 5), (5, 5)), everyone))


@pytest.mark.parametrize(
    ("breaks", "why"),
    [((30, 60, 90), "four breaks"), ((30, 20, 90, 180), "larger than the one before"), ((-1, 2, 3, 4), "from zero up")],
)
def test_breaks_that_are_no_order_are_refused(breaks: tuple[int, ...], why: str) -> None:
    with pytest.raises(Invalid, match=f"Days since the last order.*{why}"):
        Segmentation(recency=breaks)


def test_amounts_that_divide_customers_are_of_a_currency() -> None:
    amounts = (Decimal(1), Decimal(2), Decimal(3), Decimal(4))
    with pytest.raises(Invalid, match="need a currency"):
        Segmentation(money=amounts)
    assert Segmentation(money=amounts, currency="EUR").needs_fifths


def test_fixed_breaks_score_even_a_few_and_whoever_is_at_a_break_is_below_it() -> None:
    fixed = Segmentation(
        recency=(30, 60, 90, 180),
        frequency=(1, 2, 4, 8),
        money=(Decimal(100), Decimal(200), Decimal(400), Decimal(800)),
        currency="EUR",
    )
    known = [
        Customer("often", AS_OF - timedelta(days=30), 9, Decimal(900)),
        Customer("once", AS_OF - timedelta(days=181), 1, Decimal(100)),
    ]
    often, once = segments(known, AS_OF, fixed).scored
    assert (often.cell, often.segment) == ("5-5", "champions")
    assert (once.cell, once.segment) == ("1-1", "hibernating")


def test_the_cells_of_the_grid_are_everybody_and_each_is_of_one_segment() -> None:
    found = segments(twenty(), AS_OF)
    assert [each.segment for each in found.cells] == list(CELLS)
    assert {each.segment: each.customers for each in found.cells if each.customers} == {
        f"{score}-{score}": 4 for score in (1, 2, 3, 4, 5)
    }
    assert total(each.net for each in found.cells) == total(each.net for each in found.sums)
    by_cell = {(each.cell, each.segment) for each in found.scored}
    assert len(by_cell) == len({cell for cell, _ in by_cell})


@given(customers, st.randoms(use_true_random=False))
def test_every_customer_has_one_segment_and_segments_make_the_total(known: list[Customer], chance: object) -> None:
    found = segments(known, AS_OF)
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert segments(shuffled, AS_OF) == found
    if found.status == "ok":
        assert sum(each.customers for each in found.sums) == len(known)
        assert total(each.net for each in found.sums) == total(customer.net for customer in known)
        by_money = sorted(found.scored, key=lambda each: each.customer.net)
        assert [each.money for each in by_money] == sorted(each.money or 0 for each in found.scored)


def test_the_published_orders_have_the_published_scores(shared_data: Path) -> None:
    """The first customers of the example that comes with the data; there, too, equals share a score."""
    orders: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    with (shared_data / "analytics" / "rfm_orders.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            orders[row["customer_id"]].append((date.fromisoformat(row["order_date"]), Decimal(row["revenue"])))
    known = [
        Customer(key, max(day for day, _ in bought), len(bought), total(net for _, net in bought))
        for key, bought in orders.items()
    ]
    found = {each.customer.key: each for each in segments(known, date(2006, 12, 31)).scored}
    assert len(found) == 995
    for key, figures in PUBLISHED.items():
        each = found[key]
        assert (each.recency_days, each.customer.orders, each.customer.net) == figures[:3]
        assert (each.recency, each.frequency, each.money) == figures[3:]


def test_the_best_tenth_is_the_first_decile() -> None:
    found = deciles([(f"c{number:02}", Decimal(number)) for number in range(1, 21)])
    assert [found[f"c{number:02}"] for number in (20, 19, 18, 2, 1)] == [1, 1, 2, 10, 10]
    assert deciles([]) == {}
    assert deciles([("a", Decimal(0)), ("b", Decimal(0))]) == {"a": 10, "b": 10}


@given(named_amounts, named_amounts)
def test_who_moved_between_deciles_adds_up_to_everybody(
    before: list[tuple[str, Decimal]], now: list[tuple[str, Decimal]]
) -> None:
    moved = migration(deciles(before), deciles(now))
    assert sum(moved.values()) == len({key for key, _ in before} | {key for key, _ in now})
    assert sum(count for (earlier, _), count in moved.items() if earlier is not None) == len(before)
    assert sum(count for (_, later), count in moved.items() if later is not None) == len(now)
    assert (None, None) not in moved
