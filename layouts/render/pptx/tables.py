"""Tables: the twin of a picture and shaded grids, as tables of a slide; what does not fit is said, never silent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from layouts import format as fmt
from layouts.columns import Cell, Table
from layouts.native.chart import NativeGrid
from layouts.render.pptx.fitting import height_of, lines_of, plain, shortened, width_of
from layouts.render.pptx.shapes import ABOVE, SIDE, Box, TableCell, table
from layouts.theme import tokens

SIZES = (14, 12, 11, 10)
"""Points of a table's text, the largest that fits."""

USUAL = 12
"""Points that a table has where there is room."""

NARROWEST, BROADEST = 0.55, 4.2
"""Inches of a column."""

AIRY = 1.35
"""How much wider than needed columns become where there is room."""

SHORT = 24
"""Letters of a text that is never too long."""

MOST_LINES, MOST_OF_HEADS = 3, 5
"""Lines of one cell, and of a heading; what is longer ends in an ellipsis."""


@dataclass(frozen=True)
class Fitted:
    """A table as it fits: how many of its rows and columns are shown, its size and measures in inches."""

    rows: tuple[tuple[TableCell, ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    size: float
    shown: int
    columns: int

    @property
    def tall(self) -> float:
        """Inches from the top to the bottom."""
        return sum(self.heights)

    def xml(self, number: int, name: str, said: str, box: Box) -> str:
        """The table as a shape."""
        return table(number, name, said, box, self.widths, self.heights, self.rows, self.size)


def of_twin(twin: Table, wide: float, tall: float, most: int, sizes: Sequence[float] = SIZES) -> Fitted:
    """The twin's rows, as many as fit and at most `most`, its totals last."""
    heads = tuple(
        TableCell(plain(each.title), "r" if each.numeric else "l", "muted", bold=True, edge="control")
        for each in twin.columns
    )
    aligned = ["r" if each.numeric else "l" for each in twin.columns]
    body = [tuple(_twin_cell(cell, side) for cell, side in zip(row, aligned, strict=True)) for row in twin.rows]
    foot = None
    if twin.totals is not None:
        foot = tuple(
            TableCell(plain(cell.text), side, bold=True, edge="")
            for cell, side in zip(twin.totals, aligned, strict=True)
        )
    return fit(heads, body[:most], foot, wide, tall, sizes)


def _twin_cell(cell: Cell, side: str) -> TableCell:
    tone = "ink" if cell.sentiment == "none" else cell.sentiment
    return TableCell(plain(cell.text), side, "muted" if cell.text == fmt.MISSING else tone)


def of_grid(grid: NativeGrid, locale: str, wide: float, tall: float) -> Fitted:
    """A table whose cells are shaded as their figures are."""
    heads = tuple(
        TableCell(plain(text), "l" if at == 0 else "r", "muted", bold=True, edge="control")
        for at, text in enumerate((grid.head, *grid.columns))
    )
    plain_from = len(grid.columns) - grid.apart
    body = []
    for name, values in zip(grid.rows, grid.values, strict=True):
        cells = [TableCell(plain(name), edge="surface")]
        for at, (value, code) in enumerate(zip(values, grid.formats, strict=True)):
            fill = "" if value is None or at >= plain_from else shade(Decimal(value), grid)
            colour = "muted" if value is None else "ink"
            cells.append(TableCell(coded(value, code, locale), "r", colour, fill=fill, edge="surface"))
        body.append(tuple(cells))
    return fit(heads, body, None, wide, tall)


def shade(value: Decimal, grid: NativeGrid) -> str:
    """The colour of a figure as #rrggbb: between the grid's three, by where it lies between its bounds."""
    low, middle, high = grid.bounds
    known = tokens("light")
    at = 0 if value <= middle else 1
    start, end = (low, middle) if at == 0 else (middle, high)
    share = float((min(max(value, start), end) - start) / (end - start)) if end > start else 0.0
    first, last = (known[grid.colours[at + step]] for step in (0, 1))
    channels = (
        round(int(first[spot : spot + 2], 16) * (1 - share) + int(last[spot : spot + 2], 16) * share)
        for spot in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)


_CODE = re.compile(
    r'(?:"(?P<before>[^"]*)")?#?,?#{0,2}0(?:\.(?P<places>[0#]+))?(?P<steps>,*)(?P<percent>%?)(?:"(?P<after>[^"]*)")?'
)


def coded(value: Decimal | int | None, code: str, locale: str) -> str:
    """A figure as a spreadsheet would write it by its number format, in the reader's language."""
    if value is None:
        return fmt.MISSING
    plus = code.startswith("+")
    found = _CODE.fullmatch(code.split(";")[0].removeprefix("+"))
    if found is None:
        return fmt.decimal_text(value, locale, 0 if value == int(value) else 2, plus=plus)
    wanted = found["places"] or ""
    places = len(wanted) if "#" not in wanted or value != int(value) else wanted.count("0")
    if found["percent"]:
        return fmt.percent(value, locale, places, plus=plus)
    scaled = Decimal(value) / 1000 ** len(found["steps"])
    return (found["before"] or "") + fmt.decimal_text(scaled, locale, places, plus=plus) + (found["after"] or "")


def fit(
    heads: Sequence[TableCell], body: Sequence[Sequence[TableCell]], foot: Sequence[TableCell] | None, wide: float,
    tall: float, sizes: Sequence[float] = SIZES,
) -> Fitted:  # fmt: skip
    """The largest size in which all of it fits, letters larger than usual only where no text has to be broken for it;
    in the smallest as many rows and columns as fit."""
    found = None
    for size in sizes:
        found = _in_size(heads, body, foot, wide, tall, size)
        whole = found.shown == len(body) and found.columns == len(heads)
        if whole and (size <= USUAL or max(found.heights) < height_of(2, size)):
            return found
    assert found is not None
    return found


def _in_size(
    heads: Sequence[TableCell], body: Sequence[Sequence[TableCell]], foot: Sequence[TableCell] | None, wide: float,
    tall: float, size: float,
) -> Fitted:  # fmt: skip
    everything = [heads, *body, *([foot] if foot else [])]
    widths = _widths(everything, wide, size)
    count = len(widths)
    lines = [MOST_OF_HEADS, *(MOST_LINES for _ in everything[1:])]
    everything = [_within(row[:count], widths, size, most) for row, most in zip(everything, lines, strict=True)]
    heights = [_height(row, widths, size) for row in everything]
    room = tall - heights[0] - (heights[-1] if foot else 0)
    shown = 0
    for height in heights[1 : len(body) + 1]:
        if height > room:
            break
        room -= height
        shown += 1
    kept = [*range(shown + 1), *([len(everything) - 1] if foot else [])]
    return Fitted(
        rows=tuple(everything[at] for at in kept),
        widths=tuple(widths),
        heights=tuple(heights[at] for at in kept),
        size=size,
        shown=shown,
        columns=count,
    )


def _within(row: Sequence[TableCell], widths: Sequence[float], size: float, most: int) -> tuple[TableCell, ...]:
    """The row with texts that are not too long for their columns."""
    tall = height_of(most, size)
    return tuple(
        cell
        if len(cell.text) < SHORT
        else replace(cell, text=shortened(cell.text, width - 2 * SIDE, tall, size, bold=cell.bold))
        for cell, width in zip(row, widths, strict=True)
    )


def _widths(rows: Sequence[Sequence[TableCell]], wide: float, size: float) -> list[float]:
    """Inches of each column that fits: figures whole, texts and headings broken where they must be."""
    least, most = [], []
    for column in range(len(rows[0])):
        cells = [row[column] for row in rows]
        figures = cells[0].align == "r"
        inner = [width_of(cell.text, size, bold=cell.bold) for cell in cells[1:]] or [0.0]
        word = max((width_of(each, size, bold=True) for each in cells[0].text.split(" ")), default=0.0)
        needed = max(inner) if figures else min(max(inner), 1.6)
        heading = width_of(cells[0].text, size, bold=True)
        least.append(min(max(needed, min(word, 1.5), NARROWEST) + 2 * SIDE, BROADEST))
        most.append(min(max(max(inner), heading, NARROWEST) + 2 * SIDE + 0.05, BROADEST))
    while len(least) > 1 and sum(least) > wide:
        least.pop()
    most = most[: len(least)]
    most = [max(pair) for pair in zip(least, most, strict=True)]
    spare = wide - sum(least)
    wanted = [high - low for low, high in zip(least, most, strict=True)]
    part = min(1.0, spare / sum(wanted)) if sum(wanted) > 0 else 0.0
    found = [low + more * part for low, more in zip(least, wanted, strict=True)]
    stretched = min(AIRY, wide / sum(found))
    return [width * max(stretched, 1.0) for width in found]


def _height(row: Sequence[TableCell], widths: Sequence[float], size: float) -> float:
    lines = max(
        lines_of(cell.text, width - 2 * SIDE, size, bold=cell.bold) for cell, width in zip(row, widths, strict=True)
    )
    return height_of(lines, size) + 2 * ABOVE + 0.05
