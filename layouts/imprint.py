"""Imprint: what a file says about itself: for whom, of what, from which data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.values.context import QueryContext
from app.values.period import Span
from app.values.view import View
from app.values.viewer import Viewer
from layouts import format as fmt
from layouts.selected import BASIS_NOTES, Names, filter_text
from layouts.settle import period_of, span_of, where_of

Pairs = tuple[tuple[str, str], ...]
"""Names with what is to be said, in the order in which it is read."""


@dataclass(frozen=True)
class DataVersion:
    """The state of the data that answered."""

    generation: int
    as_of: date | datetime | None
    span: Span | None = None


def imprint(view: View, viewer: Viewer, context: QueryContext, names: Names, data: DataVersion) -> Pairs:
    """Who took the file and through what; days by the calendar, not by words that mean others tomorrow."""
    selection, locale = view.selection, context.locale
    span = data.span or span_of(selection, context)
    period = fmt.period_name(str(period_of(selection)), span, locale)
    filters = [filter_text(each, names, locale) for each in where_of(selection)]
    versus = [fmt.reference_name(each, locale) for each in selection.versus]
    return (
        ("Made for", viewer.name),
        ("View", str(view)),
        ("Period", period if span is None else f"{period} ({span.start} to {span.last_day})"),
        ("Compared with", "; ".join(versus) or "nothing"),
        ("Filters", "; ".join(filters) or "none"),
        ("Basis", f"{selection.basis}, {BASIS_NOTES[selection.basis]}"),
        ("Currency", context.currency),
        ("Time zone", context.zone),
        ("Data version", str(data.generation)),
        ("Data as of", "unknown" if data.as_of is None else data.as_of.isoformat()),
    )
