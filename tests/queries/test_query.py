"""Questions as values: the same question asked in another order is the same question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.errors import Invalid, NotAskable
from app.values.selection import Filter
from queries.cache import key_of
from queries.query import Query
from tests.values.strategies import filters, periods

queries = st.builds(
    Query,
    metrics=st.lists(st.sampled_from(["net_sales", "orders", "budget"]), min_size=1).map(tuple),
    by=st.lists(st.sampled_from(["region", "month", "rep"])).map(tuple),
    where=st.lists(filters, max_size=3).map(tuple),
    period=periods,
    versus=st.sampled_from([(), ("previous",), ("last-year", "budget")]),
    limit=st.none() | st.integers(1, 9),
    totals=st.booleans(),
)


@given(queries, queries)
def test_only_equal_questions_share_their_key(one: Query, other: Query) -> None:
    assert (key_of(one) == key_of(other)) == (one == other)
    assert (hash(one) == hash(other)) or one != other


def test_the_order_of_filters_does_not_matter() -> None:
    a, b = Filter("region", ("emea",)), Filter("category", ("bikes",))
    assert Query(("net_sales",), where=(a, b)) == Query(("net_sales",), where=(b, a, b))


def test_a_set_that_was_looked_up_asks_for_its_members_and_one_that_was_not_asks_for_nothing() -> None:
    found = Filter("customer", ("acme",), sets=("key-accounts",), found=("zeta",))
    assert Query(("net_sales",), where=(found,)).where == (Filter("customer", ("acme", "zeta")),)
    with pytest.raises(NotAskable, match="@key-accounts"):
        Query(("net_sales",), where=(Filter("customer", (), sets=("key-accounts",)),))


@pytest.mark.parametrize(
    "wrong", [{"metrics": ()}, {"limit": 0}, {"basis": "shipped"}, {"versus": ("soon",)}, {"order": (("a", "up"),)}]
)
def test_a_question_without_meaning_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Query(**{"metrics": ("net_sales",), **wrong})  # type: ignore[arg-type]
