"""Plain text: CSV files judged while they stream, their faults found by line and column, their lines counted."""

from __future__ import annotations

import codecs
import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from app.values.errors import Invalid, TooBig
from queries.warehouse.load.report import LoadSettings

_BLOCK = 1 << 20
_RATIO_FROM = 1 << 20  # bytes unpacked below which a ratio says nothing
_READER_LIMIT = 131_072  # the csv module's own; a longer cell stops it
_BYTE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def inspect(path: Path, limits: LoadSettings, spool: Path) -> Path:
    """Stream a CSV once, before anything parses it; returns the plain file to parse (gzip is unpacked to `spool`).

    Refuses with a sentence: empty, not UTF-8, NUL bytes, broken gzip, too big, unpacking to suspiciously much.
    """
    packed = path.name.lower().endswith(".gz")
    size = path.stat().st_size
    if limits.max_bytes is not None and size > limits.max_bytes:
        raise TooBig(f"{path.name} has {size:,} bytes; the limit is {limits.max_bytes:,}.")
    watch = _Watch(path.name, limits, size if packed else None)
    if not packed:
        with path.open("rb") as stream:
            for block in iter(lambda: stream.read(_BLOCK), b""):
                watch.look(block)
        watch.finish()
        return path
    plain = spool / f"{path.name[:-3]}"
    try:
        with gzip.open(path, "rb") as stream, plain.open("wb") as out:
            for block in iter(lambda: stream.read(_BLOCK), b""):
                watch.look(block)
                out.write(block)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Invalid(
            f"{path.name} is a broken gzip file: it cannot be unpacked beyond line {watch.lines + 1}."
        ) from error
    watch.finish()
    return plain


class _Watch:
    """Judges bytes as they pass."""

    def __init__(self, name: str, limits: LoadSettings, packed_size: int | None) -> None:
        self.name, self._limits, self._packed = name, limits, packed_size
        self.lines = self._bytes = self._run = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def look(self, block: bytes) -> None:
        if self._bytes == 0 and block.startswith(_BYTE_MARKS):
            raise Invalid(f"{self.name} is UTF-16 or UTF-32 text; save it as UTF-8.")
        self._bytes += len(block)
        self._judge_size()
        nul = block.find(b"\0")
        if nul >= 0:
            line = self.lines + block.count(b"\n", 0, nul) + 1
            raise Invalid(f"{self.name} holds a NUL byte on line {line}: it is damaged, or not UTF-8 text.")
        self._decode(block)
        self._judge_runs(block)
        self.lines += block.count(b"\n")

    def _judge_size(self) -> None:
        limit = self._limits.max_expanded_bytes
        if limit is not None and self._bytes > limit:
            raise TooBig(f"{self.name} has more than {limit:,} bytes of text; that is the limit.")
        if self._packed and self._bytes > _RATIO_FROM and self._bytes > self._packed * self._limits.max_ratio:
            raise TooBig(f"{self.name} unpacks to more than {self._limits.max_ratio} times its size.")

    def _decode(self, block: bytes, *, final: bool = False) -> None:
        if block.isascii() and not self._decoder.getstate()[0] and not final:
            return
        kept = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            line = self.lines + block.count(b"\n", 0, max(0, error.start - kept)) + 1
            raise Invalid(
                f"{self.name} is not UTF-8: line {line} holds the byte 0x{error.object[error.start]:02X};"
                " save it as UTF-8."
            ) from None

    def _judge_runs(self, block: bytes) -> None:
        # A piece without a line end that is as long as the longest row allowed is one cell too long, or too many.
        longest = self._limits.max_cell_bytes * self._limits.max_columns
        last = block.rfind(b"\n")
        self._run = self._run + len(block) if last < 0 else len(block) - last
        if self._run > longest:
            line = self.lines + block.count(b"\n") + 1
            raise TooBig(f"{self.name}, line {line}: the line is longer than {longest:,} bytes.")

    def finish(self) -> None:
        if not self._bytes:
            raise Invalid(f"{self.name} is empty: not even a header row.")
        self._decode(b"", final=True)


def header_of(path: Path, name: str, delimiter: str, limits: LoadSettings) -> tuple[str, ...]:
    """The column names of a plain CSV. Refuses blank and repeated names, and more columns than allowed."""
    with _open(path) as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        try:
            row = next((row for row in reader if row), [])
        except csv.Error:
            raise TooBig(f"{name}: a cell of the header row is too long.") from None
    return judge_header(tuple(row), name, limits)


