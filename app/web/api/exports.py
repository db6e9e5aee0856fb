"""Exports: a view asked for as a file, made in the background, watched, fetched, and given up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.handing import opened, panel_of
from app.services import documents, jobs
from app.services.jobs import ARCHIVE, JobCard
from app.values.view import View
from app.web.api.door import Answer, Call, Door
from app.web.api.fields import Address, Instant
from app.web.api.files import KINDS, LOOK_AGAIN_S, as_file, place_of
from app.web.api.shapes import Page, Paged, Sent, Told
from layouts.render.formats import FORMATS

FormatId = Annotated[
    str,
    Field(
        description=f"The kind of file; “{ARCHIVE}” is an archive with a one-pager for each rep whose sales you see.",
        json_schema_extra={"enum": [*(each.id for each in FORMATS), ARCHIVE]},
        examples=["pdf"],
    ),
]


class NewExport(Sent):
    """A view that becomes a file."""

    view: Address
    format: FormatId


class File(Told):
    """A finished file: where it is fetched with the same token, until when."""

    url: str
    name: str
    size: int = Field(description="Bytes.")
    expires_at: Instant


class Export(Told):
    """An export. `sentence` says why it failed, or what it waits for; `file` is there while it can be fetched."""

    id: str
    view: Address
    format: FormatId
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: int = Field(ge=0, le=100)
    sentence: str
    asked_at: Instant
    ended_at: Instant | None
    file: File | None


def add(door: Door) -> None:
    """/exports."""

    @door.operation("POST", "/exports", scope="export", takes=NewExport, answers=Export, status=202)
    def ask(call: Call) -> Answer:
        """Ask for a view as a file.

        It is made in the background: `Location` says where to ask how far it is, and `Retry-After` when. The same that
        is being made for you already is not asked for twice.
        """
        view = View.parse(call.body.view)
        found = opened(call.house, call.viewer, view)
        if view.panel is not None:
            panel_of(found, call.viewer, view)
        return _watched(jobs.enqueue(call.session, call.viewer, str(view), call.body.format, now=call.now))

    @door.operation("GET", "/exports", scope="export", query=Paged, answers=Page[Export])
    def index(call: Call) -> Page[Export]:
        """Your exports, the newest first; those that ended a week ago are forgotten."""
        with call.reading() as session:
            found = jobs.own(session, call.viewer, now=call.now)
        told = [_told(each) for each in found]
        return call.page(told, key=lambda each: (each.asked_at.isoformat(), each.id), reverse=True)

    @door.operation("GET", "/exports/{export}", scope="export", answers=Export)
    def show(call: Call, export: str) -> Answer:
        """How far an export is; while it is not done, `Retry-After` says when to ask again."""
        with call.reading() as session:
            return _watched(jobs.find(session, call.viewer, export, now=call.now))

    @door.operation("GET", "/exports/{export}/file", scope="export", media=KINDS)
    def fetch(call: Call, export: str) -> Answer:
        """The finished file, within a day, for whoever asked for it and has the same rights as then."""
        home = call.house.settings.home.resolve()
        # That it was fetched is noted before the first byte goes out.
        with call.house.database.write() as session:
            card = jobs.find(session, call.viewer, export, now=call.now)
            file = documents.fetch(session, call.viewer, home, card.document, now=call.now)
        return as_file(file)

    @door.operation("DELETE", "/exports/{export}", scope="export", status=204)
    def give_up(call: Call, export: str) -> None:
        """Give up an export that is being made, or throw away its file."""
        card = jobs.find(call.session, call.viewer, export, now=call.now)
        if card.document:
            documents.throw_away(call.session, call.viewer, card.document, now=call.now)
        else:
            jobs.cancel(call.session, call.viewer, export, now=call.now)


def _watched(card: JobCard) -> Answer:
    headers = {"Location": place_of("exports", card.id)}
    if card.state in jobs.OPEN:
        headers["Retry-After"] = str(LOOK_AGAIN_S)
    return Answer(_told(card), headers=headers)


def _told(card: JobCard) -> Export:
    file = None
    if card.document and card.expires_at is not None:
        url = place_of("exports", card.id, "file")
        file = File(url=url, name=card.name, size=card.size, expires_at=card.expires_at)
    return Export(
        id=card.id,
        view=card.view,
        format=card.format,
        state=card.state,  # type: ignore[arg-type]
        progress=card.progress,
        sentence=card.sentence,
        asked_at=card.asked_at,
        ended_at=card.ended_at,
        file=file,
    )
