"""Workbook: the cells that a chart is drawn of, and nothing else; it opens when the chart's data are edited."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from layouts.native.chart import NativeChart
from layouts.render.pptx.fitting import plain

TEXT_ONLY = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""A member that is called "=1+1" stays a name."""

_EPOCH = date(1899, 12, 30)
_SHEET = "Sheet1"


@dataclass(frozen=True)
class Dots:
    """The dots of one series that have a place; `places` are their numbers among the categories."""

    names: tuple[str, ...]
    x: tuple[float | int | None, ...]
    y: tuple[float | int | None, ...]
    places: tuple[int, ...]
    column: int

    @property
    def x_ref(self) -> str:
        """The cells of their places across."""
        return _range(self.column + 1, 2, self.column + 1, max(len(self.x), 1) + 1)

    @property
    def y_ref(self) -> str:
        """The cells of their figures."""
        return _range(self.column + 2, 2, self.column + 2, max(len(self.y), 1) + 1)


@dataclass(frozen=True)
class Sheet:
    """Where a chart's cells lie: categories first, then a column a series; of dots three columns a series."""

    categories: int
    depth: int
    dots: Mapping[int, Dots]

    @property
    def categories_ref(self) -> str:
        """The cells of the categories."""
        return _range(1, 2, self.depth, self.categories + 1)

    def values_ref(self, at: int) -> str:
        """The cells of a series' figures."""
        return _range(self.depth + 1 + at, 2, self.depth + 1 + at, self.categories + 1)

    def name_ref(self, at: int) -> str:
        """The cell of a series' name."""
        column = self.dots[at].column + 2 if self.dots else self.depth + 1 + at
        return f"{_SHEET}!${_letters(column)}$1"


def sheet_of(chart: NativeChart) -> Sheet:
    """Where the cells of a chart lie."""
    found: dict[int, Dots] = {}
    for at, series in enumerate(chart.series if chart.kind == "scatter" else ()):
        places = tuple(place for place, value in enumerate(series.values) if value is not None)
        found[at] = Dots(
            names=tuple(chart.categories[place] for place in places),
            x=tuple(place_of(series.x[place]) for place in places),
            y=tuple(number_of(series.values[place]) for place in places),
            places=places,
            column=1 + 3 * at,
        )
    return Sheet(len(chart.categories), 2 if chart.groups else 1, found)


def workbook(chart: NativeChart, sheet: Sheet) -> bytes:
    """The cells as an xlsx file."""
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    with Workbook(stream, TEXT_ONLY) as book:
        # The day it was made would make every file another one.
        book.set_properties({"created": datetime(2000, 1, 1)})
        cells = book.add_worksheet(_SHEET)
        for at, series in enumerate(chart.series):
            if sheet.dots:
                own = sheet.dots[at]
                cells.write_row(0, own.column - 1, list(map(plain, (chart.head, chart.across, series.name))))
                for row, line in enumerate(zip(own.names, own.x, own.y, strict=True), 1):
                    cells.write_row(row, own.column - 1, [plain(line[0]), *line[1:]])
                continue
            cells.write(0, sheet.depth + at, plain(series.name))
            cells.write_column(1, sheet.depth + at, [number_of(value) for value in series.values])
        if not sheet.dots:
            cells.write(0, sheet.depth - 1, plain(chart.head))
            cells.write_column(1, sheet.depth - 1, list(map(plain, chart.categories)))
            if chart.groups:
                cells.write_column(1, 0, list(map(plain, chart.groups)))
    return stream.getvalue()


def number_of(value: Decimal | int | None) -> float | int | None:
    """A figure as a chart holds it."""
    return float(value) if isinstance(value, Decimal) else value


def place_of(value: Decimal | int | date) -> float | int:
    """A place across: a day is its number in a spreadsheet."""
    if isinstance(value, date):
        return (value - _EPOCH).days
    return float(value) if isinstance(value, Decimal) else value


def _range(left: int, top: int, right: int, bottom: int) -> str:
    return f"{_SHEET}!${_letters(left)}${top}:${_letters(right)}${bottom}"


def _letters(column: int) -> str:
    """The column's name in a spreadsheet: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
