"""Gestures: an event and a view become an address, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given

from app.values.errors import Invalid, Refusal
from app.values.hierarchy import LEVELS
from app.values.view import View
from callbacks.drill import clicked, narrowed
from callbacks.navigate import shown_address, with_range
from callbacks.notices import sentence
from callbacks.rows import rows_href
from tests.values.strategies import views


def test_a_click_on_a_bar_goes_one_level_down() -> None:
    mark = {"level": "market", "key": "emea", "gesture": "drill"}
    assert clicked("/d/overview?period=2013", mark) == "/d/overview?period=2013&drill=market:emea"


def test_a_click_further_down_keeps_the_path() -> None:
    mark = {"level": "rep", "key": "R017", "gesture": "drill"}
    assert clicked("/d/regions?drill=region:emea", mark) == "/d/regions?drill=region:emea/rep:R017"


def test_a_click_with_shift_filters_instead() -> None:
    mark = {"level": "category", "key": "bikes", "gesture": "drill", "shift": True}
    chosen = clicked("/d/overview", mark)
    assert chosen == "/d/overview?category=bikes"
    assert clicked(chosen, mark) == "/d/overview"


def test_a_mark_that_only_filters_toggles() -> None:
    mark = {"level": "channel", "key": "Direct, by phone", "gesture": "filter"}
    assert View.parse(clicked("/d/sales", mark)).selection.filters[0].members == ("Direct, by phone",)


@pytest.mark.parametrize(
    "mark",
    [
        {},
        {"level": "market"},
        {"level": 3, "key": "x"},
        {"level": "market", "key": None},
        {"level": "market", "key": "\ud800"},
    ],
)
def test_a_mark_without_a_member_is_refused(mark: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        clicked("/d/overview", mark)


def test_a_mark_of_an_unknown_level_is_refused() -> None:
    with pytest.raises(Refusal):
        clicked("/d/overview", {"level": "planet", "key": "mars", "gesture": "drill"})


@given(views)
def test_any_click_leads_to_an_address_that_can_be_read(view: View) -> None:
    for level in sorted(LEVELS)[::7]:
        target = clicked(str(view), {"level": level, "key": "a/b:c,d&e", "gesture": "drill"})
        assert View.parse(target).selection.drill[-1] == (level, "a/b:c,d&e")


def test_a_range_of_days_may_be_named_backwards() -> None:
    at = {"view": "/d/sales?category=bikes"}
    assert with_range(at, "2013-06-30", "2013-01-15") == "/d/sales?period=2013-01-15..2013-06-30&category=bikes"


def test_a_range_of_no_days_is_refused_with_a_sentence() -> None:
    with pytest.raises(Invalid):
        with_range({"view": "/d/sales"}, "yesterday", "2013-06-30")


def test_an_address_is_known_as_the_browser_knows_it() -> None:
    assert shown_address("http://127.0.0.1:8050/d/sales?period=2013#main") == "/d/sales?period=2013"
    assert shown_address("/d/sales") == "/d/sales"


def test_the_lines_behind_a_panel_have_an_address() -> None:
    assert rows_href(View.parse("/d/sales/by-month?period=2013")) == "/d/sales/by-month.rows.csv?period=2013"


def test_a_refusal_is_told_in_its_own_words_and_an_accident_by_number() -> None:
    assert sentence(Invalid("Choose a day.")) == "Choose a day."
    told = sentence(RuntimeError("secret internals"))
    assert "secret" not in told
    assert "number" in told


def test_from_its_menu_a_mark_is_filtered_to_excluded_or_compared_with() -> None:
    mark = {"level": "category", "key": "bikes", "keys": ["bikes", "parts"]}
    assert clicked("/d/sales?category=tools", {**mark, "gesture": "only"}) == "/d/sales?category=bikes,parts"
    assert clicked("/d/sales?category=tools", {**mark, "gesture": "exclude"}) == "/d/sales?category=!bikes,parts"
    month = {"level": "month", "key": "2013-05", "gesture": "versus"}
    assert clicked("/d/sales", month) == "/d/sales?versus=last-year,2013-05"
    assert clicked("/d/sales?versus=none", month) == "/d/sales?versus=2013-05"
    assert clicked("/d/sales?versus=2013-05,budget", month) == "/d/sales?versus=budget,2013-05"


@pytest.mark.parametrize("mark", [{"level": "rep", "key": "R1"}, {"level": "month", "key": "2013-99"}])
def test_only_stretches_of_time_are_compared_with(mark: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        clicked("/d/sales", {**mark, "gesture": "versus"})


def test_the_rows_behind_marks_are_those_of_the_marks_alone() -> None:
    at = {"view": "/d/sales?period=2013&category=bikes"}
    asked = {"panel": "by-month", "level": "region", "keys": ["emea", "apac"]}
    assert narrowed(at, asked) == {"view": "/d/sales?period=2013&category=bikes&region=apac,emea"}
    assert narrowed(at, {"panel": "by-month"}) == at
    for odd in ("emea", 5, [], [5], {"emea": 1}, ["\ud800"]):
        with pytest.raises(Invalid):
            narrowed(at, {**asked, "keys": odd})
    with pytest.raises(Refusal):
        narrowed(at, {**asked, "level": "planet"})


def test_any_range_of_days_can_be_compared_with() -> None:
    at = {"view": "/d/sales?period=2013-06"}
    held = with_range(at, "2012-03-01", "2012-01-05", versus=True)
    assert held == "/d/sales?period=2013-06&versus=last-year,2012-01-05..2012-03-01"
    assert with_range({"view": held}, "2011-01-01", "2011-01-31", versus=True).endswith(
        "versus=last-year,2011-01-01..2011-01-31"
    )
    alone = {"view": "/d/sales?versus=none"}
    assert with_range(alone, "2012-01-05", "2012-03-01", versus=True) == "/d/sales?versus=2012-01-05..2012-03-01"
    with pytest.raises(Invalid):
        with_range(at, "", "2012-01-05", versus=True)
