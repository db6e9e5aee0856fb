"""What a load refuses, and the sentence it says."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from app.values.errors import Invalid, NotFound, Refusal, TooBig
from queries.warehouse.load import LoadSettings, load, mappings
from tests.queries.warehouse.load.tables import GOOD, HEADER, line, shop, tried, warehouse_of

HEAD = ",".join(HEADER)
ROW = ",".join(GOOD)

BROKEN = {
    "an empty file": (b"", "sales.csv is empty"),
    "a missing column": (f"{HEAD.replace('unit_price', 'price')}\n{ROW}\n".encode(), "no column unit_price"),
    "UTF-16": (f"{HEAD}\n{ROW}\n".encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": (f"{HEAD}\n{ROW}\n".encode("utf-16-le"), "NUL byte on line 1"),
    "Latin-1": (f"{HEAD}\n{ROW}\n{ROW.replace('C1', 'Zoë')}\n".encode("latin-1"), "line 3 holds the byte 0xEB"),
    "a NUL byte": (f"{HEAD}\n{ROW}\n{ROW.replace('C1', 'C' + chr(0))}\n".encode(), "NUL byte on line 3"),
    "a row too short": (f"{HEAD}\n{ROW}\nD2,1\n".encode(), "line 3: 2 columns, but the header row has 8"),
    "a row too long": (f"{HEAD}\n{ROW}\n{ROW},x\n".encode(), "line 3: 9 columns"),
    "a cell of two million characters": (
        f"{HEAD}\n{ROW}\n{ROW.replace('C1', 'C' * 2_000_000)}\n".encode(),
        "line 3, column customer: the cell is longer than 32,768 bytes",
    ),
    "a cell of forty thousand characters": (
        f"{HEAD}\n{ROW.replace('P1', 'P' * 40_000)}\n".encode(),
        "line 2, column product: the cell is longer",
    ),
    "an open quote": (f'{HEAD}\n{ROW}\n"D2,1\n{ROW}\n'.encode(), "line 3: a quotation mark is opened and never closed"),
    "a doubled header": (f"{HEAD},Product\n{ROW},x\n".encode(), "the column Product twice, at 5 and 9"),
    "a blank header": (f"{HEAD},\n{ROW},x\n".encode(), "column 9 of the header row has no name"),
    "semicolons": (f"{HEAD}\n{ROW}\n".replace(",", ";").encode(), "separated by semicolons"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_file_and_line_and_nothing_changes(tmp_path: Path, name: str) -> None:
    content, sentence = BROKEN[name]
    source = shop(tmp_path / "source", [line()])
    (source / "sales.csv").write_bytes(content)
    home = tmp_path / "home"
    engine = warehouse_of(home)
    with pytest.raises(Refusal) as refused:
        load(engine, "template", source, home=home)
    assert sentence in refused.value.sentence
    assert "sales.csv" in refused.value.sentence
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_header_without_rows_loads_nothing_and_is_no_error(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line()])
    (source / "sales.csv").write_text(HEAD + "\n", encoding="utf-8")
    assert tried(source, tmp_path).feeds[-1].rows_in == 0


def test_a_cut_gzip_is_refused(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line()])
    packed = gzip.compress((HEAD + "\n" + f"{ROW}\n" * 5000).encode(), 1)
    (source / "sales.csv").unlink()
    (source / "sales.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(Invalid, match=r"sales\.csv\.gz is a broken gzip file"):
        tried(source, tmp_path)


def test_no_gzip_at_all_is_refused(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line()])
    (source / "sales.csv").rename(source / "sales.csv.gz")
    with pytest.raises(Invalid, match="broken gzip"):
        tried(source, tmp_path)


def test_what_unpacks_to_a_hundred_times_its_size_is_refused(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line()])
    (source / "sales.csv").unlink()
    (source / "sales.csv.gz").write_bytes(gzip.compress((HEAD + "\n").encode() + b"x\n" * 2_000_000))
    with pytest.raises(TooBig, match="more than 100 times its size"):
        tried(source, tmp_path)


def test_a_workbook_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "sales.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", " " * 5_000_000)
    with pytest.raises(TooBig, match="more than 100 times"):
        tried(tmp_path / "sales.xlsx", tmp_path)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sales.xlsx").write_bytes(b"PK nothing")
    with pytest.raises(Invalid, match=r"sales\.xlsx is not a readable Excel workbook"):
        tried(tmp_path / "sales.xlsx", tmp_path)


def test_a_broken_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sales.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(Invalid, match=r"sales\.parquet is not a readable Parquet"):
        tried(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"max_bytes": 100}, "the limit is 100"),
        ({"max_expanded_bytes": 100}, "the limit"),
        ({"max_rows": 3}, "10 rows; the limit is 3"),
        ({"max_columns": 5}, "8 columns; the limit is 5"),
        ({"max_cell_bytes": 2}, "longer than 2 bytes"),
    ],
)
def test_limits_are_judged_and_named(tmp_path: Path, limits: dict[str, int], sentence: str) -> None:
    source = shop(tmp_path / "source", [line(line_number=str(number)) for number in range(10)])
    for name in ("customers", "products"):
        (source / f"{name}.csv").unlink()
    with pytest.raises(TooBig) as refused:
        tried(source, tmp_path, **limits)
    assert sentence in refused.value.sentence


def test_more_than_five_percent_of_rejects_need_a_yes(tmp_path: Path) -> None:
    rows = [line(line_number=str(number)) for number in range(9)] + [line(line_number="9", order_date="03/04/2013")]
    source, home = shop(tmp_path / "source", rows), tmp_path / "home"
    engine = warehouse_of(home)
    with pytest.raises(
        Invalid, match=r"1 of 15 rows cannot be loaded, more than 5%.*line 11, column order_date"
    ) as refused:
        load(engine, "template", source, home=home)
    assert "nothing was changed" in refused.value.sentence
    assert [path for path in home.rglob("*") if path.is_file()] == []
    report = load(engine, "template", source, home=home, settings=LoadSettings(allow_rejects=True))
    assert (report.status, report.new, report.quarantined_count) == ("loaded", 9, 1)


def test_two_files_for_one_table_are_not_chosen_from(tmp_path: Path) -> None:
    source = shop(tmp_path / "source", [line()])
    (source / "sales.csv.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(Invalid, match=r"sales\.csv and sales\.csv\.gz are both there"):
        tried(source, tmp_path)


def test_a_folder_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="it reads sales"):
        tried(tmp_path, tmp_path)
    with pytest.raises(NotFound, match="no file or folder"):
        tried(tmp_path / "nowhere", tmp_path)


def test_an_unknown_mapping_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="adventureworks, superstore, template"):
        tried(tmp_path, tmp_path, mapping="northwind")


REACHING = {
    "a file": "(select max(content) from read_text('{0}/CURRENT'))",
    "a file by its name alone": "(select max(line_key) from '{0}/base-1.parquet')",
    "another source": "(select max(rep) from source_reps)",
    "what is staged already": "(select max(customer_key) from stage.customer)",
}


@pytest.mark.parametrize("name", REACHING)
def test_a_mapping_cannot_read_the_warehouse_or_anything_but_its_sources(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    source = shop(tmp_path / "source", [line()])
    engine = warehouse_of(home)
    load(engine, "template", source, home=home)
    own = tmp_path / "own.toml"
    text = (Path(mappings.__file__).parent / "mappings" / "template.toml").read_text(encoding="utf-8")
    wanted = 'chain_id = "clean(sales.chain)"'
    assert wanted in text
    own.write_text(text.replace(wanted, f'chain_id = "{REACHING[name].format(home / "warehouse")}"'), encoding="utf-8")
    with pytest.raises(Invalid, match=r"not among its sources|no source called stage"):
        load(engine, str(own), source, home=home)
