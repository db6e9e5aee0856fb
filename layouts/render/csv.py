"""CSV: the rows of an answered panel as a plain file for other programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.values.document import Document
from app.values.money import round_money
from layouts.answered import AnsweredPanel
from layouts.columns import others_name
from layouts.format import RATIOS, decimal_mark, half_up
from layouts.handout import Handout
from layouts.imprint import Pairs
from layouts.render.kind import Format
from queries.frame import Column, Frame, Member, Row, Value

MEDIA_TYPE = "text/csv; charset=utf-8"
RATIO_DIGITS = 6

BOM = "\ufeff"
"""Tells spreadsheets that the text is UTF-8."""


@dataclass(frozen=True)
class Dialect:
    """What parts cells, and what a figure's places."""

    delimiter: str = ","
    decimal: str = "."


PROGRAMS = Dialect()

OWN = "words"
"""The unit of a column whose texts are ours: nobody's name stands in them."""

_FORMULA = re.compile(r"\s*[=+\-@|%＝＋－＠]|[\t\r\n]")


def document(handout: Handout) -> Document:
    """One panel as UTF-8 text: a header of column ids, then the rows, the others last, then the imprint. Several
    panels one below the other, each under its title; a sentence where there is no answer.

    A dimension is two columns, key and name. Money is a plain decimal to its minor unit, with the currency in the
    last column; a ratio or a change is a fraction.
    """
    locale, alone = handout.context.locale, len(handout.panels) == 1
    dialect = dialect_of(locale) if handout.for_spreadsheets else PROGRAMS
    if alone:
        frame = handout.panels[0].frame
        text = "" if frame is None else written(frame, locale, dialect)
    else:
        text = "\r\n".join(section(answered, dialect) for answered in handout.panels)
    totals = [
        (name if alone else f"{name}: {each.title}", said)
        for each in handout.panels
        if each.frame is not None and (alone or each.state == "ready")
        for name, said in control_totals(each.frame, handout.additive, dialect)
    ]
    about = imprinted((*handout.about, *totals) if handout.about else (), dialect)
    mark = BOM if handout.for_spreadsheets else ""
    return Document(f"{handout.name}.csv", MEDIA_TYPE, (mark + text + about).encode())


def dialect_of(locale: str) -> Dialect:
    """What spreadsheets of a language read: where figures have a comma, cells are parted by semicolons."""
    decimal = decimal_mark(locale)
    return Dialect(";", decimal) if decimal == "," else Dialect(",", decimal)


def written(frame: Frame, locale: str = "en", dialect: Dialect = PROGRAMS) -> str:
    """The frame as CSV text; the locale names what is left."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=dialect.delimiter, lineterminator="\r\n")
    money = any(column.unit == "money" and column.role != "change" for column in frame.columns)
    writer.writerow([*(name for column in frame.columns for name in _names(column)), *(["currency"] if money else [])])
    rest = [_labelled(frame.others, frame, locale)] if frame.others is not None else []
    for row in (*frame.rows, *rest):
        cells = [
            cell
            for value, column in zip(row, frame.columns, strict=True)
            for cell in _cells(value, column, frame, dialect)
        ]
        writer.writerow([*cells, *([frame.currency] if money else [])])
    return stream.getvalue()


def imprinted(about: Pairs, dialect: Dialect = PROGRAMS) -> str:
    """What the file says about itself: below the tables and an empty line, each line beginning with `# `.

    The first line of a file stays its header; readers that know comments skip the rest.
    """
    if not about:
        return ""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerows((f"# {' '.join(name.split())}", inert(" ".join(said.split()))) for name, said in about)
    return "\r\n" + stream.getvalue()


def control_totals(frame: Frame, additive: Collection[str], dialect: Dialect = PROGRAMS) -> Pairs:
    """The number of rows, and the sum of each column of an additive metric as it is written, others included."""
    rows = (*frame.rows, *([frame.others] if frame.others is not None else []))
    found = [("Rows", str(len(rows)))]
    for at, column in enumerate(frame.columns):
        if column.role == "metric" and column.metric in additive:
            figures = [Decimal(value) for row in rows if isinstance(value := row[at], Decimal | int)]
            total = sum(
                (round_money(each, frame.currency) if column.unit == "money" else each for each in figures), Decimal(0)
            )
            found.append((f"Control total {column.id}", format(total, "f").replace(".", dialect.decimal)))
    return tuple(found)


def section(answered: AnsweredPanel, dialect: Dialect = PROGRAMS) -> str:
    """One panel among others: its title, then its rows, or the sentence that says why there are none."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow([inert(answered.title)])
    if answered.state == "ready" and answered.frame is not None:
        return stream.getvalue() + written(answered.frame, answered.context.locale, dialect)
    writer.writerow([inert(answered.sentence)])
    return stream.getvalue()


def inert(text: str) -> str:
    """Text that a spreadsheet would run as a formula, made plain text by a leading apostrophe."""
    return f"'{text}" if _FORMULA.match(text) else text


def figure_text(value: Decimal, column: Column, currency: str) -> str:
    """A figure as files for other programs hold it: money to its minor unit, a ratio or a change as a fraction."""
    if column.role == "change" or column.unit in RATIOS:
        return format(half_up(value, RATIO_DIGITS), "f")
    return format(round_money(value, currency) if column.unit == "money" else value, "f")


def _names(column: Column) -> tuple[str, ...]:
    return (f"{column.id}_key", column.id) if column.role == "dimension" else (column.id,)


def _labelled(row: Row, frame: Frame, locale: str) -> Row:
    """The row of others under its name, in the first dimension."""
    first = next((at for at, column in enumerate(frame.columns) if column.role == "dimension"), None)
    return tuple(Member("", others_name(frame, locale)) if at == first else value for at, value in enumerate(row))


def _cells(value: Value, column: Column, frame: Frame, dialect: Dialect) -> tuple[str, ...]:
    if column.role == "dimension":
        if isinstance(value, Member):
            return inert(value.key), inert(value.name)
        if column.unit == OWN and isinstance(value, str):
            return "", value
        return "", "" if value is None else inert(_plain(value, column, frame))
    told = "" if value is None else _plain(value, column, frame)
    return (told.replace(".", dialect.decimal) if isinstance(value, Decimal) else told,)


def _plain(value: Value, column: Column, frame: Frame) -> str:
    match value:
        case Decimal():
            return figure_text(value, column, frame.currency)
        case date():
            return value.isoformat()
        case int():
            return str(value)
    return inert(str(value))


FORMAT = Format("csv", "CSV", MEDIA_TYPE, document)
