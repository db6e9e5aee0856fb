"""The library of reports: one's own, those shared, the standard ones; made in a form, opened as they were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.reporting import make, make_later, taken_away
from app.services import instances, reports, schedules, sharing
from app.services.contents import REPORT
from app.services.documents import PERMISSION
from app.services.reports import Access, ReportCard
from app.values.errors import Busy, Invalid, Refusal
from app.values.recurrence import Recurrence
from app.values.report import CHARTS, KINDS, WAITS, Part, Report
from app.values.viewer import Viewer
from app.values.words import words
from app.web.downloads import drawing, sent
from app.web.errors import status_of
from app.web.fields import number_in
from app.web.report_form import FREE_ROWS, choices, read, rows_of
from layouts import format as fmt
from layouts.render.formats import FORMATS
from layouts.standard_reports import STANDARD

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/reports"
EMPTY = Report("New", (Part("/d/overview/cumulative"),))
"""What a new form begins with."""


def library(house: House, current_viewer: Callable[[], Viewer]) -> Blueprint:
    """`/reports` and every report's own page: whoever it is not for cannot tell that it is there."""
    pages = Blueprint("reports", __name__, template_folder="templates")

    @pages.get(HERE)
    def shelf() -> ResponseReturnValue:
        return _shelf(house, current_viewer())

    @pages.get(f"{HERE}/new")
    def blank() -> ResponseReturnValue:
        return _form(house, current_viewer(), None)

    @pages.post(f"{HERE}/new")
    def begin() -> ResponseReturnValue:
        viewer = current_viewer()
        try:
            card = _begun(house, viewer)
        except Refusal as refusal:
            return _form(house, viewer, None, refusal)
        return redirect(f"{HERE}/{card.id}", 302)

    @pages.get(f"{HERE}/<report>")
    def show(report: str) -> ResponseReturnValue:
        viewer = current_viewer()
        with house.database.read() as session:
            card = reports.find(session, viewer, report)
        return _form(house, viewer, card)

    endings = ",".join(each.id for each in FORMATS)

    @pages.get(f"{HERE}/<report>.<any({endings}):ending>")
    def take(report: str, ending: str) -> ResponseReturnValue:
        with drawing():
            return sent(taken_away(house, current_viewer(), report, ending))

    @pages.post(f"{HERE}/<report>")
    def act(report: str) -> ResponseReturnValue:
        return _acted(house, current_viewer(), report)

    @pages.get(f"{HERE}/<report>/<instance>/<name>")
    def file(report: str, instance: str, name: str) -> ResponseReturnValue:  # noqa: ARG001
        with house.database.write() as session:
            home = house.settings.home.resolve()
            return sent(instances.open_file(session, current_viewer(), home, instance, name))

    return pages


def _begun(house: House, viewer: Viewer) -> ReportCard:
    """A new report: a copy of what is named, or what the form says."""
    source = request.form.get("source", "")
    with house.database.write() as session:
        if source:
            return reports.copy(session, viewer, source, house.dashboards, name=request.form.get("name", ""))
        report, access = read(request.form)
        return reports.save(session, viewer, report, house.dashboards, access)


def _acted(house: House, viewer: Viewer, report: str) -> ResponseReturnValue:
    """What a button of a report's page asks for; what was typed stays where it cannot be."""
    asked = request.form.get("do", "")
    try:
        if asked == "make":
            try:
                with drawing():
                    make(house, viewer, report)
            except Busy:
                make_later(house, viewer, report)
                asked = "later"
        else:
            _changed(house, viewer, report, asked)
    except Refusal as refusal:
        with house.database.read() as session:
            card = reports.find(session, viewer, report)
        return _form(house, viewer, card, refusal)
    return redirect(HERE if asked in ("delete", "restore") else f"{HERE}/{report}?done={asked}", 302)


def _changed(house: House, viewer: Viewer, report: str, asked: str) -> None:
    form = request.form
    on, earlier = number_in(form, "version"), number_in(form, "earlier")
    with house.database.write() as session:
        match asked:
            case "save":
                told, access = read(form)
                kept = reports.find(session, viewer, report).report
                told = replace(told, waits=kept.waits)
                reports.change(session, viewer, report, house.dashboards, version=on, report=told, access=access)
            case "back" if earlier:
                reports.bring_back(session, viewer, report, house.dashboards, earlier=earlier, version=on)
            case "delete":
                reports.remove(session, viewer, report)
            case "restore":
                reports.restore(session, viewer, report)
            case _:
                raise Invalid("There is no such change.")


def _shelf(house: House, viewer: Viewer) -> ResponseReturnValue:
    viewer.require(PERMISSION)
    with house.database.read() as session:
        cards = reports.listed(session, viewer)
        gone = reports.listed(session, viewer, deleted=True)
    return render_template(
        "reports.html", viewer=viewer, cards=cards, gone=gone, standard=STANDARD, kinds=KINDS, waits=WAITS
    )


def _sent_by(session: Session, viewer: Viewer, report: str) -> list[tuple[str, str, str]] | None:
    """The viewer's schedules that send a report: id, name, and when; None for who may send nothing."""
    if not viewer.may(schedules.PERMISSION):
        return None
    t = words(viewer.context.locale)
    kept = [each for each in schedules.listed(session, viewer) if f"{REPORT}{report}" in each.draft.views]
    return [(each.id, each.draft.name, Recurrence.parse(each.draft.recurrence).said(t)) for each in kept]


def _form(house: House, viewer: Viewer, card: ReportCard | None, refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer.require(PERMISSION)
    with house.database.read() as session:
        person = sharing.person_of(session, viewer)
        told = {
            "offered": sharing.offered(viewer, person),
            "roles": sharing.role_titles(session),
            "versions": reports.versions(session, viewer, card.id) if card else [],
            "made": instances.listed(session, viewer, card.id) if card else [],
            "sent_by": _sent_by(session, viewer, card.id) if card else None,
        }
    report = card.report if card else EMPTY
    offered = choices(house, viewer)
    typed = rows_of(request.form) if refusal is not None and request.form.get("do", "save") == "save" else None
    page = render_template(
        "report.html",
        viewer=viewer,
        card=card,
        report=report,
        name=request.form.get("name", "") or (report.name if card else ""),
        access=card.access if card else Access(),
        may_change=card is None or card.is_mine,
        rows=list(zip_longest(typed or rows_of(report), range(len(typed or report.parts) + FREE_ROWS))),
        choices=offered,
        known={place for _, entries in offered for place, _ in entries},
        formats=FORMATS,
        kinds=KINDS,
        charts=CHARTS,
        waits=WAITS,
        local=lambda at: (
            f"{fmt.day(at.astimezone(ZoneInfo(house.settings.zone)).date(), viewer.context.locale)}, "
            f"{at.astimezone(ZoneInfo(house.settings.zone)):%H:%M}"
        ),
        sentence=refusal.sentence if refusal else "",
        done=request.args.get("done", ""),
        **told,
    )
    return page, 200 if refusal is None else status_of(refusal)
