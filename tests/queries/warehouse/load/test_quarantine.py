"""Rows that are kept out: each is named, none is lost, the rest is loaded."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.values.scope import Scope
from queries.warehouse.load import LoadReport, LoadSettings, QuarantinedRow, import_detail, imports, load, loading
from queries.warehouse.schema import sales_line
from tests.queries.warehouse.load.tables import HEADER, line, shop, tried, warehouse_of, write_csv

BAD: dict[str, tuple[dict[str, str], str, str, str]] = {
    "an ambiguous date": ({"order_date": "03/04/2013"}, "order_date", "not_a_date", "03/04/2013"),
    "no day of any month": ({"order_date": "2013-02-30"}, "order_date", "not_a_date", "2013-02-30"),
    "a decimal comma": ({"unit_price": "10,50"}, "unit_price", "not_an_amount", "10,50"),
    "a word for a number": ({"quantity": "two"}, "quantity", "not_an_amount", "two"),
    "an amount beyond all money": ({"unit_price": "9" * 20}, "unit_price", "not_an_amount", "9" * 20),
    "half a line number": ({"line_number": "1.5"}, "line_number", "not_a_whole_number", "1.5"),
    "a stranger": ({"customer": "C9"}, "customer", "unknown_member", "C9"),
    "an unknown product": ({"product": "P9"}, "product", "unknown_member", "P9"),
    "a currency of four letters": ({"currency": "EURO"}, "currency", "not_a_currency", "EURO"),
}


def _only(report: LoadReport) -> QuarantinedRow:
    (row,) = report.quarantined
    return row


@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_named_by_file_line_column_reason_and_value(tmp_path: Path, name: str) -> None:
    changes, column, code, raw = BAD[name]
    rows = [line(line_number=str(number)) for number in range(1, 30)]
    rows[17] = line(line_number="18") | changes
    row = _only(tried(shop(tmp_path / "source", rows), tmp_path))
    assert (row.source, row.line, row.column, row.code, row.raw) == ("sales.csv", 19, column, code, raw)
    assert raw[:20] in row.reason
    assert row.reason.endswith(".")


def test_a_missing_date_is_quarantined_and_not_guessed(tmp_path: Path) -> None:
    row = _only(tried(shop(tmp_path / "source", [line(), line(line_number="2", order_date="")]), tmp_path))
    assert (row.line, row.column, row.code, row.raw) == (3, "order_date", "missing", "")


def test_lines_are_those_of_the_file_also_after_line_breaks_within_cells(tmp_path: Path) -> None:
    rows = [line(line_number="1", customer="C1"), line(line_number="2", unit_price="x"), line(line_number="3")]
    for number, row in enumerate(rows):
        row["remark"] = "first\nsecond\r\nthird" if number == 0 else ""
    source = shop(tmp_path / "source", rows)
    assert _only(tried(source, tmp_path)).line == 5


def test_blank_lines_and_windows_line_ends_do_not_shift_the_line(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line(line_number="1"), line(line_number="2", unit_price="x")])
    text = (source / "sales.csv").read_text(encoding="utf-8").split("\n")
    (source / "sales.csv").write_bytes("\r\n".join([text[0], text[1], "", text[2], ""]).encode())
    assert _only(tried(source, tmp_path)).line == 4


def test_two_kinds_of_line_ends_in_one_file_are_read(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line(line_number=str(number)) for number in range(1, 4)])
    content = (source / "sales.csv").read_bytes().replace(b"2,10.50\n", b"2,10.50\r\n", 1)
    (source / "sales.csv").write_bytes(content)
    assert tried(source, tmp_path).feeds[-1].loaded == 3


def test_the_text_na_is_a_value(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line(customer="NA")])
    write_csv(source / "customers.csv", [{"customer": "NA"}])
    assert tried(source, tmp_path).quarantined_count == 0


def test_the_same_row_twice_is_a_duplicate_and_a_different_one_is_quarantined(tmp_path: Path) -> None:
    rows = [line(), line(), line(unit_price="11.00"), line(line_number="2")]
    report = tried(shop(tmp_path / "source", rows), tmp_path)
    feed = report.feeds[-1]
    assert (feed.rows_in, feed.loaded, feed.duplicates, feed.quarantined) == (4, 2, 1, 1)
    row = _only(report)
    assert (row.line, row.code) == (4, "same_key")
    assert "on line 2 of sales.csv" in row.reason


def test_members_the_warehouse_knows_need_not_come_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    engine = warehouse_of(home)
    load(engine, "template", shop(tmp_path / "first", [line()]), home=home)
    second = shop(tmp_path / "second", [line(document_number="D2")])
    write_csv(second / "customers.csv", [{"customer": "C7"}])
    assert load(engine, "template", second, home=home).quarantined_count == 0


def test_quarantined_rows_stay_listed_with_their_import(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = [line(line_number=str(number)) for number in range(1, 40)] + [line(line_number="40", quantity="?")]
    report = load(warehouse_of(home), "template", shop(tmp_path / "source", rows), home=home)
    (summary,) = imports(home)
    assert (summary.id, summary.status, summary.quarantined, summary.new) == (report.id, "loaded", 1, 39)
    kept = import_detail(home, summary.id)
    assert kept == report
    assert _only(kept).raw == "?"


Cell = Callable[[dict[str, str]], dict[str, str]]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["good", "again", "other", *BAD]), min_size=1, max_size=40))
def test_rows_in_are_loaded_quarantined_or_duplicates_and_every_bad_one_is_named(kinds: list[str]) -> None:
    rows, bad, doubles, loaded = [], [], 0, Decimal(0)
    last: dict[str, str] | None = None
    for number, kind in enumerate(kinds, 2):
        row = line(line_number=str(number), unit_price=str(number))
        if kind == "again" and last is not None:
            row, doubles = dict(last), doubles + 1
        elif kind == "other" and last is not None:
            row = last | {"quantity": "77"}
            bad.append(number)
        elif kind in BAD:
            row |= BAD[kind][0]
            bad.append(number)
        else:
            last, loaded = row, loaded + 2 * number
        rows.append({name: row[name] for name in HEADER})
    with TemporaryDirectory() as folder:
        report = tried(shop(Path(folder), rows), Path(folder))
    feed = report.feeds[-1]
    assert feed.rows_in == feed.read == len(rows) == feed.loaded + feed.quarantined + feed.duplicates
    assert (feed.duplicates, feed.quarantined) == (doubles, len(bad))
    assert [row.line for row in report.quarantined] == bad
    assert sum(total.loaded for total in report.totals) == loaded
    for total in report.totals:
        assert total.source == total.loaded + total.quarantined + total.duplicates


def test_a_load_too_large_to_be_held_in_memory_is_staged_in_a_file_and_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [line(line_number=str(number), quantity=str(number)) for number in range(1, 20)]
    source = shop(tmp_path / "source", [*rows, rows[0], line(line_number="99", quantity="two")])
    found = []
    for home, held in ((tmp_path / "held", 1_000), (tmp_path / "filed", 0)):
        monkeypatch.setattr(loading, "MOST_ROWS_HELD", held)
        engine = warehouse_of(home)
        done = load(engine, "template", source, home=home, settings=LoadSettings(allow_rejects=True))
        again = load(engine, "template", source, home=home, settings=LoadSettings(allow_rejects=True))
        assert (done.new, done.duplicates, done.quarantined_count, again.status) == (19, 1, 1, "unchanged")
        with engine.snapshot() as snapshot:
            lines = snapshot.fetch(select(sales_line).order_by(sales_line.c.line_key), Scope.everything())
        found.append((lines, done.totals))
        engine.close()
    assert found[0] == found[1]
