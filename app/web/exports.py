"""The exports page: files that are being made for you, how far they are, and those that wait for you to fetch them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.handing import opened, panel_of
from app.one_pagers import PLACE, mailed
from app.services import documents, jobs, schedules
from app.services.jobs import JobCard
from app.values.errors import NotFound, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say, words
from app.web.downloads import sent
from app.web.errors import status_of
from app.web.guard import note_timer
from layouts import format as fmt
from layouts.render import formats
from layouts.settle import period_of

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/exports"
WATCHING = "watching"
"""Part of the address by which a page that waits looks again by itself: a clock, nobody's hand."""

BEGUN = say("This takes a while: it is made in the background, and you are told when it has ended.")

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_STATES = {
    "waiting": say("Waiting"),
    "running": say("Being made"),
    "done": say("Ready"),
    "failed": say("Failed"),
    "cancelled": say("Cancelled"),
}


@dataclass(frozen=True)
class Row:
    """An export as the page shows it; `until` is when its file goes, in the company's time."""

    job: JobCard
    title: str
    period: str
    format: str
    state: str
    asked: str
    until: str
    size: str


def exports(house: House, current_viewer: Callable[[], Viewer]) -> Blueprint:
    """`/exports`: ask for a file, watch it, fetch it. Everybody sees the own ones, and nobody another's."""
    pages = Blueprint("exports", __name__, template_folder="templates")

    @pages.get(HERE)
    def show() -> ResponseReturnValue:
        if WATCHING in request.args:
            note_timer()
        return _page(house, current_viewer())

    @pages.post(HERE)
    def ask() -> ResponseReturnValue:
        viewer = current_viewer()
        by_script = request.accept_mimetypes.best == "application/json"
        try:
            view = View.parse(request.form.get("view", ""))
            _openable(house, viewer, view)
            with house.database.write() as session:
                jobs.enqueue(session, viewer, str(view), request.form.get("format", ""))
        except Refusal as refusal:
            if by_script:
                raise
            return _page(house, viewer, refusal.sentence, status_of(refusal))
        if by_script:
            return jsonify(sentence=words(viewer.context.locale)(BEGUN)), 202
        return redirect(HERE, 302)

    @pages.post(f"{HERE}/mailed")
    def mail_each() -> ResponseReturnValue:
        viewer = current_viewer()
        try:
            done = mailed(house, viewer)
        except Refusal as refusal:
            return _page(house, viewer, refusal.sentence, status_of(refusal))
        return redirect(f"/schedules/{done.schedule}?done=mailed&missing={done.missing}", 302)

    @pages.post(f"{HERE}/<job>/cancel")
    def cancel(job: str) -> ResponseReturnValue:
        viewer = current_viewer()
        try:
            with house.database.write() as session:
                jobs.cancel(session, viewer, job)
        except Refusal as refusal:
            return _page(house, viewer, refusal.sentence, status_of(refusal))
        return redirect(HERE, 302)

    @pages.get(f"{HERE}/file/<token>")
    def fetch(token: str) -> ResponseReturnValue:
        with house.database.write() as session:
            # What cannot be a token is not looked for; the answer is the same.
            asked = token if _TOKEN.fullmatch(token) else ""
            return sent(documents.fetch(session, current_viewer(), house.settings.home.resolve(), asked))

    return pages


def _openable(house: House, viewer: Viewer, view: View) -> None:
    """Raise NotFound for what is not the viewer's to see: no job is begun for it."""
    found = opened(house, viewer, view)
    if view.panel is not None:
        panel_of(found, viewer, view)


def _page(house: House, viewer: Viewer, sentence: str = "", status: int = 200) -> ResponseReturnValue:
    viewer.require(documents.PERMISSION)
    with house.database.write() as session:
        listed = jobs.own(session, viewer)
        jobs.see(session, viewer)
    page = render_template(
        "exports.html",
        viewer=viewer,
        rows=[_row(house, viewer, job) for job in listed],
        leads=viewer.may("share"),
        sends=viewer.may("share") and viewer.may(schedules.PERMISSION),
        place=PLACE,
        is_open=any(job.state in jobs.OPEN for job in listed),
        again=f"{HERE}?{WATCHING}=1",
        zone=house.settings.zone,
        sentence=sentence,
    )
    return page, status, {"Cache-Control": "private, no-store"}


def _row(house: House, viewer: Viewer, job: JobCard) -> Row:
    locale, view = viewer.context.locale, View.parse(job.view)
    return Row(
        job=job,
        title=_title(house, viewer, view),
        period=fmt.period_name(str(period_of(view.selection)), None, locale),
        format=_format(job.format, locale),
        state=_STATES[job.state],
        asked=_when(job.asked_at, house.settings.zone, locale),
        until=_when(job.expires_at, house.settings.zone, locale) if job.expires_at else "",
        size=_size(job.size, locale),
    )


def _title(house: House, viewer: Viewer, view: View) -> str:
    """What a view is called: "Overview · Gap by region"; empty when it is no longer the viewer's to see."""
    t = words(viewer.context.locale)
    try:
        found = opened(house, viewer, view)
        told = [found.title] if view.panel is None else [found.title, panel_of(found, viewer, view).title]
    except NotFound:
        return ""
    return " · ".join(fmt.heading(t(each)) for each in told)


def _format(format_id: str, locale: str) -> str:
    if format_id == jobs.ARCHIVE:
        return words(locale)("One-pagers, PDF in a ZIP")
    try:
        return formats.known(format_id).title
    except NotFound:
        return format_id.upper()


def _when(instant: datetime, zone: str, locale: str) -> str:
    local = instant.astimezone(UTC).astimezone(ZoneInfo(zone))
    return f"{fmt.day(local.date(), locale, year=False)}, {local:%H:%M}"


def _size(size: int, locale: str) -> str:
    """The size of a file: "340 kB", "1.2 MB"."""
    if size < 1_000_000:
        return f"{fmt.decimal_text(max(1, round(size / 1_000)), locale, 0)} kB"
    return f"{fmt.decimal_text(Decimal(size) / 1_000_000, locale, 1)} MB"
