"""Files: what they say when there is nothing to show, and who is noted to have taken them."""

from __future__ import annotations

import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

import app.web.downloads
from app.assembly import House
from app.handing import handed
from app.models.event import AuditEvent
from app.services import ledger
from app.values.document import Document
from app.values.errors import Forbidden, NotFound
from app.values.view import View
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Request, imprint_of, table_of

NO_RATES = "Figures cannot be shown in XXX, but in EUR."


@pytest.mark.parametrize("name", ["overview", "overview/net-sales", "overview/net-sales.rows", "regions/ranked.rows"])
def test_a_file_in_a_currency_without_rates_is_refused_in_one_sentence(
    signed_in: SignedIn, house: House, name: str
) -> None:
    before = noted(house)
    answer = signed_in("erin").send(Request(f"/d/{name}.csv?currency=XXX"))
    assert answer.status == 422
    assert NO_RATES in answer.body
    assert noted(house) == before


def test_the_lines_behind_a_panel_that_is_none_are_not_there(signed_in: SignedIn) -> None:
    assert signed_in("erin").send(Request("/d/overview/zz.rows.csv?period=2025")).status == 404
    assert signed_in("erin").send(Request("/d/overview/zz.csv?period=2025")).status == 404


def test_the_lines_behind_a_panel_about_cost_are_not_there_for_whom_cost_is_hidden(
    signed_in: SignedIn, house: House
) -> None:
    hidden = {name: "cost" in house.viewer_named(f"{name}@salient.example").context.masks for name in ("erin", "sam")}
    assert hidden == {"erin": False, "sam": True}
    for name, status in (("erin", 200), ("sam", 404)):
        assert signed_in(name).send(Request("/d/overview/margin-rate.csv?period=2025")).status == status
        assert signed_in(name).send(Request("/d/overview/margin-rate.rows.csv?period=2025-06-03")).status == status


def test_a_dashboard_without_sales_is_a_file_that_says_so(signed_in: SignedIn) -> None:
    answer = signed_in("erin").send(Request("/d/overview.csv?period=1990&versus=none"))
    assert answer.status == 200
    assert "Largest customers\r\n" in answer.body
    assert "Nothing was sold in 1990" in answer.body


def test_a_file_says_for_whom_it_was_made_of_what_and_from_which_data(signed_in: SignedIn, house: House) -> None:
    body = signed_in("erin").send(Request("/d/regions/ranked.csv?period=2025-06&channel=direct")).body
    told, rows = imprint_of(body), table_of(body)
    with house.engine.snapshot() as snapshot:
        generation = snapshot.generation
    assert told["Made for"] == house.viewer_named("erin@salient.example").name
    assert told["View"] == "/d/regions/ranked?period=2025-06&channel=direct"
    assert told["Period"] == "Jun 2025 (2025-06-01 to 2025-06-30)"
    assert told["Filters"] == "Channel: Direct"
    assert told["Basis"] == "booked, by order date"
    assert (told["Currency"], told["Time zone"]) == ("EUR", "UTC")
    assert told["Data version"] == str(generation.number)
    assert told["Data as of"] == str(generation.as_of)
    assert told["Rows"] == str(len(rows))
    assert Decimal(told["Control total net_sales"]) == sum(Decimal(row["net_sales"]) for row in rows)
    assert not body.startswith("#")


def test_a_file_of_lines_ends_with_its_control_totals(signed_in: SignedIn, house: House) -> None:
    body = signed_in("remy").send(Request("/d/overview/net-sales.rows.csv?period=2025-06")).body
    told, rows = imprint_of(body.removeprefix("\ufeff")), table_of(body)
    assert told["Made for"] == house.viewer_named("remy@salient.example").name
    assert told["Lines"] == str(len(rows))
    for currency in {row["currency"] for row in rows}:
        total = sum(Decimal(row["net"]) for row in rows if row["currency"] == currency)
        assert Decimal(told[f"Control total net {currency}"]) == total
    days = [row["order_date"] for row in rows]
    assert days == sorted(days, reverse=True)


def test_a_whole_dashboard_says_so_too(signed_in: SignedIn) -> None:
    told = imprint_of(signed_in("fay").send(Request("/d/sales.csv?period=2025&region=nowhere")).body)
    assert told["Filters"] == "Region: nowhere"
    assert told["Compared with"] == "budget; last year"


def test_a_whole_dashboard_ends_with_the_control_totals_of_each_of_its_tables(signed_in: SignedIn) -> None:
    body = signed_in("erin").send(Request("/d/regions.csv?period=2025-06")).body
    told, tables = imprint_of(body), body.partition("\r\n# ")[0].split("\r\n\r\n")
    assert len(tables) > 2
    for table in tables:
        title, _, text = table.partition("\r\n")
        title = next(csv.reader([title]))[0].removeprefix("'")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert told[f"Rows: {title}"] == str(len(rows))
        summed = [column for column in ("net_sales", "orders") if f"Control total {column}: {title}" in told]
        assert ("net_sales" in summed) == ("net_sales" in rows[0])
        for column in summed:
            total = sum(Decimal(row[column] or 0) for row in rows)
            assert Decimal(told[f"Control total {column}: {title}"]) == total


