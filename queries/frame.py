"""Frame: an answer; rows, columns that know what they mean, and where the figures come from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from types import NoneType
from typing import Any, Literal, TypeVar, cast

import orjson

from app.values.errors import Invalid
from app.values.period import Span
from app.values.words import Text

Read = TypeVar("Read")
Role = Literal["dimension", "metric", "reference", "delta", "change"]
TOTALS_ROW = -1
"""The row number under which `reasons` speaks of the totals."""
OTHERS_ROW = -2
"""The row number under which `reasons` speaks of the others."""


@dataclass(frozen=True)
class Member:
    """A member of a level: its key, which travels in URLs, and its name, which people read."""

    key: str
    name: str


@dataclass(frozen=True)
class Column:
    """What a column holds: a dimension's members, or a metric's figures, references and changes.

    Of `unit` "words" a dimension holds texts that we write ourselves, such as "+3.1 pt". Ids:
    `region`, `net_sales`, `net_sales@last-year`, `net_sales@last-year:delta`, `net_sales@last-year:change`.
    """

    id: str
    title: str
    role: Role
    metric: str | None = None
    level: str | None = None
    versus: str | None = None
    unit: str | None = None
    format: str | None = None
    better: str | None = None


Value = Member | Decimal | int | str | date | None
"""Money and ratios are unrounded Decimal, counts int; missing is None, with a reason."""
Row = tuple[Value, ...]


@dataclass(frozen=True)
class Source:
    """Where one leg of an answer was read: a fact or a rollup, with the reasons why no coarser rollup would do."""

    fact: str
    table: str
    refusals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Which data answered: generation, as of, the days asked for and compared with, rows left out by reason code."""

    generation: int
    as_of: date | datetime | None
    span: Span | None
    references: Mapping[str, Span] = field(default_factory=dict)
    rows_left_out: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Frame:
    """Columns and rows of an answer.

    `totals` is asked for, never summed up here; `others` stands for `others_count` rows beyond the limit; `reasons`
    gives a code of analytics rule 11 for a figure at (row number, column id), with TOTALS_ROW and OTHERS_ROW;
    `notes` are sentences for people. `partial` maps a plan to what it covers in few words ("Internet only") where that
    is a part of the figures beside it: these are then neither ahead of it nor behind.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    provenance: Provenance
    currency: str = ""
    totals: Row | None = None
    others: Row | None = None
    others_count: int = 0
    reasons: Mapping[tuple[int, str], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    partial: Mapping[str, str] = field(default_factory=dict)

    def index(self, column_id: str) -> int:
        """The position of a column; KeyError when there is none."""
        for position, column in enumerate(self.columns):
            if column.id == column_id:
                return position
        raise KeyError(column_id)

    def column(self, column_id: str) -> Column:
        """A column by its id; KeyError when there is none."""
        return self.columns[self.index(column_id)]

    def has(self, column_id: str) -> bool:
        """Whether there is such a column."""
        return any(column.id == column_id for column in self.columns)

    def values(self, column_id: str) -> tuple[Value, ...]:
        """A column's values, top to bottom."""
        position = self.index(column_id)
        return tuple(row[position] for row in self.rows)

    def records(self) -> Iterator[dict[str, Value]]:
        """Each row as column id → value."""
        ids = [column.id for column in self.columns]
        for row in self.rows:
            yield dict(zip(ids, row, strict=True))

    def once(self, name: Hashable, read: Callable[[Frame], Read]) -> Read:
        """What `read` reads off this answer, which never changes, under that name: once, however many look."""
        kept = self._read
        if name not in kept:
            kept[name] = read(self)
        return cast("Read", kept[name])

    @cached_property
    def _read(self) -> dict[Hashable, Any]:
        return {}

    def to_json(self) -> bytes:
        """Typed JSON that `from_json` reads back to an equal frame; money and ratios are strings."""
        return orjson.dumps(
            {
                "columns": [_column_out(column) for column in self.columns],
                "rows": _rows_out(self.rows),
                "provenance": _provenance_out(self.provenance),
                "currency": self.currency,
                "totals": None if self.totals is None else _row_out(self.totals),
                "others": None if self.others is None else _row_out(self.others),
                "others_count": self.others_count,
                "reasons": [[row, column, code] for (row, column), code in self.reasons.items()],
                "notes": [_text_out(note) for note in self.notes],
                "partial": {plan: _text_out(told) for plan, told in self.partial.items()},
            }
        )

    @classmethod
    def from_json(cls, text: bytes | str) -> Frame:
        """The frame that `to_json` wrote; Invalid when the text is none."""
        try:
            read = orjson.loads(text)
            return cls(
                columns=tuple(Column(**column) for column in read["columns"]),
                rows=_rows_in(*read["rows"]),
                provenance=_provenance_in(read["provenance"]),
                currency=read["currency"],
                totals=None if read["totals"] is None else _row_in(read["totals"]),
                others=None if read["others"] is None else _row_in(read["others"]),
                others_count=read["others_count"],
                reasons={(row, column): code for row, column, code in read["reasons"]},
                notes=tuple(_text_in(note) for note in read["notes"]),
                partial={plan: _text_in(told) for plan, told in read["partial"].items()},
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, ArithmeticError):
            raise Invalid("This is not a stored answer.") from None


