"""Delivered: the rows of a batch as columns of text, whatever they came as."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from app.values.errors import Invalid, TooBig
from queries.warehouse.load import plaintext
from queries.warehouse.load.expressions import ident
from queries.warehouse.load.mappings import open_mapping
from queries.warehouse.load.report import LoadSettings
from queries.warehouse.load.sources import Sources
from queries.warehouse.load.workshop import workshop

Rows: TypeAlias = pa.Table
"""Columns of text; missing values are null."""

Scalar: TypeAlias = str | int | float | bool | None

_LONGEST_NUMBER = 1e11
"""From here on, a number with four decimals has more digits than a float keeps."""


@dataclass(frozen=True)
class Delivered:
    """`lines` are the lines of the file that the rows stood on, where they did."""

    rows: Rows
    lines: Sequence[int] = ()


def from_records(records: Sequence[Mapping[str, Scalar]]) -> Delivered:
    """Rows as objects. Raises Invalid for a number that has lost digits before it came here."""
    names = dict.fromkeys(records[0]) if records else {}
    for record in records:
        if record.keys() != names.keys():
            names |= dict.fromkeys(record)
    columns = {}
    for name in names:
        values = [record.get(name) for record in records]
        try:
            columns[name] = pa.array(values, pa.string())
        except (pa.ArrowTypeError, pa.ArrowInvalid):
            columns[name] = pa.array([_text(name, value) for value in values], pa.string())
    return Delivered(pa.table(columns))


def _text(name: str, value: Scalar) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if abs(value) >= _LONGEST_NUMBER:
            raise Invalid("{name}: write numbers of so many digits as text.", name=name[:80])
        case _:
            return str(value)


def from_arrow(body: bytes, limits: LoadSettings) -> Delivered:
    """Rows as an Arrow stream."""
    try:
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            parts, size, count = [], 0, 0
            for part in stream:
                size, count = size + part.nbytes, count + part.num_rows
                _judge(count, size, part.num_columns, limits)
                parts.append(part)
            return Delivered(_texts(pa.Table.from_batches(parts, stream.schema)))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError) as error:
        raise Invalid("The body is not a readable Arrow stream.") from error


def from_parquet(body: bytes, limits: LoadSettings) -> Delivered:
    """Rows as a Parquet file."""
    try:
        with pq.ParquetFile(io.BytesIO(body)) as file:
            told = file.metadata
            size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
            _judge(told.num_rows, size, told.num_columns, limits)
            return Delivered(_texts(file.read()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError) as error:
        raise Invalid("The body is not a readable Parquet file.") from error


def _judge(rows: int, size: int, columns: int, limits: LoadSettings) -> None:
    if limits.max_rows is not None and rows > limits.max_rows:
        raise TooBig("A batch has {most:,} rows at most.", most=limits.max_rows)
    if limits.max_expanded_bytes is not None and size > limits.max_expanded_bytes:
        raise TooBig("A batch has {most:,} bytes at most once it is unpacked.", most=limits.max_expanded_bytes)
    if columns > limits.max_columns:
        raise TooBig("Rows have {most} columns at most.", most=limits.max_columns)


def _texts(table: pa.Table) -> Rows:
    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in columns:
            raise Invalid("Two columns have the same name.")
        try:
            columns[name] = column.cast(pa.string()).combine_chunks()
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise Invalid("{name} holds something else than texts, numbers and days.", name=name[:80]) from error
    return pa.table(columns)


def from_csv(body: bytes, kind: str, home: Path, limits: LoadSettings) -> Delivered:
    """Rows as CSV with a header, read as files are: with commas, in UTF-8, a fault told with its line."""
    mapping = open_mapping("template")
    with workshop(home, dry_run=False) as shop, duckdb.connect(":memory:", config={"threads": 1}) as connection:
        path = shop / f"{mapping.sources[kind]}.csv"
        path.write_bytes(body)
        plain = plaintext.inspect(path, limits, shop)
        header = plaintext.header_of(plain, path.name, mapping.delimiter, limits)
        with Sources(mapping, str(path), limits, shop) as sources:
            try:
                table = sources.read(connection, kind, header)
            except duckdb.Error as error:
                raise Invalid("The body is not readable CSV.") from error
            names = ", ".join(ident(name) for name in header)
            rows = connection.execute(f"select {names} from {table.view} order by _row").to_arrow_table()
            if body.count(b"\n") + (not body.endswith(b"\n")) == rows.num_rows + 1:
                return Delivered(rows, range(2, rows.num_rows + 2))
            places = sources.places(connection, table, range(1, rows.num_rows + 1), ())
            return Delivered(rows, [places[row][0] for row in range(1, rows.num_rows + 1)])


def longest(rows: Rows, name: str) -> int:
    """Bytes of the longest value of a column."""
    return pa.compute.max(pa.compute.binary_length(rows[name])).as_py() or 0


def without(rows: Rows, numbers: Collection[int]) -> Rows:
    """All rows but some, which are named by their numbers from 0."""
    return rows.filter(pa.array([number not in numbers for number in range(rows.num_rows)], pa.bool_()))
