"""Runs of reports: every time one was made, with the files as they were."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.services import instances
from app.services.instances import InstanceCard
from app.values.errors import NotFound
from app.web.api.door import Answer, Call, Door
from app.web.api.fields import Instant
from app.web.api.files import KINDS, LOOK_AGAIN_S, as_file, place_of
from app.web.api.shapes import Page, Paged, Told


class ReportFile(Told):
    """A file as it was made; `url` is where it is fetched."""

    name: str
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str
    url: str


class ReportRun(Told):
    """One time a report was made. `generation` is the state of the data it shows; the `summary` is told to whoever it
    was made for, and so are the files.
    """

    id: str
    report: str
    version: int
    name: str
    state: Literal["running", "done", "failed"]
    started_at: Instant
    ended_at: Instant | None
    views: list[str]
    generation: int | None
    first_day: str | None
    last_day: str | None
    rows: int | None
    summary: list[str]
    error: str
    distribution: Literal["none", "pending", "sent", "partly", "failed"]
    files: list[ReportFile]


def add(door: Door) -> None:
    """/reports/{report}/runs."""

    @door.operation("POST", "/reports/{report}/runs", scope="export", answers=ReportRun, status=202)
    def run(call: Call, report: str) -> Answer:
        """Have a report made now, of your rows, and kept as it is.

        It is made in the background: `Location` says where to ask how far it is, and `Retry-After` when.
        """
        instances.admit(call.session, call.viewer, now=call.now)
        begun = instances.put_off(call.session, call.viewer, report, now=call.now)
        return _watched(instances.find(call.session, call.viewer, begun))

    @door.operation("GET", "/reports/{report}/runs", scope="read", query=Paged, answers=Page[ReportRun])
    def runs(call: Call, report: str) -> Page[ReportRun]:
        """Every time a report was made for you, the newest first; of your own report those for others, too."""
        with call.reading() as session:
            found = instances.listed(session, call.viewer, report)
        told = [_run(each) for each in found]
        return call.page(told, key=lambda each: (each.started_at.isoformat(), each.id), reverse=True)

    @door.operation("GET", "/reports/{report}/runs/{run}", scope="read", answers=ReportRun)
    def show(call: Call, report: str, run: str) -> Answer:
        """One time a report was made; while it is not done, `Retry-After` says when to ask again."""
        with call.reading() as session:
            return _watched(_instance(instances.find(session, call.viewer, run), report))

    @door.operation("GET", "/reports/{report}/runs/{run}/files/{name}", scope="export", media=KINDS)
    def fetch(call: Call, report: str, run: str, name: str) -> Answer:
        """A file to the byte as it was made, for whoever it was made for."""
        # That it was opened is noted before the first byte goes out.
        with call.house.database.write() as session:
            _instance(instances.find(session, call.viewer, run), report)
            home = call.house.settings.home.resolve()
            file = instances.open_file(session, call.viewer, home, run, name, now=call.now)
        return as_file(file)


def _watched(card: InstanceCard) -> Answer:
    headers = {"Location": place_of("reports", card.report_id, "runs", card.id)}
    if card.state == "running":
        headers["Retry-After"] = str(LOOK_AGAIN_S)
    return Answer(_run(card), headers=headers)


def _instance(card: InstanceCard, report: str) -> InstanceCard:
    if card.report_id != report:
        raise NotFound("There is no such report, or it was made for somebody else.")
    return card


def _run(card: InstanceCard) -> ReportRun:
    files = [
        ReportFile(
            name=each.name,
            media_type=each.media_type,
            size=each.size,
            sha256=each.sha256,
            url=place_of("reports", card.report_id, "runs", card.id, "files", each.name),
        )
        for each in card.files
    ]
    return ReportRun(
        id=card.id,
        report=card.report_id,
        version=card.version,
        name=card.name,
        state=card.state,  # type: ignore[arg-type]
        started_at=card.started_at,
        ended_at=card.ended_at,
        views=list(card.views),
        generation=card.generation,
        first_day=card.days[0].isoformat() if card.days else None,
        last_day=card.days[1].isoformat() if card.days else None,
        rows=card.rows,
        summary=list(card.summary),
        error=card.error,
        distribution=card.distribution,  # type: ignore[arg-type]
        files=files,
    )