def test_a_table_without_an_answer_has_no_control_totals(signed_in: SignedIn) -> None:
    body = signed_in("erin").send(Request("/d/overview.csv?period=1990&versus=none")).body
    assert "Largest customers\r\n" in body
    assert "Rows: Largest customers" not in imprint_of(body)


def test_more_lines_than_a_file_holds_are_refused_and_never_cut(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.rows.MOST_LINES", 1000)
    answer = signed_in("erin").send(Request("/d/overview/net-sales.rows.csv?period=2025"))
    assert answer.status == 413
    assert "a file holds 1,000 at most" in answer.body


@pytest.mark.parametrize(
    ("name", "kind", "view"),
    [
        ("overview", "dashboard", "/d/overview?period=2025-06"),
        ("regions/ranked", "panel", "/d/regions/ranked?period=2025-06"),
        ("regions/ranked.rows", "rows", "/d/regions/ranked?period=2025-06"),
    ],
)
def test_who_takes_a_file_is_noted_with_the_view_and_its_kind(
    signed_in: SignedIn, house: House, name: str, kind: str, view: str
) -> None:
    before = noted(house)
    assert signed_in("remy").send(Request(f"/d/{name}.csv?period=2025-06")).status == 200
    [event] = noted(house)[len(before) :]
    assert event == (f"person:{house.viewer_named('remy@salient.example').id}", {"kind": kind, "view": view})
    with house.database.read() as session:
        assert ledger.faults(session) == []


def noted(house: House) -> list[tuple[str, object]]:
    """The exports in the ledger: who, and what."""
    with house.database.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "export.csv").order_by(AuditEvent.sequence)
        )
        return [(event.actor, event.detail) for event in events]


def test_who_may_not_export_is_handed_nothing_and_a_format_that_is_none_is_not_there(house: House) -> None:
    erin, view = house.viewer_named("erin@salient.example"), View.parse("/d/overview/net-sales")
    before = noted(house)
    with pytest.raises(Forbidden):
        handed(house, replace(erin, permissions=erin.permissions - {"export"}), view, "csv")
    with pytest.raises(NotFound, match="choose one of"):
        handed(house, erin, view, "doc")
    with pytest.raises(Forbidden):
        handed(house, house.viewer_named("otto@salient.example"), view, "csv")
    assert noted(house) == before


def test_the_lines_behind_a_panel_are_a_workbook_with_the_same_rows(signed_in: SignedIn, house: House) -> None:
    remy, path = signed_in("remy"), "/d/overview/net-sales.rows"
    rows = table_of(remy.send(Request(f"{path}.csv?period=2025-06")).body)
    came = remy.client.get(f"{path}.xlsx?period=2025-06")
    assert came.headers["Content-Disposition"] == 'attachment; filename="overview-net-sales-rows.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(came.data), read_only=True)
    found = list(book[book.sheetnames[1]].iter_rows(values_only=True))
    assert len(found) - 1 == len(rows)
    at = next(place for place, name in enumerate(found[0]) if str(name) in ("net", "Net"))
    assert sum(Decimal(str(row[at])) for row in found[1:]) == sum(Decimal(row["net"]) for row in rows)
    assert "Remy" in " ".join(str(cell) for row in book[book.sheetnames[0]].iter_rows(values_only=True) for cell in row)
    assert signed_in("otto").client.get(f"{path}.xlsx?period=2025-06").status_code in (403, 404)
    actions = [event for event in noted_actions(house) if event == "export.xlsx"]
    assert actions


def noted_actions(house: House) -> list[str]:
    """What was noted of exports."""
    with house.database.read() as session:
        return list(session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("export."))))


def test_while_two_files_are_drawn_a_third_is_not_begun_and_pages_go_on(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    erin, begun, go_on = signed_in("erin"), threading.Semaphore(0), threading.Event()
    plain = app.web.downloads.handed

    def slowly(*told: Any) -> Document:
        begun.release()
        assert go_on.wait(60)
        return plain(*told)

    monkeypatch.setattr("app.web.downloads.handed", slowly)
    others = [erin.client.application.test_client() for _ in range(2)]
    cookie = erin.client.get_cookie("salient")
    assert cookie
    for each in others:
        each.set_cookie("salient", cookie.value)
    with ThreadPoolExecutor(2) as pool:
        drawn = [pool.submit(each.get, "/d/overview/net-sales.csv") for each in others]
        assert all(begun.acquire(timeout=60) for _ in others)
        refused = erin.client.get("/d/overview/net-sales.csv")
        page = erin.client.get("/d/overview")
        go_on.set()
    assert (refused.status_code, page.status_code) == (429, 200)
    assert "Many files are being made just now" in refused.text
    assert [each.result().status_code for each in drawn] == [200, 200]
    assert erin.client.get("/d/overview/net-sales.csv").status_code == 200
