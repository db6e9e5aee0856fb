"""JSON: the answered panels of a handout, typed, for programs.

Figures that are not whole counts are text, lest a reader's floating point changes them: money is a plain decimal to
its minor unit ("26154279.99"), a ratio or a change a fraction ("0.946300"), both as in the CSV. Whole counts are
numbers, days ISO text, members {"key", "name"}. What is missing is null; `missing` of the panel gives the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from app.values.document import Document
from app.values.period import Span
from layouts.answered import AnsweredPanel
from layouts.columns import title_of
from layouts.handout import Handout
from layouts.render.csv import figure_text
from layouts.render.kind import Format
from queries.frame import OTHERS_ROW, TOTALS_ROW, Column, Frame, Member, Provenance, Row, Value

SCHEMA = 1
"""Raised when a reader of the file would have to change."""

UNANSWERED = frozenset({"refused", "error"})
"""States of a panel without an answer; one that is empty was answered."""

_LARGEST = 2**53
_PLACES: Mapping[int, str] = {TOTALS_ROW: "totals", OTHERS_ROW: "others"}


def document(handout: Handout) -> Document:
    """One object: what the file says about itself, then the panels in their order."""
    return Document(f"{handout.name}.json", FORMAT.media_type, orjson.dumps(told(handout), option=orjson.OPT_INDENT_2))


def told(handout: Handout) -> dict[str, Any]:
    """The same as data."""
    return {
        "schema": SCHEMA,
        "title": handout.title,
        "subtitle": handout.subtitle,
        "made_for": handout.made_for,
        "link": handout.link,
        "imprint": [{"name": name, "text": text} for name, text in handout.about],
        "sentences": list(handout.sentences),
        "panels": [panel_told(each, handout.link_of(each)) for each in handout.panels],
    }


def panel_told(answered: AnsweredPanel, link: str) -> dict[str, Any]:
    """A panel with its answer, if it has one."""
    panel: dict[str, Any] = {
        "id": answered.panel.id,
        "title": answered.title,
        "state": answered.state,
        "sentence": answered.sentence,
        "unit": answered.unit_line,
        "finding": answered.finding,
        "notes": list(answered.notes),
        "link": link,
    }
    frame = None if answered.state in UNANSWERED else answered.frame
    return panel if frame is None else panel | answer_told(frame, answered.context.locale)


def answer_told(frame: Frame, locale: str) -> dict[str, Any]:
    """An answer: its columns, rows, totals and others, what is missing and why, and where it comes from."""
    return {
        "currency": frame.currency,
        "columns": [_column(column, frame, locale) for column in frame.columns],
        "rows": [_row(row, frame) for row in frame.rows],
        "totals": None if frame.totals is None else _row(frame.totals, frame),
        "others": None if frame.others is None else _row(frame.others, frame),
        "others_count": frame.others_count,
        "missing": [
            {"row": _PLACES.get(row, row), "column": column, "reason": reason}
            for (row, column), reason in frame.reasons.items()
        ],
        "provenance": _provenance(frame.provenance),
    }


def _column(column: Column, frame: Frame, locale: str) -> dict[str, str | None]:
    return {
        "id": column.id,
        "title": title_of(column, frame, locale),
        "role": column.role,
        "level": column.level,
        "metric": column.metric,
        "versus": column.versus,
        "unit": "ratio" if column.role == "change" else column.unit,
    }


def _row(row: Row, frame: Frame) -> dict[str, Any]:
    return {column.id: _value(value, column, frame) for value, column in zip(row, frame.columns, strict=True)}


def _value(value: Value, column: Column, frame: Frame) -> Any:
    match value:
        case Member(key, name):
            return {"key": key, "name": name}
        case Decimal():
            return figure_text(value, column, frame.currency)
        case date():
            return value.isoformat()
        case int() if not -_LARGEST < value < _LARGEST:
            return str(value)
    return value


def _provenance(told: Provenance) -> dict[str, Any]:
    return {
        "generation": told.generation,
        "as_of": None if told.as_of is None else told.as_of.isoformat(),
        "span": _days(told.span),
        "references": {name: _days(span) for name, span in told.references.items()},
        "rows_left_out": dict(told.rows_left_out),
    }


def _days(span: Span | None) -> dict[str, str] | None:
    return None if span is None else {"first": span.start.isoformat(), "last": span.last_day.isoformat()}


FORMAT = Format(id="json", title="JSON", media_type="application/json", write=document)
