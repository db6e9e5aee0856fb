"""RowLayouts: how the tables of rows in a view are laid out: columns in order, widths, pins and sorting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.values.errors import Invalid, TooBig

Pin = Literal["left", "right"]
Direction = Literal["asc", "desc"]

LONGEST = 20_000
"""Characters of all layouts of a view."""

MOST_TABLES, MOST_COLUMNS = 20, 100
LONGEST_ID = 90
"""Characters of a column's id: the name of a customers' field has 80."""

NARROWEST, WIDEST = 24, 2000
"""Pixels of a column."""

_NO_LAYOUT = "This is not the layout of a table."


@dataclass(frozen=True)
class LaidColumn:
    """One column at its place; without a width it is as wide as it needs to be."""

    id: str
    width: int | None = None
    pin: Pin | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not 0 < len(self.id) <= LONGEST_ID or not self.id.isprintable():
            raise Invalid(_NO_LAYOUT)
        if self.width is not None and (type(self.width) is not int or not NARROWEST <= self.width <= WIDEST):
            raise Invalid("A column is {narrowest} to {widest} pixels wide.", narrowest=NARROWEST, widest=WIDEST)
        if self.pin not in (None, "left", "right") or type(self.hidden) is not bool:
            raise Invalid(_NO_LAYOUT)


@dataclass(frozen=True)
class RowLayout:
    """Columns from left to right, and what the rows are sorted by, first things first.

    Where columns are named, one that is not, because it is new or was masked from whoever kept the layout, is hidden.
    """

    columns: tuple[LaidColumn, ...] = ()
    sort: tuple[tuple[str, Direction], ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns to be seen, from left to right; none where none were chosen."""
        return tuple(column.id for column in self.columns if not column.hidden)

    def column(self, column: str) -> LaidColumn | None:
        """How a column is laid out, if anything is said of it."""
        return next((each for each in self.columns if each.id == column), None)

    def or_else(self, columns: tuple[str, ...]) -> RowLayout:
        """The same with these columns where none were chosen."""
        return self if self.shown else replace(self, columns=tuple(map(LaidColumn, columns)))

    def toggled(self, column: str) -> RowLayout:
        """With the column at the end, or without it."""
        others = tuple(each for each in self.columns if each.id != column)
        laid = self.column(column)
        if laid is not None and not laid.hidden:
            order = tuple(by for by in self.sort if by[0] != column)
            return RowLayout(others, order)
        return replace(self, columns=(*others, LaidColumn(column)))

    def moved(self, column: str, steps: int) -> RowLayout:
        """With the column so many places further right, or left where `steps` is negative."""
        laid = [each for each in self.columns if not each.hidden]
        at = self.shown.index(column)
        laid.insert(min(max(at + steps, 0), len(laid) - 1), laid.pop(at))
        return replace(self, columns=tuple(laid))

    def pinned(self, column: str, pin: Pin | None) -> RowLayout:
        """With the column kept at a side while the others scroll, or with them."""
        return replace(
            self, columns=tuple(replace(each, pin=pin) if each.id == column else each for each in self.columns)
        )

    def __post_init__(self) -> None:
        if max(len(self.columns), len(self.sort)) > MOST_COLUMNS:
            raise TooBig("A table has at most {most} columns.", most=MOST_COLUMNS)
        sorted_by = [column for column, _ in self.sort]
        for named in ([column.id for column in self.columns], sorted_by):
            if len(set(named)) < len(named):
                raise Invalid("A table shows each column once, and is sorted by it once.")
        for column, direction in self.sort:
            LaidColumn(column)
            if direction not in ("asc", "desc"):
                raise Invalid("An order is asc or desc.")


@dataclass(frozen=True)
class RowLayouts:
    """The layouts of a view by table. `RowLayouts.parse(str(layouts)) == layouts`; no layout is the empty text."""

    tables: tuple[tuple[str, RowLayout], ...] = ()

    def __post_init__(self) -> None:
        if len(self.tables) > MOST_TABLES:
            raise TooBig("A view lays out at most {most} tables.", most=MOST_TABLES)
        for table, _ in self.tables:
            LaidColumn(table)
        if len(dict(self.tables)) < len(self.tables):
            raise Invalid(_NO_LAYOUT)
        object.__setattr__(self, "tables", tuple(sorted(self.tables, key=lambda entry: entry[0])))

    def of(self, table: str) -> RowLayout:
        """The layout of a table; an empty one where nothing was laid out."""
        return dict(self.tables).get(table, RowLayout())

    def laid(self, table: str, layout: RowLayout) -> RowLayouts:
        """With another layout for the table; an empty one takes its layout away."""
        others = tuple(entry for entry in self.tables if entry[0] != table)
        return RowLayouts(others if layout == RowLayout() else (*others, (table, layout)))

    @classmethod
    def parse(cls, text: str) -> RowLayouts:
        """Read the text; Invalid when it is none, TooBig beyond the limits."""
        if len(text) > LONGEST:
            raise TooBig("The layouts of a view have at most {longest:,} characters.", longest=LONGEST)
        if not text:
            return cls()
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            raise Invalid(_NO_LAYOUT) from None
        return cls(tuple((table, _layout(said)) for table, said in _fields(told, None).items()))

    def __str__(self) -> str:
        if not self.tables:
            return ""
        told = {table: _told(layout) for table, layout in self.tables}
        return json.dumps(told, separators=(",", ":"))


def _layout(said: Any) -> RowLayout:
    fields = _fields(said, {"columns", "sort"})
    columns, order = fields.get("columns", []), fields.get("sort", [])
    if not isinstance(columns, list) or not isinstance(order, list):
        raise Invalid(_NO_LAYOUT)
    if not all(isinstance(by, list) and len(by) == 2 and all(isinstance(part, str) for part in by) for by in order):
        raise Invalid(_NO_LAYOUT)
    return RowLayout(tuple(_column(column) for column in columns), tuple((by, direction) for by, direction in order))


def _column(said: Any) -> LaidColumn:
    fields = _fields(said, {"id", "width", "pin", "hidden"})
    return LaidColumn(fields.get("id", ""), fields.get("width"), fields.get("pin"), fields.get("hidden", False))


def _fields(said: Any, known: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(said, dict) or (known is not None and not set(said) <= known):
        raise Invalid(_NO_LAYOUT)
    return said


def _told(layout: RowLayout) -> dict[str, Any]:
    columns = [
        {
            "id": column.id,
            **({"width": column.width} if column.width is not None else {}),
            **({"pin": column.pin} if column.pin else {}),
            **({"hidden": True} if column.hidden else {}),
        }
        for column in layout.columns
    ]
    return {
        **({"columns": columns} if columns else {}),
        **({"sort": [list(by) for by in layout.sort]} if layout.sort else {}),
    }
