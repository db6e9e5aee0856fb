"""The same shop from CSV, gzip, Parquet, a workbook and a database gives the same load."""

from __future__ import annotations

import csv
import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from app.values.errors import Invalid
from queries.warehouse.load import LoadReport, load, open_mapping, reach
from queries.warehouse.load.mappings import parse_mapping
from tests.queries.warehouse.load.tables import line, shop, tried, warehouse_of

ROWS = [line(line_number=str(number), unit_price=f"{number}.10") for number in range(1, 30)]
ROWS.append(line(line_number="30", unit_price="a lot"))


def _tables(folder: Path) -> dict[str, list[list[str]]]:
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            tables[path.stem] = list(csv.reader(stream))
    return tables


def _gzip(folder: Path) -> str:
    for path in folder.glob("*.csv"):
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    return str(folder)


def _parquet(folder: Path) -> str:
    for path in folder.glob("*.csv"):
        duckdb.execute(f"copy (select * from read_csv('{path}')) to '{path.with_suffix('.parquet')}'")
        path.unlink()
    return str(folder)


def _workbook(folder: Path) -> str:
    with xlsxwriter.Workbook(str(folder / "shop.xlsx"), {"strings_to_numbers": True}) as book:
        for name, rows in _tables(folder).items():
            sheet = book.add_worksheet(name.title())
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return str(folder / "shop.xlsx")


def _sqlite(folder: Path) -> str:
    with sqlite3.connect(folder / "shop.db") as database:
        for name, (head, *rows) in _tables(folder).items():
            database.execute(f"create table {name} ({', '.join(head)})")
            database.executemany(f"insert into {name} values ({', '.join('?' * len(head))})", rows)
    database.close()
    return f"sqlite:///{folder / 'shop.db'}"


def _duckdb(folder: Path) -> str:
    with duckdb.connect(str(folder / "shop.duckdb")) as database:
        for path in folder.glob("*.csv"):
            database.execute(f"create table {path.stem} as select * from read_csv('{path}')")
    return f"duckdb:///{folder / 'shop.duckdb'}"


@pytest.mark.parametrize("form", [str, _gzip, _parquet, _workbook, _sqlite, _duckdb])
def test_every_form_of_source_gives_the_same_load(tmp_path: Path, form: Callable[[Path], str]) -> None:
    source = form(shop(tmp_path / "source", ROWS))
    report: LoadReport = load(None, "template", source, home=tmp_path, dry_run=True)
    sales = report.feeds[-1]
    assert (sales.rows_in, sales.loaded, sales.quarantined) == (30, 29, 1)
    (total,) = report.totals
    assert str(total.loaded) == "875.8000"
    (row,) = report.quarantined
    in_file = form in {str, _gzip, _workbook}
    assert (row.line, row.column, row.raw) == (31 if in_file else 30, "unit_price", "a lot")


