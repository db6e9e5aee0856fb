"""Reports: kept with all their versions, alone or for others; copied, changed, deleted and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.report import KeptReport, ReportVersion
from app.models.schedule import Schedule
from app.models.user import User
from app.services import sharing
from app.services.halting import halt
from app.services.ledger import record
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, TooBig
from app.values.report import Report
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts.dashboard import Dashboard, rows_for
from layouts.render import formats
from layouts.standard_reports import STANDARD

MOST = 200
"""Reports of one person."""

RESTORABLE = timedelta(days=30)
"""How long a deleted report can be brought back."""

TEXT = "report:"
"""Begins a report's text in a schedule, followed by its id."""

_NOTHING = "There is no such report."


@dataclass(frozen=True)
class Access:
    """Who may use a report besides its owner: `visibility` as for views ("everyone" is all who sign in, never a
    stranger), `roles` with a visibility of "role", and `people`, by their addresses, in any case.
    """

    visibility: str = "private"
    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportCard:
    """A report as one person sees it."""

    id: str
    report: Report
    owner: str
    is_mine: bool
    access: Access
    version: int
    created_at: datetime
    changed_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class Version:
    """What a report was from `at` on, and who made it so."""

    version: int
    report: Report
    author: str
    at: datetime


def save(
    session: Session,
    viewer: Viewer,
    report: Report,
    dashboards: Sequence[Dashboard],
    access: Access | None = None,
    *,
    now: datetime | None = None,
) -> ReportCard:
    """Keep a report. Raises Invalid for parts or formats that the viewer cannot have, Conflict for a name the viewer
    uses already, TooBig beyond MOST, Forbidden to share without being allowed to.
    """
    owner, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    _check(viewer, report, dashboards)
    take_turns(session, f"reports of {owner.id}")
    kept = select(func.count()).where(KeptReport.owner_id == owner.id, KeptReport.deleted_at.is_(None))
    if (session.scalar(kept) or 0) >= MOST:
        raise TooBig("You have {most} reports. Delete one you no longer need.", most=MOST)
    row = KeptReport(id=sharing.new_id(), owner_id=owner.id, version=0, created_at=now, changed_at=now)
    row.folded_name = _free(session, owner, report.name)
    _share(session, viewer, row, owner, access or Access())
    session.add(row)
    _add(session, row, report, owner, now)
    record(session, viewer, "report.saved", _subject(row), _told(session, row), at=now)
    return _card(session, row, owner, owner)


def change(
    session: Session,
    viewer: Viewer,
    report_id: str,
    dashboards: Sequence[Dashboard],
    *,
    version: int,
    report: Report | None = None,
    access: Access | None = None,
    now: datetime | None = None,
) -> ReportCard:
    """Make one's own report another, as a version of its own; None leaves it, or who may use it, as it is.

    `version` is that of the card the changes were made on. Raises Conflict when somebody was quicker.
    """
    row, owner = _own(session, viewer, report_id)
    if row.version != version:
        raise Conflict("{name} was changed meanwhile: look at it again, then save.", name=_newest(session, row).name)
    now, before = now or datetime.now(UTC), _told(session, row)
    if access is not None:
        _share(session, viewer, row, owner, access)
    if report is not None and report != _newest(session, row):
        _check(viewer, report, dashboards)
        row.folded_name = _free(session, owner, report.name, row.id)
        _add(session, row, report, owner, now)
    if before != _told(session, row):
        row.changed_at = now
        record(
            session, viewer, "report.changed", _subject(row), {"before": before, "after": _told(session, row)}, at=now
        )
    return _card(session, row, owner, owner)


def copy(
    session: Session,
    viewer: Viewer,
    source: str,
    dashboards: Sequence[Dashboard],
    *,
    name: str = "",
    now: datetime | None = None,
) -> ReportCard:
    """One's own copy of a report, or of a standard one by its id, without parts that are not the viewer's to see."""
    standard = STANDARD.get(source)
    if standard is None:
        report = find(session, viewer, source).report
    else:
        t = words(viewer.context.locale)
        report = replace(standard, name=t(standard.name), description=t(standard.description))
    parts = tuple(
        part for part, view in zip(report.parts, report.views(), strict=True) if _is_open(viewer, view, dashboards)
    )
    if not parts:
        raise Forbidden("Nothing of this report is yours to see.")
    known = tuple(each for each in report.formats if any(each == found.id for found in formats.FORMATS))
    copied = replace(report, parts=parts, name=name or report.name, formats=known or (formats.FORMATS[0].id,))
    return save(session, viewer, copied, dashboards, now=now)


