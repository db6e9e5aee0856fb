"""Imprint: what a file says about itself: for whom, of what, from which data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.values.context import QueryContext
from app.values.period import Span
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts import format as fmt
from layouts.selected import BASIS_NAMES, BASIS_NOTES, Names, filter_text
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
    t = words(locale)
    versus = [fmt.reference_name(each, locale) for each in selection.versus]
    return (
        (t("Made for"), viewer.name),
        (t("View"), str(view)),
        (t("Period"), period if span is None else t("{period} ({first} to {last})", period=period, **_ends(span))),
        (t("Compared with"), "; ".join(versus) or t("nothing")),
        (t("Filters"), "; ".join(filters) or t("none")),
        (t("Basis"), f"{t(BASIS_NAMES[selection.basis])}, {t(BASIS_NOTES[selection.basis])}"),
        (t("Currency"), context.currency),
        (t("Time zone"), context.zone),
        (t("Data version"), str(data.generation)),
        (t("Data as of"), t("unknown") if data.as_of is None else data.as_of.isoformat()),
    )


def _ends(span: Span) -> dict[str, str]:
    return {"first": span.start.isoformat(), "last": span.last_day.isoformat()}
