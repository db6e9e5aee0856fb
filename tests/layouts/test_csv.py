"""CSV files: the same figures as on the screen, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.money import round_money
from layouts.render.csv import control_totals, document, inert, section, written
from queries.frame import Member
from tests.layouts.company import Company, answered, paper


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_erin_downloads_the_rows_of_a_panel() -> None:
    panel = answered("top-customers")
    made = document(paper(panel))
    assert (made.name, made.media_type) == (
        "overview-top-customers-2026-10-01-2026-11-21.csv",
        "text/csv; charset=utf-8",
    )
    rows = read(made.content)
    assert panel.frame is not None
    assert [row["customer"] for row in rows[:-1]] == [
        v.name for v in panel.frame.values("customer") if isinstance(v, Member)
    ]
    assert (rows[-1]["customer_key"], rows[-1]["customer"]) == ("", "16 others")
    assert {row["currency"] for row in rows} == {"EUR"}
    total = sum(Decimal(row["net_sales"]) for row in rows)
    assert panel.frame.totals is not None
    whole = round_money(Decimal(str(panel.frame.totals[1])), "EUR")
    # The small company makes every figure up by itself: its parts add up to the whole only roughly.
    assert abs(total - whole) < whole / 20


def test_money_is_plain_and_ratios_are_fractions() -> None:
    row = read(document(paper(answered("net-sales"))).content)[0]
    assert row["net_sales"] == "26154279.99"
    assert row["net_sales@budget:change"].startswith("-0.067")
    assert set(row) == {
        "net_sales", "net_sales@budget", "net_sales@budget:delta", "net_sales@budget:change",
        "net_sales@last-year", "net_sales@last-year:delta", "net_sales@last-year:change", "currency",
    }  # fmt: skip


def test_a_file_for_the_spreadsheets_of_germans_has_a_mark_semicolons_and_commas() -> None:
    handout = paper(answered("net-sales"))
    german = replace(
        handout, context=replace(handout.context, locale="de"), for_spreadsheets=True, about=(("A", "=1"),)
    )
    content = document(replace(german, additive=frozenset({"net_sales"}))).content
    assert content.startswith("\ufeff".encode())
    text = content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["net_sales"] == "26154279,99"
    assert row["net_sales@budget:change"].startswith("-0,067")
    assert ["# A", "'=1"] in rows
    assert ["# Control total net_sales", "26154279,99"] in rows
    english = replace(handout, for_spreadsheets=True)
    assert document(english).content == "\ufeff".encode() + document(handout).content


def test_a_missing_figure_is_an_empty_cell() -> None:
    row = read(document(paper(answered("net-sales", company=Company(no_plan=True)))).content)[0]
    assert row["net_sales@budget"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "|cmd", "\r\n=1", "＝1"])
def test_a_name_that_a_spreadsheet_would_run_is_inert(text: str) -> None:
    panel = answered("top-customers")
    assert panel.frame is not None
    first = (Member(text, text), *panel.frame.rows[0][1:])
    row = next(csv.DictReader(io.StringIO(written(replace(panel.frame, rows=(first,), others=None)), newline="")))
    assert row["customer"] == f"'{text}"
    assert row["customer_key"] == f"'{text}"


@settings(deadline=None)
@given(st.text(max_size=30).filter(lambda text: "\x00" not in text and "\r" not in text))
def test_every_name_survives_the_journey(text: str) -> None:
    panel = FRAME
    assert panel is not None
    first = (Member(text, text), *panel.rows[0][1:])
    row = next(csv.DictReader(io.StringIO(written(replace(panel, rows=(first,), others=None)), newline="")))
    assert row["customer"] == inert(text)


FRAME = answered("top-customers").frame
assert FRAME is not None


def test_a_panel_without_an_answer_says_why_where_its_rows_would_stand() -> None:
    refused = replace(answered("top-customers"), state="refused", sentence="Ask for one, or two.", title="=Largest")
    assert section(refused) == '\'=Largest\r\n"Ask for one, or two."\r\n'
    ready = answered("top-customers")
    assert ready.frame is not None
    assert section(ready) == f"{ready.title}\r\n{written(ready.frame)}"


def test_what_a_file_says_about_itself_stands_below_its_table_and_runs_nowhere() -> None:
    about = (("Made for", "=HYPERLINK(1),\nErin"), ("Filters", "Customer: Aldergate, Inc."))
    content = document(paper(answered("top-customers"), about=about, additive=())).content.decode()
    table, _, below = content.partition("\r\n\r\n")
    assert f"{table}\r\n".encode() == document(paper(answered("top-customers"))).content
    assert below.startswith('# Made for,"\'=HYPERLINK(1), Erin"\r\n# Filters,"Customer: Aldergate, Inc."\r\n')


def test_control_totals_are_the_sums_of_what_is_written() -> None:
    frame = answered("top-customers").frame
    assert frame is not None
    told = dict(control_totals(frame, {"net_sales"}))
    rows = read(written(frame).encode())
    assert told == {
        "Rows": str(len(rows)),
        "Control total net_sales": str(sum(Decimal(row["net_sales"]) for row in rows)),
    }


def test_what_we_write_ourselves_is_no_formula_of_anybodys() -> None:
    panel = answered("risks")
    assert panel.frame is not None
    trends = panel.frame.values("trend")
    assert any(str(each).startswith("+") for each in trends)
    told = [row["trend"] for row in read(document(paper(panel)).content)]
    assert told[: len(trends)] == [str(each) for each in trends]
