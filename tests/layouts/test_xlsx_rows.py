"""Order lines as a workbook: as many sheets as they need, each value as what it is, and what adds up on the cover."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
from openpyxl.workbook.workbook import Workbook

from layouts.imprint import Pairs
from layouts.render.lines import Control
from layouts.render.xlsx import Head, rows_workbook
from queries.blocks import Block
from queries.frame import Column, Member

DAY = date(2026, 11, 21)
COLUMNS = (
    Column("order_date", "Ordered", "dimension", unit="date"),
    Column("customer", "Customer", "dimension", level="customer"),
    Column("document", "Document", "dimension", unit="text"),
    Column("units", "Units", "metric", unit="quantity"),
    Column("net", "Net", "metric", unit="money"),
    Column("discount_rate", "Discount rate", "metric", unit="ratio"),
    Column("currency", "Currency", "dimension"),
)
EVIL = ("=1+1", "@SUM(A1)", "+1", "-1", "\tx", "A & B <i>", "\x07bell", "_x0041_", " spaced ")


def row(at: int, name: str = "Acme", amount: str = "12.34") -> tuple[Any, ...]:
    """One line; a value of no column of the file at its end, as control totals need."""
    return (DAY, Member(f"C{at}", name), f"D-{at}", Decimal("2.5"), Decimal(amount), Decimal("0.125"), "EUR", "hidden")


def made(pieces: list[list[tuple[Any, ...]]], *, most: int = 100, said: Pairs = ()) -> Workbook:
    stream = io.BytesIO()
    head = Head("Order lines", DAY, "this quarter", "Erin")
    total = rows_workbook(stream, COLUMNS, pieces, lambda: said, head, currency="EUR", locale="en", most=most)
    assert total == sum(map(len, pieces))
    return openpyxl.load_workbook(io.BytesIO(stream.getvalue()))


def test_each_value_is_what_it_is_and_a_member_is_key_and_name() -> None:
    sheet = made([[row(1)]])["Lines"]
    heads, values = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert heads == [
        "Ordered", "Customer, key", "Customer", "Document", "Units", "Net", "Discount rate", "Currency",
    ]  # fmt: skip
    assert values == [datetime(2026, 11, 21), "C1", "Acme", "D-1", 2.5, 12.34, 0.125, "EUR"]
    assert [sheet.cell(2, at).number_format for at in (1, 6, 7)] == ["yyyy-mm-dd", '"€"#,##0.00', "0.0%"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:H2")


def test_more_rows_than_a_sheet_holds_go_on_in_the_next() -> None:
    lines = [row(at) for at in range(25)]
    book = made([lines[:7], lines[7:22], [], lines[22:]], most=10)
    assert book.sheetnames == ["Cover", "Lines", "Lines (2)", "Lines (3)"]
    read = [sheet.cell(at, 4).value for sheet in book.worksheets[1:] for at in range(2, sheet.max_row + 1)]
    assert read == [f"D-{at}" for at in range(25)]
    assert [sheet.max_row for sheet in book.worksheets[1:]] == [11, 11, 6]
    assert all(sheet.cell(1, 1).value == "Ordered" for sheet in book.worksheets[1:])


def test_no_rows_are_a_sheet_with_a_header() -> None:
    assert next(cell.value for cell in made([])["Lines"][1]) == "Ordered"


def test_names_that_would_run_are_text_and_all_others_are_as_they_were() -> None:
    sheet = made([[row(at, name) for at, name in enumerate(EVIL)]])["Lines"]
    assert not [cell for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]
    read = [sheet.cell(2 + at, 3).value for at in range(len(EVIL))]
    assert read[:4] == [f"'{name}" for name in EVIL[:4]]
    assert read[5] == EVIL[5]
    assert read[8] == EVIL[8]


def test_amounts_are_exact_and_what_no_number_holds_is_text() -> None:
    amounts = ("0.01", "-9999999999999.99", "12345678901234.56", "0.1", "1234567890123456789")
    sheet = made([[row(at, amount=amount) for at, amount in enumerate(amounts)]])["Lines"]
    read = [sheet.cell(2 + at, 6).value for at in range(len(amounts))]
    assert [Decimal(str(each)) for each in read] == [Decimal(each) for each in amounts]
    assert [type(each) for each in read] == [float, float, str, float, str]


def test_the_cover_says_what_adds_up_once_all_is_written() -> None:
    control, stream = Control(), io.BytesIO()

    def pieces() -> Iterator[list[tuple[Any, ...]]]:
        for start in (0, 10):
            lines = [row(at) for at in range(start, start + 10)]
            amounts, codes = (pa.array([line[at] for line in lines]) for at in (4, 6))
            control.count((COLUMNS[4], COLUMNS[6]), Block((), ((amounts,), (codes,))))
            yield lines

    head = Head("Order lines", DAY, made_for="Erin")
    rows_workbook(stream, COLUMNS, pieces(), control.said, head, currency="EUR", locale="en")
    book = openpyxl.load_workbook(io.BytesIO(stream.getvalue()))
    said = {cells[1].value: cells[2].value for cells in book["Cover"].iter_rows()}
    assert (said["Lines"], said["Control total net EUR"]) == ("20", "246.80")
    assert sum(Decimal(str(cell.value)) for cell in book["Lines"]["F"][1:]) == Decimal("246.80")
    assert (book.properties.creator, book.properties.created) == ("Erin", datetime(2026, 11, 21))


def test_memory_does_not_grow_with_the_rows(tmp_path: Any) -> None:
    def peak(count: int) -> int:
        pieces = ([row(at) for at in range(start, start + 500)] for start in range(0, count, 500))
        tracemalloc.start()
        head = Head("Order lines", DAY)
        rows_workbook(str(tmp_path / "x.xlsx"), COLUMNS, pieces, tuple, head, currency="EUR", locale="en")
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(4_000)  # names that come often are kept, up to a number
    # Whatever else goes on in this process meanwhile is counted, too: the least of a few is what the rows took.
    assert min(peak(4_000) for _ in range(5)) < 1.5 * peak(1_500)
