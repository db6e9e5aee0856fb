"""AnsweredPanel: a panel with its answer, as one viewer may see it; what every renderer receives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

from app.values.context import QueryContext
from app.values.hierarchy import NO_MEMBER
from app.values.view import View
from app.values.words import say, words
from layouts import format as fmt
from layouts.columns import Table, brief, number, table_of
from layouts.marks import Gesture, Mark, Rows, TreeTable
from layouts.panel import Panel
from layouts.settle import cycle_of, period_of, span_of
from queries.frame import Column, Frame, Member, Row
from queries.kept import KEPT_FACT
from queries.query import Query

State = Literal["ready", "empty", "refused", "error"]


@dataclass(frozen=True)
class AnsweredPanel:
    """A panel with its answer, as one viewer may see it: everything a renderer needs.

    `dashboard` is its id. `frames` are by question name, the panel's own query under "main"; a side question that was
    refused has none. `sentence` says why a panel is not ready. `drill_level` is the level a mark carries a member of.
    `page` is the view it was asked for, where it answers another one.
    """

    dashboard: str
    panel: Panel
    view: View
    context: QueryContext
    state: State
    sentence: str = ""
    title: str = ""
    mark: Mark = field(default_factory=Rows)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    queries: Mapping[str, Query] = field(default_factory=dict)
    unit_line: str = ""
    finding: str = ""
    notes: tuple[str, ...] = ()
    drill_level: str | None = None
    gesture: Gesture = "none"
    page: View | None = None

    @property
    def asked_for(self) -> str:
        """The address of the page that the panel answers for."""
        return str(self.page or self.view)

    @cached_property
    def table(self) -> Table:
        """The twin of the picture; written out only when somebody looks at it."""
        if self.frame is None:
            return Table()
        whole = table_of(self.frame, self.context.locale)
        # A panel that is nothing but a table is read at a glance; the twin of a picture is read for what it lacks.
        return brief(self.frame, whole, self.context.locale) if isinstance(self.panel.mark, Rows) else whole

    @property
    def frame(self) -> Frame | None:
        """The answer to the panel's own query."""
        return self.frames.get("main")

    @property
    def newest_sale(self) -> date | None:
        """The day of the newest sale, where all that is looked at lies after it; None otherwise."""
        newest = self.frame.provenance.as_of if self.frame is not None else None
        span = span_of(self.view.selection, self.context)
        # What is invoiced or paid later was booked before: the newest sale says nothing about it.
        late = newest is not None and span is not None and newest < span.start
        return newest if late and self.view.selection.basis == "booked" else None

    @property
    def metric(self) -> Column | None:
        """The first figure of the answer: what the picture is of."""
        return None if self.frame is None else next((c for c in self.frame.columns if c.role == "metric"), None)

    @property
    def dimension(self) -> Column | None:
        """The first dimension of the answer."""
        return None if self.frame is None else next((c for c in self.frame.columns if c.role == "dimension"), None)


def unit_line(answered: AnsweredPanel) -> str:
    """What the figures are in, and when: "€M, this quarter to 21 Nov 2026"."""
    if answered.metric is None or answered.frame is None:
        return ""
    locale, selection = answered.context.locale, answered.view.selection
    t, title = words(locale), fmt.within(answered.metric.title, locale)
    unit = t(answered.panel.unit) or frame_scale(answered).label or title
    if isinstance(answered.mark, Rows | TreeTable):
        # Each figure of a table has its own unit.
        unit = t(answered.panel.unit) or answered.frame.currency or title
    if any(source.fact == KEPT_FACT for source in answered.frame.provenance.sources):
        # It is about all data, whichever period is looked at.
        return unit
    if answered.panel.query.reach in ("selection", "year", "complete", "recent"):
        when = fmt.period_name(str(answered.queries["main"].period), answered.frame.provenance.span, locale)
        return f"{unit}, {when}"
    span = span_of(selection, answered.context)
    when = fmt.period_name(str(period_of(selection)), span, locale)
    if answered.panel.query.reach == "history" and span is not None:
        return t(_OVER_EARLIER[cycle_of(span).name], unit=unit, when=when)
    shown = answered.frame.provenance.span
    if shown is None or answered.panel.query.reach == "history":
        return f"{unit}, {when}"
    last = fmt.month(shown.last_day, locale, year=True)
    return t("{unit}, by month, {first} to {last}", unit=unit, first=str(shown.start.year), last=last)


_OVER_EARLIER = {
    "month": say("{unit}, {when} over earlier months", unit="", when=""),
    "quarter": say("{unit}, {when} over earlier quarters", unit="", when=""),
    "year": say("{unit}, {when} over earlier years", unit="", when=""),
}


def frame_scale(answered: AnsweredPanel) -> fmt.Scale:
    """The one unit in which a picture writes its first metric and its references."""
    frame, metric, context = answered.frame, answered.metric, answered.context
    if frame is None or metric is None:
        return fmt.scale_for((), "count", context.locale, context.currency)
    positions = [
        at for at, c in enumerate(frame.columns) if c.metric == metric.metric and c.role in ("metric", "reference")
    ]
    values = [number(row[at]) for row in frame.rows for at in positions]
    if answered.panel.query.reach == "history":
        # A running total grows far beyond its daily parts: the unit is that of the sum of one cycle.
        span = span_of(answered.view.selection, context)
        days = 0 if span is None else 30 * cycle_of(span).months
        values = [sum((value for value in values[-days:] if value is not None), Decimal(0))]
    return fmt.scale_for(values, metric.unit or "count", context.locale, frame.currency or context.currency)


def best_reference(frame: Frame, metric: str, prefer: str = "budget") -> str | None:
    """The comparison with figures to draw differences from: the preferred one, else the first; None without any.

    A plan that is set for no member that is shown, or for a part of the sales only, is none to draw differences from.
    """
    found = [
        column.versus
        for column in frame.columns
        if column.metric == metric
        and column.role == "reference"
        and column.versus is not None
        and not (column.versus == "budget" and "budget" in frame.partial)
        and _has_figures(frame, column.id)
    ]
    return prefer if prefer in found else next(iter(found), None)


def _has_figures(frame: Frame, column_id: str) -> bool:
    """Whether some member, and not only what belongs to none, has a figure."""
    at = frame.index(column_id)
    return any(row[at] is not None and not is_nobody(row) for row in frame.rows)


def is_nobody(row: Row) -> bool:
    """Whether a row belongs to no member, as plans do that are not set at the asked level."""
    return any(isinstance(value, Member) and value.key == NO_MEMBER for value in row)
