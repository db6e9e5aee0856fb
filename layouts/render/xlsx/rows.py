"""Rows: order lines as a workbook, however many: row by row to disk, sheet after sheet, behind a cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, BinaryIO

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.values.words import words
from layouts.imprint import Pairs
from layouts.native.chart import column_code
from layouts.render.csv import inert
from layouts.render.xlsx.cover import write_head, write_pairs
from layouts.render.xlsx.look import DIGITS, LONGEST, PLAIN_TEXT, Look, described, holds, serial
from layouts.render.xlsx.sheet import sheet_names
from queries.frame import Column, Member

MOST = 1_048_575
"""Rows of a sheet below its header."""

WIDE = {"name": 26, "key": 16, "text": 20, "figure": 14}
"""Letters of a column."""

_PLAIN = Decimal(10) ** (DIGITS - 2)
"""Amounts below this are held to the cent."""


@dataclass(frozen=True)
class Head:
    """What the cover says: a title, a subtitle, for whom, and the day that the data is of."""

    title: str
    made: date
    subtitle: str = ""
    made_for: str = ""
    accent: str = ""


def rows_workbook(
    target: str | BinaryIO,
    columns: Sequence[Column],
    pieces: Iterable[Sequence[Sequence[Any]]],
    said: Callable[[], Pairs],
    head: Head,
    *,
    currency: str,
    locale: str,
    most: int = MOST,
) -> int:
    """Write the rows into a file or stream, and return how many there were.

    `pieces` are lists of rows, each beginning with the values of `columns`; members are written as key and name.
    `said` is asked once all rows are written, and its pairs, such as control totals, stand on the cover. A sheet
    holds `most` rows; more go on in a next one. No more than one row is held in memory.
    """
    t = words(locale)
    workbook = Workbook(target, {"constant_memory": True, **PLAIN_TEXT})
    described(workbook, head.title, head.made_for, head.made)
    look = Look(workbook, head.accent)
    cover = workbook.add_worksheet(t("Cover"))
    cells = _cells(columns, look, locale, currency)
    writes = [
        (cell.write, cell.at, f'<c r="{xl_col_to_name(place)}', f'" s="{cell.style._get_xf_index()}"')
        for place, cell in enumerate(cells)
    ]
    names = [t("Cover"), *sheet_names([t("Lines")])]
    sheet, at, total = _begun(workbook, names[-1], cells, look), 0, 0
    for rows in pieces:
        rest = rows
        while rest:
            if at == most:
                _finish(sheet, at, len(cells))
                names = sheet_names([*names, t("Lines")])
                sheet, at = _begun(workbook, names[-1], cells, look), 0
            part, rest = rest[: most - at], rest[most - at :]
            sheet.take([_line(row, at + 2 + place, writes) for place, row in enumerate(part)], at + len(part))
            at += len(part)
        total += len(rows)
    _finish(sheet, at, len(cells))
    below = write_head(cover, head.title, head.subtitle, head.made_for, look, locale)
    write_pairs(cover, below, t("About this file"), said(), look)
    workbook.close()
    return total


class _Sheet(Worksheet):
    """A sheet that takes rows as finished text: a cell at a time, as XlsxWriter has it, takes three times as long."""

    def take(self, lines: Sequence[str], last: int) -> None:
        """Rows below those that are written; the last is counted from 0."""
        self._write_single_row(last)
        self._check_dimensions(last, 0)
        self.fh.write("".join(lines))


Writes = Sequence[tuple[Callable[[str, Any], str], int, str, str]]
"""How the values of a row are written, which they are, and how their cells begin before and after the row's number."""


def _line(row: Sequence[Any], number: int, writes: Writes) -> str:
    cells = [write(f"{before}{number}{after}", row[at]) for write, at, before, after in writes]
    return f'<row r="{number}">{"".join(cells)}</row>'


@dataclass(frozen=True)
class _Cell:
    """A column of the sheet: which value of the row, what it is written as, and its heading, width and format."""

    at: int
    write: Callable[[str, Any], str]
    title: str
    wide: int
    style: Format
    align: str = "left"


def _cells(columns: Sequence[Column], look: Look, locale: str, currency: str) -> tuple[_Cell, ...]:
    """The sheet's columns; a member has its key and its name."""
    t, found = words(locale), []
    for at, column in enumerate(columns):
        title = t(column.title)
        if column.level:
            found.append(_Cell(at, _key, t("{level}, key", level=title), WIDE["key"], look()))
            found.append(_Cell(at, _name, title, WIDE["name"], look()))
        elif column.unit in (None, "text"):
            found.append(_Cell(at, _plain, title, WIDE["text"], look()))
        else:
            align = "left" if column.unit in ("day", "date") else "right"
            style = look(num_format=column_code(column, locale, currency), align=align)
            found.append(_Cell(at, _plain, title, WIDE["figure"], style, align))
    return tuple(found)


def _key(cell: str, value: Any) -> str:
    return f"{cell}{_known(value.key)}" if isinstance(value, Member) else ""


def _name(cell: str, value: Any) -> str:
    return f"{cell}{_known(value.name)}" if isinstance(value, Member) else ""


def _plain(cell: str, value: Any) -> str:
    """The rest of a cell: numbers where they hold the figure, days as they are counted, everything else as text."""
    match value:
        case None:
            return ""
        case str():
            return f"{cell}{_text(value)}"
        case Decimal() if -_PLAIN < value < _PLAIN:
            return f"{cell}><v>{value}</v></c>"
        case int() if -_PLAIN < value < _PLAIN:
            return f"{cell}><v>{value}</v></c>"
        case Decimal() | int():
            figure = format(value, "f")
            return f"{cell}><v>{figure}</v></c>" if holds(value) else f"{cell}{_text(figure)}"
        case date() if (counted := serial(value)) is not None:
            return f"{cell}><v>{counted}</v></c>"
    return f"{cell}{_text(str(value))}"


def _text(text: str) -> str:
    """Text within a cell, inert, and escaped as XML and as spreadsheets want it."""
    safe = Worksheet._escape_control_characters(inert(text)[:LONGEST])
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(safe)}</t></is></c>'


_known = lru_cache(maxsize=8_192)(_text)
"""The same of names, which come again and again."""


def _begun(workbook: Workbook, name: str, cells: Sequence[_Cell], look: Look) -> _Sheet:
    """A sheet with its header, which stays where it is."""
    sheet: _Sheet = workbook.add_worksheet(name, worksheet_class=_Sheet)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 30)
    for place, cell in enumerate(cells):
        style = look(
            bold=True, text_wrap=True, bg_color="bg", bottom=2, bottom_color="brand", valign="bottom", align=cell.align
        )
        sheet.set_column(place, place, cell.wide)
        sheet.write_string(0, place, inert(cell.title), style)
    return sheet


def _finish(sheet: Worksheet, last: int, width: int) -> None:
    """What is known of a sheet once it is full: what is filtered, how it is printed."""
    sheet.autofilter(0, 0, last, width - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
