"""Customer sales: what stands on the screen is what the file holds, and each sees the own lines only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.assembly import House
from app.services import preferences
from app.values.row_layouts import LaidColumn, RowLayout, RowLayouts
from app.values.viewer import Viewer
from callbacks import ledger, narrow
from callbacks.ledger import block, laid, parts
from callbacks.narrow import forms, narrowed
from callbacks.rows import page, sheet
from callbacks.views import listed
from layouts.screen import views
from queries import fields
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Request, imprint_of, table_of

YEAR = "period=2025"
PAGE = f"/d/customer-sales?{YEAR}"
FILE = "/d/customer-sales/lines.rows.csv"


def at(view: str) -> dict[str, Any]:
    return {"view": view}


def viewer(house: House, name: str) -> Viewer:
    return house.viewer_named(f"{name}@salient.example")


def rows_on_screen(house: House, name: str, view: str, *opened: str) -> list[dict[str, Any]]:
    """Every row of the grid, block by block."""
    found: list[dict[str, Any]] = []
    while True:
        asked = {"startRow": len(found), "endRow": len(found) + 100, "sortModel": []}
        answer = block(house, viewer(house, name), at(view), asked, {"keys": list(opened)})
        found += answer["rowData"]
        if len(found) >= answer["rowCount"]:
            return found


def file_of(signed_in: SignedIn, name: str, query: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    body = signed_in(name).send(Request(f"{FILE}?{query}")).body
    return imprint_of(body.removeprefix("\ufeff")), table_of(body)


@pytest.mark.parametrize("name", ["erin", "remy", "sam"])
def test_the_file_holds_the_customers_and_lines_of_the_screen_in_their_order(
    signed_in: SignedIn, house: House, name: str
) -> None:
    query = f"{YEAR}&amount=document:2000..,customer:30000..&columns=customer,net,product,document&sort=net:asc"
    customers = rows_on_screen(house, name, f"/d/customer-sales?{query}")
    assert customers
    told, lines = file_of(signed_in, name, query)
    assert list(lines[0]) == ["customer_key", "customer", "net", "product_key", "product", "document_key", "document"]
    assert list(dict.fromkeys(line["customer_key"] for line in lines)) == [row["key"] for row in customers]
    assert told["Lines"] == str(len(lines))
    assert Decimal(told["Control total net EUR"]).quantize(Decimal("0.01")) == pytest.approx(
        sum(Decimal(line["net"]) for line in lines), abs=Decimal(len(lines)) / 100
    )
    first = customers[0]["key"]
    opened = [row for row in rows_on_screen(house, name, f"/d/customer-sales?{query}", first) if row["kind"] == "line"]
    assert [row["document"] for row in opened] == [line["document"] for line in lines if line["customer_key"] == first]


def test_a_rep_sees_the_own_lines_and_otto_none(signed_in: SignedIn, house: House) -> None:
    sams = {row["key"] for row in rows_on_screen(house, "sam", PAGE)}
    everybodys = {row["key"] for row in rows_on_screen(house, "erin", PAGE)}
    assert 0 < len(sams) < len(everybodys)
    _, lines = file_of(signed_in, "sam", YEAR + "&columns=rep,net")
    assert {line["rep"] for line in lines} == {viewer(house, "sam").name}
    for request in (f"{FILE}?{YEAR}", "/d/customer-sales.csv"):
        assert signed_in("otto").send(Request(request)).status in (403, 404)


def test_another_reps_customer_is_opened_in_vain(house: House) -> None:
    sams = {row["key"] for row in rows_on_screen(house, "sam", PAGE)}
    foreign = next(row["key"] for row in rows_on_screen(house, "erin", PAGE) if row["key"] not in sams)
    assert [row["key"] for row in rows_on_screen(house, "sam", PAGE, foreign)] == [
        row["key"] for row in rows_on_screen(house, "sam", PAGE)
    ]


def test_fields_are_told_of_the_own_customers_only(house: House) -> None:
    accounts = {}
    for name in ("erin", "sam", "otto"):
        with house.engine.snapshot() as snapshot:
            found = fields.fields(viewer(house, name).context, house.catalogue, snapshot)
        accounts[name] = {value for field in found if field.name == "account_no" for value in field.values}
    sams = {row["key"] for row in rows_on_screen(house, "sam", "/d/customer-sales?period=all")}
    assert accounts["otto"] == set()
    assert accounts["sam"]
    assert all(any(key.endswith(value.split("-")[1]) for key in sams) for value in accounts["sam"])


def test_the_chooser_offers_the_fields_that_the_own_customers_have(signed_in: SignedIn, house: House) -> None:
    query = f"{YEAR}&columns=customer,field.account_no,net&sort=field.account_no:asc"
    head, _, _ = parts(house, viewer(house, "sam"), at(f"/d/customer-sales?{YEAR}"))
    assert "Show account_no" in str(head)
    standing, _, _ = parts(house, viewer(house, "sam"), at(f"/d/customer-sales?{query}"))
    assert "Hide account_no" in str(standing)
    customers = rows_on_screen(house, "sam", f"/d/customer-sales?{query}")
    numbers = [row["field.account_no"] for row in customers]
    assert numbers == sorted(numbers)
    assert all(number.endswith(row["key"][1:]) for number, row in zip(numbers, customers, strict=True))
    _, lines = file_of(signed_in, "sam", query)
    assert list(dict.fromkeys(line["field.account_no"] for line in lines)) == numbers


def test_fields_are_columns_of_the_rows_behind_a_panel_too(signed_in: SignedIn, house: House) -> None:
    view = "/d/sales?period=2025-06&columns=document,field.account_no&sort=field.account_no:desc"
    _, head, _, of = sheet(house, viewer(house, "remy"), at(view), "by-month")
    assert "Hide account_no" in str(head)
    by = [{"colId": "field.account_no", "sort": "desc"}]
    first = page(house, viewer(house, "remy"), of, {"startRow": 0, "endRow": 5, "sortModel": by})["rowData"]
    assert all(row["field.account_no"] for row in first)
    file = table_of(signed_in("remy").send(Request(f"/d/sales/by-month.rows.csv?{view.split('?')[1]}")).body[1:])
    assert [row["field.account_no"] for row in first] == [row["field.account_no"] for row in file[:5]]


def test_a_column_of_an_own_field_stays_where_it_was_dragged(house: House) -> None:
    view = f"{PAGE}&columns=customer,net,field.account_no"
    asked = {"grid": "ledger", "columns": [{"colId": column} for column in ("customer", "field.account_no", "net")]}
    assert laid(house, viewer(house, "sam"), at(view), asked) == f"{PAGE}&columns=customer,field.account_no,net"


def test_costs_stay_hidden_whatever_the_address_names(signed_in: SignedIn, house: House) -> None:
    query = f"{YEAR}&columns=customer,net,margin&sort=margin:desc"
    for name, seen in (("erin", True), ("sam", False)):
        _, lines = file_of(signed_in, name, query)
        assert ("margin" in lines[0]) is seen
        assert ("margin" in rows_on_screen(house, name, f"/d/customer-sales?{query}")[0]) is seen


def test_the_number_of_lines_on_the_screen_is_that_of_the_file(signed_in: SignedIn, house: House) -> None:
    head, _, of = parts(house, viewer(house, "remy"), at(PAGE))
    told, lines = file_of(signed_in, "remy", YEAR)
    assert told["Lines"] == str(len(lines))
    assert head[0].children.startswith(f"{len(lines):,} lines in ")
    assert of["view"] == PAGE


def test_a_column_that_is_dragged_stands_in_the_address_and_one_that_stands_already_changes_nothing(
    house: House,
) -> None:
    erin, view = viewer(house, "erin"), f"{PAGE}&columns=customer,net,quantity"

    def dragged(*columns: tuple[str, int | None]) -> dict[str, Any]:
        return {"grid": "ledger", "columns": [{"colId": column, "width": width} for column, width in columns]}

    moved = laid(house, erin, at(view), dragged(("customer", 290), ("quantity", 100), ("net", 222)))
    assert moved == f"{PAGE}&columns=customer,quantity,net:222"
    standing = {
        "grid": "ledger",
        "columns": [
            {"colId": "customer", "width": None},
            {"colId": "net", "width": 150, "sort": "desc", "sortIndex": 0},
            {"colId": "quantity", "width": 100},
        ],
    }
    assert laid(house, erin, at(view), standing) is None


def test_ones_own_columns_hold_where_a_view_names_none(signed_in: SignedIn, house: House) -> None:
    fay = viewer(house, "fay")
    own = RowLayouts().laid("by-customer", RowLayout((LaidColumn("customer"), LaidColumn("tax"))))
    with house.database.write() as session:
        preferences.prefer(session, fay, layouts=own)
    assert list(file_of(signed_in, "fay", "period=2025-06")[1][0]) == ["customer_key", "customer", "tax"]
    assert list(file_of(signed_in, "fay", "period=2025-06&columns=net")[1][0]) == ["customer_key", "customer", "net"]
    assert "tax" in rows_on_screen(house, "fay", "/d/customer-sales?period=2025-06")[0]


def test_what_is_typed_becomes_an_address_or_a_sentence(house: House) -> None:
    typed = {"narrow": "amounts", "line-low": "", "document-low": " 100 ", "document-high": "250.5"}
    assert narrowed(PAGE, typed) == f"{PAGE}&amount=document:100..250.5"
    rules = {
        "narrow": "fields",
        "field-0": "tier",
        "test-0": "is",
        "value-0": "gold; silver",
        "join-1": "or",
        "field-1": "vip",
        "test-1": "known",
        "value-1": "ignored",
        "field-2": "",
        "test-2": "is",
    }
    assert narrowed(PAGE, rules) == f"{PAGE}&fields=tier:is:gold,silver*vip:known"
    assert narrowed(f"{PAGE}&fields=vip:known", {"narrow": "fields"}) == PAGE
    assert forms(house, viewer(house, "erin"), at(PAGE))


@pytest.mark.parametrize(
    "asked",
    [
        {"narrow": "amounts", "line-low": "1,5x"},
        {"narrow": "amounts", "line-low": "5", "line-high": "1"},
        {"narrow": "fields", "field-0": "tier", "test-0": "near", "value-0": "x"},
        {"narrow": "fields", "field-0": "tier", "test-0": "is", "value-0": " ; "},
        {"narrow": "fields", "field-0": "tier", "test-0": "from", "value-0": "soon"},
        {"narrow": "nothing"},
        None,
    ],
)
def test_what_means_nothing_is_refused_with_a_sentence(asked: Any) -> None:
    with pytest.raises(narrow.Invalid) as refused:
        narrowed(PAGE, asked)
    assert str(refused.value.sentence).endswith((".", "name."))


@pytest.mark.parametrize("open_now", [{"keys": "a"}, {"keys": [1]}, {"keys": ["\x00"]}, {"keys": ["\ud800"]}, [], 3])
def test_odd_rows_to_open_are_refused(house: House, open_now: Any) -> None:
    with pytest.raises(ledger.Invalid):
        block(house, viewer(house, "erin"), at(PAGE), {"startRow": 0, "endRow": 10}, open_now)


@pytest.mark.parametrize(
    "asked", [None, {}, {"grid": "ledger", "columns": []}, {"grid": "ledger", "columns": [{"colId": "nett"}]}]
)
def test_odd_columns_are_refused(house: House, asked: Any) -> None:
    with pytest.raises(ledger.Invalid):
        laid(house, viewer(house, "erin"), at(PAGE), asked)


def test_newer_data_come_into_the_grid_that_stands_and_another_view_or_column_draws_it_anew(house: House) -> None:
    erin = viewer(house, "erin")
    _, grid, of = parts(house, erin, {**at(PAGE), "stand": "1"})
    assert ledger.stands(of, parts(house, erin, {**at(PAGE), "stand": "2"})[2])
    assert of["totals"] == grid.dashGridOptions["pinnedBottomRowData"]
    for other in (f"{PAGE}&channel=online", f"{PAGE}&columns=customer,net", f"{PAGE}&sort=net:asc"):
        assert not ledger.stands(of, parts(house, erin, at(other))[2])
    assert not ledger.stands(None, of)


def test_what_is_known_of_a_customer_stands_beside_it_and_beside_no_total(house: House) -> None:
    view = f"{PAGE}&columns=customer,segment,email&sort=segment:desc"
    of = parts(house, viewer(house, "erin"), at(view))[2]
    rows = rows_on_screen(house, "erin", view)
    segments = [row["segment"] for row in rows]
    assert len(set(segments)) > 1
    assert segments == sorted(segments, reverse=True)
    assert all("@" in row["email"] for row in rows)
    assert (of["totals"][0]["segment"], of["totals"][0]["email"]) == ("", "")
    assert "email" not in rows_on_screen(house, "fay", view)[0]


@pytest.mark.parametrize("name", ["erin", "sam", "mia", "fay"])
def test_the_page_comes_with_a_view_for_each_of_the_four_it_is_for(house: House, name: str) -> None:
    found = next(each for each in house.dashboards if each.id == "customer-sales")
    ready = views.ready_made(found)
    assert [each.audience for each, _ in ready] == ["For owners", "For sales", "For marketing", "For finance"]
    for each, href in ready:
        assert rows_on_screen(house, name, href), each.title
        said = str(parts(house, viewer(house, name), at(href))[0][1])
        assert said.count("aria-current") == 1
    assert all(href in str(listed(house, viewer(house, name), at(PAGE))) for _, href in ready)


@pytest.mark.parametrize(
    ("preset", "name"), [("review-pack", "erin"), ("reconciliation", "fay"), ("reconciliation", "sam")]
)
def test_a_named_file_has_its_columns_and_a_control_total_of_every_amount(
    signed_in: SignedIn, house: House, preset: str, name: str
) -> None:
    query = f"{YEAR}&amount=document:2000.."
    head, _, _ = parts(house, viewer(house, name), at(f"/d/customer-sales?{query}"))
    titles = {"review-pack": "Review pack", "reconciliation": "Reconciliation"}
    link = next(each for each in head if getattr(each, "title", "") and titles[preset] in str(each.children))
    assert link.download
    assert "amount=document:2000.." in link.href
    answer = signed_in(name).send(Request(link.href))
    told, lines = imprint_of(answer.body.removeprefix("\ufeff")), table_of(answer.body)
    assert told["File"] == titles[preset]
    amounts = {"review-pack": ["net"], "reconciliation": ["net", "gross", "discount", "tax", "freight"]}[preset]
    totals = [field for field in told if field.startswith("Control total")]
    assert totals == [f"Control total {amount} EUR" for amount in amounts]
    for amount in amounts:
        written = sum(Decimal(line[amount] or 0) for line in lines)
        assert Decimal(told[f"Control total {amount} EUR"]) == pytest.approx(written, abs=Decimal(len(lines)) / 100)
    assert told["Lines"] == str(len(lines))
    assert not {"email", "cost", "margin"} & set(lines[0])


def test_a_file_that_is_laid_out_otherwise_has_no_name(signed_in: SignedIn) -> None:
    told, _ = file_of(signed_in, "erin", f"{YEAR}&amount=document:20000..&columns=customer,net")
    assert "File" not in told