def test_one_file_alone_is_a_source_too(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", ROWS[:3])
    assert tried(source / "sales.csv", tmp_path).loaded == 3


def test_a_workbook_with_one_sheet_of_any_name_is_the_table_its_file_is_named_after(tmp_path: Path) -> None:
    shop(tmp_path, ROWS[:3])
    (tmp_path / "alone").mkdir()
    with xlsxwriter.Workbook(str(tmp_path / "alone" / "sales.xlsx")) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(_tables(tmp_path)["sales"]):
            sheet.write_row(number, 0, row)
    assert tried(tmp_path / "alone", tmp_path).loaded == 3


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://root@localhost/shop", r"needs the driver pymysql: install salient\[mysql\]"),
        ("mssql://sa@localhost/shop", r"needs the driver pymssql: install salient\[mssql\]"),
        ("oraclexx://x/y", "knows no database called oraclexx"),
        ("postgresql://who:secret@127.0.0.1:1/none", r"postgresql://who:\*\*\*@127\.0\.0\.1:1/none cannot be read"),
        ("sqlite:////nowhere/at/all.db", r"The database sqlite:////nowhere/at/all\.db cannot be read"),
    ],
)
def test_a_database_out_of_reach_is_refused_without_telling_the_password(
    tmp_path: Path, url: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        load(None, "template", url, home=tmp_path, dry_run=True)
    assert "secret" not in refused.value.sentence


def test_the_same_bytes_again_change_nothing_and_a_changed_line_is_updated(tmp_path: Path) -> None:
    home = tmp_path / "home"
    engine = warehouse_of(home)
    source = shop(tmp_path / "source", ROWS[:29])
    first = load(engine, "template", source, home=home)
    again = load(engine, "template", source, home=home)
    assert (first.status, first.new) == ("loaded", 29)
    assert (again.status, again.new, again.changed, again.unchanged) == ("unchanged", 0, 0, 29)
    assert again.generation == first.generation
    shop(tmp_path / "source", [ROWS[0] | {"quantity": "3"}, *ROWS[1:29]])
    third = load(engine, "template", source, home=home)
    assert (third.new, third.changed, third.unchanged) == (0, 1, 28)


def test_a_dry_run_says_the_same_and_leaves_the_home_as_it_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    engine = warehouse_of(home)
    source = shop(tmp_path / "source", ROWS)
    before = sorted(home.rglob("*"))
    told: list[float] = []
    dry = load(engine, "template", source, home=home, dry_run=True, progress=lambda _what, done: told.append(done))
    assert sorted(home.rglob("*")) == before
    assert told == sorted(told)
    done = load(engine, "template", source, home=home)
    assert (done.feeds, done.totals, done.quarantined) == (dry.feeds, dry.totals, dry.quarantined)


def test_a_mapping_of_ones_own_declares_separator_decimals_and_dates(tmp_path: Path) -> None:
    text = """
name = "own"
description = "a German shop"
currency = "EUR"
csv = { delimiter = ";" }
[sources]
s = "Verkauf"
[[feed]]
table = "sales_line"
from = "s"
[feed.columns]
line_key = "s.Nr"
document_key = "s.Nr"
document_type = "'invoice'"
document_number = "s.Nr"
line_number = "1"
order_date = "day(s.Datum, '%d.%m.%Y')"
currency_key = "'EUR'"
quantity = "1"
unit_price = "money(s.Betrag, ',')"
gross = "money(s.Betrag, ',')"
net = "money(s.Betrag, ',')"
"""
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    (tmp_path / "Verkauf.csv").write_text(
        "Nr;Datum;Betrag\n1;03.04.2013;1.234,50\n2;31.12.2013;0,50\n", encoding="utf-8"
    )
    report = tried(tmp_path / "Verkauf.csv", tmp_path, mapping=str(tmp_path / "own.toml"))
    assert str(report.totals[0].loaded) == "1235.0000"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('table = "sales_line"', 'table = "sales"', "there is no table sales"),
        ('from = "sales"\n\n# A line', 'from = "sale"\n\n# A line', "takes sale, which is not among the sources"),
        ('quantity = "money(sales.quantity)"', 'quantity = "money(sale.quantity)"', "no source called sale"),
        ('quantity = "money(sales.quantity)"', 'quantity = "money(sales.quantity"', "a bracket that is never closed"),
        ('quantity = "money(sales.quantity)"', 'quantity = "1; drop table x"', "which has no place"),
        ('quantity = "money(sales.quantity)"', 'quantity = "nothing_known"', "is not understood"),
        ('quantity = "money(sales.quantity)"', 'amount = "1"', "has amount"),
        ('name = "template"', 'name = "template', "is not valid TOML"),
    ],
)
def test_a_wrong_mapping_is_refused_with_what_is_wrong(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = open_mapping("template").text
    assert old in text
    with pytest.raises(Invalid, match=sentence):
        load(
            None,
            parse_mapping(text.replace(old, new), "own.toml"),
            shop(tmp_path / "source", ROWS[:3]),
            home=tmp_path,
            dry_run=True,
        )


@pytest.mark.parametrize("is_judged", [True, False])
def test_an_expression_reaches_no_file_beside_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_judged: bool
) -> None:
    """Neither past the judgement of its SQL nor, where that is taken away, past the engine itself."""
    source = shop(tmp_path / "source", ROWS[:3])
    (tmp_path / "private.txt").write_text("secret", encoding="utf-8")
    (source / "beside.csv").write_text("a\n1\n", encoding="utf-8")
    if not is_judged:
        monkeypatch.setattr(reach, "judge", lambda *_given: None)
    for reading in (
        f"select count(*) from read_text('{tmp_path / 'private.txt'}')",
        f"select count(*) from '{source / 'beside.csv'}'",
        f"select count(*) from glob('{tmp_path}/*')",
    ):
        text = open_mapping("template").text.replace(
            'quantity = "money(sales.quantity)"', f'quantity = """({reading})"""'
        )
        assert reading in text
        with pytest.raises(Invalid, match="not among its sources" if is_judged else "Permission Error"):
            load(None, parse_mapping(text, "own.toml"), source, home=tmp_path, dry_run=True)


@pytest.mark.parametrize("folder", ["shop [1]", "shop*", "sh?p", "shop[!2]"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_folder_whose_name_looks_like_a_pattern_is_read_and_no_other(tmp_path: Path, folder: str, kind: str) -> None:
    for name, price in (("shop 1", "99"), ("shop1", "99"), ("shop", "99"), (folder, "10.50")):
        source = shop(tmp_path / name, [line(unit_price=price)])
        if kind == "parquet":
            plain = (source / "sales.csv").rename(tmp_path / "sales.csv")
            duckdb.execute(f"copy (select * from read_csv('{plain}', all_varchar=true)) to '{tmp_path}/sales.parquet'")
            (tmp_path / "sales.parquet").rename(source / "sales.parquet")
    report = tried(tmp_path / folder, tmp_path)
    assert [str(total.loaded) for total in report.totals] == ["21.0000"]
    assert report.feeds[-1].source == f"sales.{kind}"
