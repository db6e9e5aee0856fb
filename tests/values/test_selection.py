"""Clicks on a dashboard: drilling, filtering, and going back."""

from __future__ import annotations

import pytest
from hypothesis import given

from app.values.errors import Invalid
from app.values.selection import Filter, Selection
from tests.values.strategies import keys, levels, selections


def test_drilling_goes_down_and_up_the_path() -> None:
    down = Selection().drill_to("market", "europe").drill_to("country", "de").drill_to("region", "nord")
    assert down.drilled == ("market", "country", "region")
    assert down.drill_up("country").drill == (("market", "europe"), ("country", "de"))
    assert down.drill_up() == Selection()
    assert down.drill_up("rep") == down


def test_drilling_into_another_member_of_a_level_replaces_what_hung_below_it() -> None:
    down = Selection().drill_to("market", "europe").drill_to("country", "de").drill_to("region", "nord")
    assert down.drill_to("country", "fr").drill == (("market", "europe"), ("country", "fr"))


@given(selections, levels, keys)
def test_a_second_click_on_a_bar_undoes_the_first(selection: Selection, level: str, key: str) -> None:
    plain = selection.without_filter(level)
    assert plain.toggle(level, key).toggle(level, key) == plain


def test_filters_are_kept_in_one_form_whatever_the_order_of_clicks() -> None:
    one = Selection().toggle("category", "bikes").toggle("channel", "web").toggle("category", "arts")
    other = Selection().toggle("channel", "web").toggle("category", "arts").toggle("category", "bikes")
    assert one == other
    assert hash(one) == hash(other)
    assert one.where == (Filter("category", ("arts", "bikes")), Filter("channel", ("web",)))


def test_drill_path_and_filters_must_both_hold() -> None:
    selection = Selection().drill_to("region", "nord").with_filter("region", ["nord", "sued"])
    assert selection.where == (Filter("region", ("nord",)), Filter("region", ("nord", "sued")))


def test_an_empty_choice_takes_the_filter_away() -> None:
    assert Selection().with_filter("category", ["bikes"]).with_filter("category", []) == Selection()


def test_a_click_on_a_bar_keeps_the_sets_chosen_beside_it() -> None:
    chosen = Selection().with_filter("customer", [], sets=["key-accounts"])
    assert chosen.toggle("customer", "acme").where == (Filter("customer", ("acme",), sets=("key-accounts",)),)
    assert chosen.toggle("customer", "acme").toggle("customer", "acme") == chosen


def test_joined_filters_are_looked_up_only_when_all_their_sets_are() -> None:
    known = Filter("customer", (), sets=("a",), found=("x",))
    both = Selection(filters=(known, Filter("customer", ("y",)), Filter("customer", (), sets=("b",), found=("z",))))
    assert both.where == (Filter("customer", ("y",), sets=("a", "b"), found=("x", "z")),)
    half = Selection(filters=(known, Filter("customer", (), sets=("b",))))
    assert half.where[0].found is None


def test_at_most_two_comparisons() -> None:
    assert Selection(versus=("2012-q1", "2012-Q1", "budget")).versus == ("2012-Q1", "budget")
    with pytest.raises(Invalid):
        Selection(versus=("previous", "last-year", "budget"))


def test_a_filter_needs_a_known_level_and_a_member() -> None:
    with pytest.raises(Invalid):
        Filter("colour", ("red",))
    with pytest.raises(Invalid):
        Filter("category", ())
