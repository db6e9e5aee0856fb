"""Columns: a frame as a table people read, its figures written out and its members named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.money import exponent
from app.values.words import Text, say, words
from layouts import format as fmt
from queries.frame import Column, Frame, Member, Row, Value

Sentiment = Literal["pos", "neg", "none"]

_WRITTEN_AS_NOTHING = Decimal("0.0005")
"""Less than this is 0.0 % and 0.0 points, and no amount or count at all."""

LEVEL_NAMES = {"rep": "sales rep", "state": "state", "document_type": "document type"}


@dataclass(frozen=True)
class TableColumn:
    """A column's id, its title, and whether its cells are figures (right-aligned)."""

    id: str
    title: str
    numeric: bool
    level: str | None = None


@dataclass(frozen=True)
class Cell:
    """What a cell says, what it is (for sorting), for a member its key, and `exact` where it says less."""

    text: str
    value: Value = None
    key: str | None = None
    sentiment: Sentiment = "none"
    reason: str = ""
    exact: str = ""


@dataclass(frozen=True)
class Table:
    """The twin of a picture: the same answer in rows and columns."""

    columns: tuple[TableColumn, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    totals: tuple[Cell, ...] | None = None


def level_name(level: str, *, plural: bool = False) -> Text:
    """A level in words: "region", "sales rep", "categories"; a part of a sentence is said in its language."""
    name = LEVEL_NAMES.get(level, level.replace("_", " "))
    if not plural:
        return say(name)
    return say(f"{name[:-1]}ies" if name.endswith(("ry", "ty", "cy")) else f"{name}s")


DOCUMENT_TYPES = {
    "invoice": say("Invoice"),
    "order": say("Order"),
    "receipt": say("Receipt"),
    "credit_note": say("Credit note"),
}
"""What the kinds of documents are called."""


def member_text(value: Value, level: str | None, locale: str, *, short: bool = False) -> str:
    """A member's name as people read it; members of time by their key, a missing value as "not given"."""
    if value is None:
        return fmt.MISSING
    if not isinstance(value, Member):
        return fmt.day(value, locale) if isinstance(value, date) else str(value)
    if level in TIME_LEVELS:
        return fmt.time_name(value.key, locale, short=short)
    if level == "document_type" and value.key in DOCUMENT_TYPES:
        return words(locale)(DOCUMENT_TYPES[value.key])
    return words(locale)(value.name) if value.key == NO_MEMBER else value.name or value.key


_NO_FIGURES = (Member, str, date)


def number(value: Value) -> fmt.Number | None:
    """The value if it is a figure."""
    return value if not isinstance(value, _NO_FIGURES) else None


def sentiment_of(value: fmt.Number | None, better: str | None) -> Sentiment:
    """Whether a difference is favourable, given which way is better; one that is written as nothing is neither."""
    if value is None or abs(Decimal(value)) < _WRITTEN_AS_NOTHING or better not in ("up", "down"):
        return "none"
    return "pos" if (value > 0) == (better == "up") else "neg"


def is_points(column: Column) -> bool:
    """Whether a column holds a difference of two percentages."""
    return column.role == "delta" and column.unit in fmt.RATIOS


def text_of(value: Value, column: Column, locale: str, currency: str) -> str:
    """The exact text of a value of this column."""
    figure = number(value)
    if isinstance(value, date) and column.role != "dimension":
        return fmt.day(value, locale)
    if column.role == "dimension":
        return member_text(value, column.level, locale)
    if column.role == "change":
        return fmt.percent(figure, locale, plus=True)
    if is_points(column):
        return fmt.points(figure, locale)
    return fmt.exact(figure, column.unit or "count", locale, currency, plus=column.role == "delta")


def title_of(column: Column, frame: Frame, locale: str) -> str:
    """A column's heading: "Net sales", "Net sales, last year", "Δ last year", "Δ last year %"."""
    if column.versus is None or column.role in ("dimension", "metric"):
        return column.title
    reference = fmt.reference_name(column.versus, locale)
    match column.role:
        case "reference":
            metric = next((c.title for c in frame.columns if c.role == "metric" and c.metric == column.metric), "")
            return f"{metric}, {reference}" if metric else fmt.heading(reference)
        case "delta":
            return f"Δ {reference}"
    return f"Δ {reference} %"


def _cell(value: Value, column: Column, frame: Frame, row: int, locale: str) -> Cell:
    sentiment = sentiment_of(number(value), column.better) if column.role in ("delta", "change") else "none"
    return Cell(
        text=text_of(value, column, locale, frame.currency),
        value=value.name if isinstance(value, Member) else value,
        key=value.key if isinstance(value, Member) else None,
        sentiment=sentiment,
        reason=frame.reasons.get((row, column.id), ""),
    )


def _summary(label: str, row: Row, at: int, frame: Frame, locale: str) -> tuple[Cell, ...]:
    cells = [_cell(value, column, frame, at, locale) for value, column in zip(row, frame.columns, strict=True)]
    named = False
    for position, column in enumerate(frame.columns):
        if column.role == "dimension":
            cells[position] = Cell("" if named else label)
            named = True
    return tuple(cells)


def table_of(frame: Frame, locale: str) -> Table:
    """The whole frame as a table; rows beyond its limit stand as one row of others."""
    columns = tuple(
        TableColumn(c.id, title_of(c, frame, locale), c.role != "dimension", c.level) for c in frame.columns
    )
    rows = [
        tuple(_cell(value, column, frame, at, locale) for value, column in zip(row, frame.columns, strict=True))
        for at, row in enumerate(frame.rows)
    ]
    if frame.others is not None:
        rows.append(_summary(others_name(frame, locale), frame.others, -2, frame, locale))
    totals = None if frame.totals is None else _summary(words(locale)("Total"), frame.totals, -1, frame, locale)
    return Table(columns, tuple(rows), totals)


def brief(frame: Frame, table: Table, locale: str) -> Table:
    """The table with what a glance needs: each column in one unit and with as many places, exact texts behind."""
    ratios = {column.metric for column in frame.columns if column.role == "metric" and column.unit in fmt.RATIOS}
    told = {"dimension", "metric"}
    kept = [
        at
        for at, column in enumerate(frame.columns)
        if column.role in told or column.role == ("delta" if column.metric in ratios else "change")
    ]
    lines = [*table.rows, *([] if table.totals is None else [table.totals])]
    headings, columns = [], []
    for at in kept:
        figures = [number(row[at].value) for row in table.rows]
        unit, cells = _in_one_unit(frame.columns[at], [line[at] for line in lines], figures, frame.currency, locale)
        title = table.columns[at].title.removesuffix(" %")
        # A unit of two words, "Mio. €", stays on one line.
        unit = unit.replace(" ", "\N{NO-BREAK SPACE}")
        headings.append(replace(table.columns[at], title=f"{title}, {unit}" if unit else title))
        columns.append(cells)
    rows = list(zip(*columns, strict=True))
    return Table(tuple(headings), tuple(rows[: len(table.rows)]), None if table.totals is None else rows[-1])


def _in_one_unit(
    column: Column, cells: list[Cell], figures: Sequence[fmt.Number | None], currency: str, locale: str
) -> tuple[str, list[Cell]]:
    """The cells of a column with the same places in each, and the unit they stand in where the heading names it.

    The unit is that of the `figures`, which are those of the rows: a total may take more digits than they.
    """
    values = [number(cell.value) for cell in cells]
    if column.role not in ("metric", "delta") or is_points(column):
        return "", cells
    unit, write = _writing(column, figures or values, currency, locale)
    return unit, [
        cell if value is None else replace(cell, text=write(value), exact=cell.text)
        for cell, value in zip(cells, values, strict=True)
    ]


def _writing(
    column: Column, values: Sequence[fmt.Number | None], currency: str, locale: str
) -> tuple[str, Callable[[fmt.Number], str]]:
    plus = column.role == "delta"
    if column.unit == "money":
        scale = fmt.scale_for(values, "money", locale, currency)
        if scale.divisor == 1:
            return scale.label, lambda value: fmt.decimal_text(value, locale, exponent(currency), plus=plus)
        return scale.label, lambda value: scale.text(value, plus=plus, more=1)
    if column.unit in fmt.RATIOS:
        tiny = any(value and abs(Decimal(value)) < _WRITTEN_AS_NOTHING for value in values)
        return "", lambda value: fmt.percent(value, locale, 2 if tiny else 1, plus=plus)
    places = 0 if all(value is None or value == int(value) for value in values) else 1
    return "", lambda value: fmt.decimal_text(value, locale, places, plus=plus)


def others_name(frame: Frame, locale: str) -> str:
    """What the row of others is called."""
    t = words(locale)
    return t.n("{n} other", "{n} others", frame.others_count) if frame.others_count else t("Others")


def in_language(frame: Frame, locale: str) -> Frame:
    """The frame with its columns' titles and its sentences in the language of who reads it."""
    t = words(locale)
    return replace(
        frame,
        columns=tuple(replace(column, title=t(column.title)) for column in frame.columns),
        notes=tuple(t(note) for note in frame.notes),
        partial={plan: t(told) for plan, told in frame.partial.items()},
    )
