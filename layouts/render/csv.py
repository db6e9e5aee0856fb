"""CSV: the rows of an answered panel as a plain file for other programs."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal

from app.values.document import Document
from app.values.errors import Forbidden
from app.values.money import round_money
from app.values.viewer import Viewer
from layouts.answered import AnsweredPanel
from layouts.columns import others_name
from layouts.format import RATIOS, half_up
from queries.frame import Column, Frame, Member, Row, Value

MEDIA_TYPE = "text/csv; charset=utf-8"
PERMISSION = "export"
RATIO_DIGITS = 6
UNANSWERED = frozenset({"refused", "error"})
"""States of a panel without an answer; one that is empty was answered."""

_FORMULA = re.compile(r"\s*[=+\-@|%＝＋－＠]|[\t\r\n]")
_UNSAFE = re.compile(r"[^a-z0-9]+")


def document(answered: AnsweredPanel, viewer: Viewer) -> Document:
    """What the panel shows as UTF-8 text: a header of column ids, then the rows, the others last.

    A dimension is two columns, key and name. Money is a plain decimal to its minor unit, with the currency in the
    last column; a ratio or a change is a fraction. Forbidden without the permission to export, or when the panel
    itself was refused.
    """
    viewer.require(PERMISSION)
    if answered.state in UNANSWERED:
        raise Forbidden(answered.sentence)
    frame = answered.frame
    text = "" if frame is None else written(frame)
    return Document(f"{file_name(answered)}.csv", MEDIA_TYPE, text.encode("utf-8"))


def written(frame: Frame) -> str:
    """The frame as CSV text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    money = any(column.unit == "money" and column.role != "change" for column in frame.columns)
    writer.writerow([*(name for column in frame.columns for name in _names(column)), *(["currency"] if money else [])])
    rest = [_labelled(frame.others, frame)] if frame.others is not None else []
    for row in (*frame.rows, *rest):
        cells = [
            cell for value, column in zip(row, frame.columns, strict=True) for cell in _cells(value, column, frame)
        ]
        writer.writerow([*cells, *([frame.currency] if money else [])])
    return stream.getvalue()


def section(answered: AnsweredPanel) -> str:
    """One panel among others: its title, then its rows, or the sentence that says why there are none."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([inert(answered.title)])
    if answered.state == "ready" and answered.frame is not None:
        return stream.getvalue() + written(answered.frame)
    writer.writerow([inert(answered.sentence)])
    return stream.getvalue()


def inert(text: str) -> str:
    """Text that a spreadsheet would run as a formula, made plain text by a leading apostrophe."""
    return f"'{text}" if _FORMULA.match(text) else text


def file_name(answered: AnsweredPanel) -> str:
    """Dashboard, panel and days, in letters that every system takes: "overview-variance-2026-10-01-2026-11-21"."""
    parts = [answered.dashboard, answered.panel.id]
    span = answered.frame.provenance.span if answered.frame is not None else None
    if span is not None:
        parts += [span.start.isoformat(), span.last_day.isoformat()]
    return _UNSAFE.sub("-", "-".join(parts).lower()).strip("-")


def _names(column: Column) -> tuple[str, ...]:
    return (f"{column.id}_key", column.id) if column.role == "dimension" else (column.id,)


def _labelled(row: Row, frame: Frame) -> Row:
    """The row of others under its name, in the first dimension."""
    first = next((at for at, column in enumerate(frame.columns) if column.role == "dimension"), None)
    return tuple(Member("", others_name(frame)) if at == first else value for at, value in enumerate(row))


def _cells(value: Value, column: Column, frame: Frame) -> tuple[str, ...]:
    if column.role == "dimension":
        if isinstance(value, Member):
            return inert(value.key), inert(value.name)
        return "", "" if value is None else inert(_plain(value, column, frame))
    return ("" if value is None else _plain(value, column, frame),)


def _plain(value: Value, column: Column, frame: Frame) -> str:
    match value:
        case Decimal():
            if column.role == "change" or column.unit in RATIOS:
                return format(half_up(value, RATIO_DIGITS), "f")
            return format(round_money(value, frame.currency) if column.unit == "money" else value, "f")
        case date():
            return value.isoformat()
        case int():
            return str(value)
    return inert(str(value))
