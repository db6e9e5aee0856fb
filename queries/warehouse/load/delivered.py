"""Delivered: the rows of a batch as columns of text, whatever they came as."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import numpy as np
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

_CELL = 8
"""Bytes that a cell takes at least, whatever it holds."""

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
        _refuse_packed(body)
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            parts, size, count = [], 0, 0
            for part in stream:
                # Until it is checked, what it says of its own buffers may lead anywhere in memory.
                part.validate(full=True)
                size, count = size + sum(_unpacked(column) for column in part.columns), count + part.num_rows
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
            texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        # A text that stands in a thousand rows is kept once until it is known what all of them come to.
        with pq.ParquetFile(io.BytesIO(body), read_dictionary=texts) as file:
            if any(pa.types.is_nested(each.type) or _has_width(each.type) for each in file.schema_arrow):
                raise Invalid("The body is not a readable Parquet file.")
            table = file.read()
        size = sum(_unpacked(chunk) for column in table.columns for chunk in column.chunks)
        _judge(told.num_rows, size, told.num_columns, limits)
        return Delivered(_texts(table))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError) as error:
        raise Invalid("The body is not a readable Parquet file.") from error


def _judge(rows: int, size: int, columns: int, limits: LoadSettings) -> None:
    if limits.max_rows is not None and rows > limits.max_rows:
        raise TooBig("A batch has {most:,} rows at most.", most=limits.max_rows)
    if limits.max_expanded_bytes is not None and max(size, rows * columns * _CELL) > limits.max_expanded_bytes:
        raise TooBig("A batch has {most:,} bytes at most once it is unpacked.", most=limits.max_expanded_bytes)
    if columns > limits.max_columns:
        raise TooBig("Rows have {most} columns at most.", most=limits.max_columns)


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(is_one(inner) for is_one in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary))


def _has_width(kind: pa.DataType) -> bool:
    """Whether each value takes as many bytes as the file says, however often it stands there."""
    return bool(pa.types.is_fixed_size_binary(kind))


def _unpacked(array: pa.Array) -> int:
    """Bytes of the texts of an array once each stands in its own row."""
    if pa.types.is_dictionary(array.type) and _is_text(array.type):
        each = pa.compute.take(pa.compute.binary_length(array.dictionary), array.indices)
        return int(pa.compute.sum(each).as_py() or 0)
    if pa.types.is_string_view(array.type) or pa.types.is_binary_view(array.type):
        views = np.frombuffer(array.buffers()[1], np.int32).reshape(-1, 4)
        return int(views[array.offset : array.offset + len(array), 0].sum(dtype=np.int64))
    if pa.types.is_dictionary(array.type) or pa.types.is_run_end_encoded(array.type):
        raise Invalid("The body is not a readable Arrow stream.")
    return int(array.nbytes)


def _refuse_packed(body: bytes) -> None:
    """Raise Invalid for compressed batches: what they come to is known only when it is too late."""
    reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
    with suppress(StopIteration):
        while True:
            message = reader.read_next_message()
            told = _Flat(message.metadata.to_pybytes())
            batch = told.inner(told.root, 2)
            if batch is not None and message.type == "dictionary":
                batch = told.inner(batch, 1)
            if batch is not None and message.type != "schema" and told.inner(batch, 3) is not None:
                raise Invalid("Send it without compression.")


@dataclass(frozen=True)
class _Flat:
    """The head of a message (a flat buffer), as far as it takes to see whether a batch is compressed."""

    told: bytes

    @property
    def root(self) -> int:
        """Where the outermost table begins."""
        return self._number(0)

    def inner(self, table: int, field: int) -> int | None:
        """Where the table begins that is a field of another; None where the field is not there."""
        names = table - self._number(table, signed=True)
        if 4 + 2 * field >= self._number(names, 2):
            return None
        offset = self._number(names + 4 + 2 * field, 2)
        return table + offset + self._number(table + offset) if offset else None

    def _number(self, at: int, size: int = 4, *, signed: bool = False) -> int:
        if not 0 <= at <= len(self.told) - size:
            raise ValueError("the head of the message ends early")
        return int.from_bytes(self.told[at : at + size], "little", signed=signed)


def _texts(table: pa.Table) -> Rows:
    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in columns:
            raise Invalid("Two columns have the same name.")
        try:
            columns[name] = column.cast(pa.string()).combine_chunks()
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise Invalid("{name} holds something else than texts, numbers and days.", name=name[:80]) from error
        if pa.compute.any(pa.compute.match_substring(columns[name], "\0")).as_py():
            raise Invalid("A text holds no zero character.")
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
