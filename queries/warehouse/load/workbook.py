"""Workbooks: sheets of Excel files as tables of text, judged before they are unpacked."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from app.values.errors import Invalid, TooBig
from queries.warehouse.load.plaintext import judge_header, too_long
from queries.warehouse.load.report import LoadSettings

_BATCH = 20_000
_RATIO_FROM = 1 << 20


def inspect_workbook(path: Path, limits: LoadSettings) -> None:
    """Judge the archive by its directory: size, entries, and what each entry unpacks to."""
    size = path.stat().st_size
    if limits.max_bytes is not None and size > limits.max_bytes:
        raise TooBig(f"{path.name} has {size:,} bytes; the limit is {limits.max_bytes:,}.")
    if size == 0:
        raise Invalid(f"{path.name} is empty.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise Invalid(f"{path.name} is not a readable Excel workbook (.xlsx).") from error
    if len(entries) > limits.max_entries:
        raise TooBig(f"{path.name} has {len(entries):,} entries; the limit is {limits.max_entries:,}.")
    for entry in entries:
        if entry.file_size > _RATIO_FROM and entry.file_size > max(1, entry.compress_size) * limits.max_ratio:
            raise TooBig(f"{path.name}: {entry.filename} unpacks to more than {limits.max_ratio} times its size.")
    total = sum(entry.file_size for entry in entries)
    if limits.max_expanded_bytes is not None and total > limits.max_expanded_bytes:
        raise TooBig(f"{path.name} unpacks to {total:,} bytes; the limit is {limits.max_expanded_bytes:,}.")


def sheet_names(path: Path) -> tuple[str, ...]:
    """The sheets of a workbook, in order."""
    book = _load(path)
    try:
        return tuple(book.sheetnames)
    finally:
        book.close()


def read_sheet(
    path: Path, sheet: str, title: str, limits: LoadSettings
) -> tuple[tuple[str, ...], Iterator[pa.RecordBatch]]:
    """Header and batches of text columns, with the sheet's row number in `_line`; blank rows are left out."""
    book = _load(path)
    worksheet = book[sheet]
    rows = enumerate(worksheet.iter_rows(values_only=True), 1)
    first = next((row for _, row in rows if any(cell is not None for cell in row)), ())
    cells = [_text(cell) or "" for cell in first]
    while cells and not cells[-1]:
        cells.pop()
    header = judge_header(tuple(cells), title, limits)
    return header, _batches(rows, header, title, limits)


def _batches(
    rows: Iterator[tuple[int, tuple[Any, ...]]], header: tuple[str, ...], title: str, limits: LoadSettings
) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([*((name, pa.string()) for name in header), ("_line", pa.int64())])
    columns: list[list[Any]] = [[] for _ in schema]
    taken = 0
    for line, row in rows:
        texts = [_text(cell) for cell in row]
        if not any(texts):
            continue
        if any(texts[len(header) :]):
            raise Invalid(f"{title}, row {line}: {len(texts)} columns, but the header row has {len(header)}.")
        for index, name in enumerate(header):
            text = texts[index] if index < len(texts) else None
            if text and len(text.encode()) > limits.max_cell_bytes:
                raise too_long(title, line, name, limits)
            columns[index].append(text)
        columns[-1].append(line)
        taken += 1
        if limits.max_rows is not None and taken > limits.max_rows:
            raise TooBig(f"{title} has more than {limits.max_rows:,} rows; that is the limit.")
        if len(columns[-1]) == _BATCH:
            yield pa.record_batch(columns, schema=schema)
            columns = [[] for _ in schema]
    yield pa.record_batch(columns, schema=schema)


def _load(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions we do not read
            return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise Invalid(f"{path.name} is not a readable Excel workbook (.xlsx).") from error


def _text(cell: Any) -> str | None:
    match cell:
        case None | "":
            return None
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            return str(cell)
