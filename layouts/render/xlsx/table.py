"""Table: a frame as typed cells: dates as dates, amounts, ratios and counts as numbers, keys beside names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app.values.hierarchy import TIME_LEVELS
from app.values.words import words
from layouts.columns import member_text, number, others_name, title_of
from layouts.format import exact
from layouts.handout import Handout
from layouts.native.chart import column_code
from layouts.render.csv import OWN
from layouts.render.xlsx.look import Look, serial, write_figure, write_own, write_text
from layouts.render.xlsx.totals import asked_only, totals_of
from queries.frame import Column, Frame, Member, Value

What = Literal["figure", "name", "key", "day", "month"]

NARROWEST, WIDEST = 10, 44
"""Letters of a column."""

SAMPLE = 400
"""Rows that widths are read from."""


@dataclass(frozen=True)
class Place:
    """A column of the sheet: which of the frame's it is, and what of it."""

    at: int
    column: Column
    what: What
    title: str
    code: str = ""


@dataclass(frozen=True)
class Laid:
    """Where a table lies: its header's row, and the rows of its figures, the others included, counted from 0."""

    places: tuple[Place, ...]
    header: int
    first: int
    last: int
    notes: tuple[str, ...] = ()

    def at(self, column_id: str) -> int:
        """The sheet's column of a frame's column, its name where it has a key too; KeyError if there is none."""
        for position, place in enumerate(self.places):
            if place.column.id == column_id and place.what != "key":
                return position
        raise KeyError(column_id)

    @property
    def end(self) -> int:
        """The first row below the table."""
        return self.last + 1


def places_of(frame: Frame, locale: str) -> tuple[Place, ...]:
    """Each column of the frame once, and the keys of members beside their names."""
    found: list[Place] = []
    for at, column in enumerate(frame.columns):
        title = title_of(column, frame, locale)
        if column.role != "dimension":
            values = [number(row[at]) for row in (*frame.rows, *filter(None, (frame.others, frame.totals)))]
            whole = all(value is None or value == int(value) for value in values)
            code = column_code(column, locale, frame.currency, whole=whole)
            found.append(Place(at, column, "figure", title, code))
            continue
        members = [row[at] for row in frame.rows if isinstance(row[at], Member)]
        what = _what(column, members, [row[at] for row in frame.rows])
        found.append(Place(at, column, what, title, {"day": "yyyy-mm-dd", "month": "mmm yyyy"}.get(what, "")))
        has_keys = any(isinstance(each, Member) and each.key != each.name for each in members)
        if what == "name" and has_keys and column.level is not None and column.level not in TIME_LEVELS:
            found.append(Place(at, column, "key", words(locale)("{level}, key", level=title)))
    return tuple(found)


def _what(column: Column, members: list[Value], values: list[Value]) -> What:
    keys = [each.key for each in members if isinstance(each, Member)]
    if column.level == "month" and keys and all(_month(key) is not None for key in keys):
        return "month"
    if (column.level == "day" and keys) or any(isinstance(value, date) for value in values):
        return "day"
    return "name"


def _month(key: str) -> date | None:
    try:
        return date.fromisoformat(f"{key}-01") if len(key) == len("2026-11") else None
    except ValueError:
        return None


def write_table(sheet: Worksheet, frame: Frame, handout: Handout, look: Look, header: int) -> Laid:
    """Header, rows, others and totals from a row on; the filter leaves others and totals where they are."""
    locale = handout.context.locale
    places = places_of(frame, locale)
    rows = [*frame.rows, *([frame.others] if frame.others is not None else [])]
    first, last = header + 1, header + len(rows)
    told: list[str] = []
    for position, place in enumerate(places):
        write_own(sheet, header, position, place.title, _heading(look, place, after=_after(places, position)))
        sheet.set_column(position, position, _width(frame, place, locale))
    exact_all = True
    for at, row in enumerate(rows):
        rest = at == len(frame.rows)
        for position, place in enumerate(places):
            style = _style(place, _after(places, position), rest=rest)
            exact_all &= _cell(sheet, (header + 1 + at, position), row[place.at], place, look, locale, style)
    if rest_row := frame.others is not None:
        write_text(sheet, last, 0, others_name(frame, locale), look(font_color="muted", italic=True, **_line()))
    if frame.rows:
        sheet.autofilter(header, 0, last - rest_row, len(places) - 1)
    if frame.totals is not None:
        told += _totals(sheet, frame, handout, look, places, first, last)
        last += 1
    if not exact_all:
        told.append(words(locale)("Amounts of more digits than a spreadsheet's numbers hold stand as text."))
    _tones(sheet, places, look, first, header + len(rows))
    sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_col_to_name(max(len(places) - 1, 0) + 40)}{last + 60}"})
    return Laid(places, header, first, last, tuple(told))


