"""Files of many rows: a workbook beside bare XlsxWriter, and text beside pandas, of the same million rows."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import xlsxwriter
from sqlalchemy import literal_column

from app.values.period import Period
from layouts.render import csv, lines
from layouts.render.xlsx import Head, rows_workbook
from queries.blocks import Block
from queries.frame import Column
from queries.line_columns import Shown
from queries.listing import LARGEST_BLOCK, whole
from tests.bench.company import company
from tests.bench.measure import Results

WORK = Path(__file__).parent / ".work"
ROWS = int(os.environ.get("ROWS", "1000000"))
RUNS = 3
PIECE = 10_000
COLUMNS = (
    Column("order_date", "Ordered", "dimension", unit="date"),
    Column("document", "Document", "dimension"),
    Column("line_number", "Line", "metric", unit="count"),
    Column("customer", "Customer", "dimension"),
    Column("product", "Product", "dimension"),
    Column("quantity", "Quantity", "metric", unit="quantity"),
    Column("net", "Net", "metric", unit="money"),
    Column("gross", "Gross", "metric", unit="money"),
    Column("currency", "Currency", "dimension"),
    Column("discount_rate", "Discount rate", "metric", unit="ratio"),
)

SCHEMA = pa.schema(
    [
        ("order_date", pa.date32()), ("document", pa.string()), ("line_number", pa.int64()), ("customer", pa.string()),
        ("product", pa.string()), ("quantity", pa.decimal128(18, 4)), ("net", pa.decimal128(18, 4)),
        ("gross", pa.decimal128(18, 4)), ("currency", pa.string()), ("discount_rate", pa.decimal128(18, 6)),
    ]
)  # fmt: skip
OF_WAREHOUSE = tuple(column.id for column in COLUMNS)


def pieces(rows: int) -> Iterator[list[tuple[Any, ...]]]:
    """Order lines of ten columns, as the warehouse hands them over."""
    for start in range(0, rows, PIECE):
        yield [
            (
                date(2026, 1, 1) + timedelta(days=at % 300),
                f"ORD-2026-{at // 3:07d}",
                at % 9 + 1,
                f"Calwick Transit {at % 5000} GmbH",
                f"Pump {at % 300}",
                Decimal(at % 97 + 1),
                Decimal(at * 37 % 99_999) / 100,
                Decimal(at * 31 % 99_999) / 100,
                "EUR",
                Decimal(at % 50) / 1000,
            )
            for at in range(start, min(rows, start + PIECE))
        ]


def bare(path: Path, rows: int) -> None:
    """What XlsxWriter itself does for them."""
    workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet, at = workbook.add_worksheet(), 0
    for piece in pieces(rows):
        for row in piece:
            sheet.write_row(at, 0, row)
            at += 1
    workbook.close()


def ours(path: Path, rows: int) -> None:
    """A workbook as it is handed out."""
    head = Head("Order lines", date(2026, 11, 21))
    rows_workbook(str(path), COLUMNS, pieces(rows), tuple, head, currency="EUR", locale="en")


def text(path: Path, rows: int) -> float:
    """A file of text as it is handed out, of columns as the warehouse hands them over: the seconds of its writing, of
    looking for what would run as a formula and of its control totals."""
    laid = tuple(Shown(each.id, each.title, literal_column("0")) for each in COLUMNS)
    tables = [pa.table(list(zip(*piece, strict=True)), schema=SCHEMA) for piece in pieces(rows)]
    read = pa.concat_tables(tables).combine_chunks()
    began = time.perf_counter()
    written(path, COLUMNS, (_block(read.slice(at, LARGEST_BLOCK), laid) for at in range(0, rows, LARGEST_BLOCK)))
    return time.perf_counter() - began


def _block(table: pa.Table, laid: tuple[Shown, ...]) -> Block:
    return Block(laid, tuple((column.chunk(0),) for column in table.columns))


def written(path: Path, columns: Sequence[Column], blocks: Iterable[Block]) -> None:
    """Header, lines and control totals."""
    control = lines.Control()
    with path.open("wb") as file:
        file.write(lines.header(columns))
        for block in blocks:
            control.count(columns, block)
            file.write(lines.body(columns, block, "EUR"))
        file.write(csv.imprinted(control.said()).encode())


def warehouse(path: Path, rows: int) -> float:
    """The same from the warehouse itself, reading included."""
    asked = company(WORK, rows)
    began = time.perf_counter()
    with asked.engine.snapshot() as snapshot:
        found = whole((), Period.parse("all"), "booked", asked.context, snapshot, columns=OF_WAREHOUSE)
        written(path, found.columns, found.blocks)
    return time.perf_counter() - began


def pandas(path: Path, rows: int) -> float:
    """What pandas does for the same rows, typed as it likes them: the seconds of its writing alone."""
    numbers = dict.fromkeys(("quantity", "net", "gross", "discount_rate"), "float64")
    made = [pd.DataFrame(piece, columns=[each.id for each in COLUMNS]).astype(numbers) for piece in pieces(rows)]
    frame = pd.concat(made, ignore_index=True).assign(order_date=lambda each: pd.to_datetime(each["order_date"]))
    began = time.perf_counter()
    frame.to_csv(path, index=False)
    return time.perf_counter() - began


def nothing(_path: Path, rows: int) -> None:
    """The rows alone, which no way is to be charged with."""
    for _ in pieces(rows):
        pass


WAYS: dict[str, Callable[[Path, int], float | None]] = {
    "bare": bare, "ours": ours, "text": text, "pandas": pandas, "nothing": nothing,
    "warehouse": warehouse,
}  # fmt: skip


def measure(results: Results) -> None:
    """Each way in a process of its own, in turns: seconds without the making of rows, and the most memory it took."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for _ in range(RUNS):
        for name in WAYS:
            said = subprocess.run(
                [sys.executable, "-m", "tests.bench.files", name, str(ROWS)], check=True, capture_output=True, text=True
            )
            taken[name].append(tuple(json.loads(said.stdout)))
    for name, samples in taken.items():
        results.samples[f"file {name}, {ROWS:,} rows"] = [seconds * 1000 for seconds, _ in samples]
    spent = {name: statistics.median(seconds for seconds, _ in samples) for name, samples in taken.items()}
    for name in ("bare", "ours"):
        spent[name] -= spent["nothing"]
    most = max(memory for _, memory in taken["ours"])
    told = f"{ROWS:,} rows of 10 columns"
    results.add(f"XLSX against bare XlsxWriter, {told}", spent["ours"] / spent["bare"], "×", at_most=1.15)
    results.add(f"XLSX, most memory of the process, {told}", most, "MB", at_most=300)
    results.add(f"CSV against pandas.to_csv, {told}", spent["pandas"] / spent["text"], "× faster", at_least=5)
    more = max(memory for _, memory in taken["warehouse"]) - min(memory for _, memory in taken["nothing"])
    results.add(f"CSV from the warehouse, memory on top of the process, {told}", more, "MB", at_most=300)


def _alone(name: str, rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        alone = WAYS[name](Path(folder) / "file", rows)
        seconds = time.perf_counter() - began if alone is None else alone
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


if __name__ == "__main__":
    _alone(sys.argv[1], int(sys.argv[2]))
