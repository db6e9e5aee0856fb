"""The form of a report: what it offers, what it says, and how a report stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.datastructures import MultiDict

from app.services.reports import Access
from app.values.errors import Invalid
from app.values.report import MOST_PARTS, Part, Report
from app.values.viewer import Viewer
from app.values.words import words
from layouts import format as fmt
from layouts.dashboard import rows_for

if TYPE_CHECKING:
    from app.assembly import House

FREE_ROWS = 3
"""Empty rows that the form offers for further parts."""


@dataclass(frozen=True)
class Row:
    """A part as it stands in the form: the dashboard or panel, what it is looked at through, how it is drawn."""

    place: str
    through: str
    chart: str
    columns: str


def choices(house: House, viewer: Viewer) -> list[tuple[str, list[tuple[str, str]]]]:
    """Dashboards with their panels, all that the viewer may open: ("Sales", [("/d/sales", "All of it"), …])."""
    t, offered = words(viewer.context.locale), []
    for dashboard in house.dashboards:
        if not dashboard.is_open_to(viewer) or dashboard.about:
            continue
        panels = [panel for row in rows_for(dashboard, viewer) for panel in row]
        entries = [(f"/d/{dashboard.id}", t("All of it"))]
        entries += [(f"/d/{dashboard.id}/{panel.id}", fmt.heading(t(panel.label))) for panel in panels]
        offered.append((t(dashboard.title), entries))
    return offered


def rows_of(told: Report | MultiDict[str, str]) -> list[Row]:
    """The parts of a report, or those that were typed, as rows of the form."""
    if isinstance(told, Report):
        split = [(part, *part.view.partition("?")[::2]) for part in told.parts]
        return [Row(place, through, part.chart, ", ".join(part.columns)) for part, place, through in split]
    named = ("place", "through", "chart", "columns")
    typed = zip(*(told.getlist(name)[: MOST_PARTS + FREE_ROWS] for name in named), strict=False)
    return [Row(*each) for each in typed if each[0]]


def read(form: MultiDict[str, str]) -> tuple[Report, Access]:
    """What a form says. Raises Invalid, with the sentence of what is wrong."""
    rows = rows_of(form)
    if not rows:
        raise Invalid("Choose at least one part.")
    selection = form.get("selection", "").strip()
    report = Report(
        name=form.get("name", ""),
        description=form.get("description", "").replace("\r\n", "\n"),
        kind=form.get("kind", "custom"),
        parts=tuple(_part(row) for row in rows),
        selection=selection.partition("?")[2] if "?" in selection else selection,
        accent=form.get("accent", "").strip().lower(),
        formats=tuple(form.getlist("formats")),
    )
    people = tuple(each.strip().lower() for each in form.get("people", "").split(",") if each.strip())
    visibility = form.get("visibility", "private")
    roles = tuple(form.getlist("roles")) if visibility == "role" else ()
    return report, Access(visibility, roles, people)


def _part(row: Row) -> Part:
    through = row.through.strip().lstrip("?")
    columns = tuple(each.strip() for each in row.columns.split(",") if each.strip())
    return Part(f"{row.place}?{through}" if through else row.place, row.chart, columns)