_LARGEST = 2**53
"""Whole numbers below this are read back from JSON as they are, whoever reads."""
_COLUMN_FIELDS = tuple(f.name for f in fields(Column))


def _column_out(column: Column) -> dict[str, str]:
    return {name: value for name in _COLUMN_FIELDS if (value := getattr(column, name)) is not None}


def _rows_out(rows: tuple[Row, ...]) -> list[Any]:
    """The number of rows, and their values column by column: one tag for the many of a kind."""
    return [len(rows), [_kind_out(values) for values in zip(*rows, strict=True)]]


def _kind_out(values: tuple[Any, ...]) -> list[Any]:
    kinds = set(map(type, values))
    if kinds == {Member}:
        return ["m", [value.key for value in values], [value.name for value in values]]
    if kinds <= {Decimal, NoneType}:
        return ["d", [None if value is None else str(value) for value in values]]
    if kinds <= {str, NoneType}:
        return ["s", values]
    if kinds == {date}:
        return ["y", [value.isoformat() for value in values]]
    if kinds == {int} and -_LARGEST < min(values) <= max(values) < _LARGEST:
        return ["v", values]
    return ["v", _row_out(values)]


def _rows_in(count: int, columns: list[Any]) -> tuple[Row, ...]:
    return tuple(zip(*map(_kind_in, columns), strict=True)) if columns else ((),) * count


def _kind_in(column: list[Any]) -> list[Any]:
    match column:
        case ["m", keys, names]:
            return [Member(key, name) for key, name in zip(keys, names, strict=True)]
        case ["d", texts]:
            return [None if text is None else Decimal(text) for text in texts]
        case ["s", texts]:
            return list(texts)
        case ["y", texts]:
            return [date.fromisoformat(text) for text in texts]
        case ["v", values]:
            return [value if type(value) is int else _value_in(value) for value in values]
    raise ValueError(column)


def _row_out(row: Row) -> list[Any]:
    return [_value_out(value) for value in row]


def _row_in(row: list[Any]) -> Row:
    return tuple(_value_in(value) for value in row)


def _value_out(value: Value | bool | datetime) -> Any:
    """Text, flags and small whole numbers as they are; everything else as [tag, text…]."""
    match value:
        case None | str() | bool():
            return value
        case int():
            return value if -_LARGEST < value < _LARGEST else ["i", str(value)]
        case Decimal():
            return ["d", str(value)]
        case Member(key, name):
            return ["m", key, name]
        case datetime():
            return ["t", value.isoformat()]
        case date():
            return ["y", value.isoformat()]
    raise TypeError(f"An answer cannot hold a {type(value).__name__}.")


def _value_in(value: Any) -> Any:
    match value:
        case None | str() | bool() | int():
            return value
        case ["d", text]:
            return Decimal(text)
        case ["m", key, name]:
            return Member(key, name)
        case ["i", text]:
            return int(text)
        case ["t", text]:
            return datetime.fromisoformat(text)
        case ["y", text]:
            return date.fromisoformat(text)
    raise ValueError(value)


def _text_out(text: Any) -> Any:
    """A sentence as [source, parts, other], so that it can be said in any language later; its parts typed."""
    match text:
        case Text():
            return ["s", text.source, {name: _text_out(part) for name, part in text.parts.items()}, text.other]
        case tuple():
            return ["l", *(_text_out(part) for part in text)]
    return _value_out(text)


def _text_in(read: Any) -> Any:
    match read:
        case ["s", source, parts, other]:
            return Text(source, {name: _text_in(part) for name, part in parts.items()}, other)
        case ["l", *parts]:
            return tuple(_text_in(part) for part in parts)
    return _value_in(read)


def _span_out(span: Span | None) -> list[Any] | None:
    if span is None:
        return None
    return [span.start.isoformat(), span.end_exclusive.isoformat(), span.running, span.whole_end.isoformat()]


def _span_in(read: list[Any] | None) -> Span | None:
    if read is None:
        return None
    start, end, running, whole_end = read
    return Span(date.fromisoformat(start), date.fromisoformat(end), running, date.fromisoformat(whole_end))


def _provenance_out(provenance: Provenance) -> dict[str, Any]:
    return {
        "generation": provenance.generation,
        "as_of": _value_out(provenance.as_of),
        "span": _span_out(provenance.span),
        "references": {name: _span_out(span) for name, span in provenance.references.items()},
        "rows_left_out": dict(provenance.rows_left_out),
        "sources": [[s.fact, s.table, [list(refusal) for refusal in s.refusals]] for s in provenance.sources],
    }


def _provenance_in(read: dict[str, Any]) -> Provenance:
    spans = {name: _span_in(span) for name, span in read["references"].items()}
    return Provenance(
        generation=read["generation"],
        as_of=_value_in(read["as_of"]),
        span=_span_in(read["span"]),
        references={name: span for name, span in spans.items() if span is not None},
        rows_left_out=read["rows_left_out"],
        sources=tuple(Source(f, t, tuple((rollup, why) for rollup, why in r)) for f, t, r in read["sources"]),
    )
