"""Reports: what they are made of, in versions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.services import reports
from app.services.reports import Access, ReportCard, Version
from app.values.errors import NotFound
from app.values.report import Part, Report
from app.web.api.door import Answer, Call, Door
from app.web.api.fields import Address, Instant, Kept, Roles, Visibility
from app.web.api.files import place_of
from app.web.api.shapes import Page, Paged, Sent, Told
from layouts.render.formats import FORMATS
from layouts.standard_reports import STANDARD

Draw = Literal["as-on-screen", "table"]
Kind = Literal["executive", "team", "pipeline", "revenue", "custom"]

_DRAWN: dict[str, Draw] = {"": "as-on-screen", "table": "table"}
_CHART: dict[Draw, str] = {draw: chart for chart, draw in _DRAWN.items()}

_SELECTION = Field(
    description="What all parts are looked at through, as the address bar writes it: a part’s own counts more.",
    examples=["period=2026-Q3&region=iberia"],
)
_FORMATS = Field(
    min_length=1,
    max_length=len(FORMATS),
    description=f"Kinds of files it is made as: {', '.join(each.id for each in FORMATS)}.",
    examples=[["pdf", "xlsx"]],
)
_PEOPLE = Field(max_length=500, description="Addresses of people who may use it besides.")


class ReportPart(Sent):
    """A dashboard or one panel of it. `columns` are ids of metrics, for a table that shows some of its columns."""

    view: Address
    draw: Draw = "as-on-screen"
    columns: list[str] = Field(default_factory=list, max_length=60)


class ReportDefinition(Told):
    """What a report is made of and who may use it; `version` grows with every change of what it is made of."""

    id: str
    name: str
    description: str
    kind: Kind
    parts: list[ReportPart]
    selection: str = _SELECTION
    accent: str = Field(description="The colour of its headings as #rrggbb; empty for the company’s.")
    formats: list[str]
    owner: str
    is_mine: bool
    visibility: Visibility
    roles: Roles
    people: list[str] = Field(description="Told to its owner only.")
    version: int
    created_at: Instant
    changed_at: Instant
    deleted_at: Instant | None


class NewReport(Sent):
    """A report to keep."""

    name: str = Field(examples=["Monday morning"])
    parts: list[ReportPart] = Field(min_length=1, max_length=40)
    description: str = ""
    kind: Kind = "custom"
    selection: str = Field(default="", description=_SELECTION.description, examples=_SELECTION.examples)
    accent: str = ""
    formats: list[str] = Field(
        default_factory=lambda: ["pdf"], min_length=1, max_length=len(FORMATS), description=_FORMATS.description
    )
    visibility: Visibility = "private"
    roles: Roles = Field(default_factory=list)
    people: list[str] = Field(default_factory=list, max_length=500, description=_PEOPLE.description)


class ReportChange(Sent):
    """What is to be different; what is left out stays."""

    name: str | None = None
    parts: list[ReportPart] | None = Field(default=None, min_length=1, max_length=40)
    description: str | None = None
    kind: Kind | None = None
    selection: str | None = None
    accent: str | None = None
    formats: list[str] | None = Field(default=None, min_length=1, max_length=len(FORMATS))
    visibility: Visibility | None = None
    roles: Roles | None = None
    people: list[str] | None = Field(default=None, max_length=500)


class ReportCopy(Sent):
    """A report to copy: the id of one you may use, or of a standard one."""

    of: str = Field(description=f"An id, or one of {', '.join(STANDARD)}.", examples=[next(iter(STANDARD))])
    name: str = Field(default="", description="Of the copy; the same name if empty.")


class ReportVersion(Told):
    """What a report was from a moment on."""

    version: int
    author: str
    at: Instant
    name: str
    description: str
    parts: list[ReportPart]
    selection: str
    formats: list[str]


def add(door: Door) -> None:
    """/reports and their versions."""
    _looking(door)
    _keeping(door)
    _versions(door)


def _looking(door: Door) -> None:
    @door.operation("GET", "/reports", scope="read", query=Kept, answers=Page[ReportDefinition])
    def index(call: Call) -> Page[ReportDefinition]:
        """Your reports and those that you may use, by name."""
        with call.reading() as session:
            found = reports.listed(session, call.viewer, deleted=call.query.deleted, now=call.now)
        return call.page([_told(each) for each in found], key=lambda each: (each.name.casefold(), each.id))

    @door.operation("GET", "/reports/{report}", scope="read", answers=ReportDefinition, etag=True)
    def show(call: Call, report: str) -> ReportDefinition:
        """One report, as it stands now."""
        with call.reading() as session:
            return _told(reports.find(session, call.viewer, report))


def _held(call: Call, report: str, **_parts: str) -> ReportDefinition:
    return _told(reports.held(call.session, call.viewer, report))


def _keeping(door: Door) -> None:
    @door.operation("POST", "/reports", scope="write", takes=NewReport, answers=ReportDefinition, status=201)
    def create(call: Call) -> Answer:
        """Keep a report."""
        wish = call.body
        access = Access(wish.visibility, tuple(wish.roles), _addresses(wish.people))
        told = wish.model_dump(include={"name", "description", "kind", "selection", "accent"})
        report = Report(**told, parts=_parts(wish.parts), formats=tuple(wish.formats))
        return _made(reports.save(call.session, call.viewer, report, call.house.dashboards, access, now=call.now))

    @door.operation("POST", "/report-copies", scope="write", takes=ReportCopy, answers=ReportDefinition, status=201)
    def copy(call: Call) -> Answer:
        """Copy a report; parts that are not yours to see are left out."""
        wish, boards = call.body, call.house.dashboards
        return _made(reports.copy(call.session, call.viewer, wish.of, boards, name=wish.name, now=call.now))

    @door.operation(
        "PATCH",
        "/reports/{report}",
        scope="write",
        takes=ReportChange,
        answers=ReportDefinition,
        matches=_held,
        etag=True,
    )
    def change(call: Call, report: str) -> ReportDefinition:
        """Change or share a report of yours; what it was before stays among its versions."""
        before = reports.held(call.session, call.viewer, report)
        changed = reports.change(
            call.session,
            call.viewer,
            report,
            call.house.dashboards,
            version=before.version,
            report=_changed(before.report, call.body),
            access=_access(before.access, call.body),
            now=call.now,
        )
        return _told(changed)

    @door.operation("DELETE", "/reports/{report}", scope="write", status=204, matches=_held)
    def remove(call: Call, report: str) -> None:
        """Delete a report of yours. It can be restored for 30 days; schedules that send it pause."""
        reports.remove(call.session, call.viewer, report, now=call.now)

    @door.operation("POST", "/reports/{report}/restore", scope="write", answers=ReportDefinition)
    def restore(call: Call, report: str) -> ReportDefinition:
        """Bring back a report that you deleted; its schedules stay paused."""
        return _told(reports.restore(call.session, call.viewer, report, now=call.now))


def _versions(door: Door) -> None:
    @door.operation("GET", "/reports/{report}/versions", scope="read", query=Paged, answers=Page[ReportVersion])
    def versions(call: Call, report: str) -> Page[ReportVersion]:
        """All versions of a report, the newest first."""
        with call.reading() as session:
            found = reports.versions(session, call.viewer, report)
        return call.page([_version(each) for each in found], key=lambda each: (each.version,), reverse=True)

    @door.operation(
        "POST",
        "/reports/{report}/versions/{version}/restore",
        scope="write",
        answers=ReportDefinition,
        matches=_held,
        etag=True,
    )
    def bring_back(call: Call, report: str, version: str) -> ReportDefinition:
        """Let an earlier version count again, as a new one."""
        if not (version.isdecimal() and version.isascii() and len(version) < 9):
            raise NotFound("There is no such version.")
        before = reports.held(call.session, call.viewer, report)
        changed = reports.bring_back(
            call.session,
            call.viewer,
            report,
            call.house.dashboards,
            earlier=int(version),
            version=before.version,
            now=call.now,
        )
        return _told(changed)


def _made(card: ReportCard) -> Answer:
    return Answer(_told(card), headers={"Location": place_of("reports", card.id)})


def _parts(parts: list[ReportPart]) -> tuple[Part, ...]:
    return tuple(Part(each.view, _CHART[each.draw], tuple(each.columns)) for each in parts)


def _addresses(people: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip().lower() for each in people))


def _changed(before: Report, wish: ReportChange) -> Report:
    told: dict[str, Any] = wish.model_dump(
        include={"name", "description", "kind", "selection", "accent"}, exclude_none=True
    )
    if wish.parts is not None:
        told["parts"] = _parts(wish.parts)
    if wish.formats is not None:
        told["formats"] = tuple(wish.formats)
    return Report(**{**vars(before), **told})


def _access(before: Access, wish: ReportChange) -> Access:
    visibility = before.visibility if wish.visibility is None else wish.visibility
    kept = before.roles if visibility == "role" else ()
    return Access(
        visibility,
        kept if wish.roles is None else tuple(wish.roles),
        before.people if wish.people is None else _addresses(wish.people),
    )


def _told_parts(report: Report) -> list[ReportPart]:
    return [ReportPart(view=each.view, draw=_DRAWN[each.chart], columns=list(each.columns)) for each in report.parts]


def _told(card: ReportCard) -> ReportDefinition:
    report = card.report
    return ReportDefinition(
        id=card.id,
        name=report.name,
        description=report.description,
        kind=report.kind,  # type: ignore[arg-type]
        parts=_told_parts(report),
        selection=report.selection,
        accent=report.accent,
        formats=list(report.formats),
        owner=card.owner,
        is_mine=card.is_mine,
        visibility=card.access.visibility,  # type: ignore[arg-type]
        roles=list(card.access.roles),
        people=list(card.access.people) if card.is_mine else [],
        version=card.version,
        created_at=card.created_at,
        changed_at=card.changed_at,
        deleted_at=card.deleted_at,
    )


def _version(each: Version) -> ReportVersion:
    return ReportVersion(
        version=each.version,
        author=each.author,
        at=each.at,
        name=each.report.name,
        description=each.report.description,
        parts=_told_parts(each.report),
        selection=each.report.selection,
        formats=list(each.report.formats),
    )
