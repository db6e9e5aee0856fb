"""A view is its URL: whatever can be selected can be sent to a colleague as text."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.values.errors import Invalid, NotAskable, Refusal, TooBig
from app.values.narrowing import AmountRange
from app.values.period import Period
from app.values.row_layouts import LaidColumn
from app.values.selection import Filter, Selection
from app.values.view import LONGEST, View, parse_selection, selection_text
from tests.conftest import SOAK
from tests.values.strategies import NASTY_KEYS, selections, views


@settings(max_examples=2_000 if SOAK else 250, deadline=None)
@given(views)
def test_every_view_survives_its_url(view: View) -> None:
    assert View.parse(str(view)) == view
    assert View.parse(f"https://sales.example:8443{view}#top") == view


@given(selections)
def test_equal_selections_have_one_text(selection: Selection) -> None:
    text = selection_text(selection)
    assert selection_text(parse_selection(text)) == text
    assert text.isascii()
    assert not set(text) & set(" \"'<>#`{}|\\^")  # a browser leaves the text alone


@pytest.mark.parametrize("key", NASTY_KEYS)
def test_a_member_with_an_awkward_key_can_be_drilled_into_and_filtered_on(key: str) -> None:
    view = View("regions", None, Selection().drill_to("region", key).with_filter("category", [key, "bikes"]))
    assert View.parse(str(view)) == view


def test_a_set_is_named_in_the_address_and_a_key_that_looks_like_one_stays_a_key() -> None:
    view = View.parse("/d/customers?customer=acme,@key-accounts&rep=!@me")
    assert view.selection.filters == (
        Filter("customer", ("acme",), sets=("key-accounts",)),
        Filter("rep", (), True, ("me",)),
    )
    assert str(view) == "/d/customers?customer=acme,@key-accounts&rep=!@me"
    key = View.parse("/d/customers?customer=%40key-accounts")
    assert key.selection.filters == (Filter("customer", ("@key-accounts",)),)
    assert str(key) == "/d/customers?customer=%40key-accounts"


def test_a_set_that_was_looked_up_is_still_named_in_the_address() -> None:
    found = Filter("customer", ("acme",), sets=("key-accounts",), found=("zeta", "beta"))
    view = View("customers", None, Selection(filters=(found,)))
    assert str(view) == "/d/customers?customer=acme,@key-accounts"
    assert found.settled() == Filter("customer", ("acme", "beta", "zeta"))


def test_a_set_that_was_not_looked_up_is_refused_rather_than_left_out() -> None:
    with pytest.raises(NotAskable, match="@key-accounts"):
        Filter("customer", ("acme",), sets=("key-accounts",)).settled()


def test_the_default_selection_is_a_bare_path() -> None:
    assert str(View("overview")) == "/d/overview"
    assert View.parse("/d/overview") == View("overview")
    assert View.parse("/d/overview?period=this-quarter&versus=budget,last-year&basis=booked") == View("overview")


def test_a_url_reads_like_a_sentence() -> None:
    selection = (
        Selection(
            period=Period.parse("2013-q2"), versus=("last-year",), basis="invoiced", currency="USD", grain="month"
        )
        .drill_to("region", "emea")
        .drill_to("rep", "R017")
        .with_filter("category", ["parts", "bikes"])
        .with_filter("channel", ["a", "b"], exclude=True)
    )
    assert str(View("sales", "by-month", selection)) == (
        "/d/sales/by-month?period=2013-Q2&versus=last-year&basis=invoiced&currency=USD&grain=month"
        "&drill=region:emea/rep:R017&category=bikes,parts&channel=!a,b"
    )


def test_the_currency_of_documents_is_filtered_apart_from_the_reporting_currency() -> None:
    view = View.parse("/d/sales?currency=usd&document_currency=EUR,JPY")
    assert view.selection.currency == "USD"
    assert view.selection.filters == (Filter("currency", ("EUR", "JPY")),)


def test_a_repeated_parameter_adds_members_as_a_form_does() -> None:
    assert parse_selection("?category=parts&category=bikes") == parse_selection("category=bikes,parts")


def test_emptied_form_fields_mean_nothing() -> None:
    assert parse_selection("period=&category=&&") == Selection()


def test_no_comparison_is_a_choice() -> None:
    view = View("sales", None, Selection(versus=()))
    assert str(view) == "/d/sales?versus=none"
    assert View.parse(str(view)) == view


@pytest.mark.parametrize(
    "text",
    [
        "", "/", "/login", "/d", "/d/", "/d/UPPER", "/d/a/b/c", "/x/sales", "/d/../etc", "/d/sales?period=soon",
        "/d/sales?versus=previous,last-year,budget", "/d/sales?basis=shipped", "/d/sales?grain=region",
        "/d/sales?currency=dollars", "/d/sales?drill=emea", "/d/sales?drill=region:", "/d/sales?drill=region:a/rep:",
        "/d/sales?drill=rep:a/rep:b", "/d/sales?nonsense=1",
        "/d/sales?period", "/d/sales?period=2013&bikes", "/d/sales?period=2013&period=2014",
        "/d/sales?grain=day&grain=day", "/d/sales?drill=rep:a&drill=team:b", "/d/sales?currency=EUR&currency=USD",
        "/d/sales?versus=none&%76ersus=budget",
        "/d/sales?category=@", "/d/sales?category=@Key", "/d/sales?category=@a%2Cb", "/d/sales?category=@1",
        "/d/sales?category=%ff", "/d/sales?category=a%00b", "http://[::1/d/sales",
    ],
)  # fmt: skip
def test_what_is_no_view_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        View.parse(text)
    assert refused.value.sentence.endswith(".")


def test_a_mistyped_dimension_is_answered_with_the_nearest() -> None:
    with pytest.raises(Invalid, match="did you mean category"):
        View.parse("/d/sales?categori=bikes")


def test_a_url_beyond_all_measure_is_refused() -> None:
    with pytest.raises(TooBig):
        View.parse("/d/sales?category=" + "a" * LONGEST)


@given(st.text())
@example("/d/a?drill=:/:")
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for attempt in (text, f"/d/sales?{text}", f"/d/sales?drill={text}", f"/d/sales?period={text}"):
        try:
            view = View.parse(attempt)
        except Refusal:
            continue
        assert View.parse(str(view)) == view


def test_a_canonical_url_is_one_path_and_one_query() -> None:
    view = View("sales", None, Selection().drill_to("region", "a?b#c&d"))
    parts = urlsplit(str(view))
    assert (parts.path, parts.fragment) == ("/d/sales", "")


def test_amounts_and_fields_read_like_a_sentence() -> None:
    text = "/d/customer-sales?amount=line:100..,customer:..20000.5&fields=tier:is:gold,silver;terms:from:30*vip:known"
    view = View.parse(text)
    assert str(view) == text
    assert view.selection.amounts[1] == AmountRange("customer", None, Decimal("20000.50"))
    assert view.selection.fields is not None
    assert [len(group) for group in view.selection.fields.groups] == [2, 1]


def test_the_columns_of_the_rows_stand_in_the_address() -> None:
    text = "/d/customer-sales?columns=customer:left,net:right:120,!cost&sort=net:desc,order_date:asc"
    view = View.parse(text)
    assert str(view) == text
    assert view.layout.columns[1] == LaidColumn("net", 120, "right")
    assert view.layout.sort == (("net", "desc"), ("order_date", "asc"))
    assert view.selection == Selection()


@pytest.mark.parametrize(
    "query",
    [
        "amount=line:5",
        "amount=line:..",
        "amount=line:9..1",
        "amount=region:1..2",
        "amount=line:1..2,line:3..4",
        "amount=line:NaN..",
        "amount=line:1e9..",
        "fields=tier",
        "fields=tier:near:3",
        "fields=tier:is",
        "fields=tier:from:soon",
        "fields=:is:1",
        "fields=$.a:is:1",
        "columns=net:up",
        "columns=net,net",
        "columns=net:9",
        "sort=net",
        "sort=net:asc&sort=net:desc",
    ],
)
def test_narrowing_that_means_nothing_is_refused_with_a_sentence(query: str) -> None:
    with pytest.raises(Refusal) as refused:
        View.parse(f"/d/customer-sales?{query}")
    assert str(refused.value.sentence).endswith(".")
