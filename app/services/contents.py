"""Contents: what is sent by schedule: views as they are written, saved views and reports as they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.services import named_sets, reports, views
from app.values.errors import Invalid, NotFound
from app.values.report import Report
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import Text, say
from layouts.dashboard import Dashboard, rows_for
from layouts.panel import Panel

SAVED = "view:"
"""Begins the text of a saved view, followed by its id."""

REPORT = "report:"
"""Begins the text of a report, followed by its id."""


@dataclass(frozen=True)
class Content:
    """One view with the title it goes out under; an empty title is the dashboard's or panel's own.

    With a `report` it is all parts of that, of which `view` is the first.
    """

    view: View
    title: str = ""
    report: Report | None = None
    report_id: str = ""

    @property
    def views(self) -> tuple[View, ...]:
        """Everything that is shown."""
        return (self.view,) if self.report is None else self.report.views()


def settled_text(session: Session, viewer: Viewer, text: str, dashboards: Sequence[Dashboard]) -> str:
    """A content's text as it is kept. Raises a Refusal for what is no view, or not one that the viewer may open."""
    content = content_of(session, viewer, text)
    refusal = closed_to(viewer, content, dashboards)
    if refusal:
        raise Invalid("{what} cannot be sent: {why}", what=content.title or str(content.view)[:80], why=refusal)
    return text.strip() if text.strip().startswith((SAVED, REPORT)) else str(content.view)


def content_of(session: Session, viewer: Viewer, text: str) -> Content:
    """What a text means for whoever scheduled it. NotFound for a view that was deleted, or is no longer shared."""
    text = text.strip()
    if text.startswith(SAVED):
        try:
            card = views.find(session, viewer, text.removeprefix(SAVED))
        except NotFound:
            raise NotFound(
                "A saved view of this schedule was deleted, or is no longer shared with its owner."
            ) from None
        return Content(View.parse(card.view), card.name)
    if text.startswith(REPORT):
        try:
            report = reports.find(session, viewer, text.removeprefix(REPORT)).report
        except NotFound:
            raise NotFound("A report of this schedule was deleted, or its owner may not use it now.") from None
        return Content(report.views()[0], report.name, report, text.removeprefix(REPORT))
    return Content(View.parse(text))


def contents_of(session: Session, viewer: Viewer, texts: Iterable[str]) -> tuple[Content, ...]:
    """All contents of a schedule, in its order. Raises NotFound."""
    return tuple(content_of(session, viewer, text) for text in texts)


def closed_to(viewer: Viewer, content: Content, dashboards: Sequence[Dashboard]) -> Text | None:
    """Why a viewer may not open a content; None where it is open. Of a report, one part that is open is enough."""
    refusals = [_closed(viewer, view, dashboards) for view in content.views]
    return None if None in refusals else refusals[0]


def _closed(viewer: Viewer, view: View, dashboards: Sequence[Dashboard]) -> Text | None:
    found = next((each for each in dashboards if each.id == view.dashboard), None)
    if found is None or not found.is_open_to(viewer):
        return say("There is no such dashboard.")
    if view.panel is not None and _panel(found, viewer, view.panel) is None:
        return say("There is no such panel.")
    return None


def own_of(view: View, dashboards: Sequence[Dashboard]) -> View:
    """The view of a dashboard about its reader, where nobody is chosen: about whoever receives it."""
    found = next((each for each in dashboards if each.id == view.dashboard), None)
    if found is None or not found.own or any(each.level == found.own for each in view.selection.where):
        return view
    return view.with_selection(view.selection.with_filter(found.own, (), sets=(named_sets.ME,)))


def _panel(found: Dashboard, viewer: Viewer, panel_id: str) -> Panel | None:
    shown = (panel for row in rows_for(found, viewer) for panel in row)
    return next((panel for panel in shown if panel.id == panel_id), None)