def bring_back(
    session: Session,
    viewer: Viewer,
    report_id: str,
    dashboards: Sequence[Dashboard],
    *,
    earlier: int,
    version: int,
    now: datetime | None = None,
) -> ReportCard:
    """Let an earlier version count again, as a new one. Raises NotFound for one there never was; else as `change`."""
    found = next((each for each in versions(session, viewer, report_id) if each.version == earlier), None)
    if found is None:
        raise NotFound("There is no such version.")
    return change(session, viewer, report_id, dashboards, version=version, report=found.report, now=now)


def remove(session: Session, viewer: Viewer, report_id: str, *, now: datetime | None = None) -> None:
    """Delete one's own report; it can be restored for 30 days. Schedules that send it pause."""
    row, _ = _own(session, viewer, report_id)
    now = now or datetime.now(UTC)
    name = _newest(session, row).name
    row.deleted_at = now
    reason = f"The report {name} was deleted."
    sending = select(Schedule).where(Schedule.deleted_at.is_(None), Schedule.paused_at.is_(None))
    for schedule in session.scalars(sending):
        if f"{TEXT}{row.id}" in schedule.views:
            halt(session, viewer, schedule, reason, now)
    record(session, viewer, "report.deleted", _subject(row), {"name": name}, at=now)


def restore(session: Session, viewer: Viewer, report_id: str, *, now: datetime | None = None) -> ReportCard:
    """Bring back a report one deleted; its schedules stay paused. Conflict when its name was given to another."""
    owner, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    take_turns(session, f"reports of {owner.id}")
    row = session.get(KeptReport, report_id, with_for_update=True)
    if row is None or row.owner_id != owner.id or row.deleted_at is None or row.deleted_at <= now - RESTORABLE:
        raise NotFound(_NOTHING)
    _free(session, owner, _newest(session, row).name)
    row.deleted_at = None
    session.flush()
    record(session, viewer, "report.restored", _subject(row), {"name": _newest(session, row).name}, at=now)
    return _card(session, row, owner, owner)


def listed(session: Session, viewer: Viewer, *, deleted: bool = False, now: datetime | None = None) -> list[ReportCard]:
    """The viewer's own reports and those that are there for the viewer, by name; or one's own that can be restored."""
    viewer.require("dashboards")
    person = sharing.known_person(session, viewer)
    since = (now or datetime.now(UTC)) - RESTORABLE
    state = KeptReport.deleted_at > since if deleted else KeptReport.deleted_at.is_(None)
    rows = session.execute(
        select(KeptReport, User)
        .join(User, User.id == KeptReport.owner_id)
        .where(state)
        .order_by(KeptReport.folded_name, KeptReport.id)
    )
    return [
        _card(session, row, owner, person)
        for row, owner in rows
        if (person is not None and row.owner_id == person.id)
        or (not deleted and _may_use(row, owner, person, viewer.role))
    ]


def find(session: Session, viewer: Viewer, report_id: str) -> ReportCard:
    """One report. Raises NotFound for one that is not there for the viewer, as for one that does not exist."""
    viewer.require("dashboards")
    person, row = sharing.known_person(session, viewer), session.get(KeptReport, report_id)
    owner = session.get(User, row.owner_id) if row is not None else None
    if row is None or owner is None or row.deleted_at is not None or not _may_use(row, owner, person, viewer.role):
        raise NotFound(_NOTHING)
    return _card(session, row, owner, person)


def held(session: Session, viewer: Viewer, report_id: str) -> ReportCard:
    """One's own report, which nobody else changes until the transaction ends. Raises as `change` does."""
    row, owner = _own(session, viewer, report_id)
    return _card(session, row, owner, owner)