def _after(places: tuple[Place, ...], position: int) -> int:
    """How far text keeps from figures that end at its left edge."""
    return int(position > 0 and places[position - 1].what == "figure" and places[position].what != "figure")


def _heading(look: Look, place: Place, after: int) -> Format:
    return look(
        bold=True, text_wrap=True, bg_color="bg", font_color="ink", bottom=2, bottom_color="brand",
        align="right" if place.what == "figure" else "left", valign="bottom", indent=after,
    )  # fmt: skip


def _line() -> dict[str, object]:
    return {"bottom": 1, "bottom_color": "line"}


def _style(place: Place, after: int, *, rest: bool) -> dict[str, object]:
    style: dict[str, object] = {**_line(), "indent": after, **({"num_format": place.code} if place.code else {})}
    if rest or place.what == "key":
        style["font_color"] = "muted"
    return {**style, "italic": True} if rest else style


def _cell(
    sheet: Worksheet, cell: tuple[int, int], value: Value, place: Place, look: Look, locale: str,
    style: dict[str, object],
) -> bool:  # fmt: skip
    """Write one cell; whether it is what the frame has, to the last digit."""
    figure = number(value) if place.what == "figure" else None
    if figure is not None:
        return write_figure(sheet, *cell, figure, look(align="right", **style))
    day = _day(value, place)
    if day is not None and (at := serial(day)) is not None:
        sheet.write_number(*cell, at, look(align="right" if place.what == "figure" else "left", **style))
        return True
    write = write_own if place.column.unit == OWN and isinstance(value, str) else write_text
    write(sheet, *cell, _text(value, place, locale), look(**style))
    return True


def _day(value: Value, place: Place) -> date | None:
    if isinstance(value, date):
        return value
    if isinstance(value, Member) and place.what == "month":
        return _month(value.key)
    if isinstance(value, Member) and place.what == "day":
        try:
            return date.fromisoformat(value.key)
        except ValueError:
            return None
    return None


def _text(value: Value, place: Place, locale: str) -> str:
    if value is None:
        return ""
    if place.what == "key":
        return value.key if isinstance(value, Member) else ""
    return member_text(value, place.column.level, locale)


def _totals(
    sheet: Worksheet, frame: Frame, handout: Handout, look: Look, places: tuple[Place, ...], first: int, last: int
) -> list[str]:
    """The row of totals; and which of them are no sums."""
    t, row = words(handout.context.locale), last + 1
    letters = {place.column.id: xl_col_to_name(at) for at, place in enumerate(places) if place.what == "figure"}
    found = totals_of(frame, handout, letters, first + 1, last + 1)
    style: dict[str, object] = {"bold": True, "top": 1, "top_color": "ink", "bottom": 1, "bottom_color": "ink"}
    for position, place in enumerate(places):
        total = found.get(place.column.id) if place.what == "figure" else None
        if total is None or total.figure is None:
            write_text(sheet, row, position, t("Total") if position == 0 else "", look(**style))
            continue
        drawn = look(align="right", num_format=place.code, **style)
        if total.formula:
            sheet.write_formula(row, position, total.formula, drawn, float(total.figure))
        else:
            write_figure(sheet, row, position, total.figure, drawn)
    asked = asked_only(frame, found)
    if not asked:
        return []
    names = ", ".join(dict.fromkeys(title_of(column, frame, handout.context.locale) for column in asked))
    return [t("Totals of these columns are asked of the data and no sums of their rows: {columns}.", columns=names)]


def _tones(sheet: Worksheet, places: tuple[Place, ...], look: Look, first: int, last: int) -> None:
    """Differences in green or red, by what is better; the sign says it too."""
    for position, place in enumerate(places):
        if place.column.role in ("delta", "change") and place.column.better in ("up", "down") and last >= first:
            good, bad = (">", "<") if place.column.better == "up" else ("<", ">")
            for sign, colour in ((good, "pos"), (bad, "neg")):
                rule = {"type": "cell", "criteria": sign, "value": 0, "format": look(font_color=colour)}
                sheet.conditional_format(first, position, last, position, rule)


def _width(frame: Frame, place: Place, locale: str) -> float:
    """What the longest of its texts needs; a heading takes two lines."""
    seen = [row[place.at] for row in (*frame.rows[:SAMPLE], *filter(None, (frame.others, frame.totals)))]
    if place.what == "figure":
        figures = [abs(Decimal(each)) for value in seen if (each := number(value)) is not None]
        unit = place.column.unit or "count"
        longest = len(exact(max(figures, default=Decimal(0)), unit, locale, frame.currency)) + 1
    elif place.what in ("day", "month"):
        longest = len("2026-11-22")
    else:
        longest = max((len(_text(value, place, locale)) for value in seen), default=0)
    heading = max(-(-len(place.title) // 2), *(len(word) for word in (place.title or "-").split()))
    return min(WIDEST, max(NARROWEST, longest, heading) + 3)