def judge_header(row: tuple[str, ...], name: str, limits: LoadSettings) -> tuple[str, ...]:
    """The same names, if they can be told apart."""
    if not row:
        raise Invalid(f"{name} has no header row.")
    if len(row) > limits.max_columns:
        raise TooBig(f"{name} has {len(row)} columns; the limit is {limits.max_columns}.")
    seen: dict[str, int] = {}
    for position, title in enumerate(row, 1):
        if not title.strip():
            raise Invalid(f"{name}: column {position} of the header row has no name.")
        if len(title.encode()) > limits.max_cell_bytes:
            raise TooBig(f"{name}: the name of column {position} is longer than {limits.max_cell_bytes:,} bytes.")
        if title.lower() in seen:
            raise Invalid(f"{name} has the column {title} twice, at {seen[title.lower()]} and {position}.")
        seen[title.lower()] = position
    return row


def records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record after the header with the physical line it begins on; blank lines are no records."""
    with _open(path) as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        begins, width = 1, 0
        for row in reader:
            if row and width:
                yield begins, row
            width = width or len(row)
            begins = reader.line_num + 1


def find_fault(path: Path, name: str, header: Sequence[str], delimiter: str, limits: LoadSettings) -> int:
    """Read a CSV slowly and exactly; raise the sentence for its first fault, or return its number of records."""
    count, begins = 0, 1
    with _open(path) as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise _unreadable(path, name, header, delimiter, limits, begins, str(error)) from None
            if row is None:
                return count - 1
            if row:
                count += 1
                _judge_record(row, name, header, limits, begins)
            begins = reader.line_num + 1


def _judge_record(row: list[str], name: str, header: Sequence[str], limits: LoadSettings, line: int) -> None:
    if len(row) != len(header):
        raise Invalid(f"{name}, line {line}: {len(row)} columns, but the header row has {len(header)}.")
    for title, cell in zip(header, row, strict=True):
        if len(cell) * 4 > limits.max_cell_bytes and len(cell.encode()) > limits.max_cell_bytes:
            raise too_long(name, line, title, limits)


def too_long(name: str, line: int, column: str, limits: LoadSettings) -> TooBig:
    """The refusal for a cell over the limit."""
    return TooBig(f"{name}, line {line}, column {column}: the cell is longer than {limits.max_cell_bytes:,} bytes.")


def _unreadable(
    path: Path, name: str, header: Sequence[str], delimiter: str, limits: LoadSettings, line: int, error: str
) -> Invalid | TooBig:
    if "field limit" in error:
        position = _column_of_long_cell(path, delimiter, line, min(_READER_LIMIT, limits.max_cell_bytes))
        column = header[position] if position < len(header) else f"number {position + 1}"
        if limits.max_cell_bytes >= _READER_LIMIT:
            return TooBig(f"{name}, line {line}, column {column}: the cell is longer than {_READER_LIMIT:,} bytes.")
        return too_long(name, line, column, limits)
    if "unexpected end" in error:
        return Invalid(f"{name}, line {line}: a quotation mark is opened and never closed.")
    return Invalid(f'{name}, line {line}: a quotation mark stands inside a cell; double it ("") or quote the cell.')


def _column_of_long_cell(path: Path, delimiter: str, line: int, limit: int) -> int:
    position = length = 0
    quoted = False
    with _open(path) as stream:
        for _ in range(line - 1):
            stream.readline()
        for block in iter(lambda: stream.read(_BLOCK), ""):
            for mark in block:
                if mark == '"':
                    quoted = not quoted
                elif mark == delimiter and not quoted:
                    position, length = position + 1, 0
                length += 1
                if length > limit:
                    return position
    return position


def lines_of(path: Path, delimiter: str, wanted: Sequence[int]) -> dict[int, tuple[int, list[str]]]:
    """Physical line and cells of the records with these ordinals (from 1)."""
    found: dict[int, tuple[int, list[str]]] = {}
    waiting = set(wanted)
    last = max(waiting, default=0)
    for ordinal, record in enumerate(records(path, delimiter), 1):
        if ordinal in waiting:
            found[ordinal] = record
        if ordinal >= last:
            break
    return found


def _open(path: Path) -> AbstractContextManager[IO[str]]:
    return path.open(encoding="utf-8-sig", newline="")
