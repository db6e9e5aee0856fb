"""Look: how a workbook looks: its colours, its formats, each made once, and the one way text gets into a cell."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from layouts.render.csv import inert
from layouts.theme import tokens

LONGEST, LONGEST_ADDRESS = 32_000, 2_000
"""Letters of a cell, and of the address of a link; a spreadsheet takes a few more."""

DIGITS = 15
"""Of a number that a spreadsheet keeps and shows as it is."""

EPOCH = date(1899, 12, 30).toordinal()
"""The day that spreadsheets count from; true of every day from March 1900 on."""

FIRST_DAY = date(1900, 3, 1)


PLAIN_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Nothing that is text becomes anything else."""


def described(workbook: Workbook, title: str, made_for: str, made: date) -> None:
    """What the file says of itself: nothing of the machine that made it."""
    workbook.set_properties(
        {
            "title": clean(title)[:255],
            "author": clean(made_for)[:255] or "Salient",
            "created": datetime.combine(made, time(), UTC),
        }
    )


class Look:
    """The formats of one workbook."""

    def __init__(self, workbook: Workbook, accent: str = "") -> None:
        self.colours = {**tokens("light"), **({"brand": accent} if accent else {})}
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def __call__(self, **properties: object) -> Format:
        """A format; colours by the names of tokens."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            said = {
                name: self.colours[str(value)] if name.endswith("color") else value
                for name, value in properties.items()
            }
            self._made[key] = self._workbook.add_format({"font_size": 10, "valign": "vcenter", **said})
        return self._made[key]


def write_text(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    """Text as text: nothing of it is ever run, here or in what is made of the file."""
    if text:
        sheet.write_string(row, column, inert(text)[:LONGEST], look)
    else:
        sheet.write_blank(row, column, None, look)


def write_own(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    """Text of ours, in which no name of anybody's stands: units begin with a percent sign."""
    sheet.write_string(row, column, text, look)


def write_link(sheet: Worksheet, row: int, column: int, address: str, text: str, look: Format) -> None:
    """A place to go to: a sheet of the file, or a page that a browser opens; of a longer address only the text."""
    if len(address) <= LONGEST_ADDRESS:
        sheet.write_url(row, column, address, look, inert(clean(text))[:LONGEST])
    else:
        write_text(sheet, row, column, text, look)


def clean(text: str) -> str:
    """Text for what is no cell: XML takes no invisible marks there."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def write_figure(sheet: Worksheet, row: int, column: int, figure: Decimal | int, look: Format) -> bool:
    """A figure as a number, or as text where a spreadsheet's numbers would not hold it; whether it is a number."""
    if not holds(figure):
        sheet.write_string(row, column, format(figure, "f"), look)
        return False
    sheet.write_number(row, column, float(figure), look)
    return True


def holds(figure: Decimal | int) -> bool:
    """Whether a spreadsheet's number is the figure: it keeps fifteen digits, and no cent may be among the others."""
    return abs(Decimal(figure)) < Decimal(10) ** (DIGITS - 2) or Decimal(figure) == Decimal(
        f"{Decimal(figure):.{DIGITS}g}"
    )


def serial(day: date) -> int | None:
    """A day as spreadsheets count it; None for one they know no number of."""
    whole = day.date() if isinstance(day, datetime) else day
    return whole.toordinal() - EPOCH if whole >= FIRST_DAY else None
