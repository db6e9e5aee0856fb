"""Where more comes from: Amy sees what her customers buy more of, what is new to them, and that all of it adds up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.expansion import Bought, expansion


def bought(customer: str, goods: str, before: int, now: int) -> Bought:
    return Bought(customer, goods, Decimal(before), Decimal(now))


def test_more_of_the_same_and_something_new_are_told_apart() -> None:
    found = expansion(
        [
            bought("mill", "flour", 100, 150),
            bought("mill", "sugar", 0, 30),
            bought("mill", "salt", 40, 25),
            bought("mill", "yeast", 10, 0),
            bought("dairy", "milk", 60, 0),
            bought("bakery", "flour", 0, 500),
        ],
        "EUR",
    )
    assert (found.up_sell, found.cross_sell, found.less, found.dropped, found.stopped) == (50, 30, -15, -10, -60)
    # The bakery bought nothing before: it is new, and nothing of it is expansion.
    assert (found.start, found.end, found.customers, found.crossing) == (210, 205, 2, 1)


def test_what_was_only_sent_back_before_is_new() -> None:
    found = expansion([bought("mill", "flour", 100, 100), bought("mill", "sugar", -5, 20)], "EUR")
    assert (found.cross_sell, found.up_sell) == (25, 0)


AMOUNTS = st.integers(-50, 400).map(lambda cents: Decimal(cents) / 8)


@given(
    st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.tuples(AMOUNTS, AMOUNTS)),
)
def test_the_steps_add_up_to_the_cent(known: dict[tuple[str, str], tuple[Decimal, Decimal]]) -> None:
    found = expansion([Bought(*pair, *amounts) for pair, amounts in known.items()], "EUR")
    steps = found.up_sell + found.cross_sell + found.less + found.dropped + found.stopped
    assert found.start + steps == found.end
    assert found.up_sell >= 0 >= found.less
    assert found.crossing <= found.customers