def versions(session: Session, viewer: Viewer, report_id: str) -> list[Version]:
    """All versions of a report that is there for the viewer, the newest first."""
    find(session, viewer, report_id)
    rows = session.scalars(
        select(ReportVersion).where(ReportVersion.report_id == report_id).order_by(ReportVersion.version.desc())
    )
    return [Version(row.version, Report.of(row.content), row.author, row.at) for row in rows]


def forget_deleted(session: Session, now: datetime) -> int:
    """Take away for good what was deleted too long ago to be restored; returns how many."""
    over = KeptReport.deleted_at <= now - RESTORABLE
    count = session.scalar(select(func.count()).select_from(KeptReport).where(over)) or 0
    session.execute(delete(KeptReport).where(over))
    return count


def _check(viewer: Viewer, report: Report, dashboards: Sequence[Dashboard]) -> None:
    """Refuse what would fail when it is made: a part that is not the viewer's, a format there is not."""
    for view in report.views():
        if not _is_open(viewer, view, dashboards):
            raise Invalid("{view} is no dashboard or panel that you may open.", view=str(view)[:80])
    for each in report.formats:
        formats.known(each)


def _is_open(viewer: Viewer, view: View, dashboards: Sequence[Dashboard]) -> bool:
    found = next((each for each in dashboards if each.id == view.dashboard), None)
    if found is None or not found.is_open_to(viewer):
        return False
    return view.panel is None or any(panel.id == view.panel for row in rows_for(found, viewer) for panel in row)


def _share(session: Session, viewer: Viewer, row: KeptReport, owner: User, access: Access) -> None:
    given = sharing.audience(session, viewer, owner, access.visibility, access.roles)
    people: list[int] = []
    if access.people:
        viewer.require("share")
        named = session.scalars(select(User).where(User.email.in_(access.people)))
        found = {user.email: user.id for user in named}
        unknown = [each for each in access.people if each not in found]
        if unknown:
            raise Invalid("There is no user {email}.", email=", ".join(unknown)[:80])
        people = sorted(found.values())
    if (row.visibility, row.roles, row.people) != (given.visibility, list(given.roles), people):
        row.visibility, row.roles, row.people = given.visibility, list(given.roles), people


def _may_use(row: KeptReport, owner: User, person: User | None, role: str) -> bool:
    named = person is not None and person.id in row.people
    return named or sharing.may_use(row, owner, person, role)


def _add(session: Session, row: KeptReport, report: Report, author: User, now: datetime) -> None:
    row.version += 1
    session.flush()
    session.add(ReportVersion(report_id=row.id, version=row.version, content=report.told(), author=author.name, at=now))
    session.flush()


def _newest(session: Session, row: KeptReport) -> Report:
    return Report.of(session.get_one(ReportVersion, (row.id, row.version)).content)


def _own(session: Session, viewer: Viewer, report_id: str) -> tuple[KeptReport, User]:
    """One's own report, to be written; Forbidden for one that is only shared with the viewer."""
    owner = sharing.person_of(session, viewer)
    take_turns(session, f"reports of {owner.id}")
    row = sharing.own(session, KeptReport, report_id, owner)
    if row is None:
        belongs_to = find(session, viewer, report_id).owner
        raise Forbidden("This report belongs to {owner}: make a copy of your own.", owner=belongs_to)
    return row, owner


def _free(session: Session, owner: User, name: str, besides: str = "") -> str:
    folded = sharing.free_name(session, KeptReport, owner, name, besides)
    if folded is None:
        raise Conflict("You have a report called {name} already.", name=name)
    return folded


def _card(session: Session, row: KeptReport, owner: User, person: User | None) -> ReportCard:
    emails = (
        session.scalars(select(User.email).where(User.id.in_(row.people)).order_by(User.email)) if row.people else ()
    )
    return ReportCard(
        id=row.id,
        report=_newest(session, row),
        owner=owner.name,
        is_mine=person is not None and row.owner_id == person.id,
        access=Access(row.visibility, tuple(row.roles), tuple(emails)),
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        deleted_at=row.deleted_at,
    )


def _told(session: Session, row: KeptReport) -> dict[str, Any]:
    named = _newest(session, row).name
    return {
        "name": named,
        "version": row.version,
        "visibility": row.visibility,
        "roles": list(row.roles),
        "people": list(row.people),
    }


def _subject(row: KeptReport) -> str:
    return f"report:{row.id}"
