"""Instances: every time a report was made, and what it was then: reopened, it shows what was sent and no other data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.report import KeptReport, ReportFile, ReportInstance
from app.models.user import User
from app.services import documents, filing, reports, sharing
from app.services.filing import Filed
from app.services.ledger import record
from app.values.document import Document
from app.values.errors import Conflict, Forbidden, NotFound, TooBig
from app.values.viewer import Viewer

STATES = ("waiting", "running", "done", "failed")
"""One that waits is told as one that is being made: it will be, in the background."""

DISTRIBUTIONS = ("none", "pending", "sent", "partly", "failed")

MOST_AT_ONCE, MOST_A_DAY = 2, 200
"""Reports that are made for one person at a time, and within a day."""

AT_WORK = timedelta(minutes=10)
"""How long one that says nothing counts as being made."""

TRIES = 3
LEASE = timedelta(minutes=2)
"""How long one that is made in the background belongs to the scheduler that said so last."""

TRY_AGAIN = timedelta(minutes=1)

KEPT = timedelta(days=366)
"""How long an instance and its files are kept."""

STUCK = timedelta(days=1)
NEVER_ENDED = "Whatever made it ended before it did."

CONDITIONAL = "conditional"
"""Marks in how it was distributed that a condition decided about it: that it was made tells of the reader's rows."""

_NOTHING = "There is no such report, or it was made for somebody else."


@dataclass(frozen=True)
class Contents:
    """What was in it: the data's state and days, how many lines its tables have, and the sentences that matter."""

    files: tuple[Filed, ...]
    rows: int
    generation: int | None = None
    days: tuple[date, date] | None = None
    summary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """An instance in a scheduler's hands: its id, its reader's address, its report, and which go at it this is."""

    id: str
    email: str
    report_id: str
    attempt: int


@dataclass(frozen=True)
class InstanceCard:
    """One time a report was made, as its reader or the report's owner sees it; only the reader opens the `files`."""

    id: str
    report_id: str
    version: int
    name: str
    reader: int
    state: str
    started_at: datetime
    ended_at: datetime | None
    seconds: int | None
    views: tuple[str, ...]
    generation: int | None
    days: tuple[date, date] | None
    rows: int | None
    summary: tuple[str, ...]
    error: str
    distribution: str
    distributed: tuple[Mapping[str, Any], ...]
    files: tuple[Filed, ...] = ()


def admit(session: Session, viewer: Viewer, *, now: datetime | None = None) -> None:
    """Let the viewer have one more report made. Raises TooBig when too many are being made, or were within a day."""
    reader, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    take_turns(session, f"reports of {reader.id}")
    mine = select(func.count()).where(ReportInstance.reader_id == reader.id)
    at_work = ReportInstance.state.in_(("waiting", "running"))
    running = mine.where(at_work, ReportInstance.started_at > now - AT_WORK)
    if (session.scalar(running) or 0) >= MOST_AT_ONCE:
        raise TooBig("{most} reports are being made for you: wait for one of them.", most=MOST_AT_ONCE)
    if (session.scalar(mine.where(ReportInstance.started_at > now - timedelta(days=1))) or 0) >= MOST_A_DAY:
        raise TooBig("At most {most} reports are made for a person a day.", most=MOST_A_DAY)


def put_off(session: Session, viewer: Viewer, report_id: str, *, now: datetime | None = None) -> str:
    """Let the viewer's report be made in the background; returns the instance's id. Raises NotFound, Forbidden."""
    instance_id = begin(session, viewer, report_id, now=now)
    row = session.get_one(ReportInstance, instance_id)
    row.state, row.lease_until = "waiting", None
    return instance_id


def claim(session: Session, now: datetime) -> Turn | None:
    """The instance that has waited longest, being made from now on; also one that a scheduler died over.

    One that nobody could make in TRIES goes has failed.
    """
    is_due = (ReportInstance.state == "waiting") & (
        ReportInstance.lease_until.is_(None) | (ReportInstance.lease_until <= now)
    )
    was_left = (ReportInstance.state == "running") & (ReportInstance.lease_until <= now)
    waiting = select(ReportInstance).where(is_due | was_left).order_by(ReportInstance.started_at).limit(1)
    while (row := session.scalar(waiting.with_for_update(skip_locked=True))) is not None:
        if row.attempts < TRIES:
            row.state, row.started_at = "running", now
            row.attempts, row.lease_until = row.attempts + 1, now + LEASE
            return Turn(row.id, session.get_one(User, row.reader_id).email, row.report_id, row.attempts)
        _failed(session, row, NEVER_ENDED, now)
        session.flush()
    return None


def keep(session: Session, turn: Turn, now: datetime) -> bool:
    """Go on with an instance for another while; False when it is no longer this scheduler's, or has ended."""
    row = _in_hand(session, turn)
    if row is not None:
        row.lease_until = now + LEASE
    return row is not None


def give_back(session: Session, turn: Turn, reason: str, now: datetime, *, for_good: bool) -> None:
    """It was not made: it is tried again in a while, unless that is for good or was the last try.

    Nothing changes when it has ended or somebody else goes on with it.
    """
    row = _in_hand(session, turn)
    if row is None:
        return
    if for_good or row.attempts >= TRIES:
        _failed(session, row, reason, now)
    else:
        row.state, row.lease_until = "waiting", now + TRY_AGAIN


def begin(session: Session, viewer: Viewer, report_id: str, *, now: datetime | None = None) -> str:
    """The viewer's report is being made from now on; returns the instance's id. Raises NotFound, Forbidden.

    One that whoever makes it does not end in AT_WORK is made in the background.
    """
    reader, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    card = reports.find(session, viewer, report_id)
    row = ReportInstance(
        id=sharing.new_id(),
        report_id=card.id,
        version=card.version,
        name=card.report.name,
        reader_id=reader.id,
        rights=documents.rights_of(viewer),
        state="running",
        started_at=now,
        lease_until=now + AT_WORK,
        views=[str(view) for view in card.report.views()],
    )
    session.add(row)
    session.flush()
    record(session, viewer, "report.begun", f"instance:{row.id}", {"report": card.id, "version": card.version}, at=now)
    return row.id


def end(
    session: Session, viewer: Viewer, home: Path, instance_id: str, contents: Contents, *, now: datetime | None = None
) -> InstanceCard:
    """It was made: keep its files as they are.

    Raises Conflict when it has ended already, its files were swept away, or the reader's rights changed meanwhile.
    """
    now = now or datetime.now(UTC)
    row = _running(session, viewer, instance_id)
    if row.rights != documents.rights_of(viewer):
        raise Conflict("Rights have changed while this report was made.")
    for filed in contents.files:
        documents.hold(session, home, filed)
        session.add(ReportFile(instance_id=row.id, **vars(filed)))
    row.rows, row.generation, row.summary = contents.rows, contents.generation, list(contents.summary)
    if contents.days is not None:
        row.data_from, row.data_to = contents.days
    _close(row, "done", now)
    session.flush()
    hashes = {filed.name: filed.sha256 for filed in contents.files}
    record(session, viewer, "report.made", f"instance:{row.id}", {"files": hashes, "rows": row.rows}, at=now)
    return _card(session, row, viewer, is_reader=True)


def fail(session: Session, viewer: Viewer, instance_id: str, error: str, *, now: datetime | None = None) -> None:
    """It could not be made, for the reason that the sentence tells."""
    _failed(session, _running(session, viewer, instance_id), error, now or datetime.now(UTC), by=viewer)


def tell_distribution(
    session: Session, instance_id: str, status: str, details: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Say what became of its sending: `details` are recipients with the state and reason of each."""
    row = session.get(ReportInstance, instance_id, with_for_update=True)
    if row is None:
        raise NotFound(_NOTHING)
    if status not in DISTRIBUTIONS:
        raise ValueError(status)
    row.distribution, row.distributed = status, [dict(each) for each in details]
    record(session, "scheduler", "report.distributed", f"instance:{row.id}", {"status": status}, at=now)


def listed(session: Session, viewer: Viewer, report_id: str) -> list[InstanceCard]:
    """Every time a report was made for the viewer, the newest first; its owner sees those made for others, too, but
    for those that were sent because of what is in rows that the owner may not see.

    Raises NotFound for a report that the viewer may not use and was never made for the viewer.
    """
    person = sharing.person_of(session, viewer)
    report = session.get(KeptReport, report_id)
    is_owner = report is not None and report.owner_id == person.id
    wanted = select(ReportInstance).where(ReportInstance.report_id == report_id)
    if not is_owner:
        wanted = wanted.where(ReportInstance.reader_id == person.id)
    found = session.scalars(wanted.order_by(ReportInstance.started_at.desc(), ReportInstance.id))
    rows = [row for row in found if row.reader_id == person.id or not _is_secret(row, viewer)]
    if not rows and not is_owner:
        reports.find(session, viewer, report_id)
    return [_card(session, row, viewer, is_reader=row.reader_id == person.id) for row in rows]


def find(session: Session, viewer: Viewer, instance_id: str) -> InstanceCard:
    """One instance that was made for the viewer, or of the viewer's report. Raises NotFound."""
    person = sharing.person_of(session, viewer)
    row = session.get(ReportInstance, instance_id)
    report = session.get(KeptReport, row.report_id) if row is not None else None
    if row is None or report is None or person.id not in (row.reader_id, report.owner_id):
        raise NotFound(_NOTHING)
    if row.reader_id != person.id and _is_secret(row, viewer):
        raise NotFound(_NOTHING)
    return _card(session, row, viewer, is_reader=row.reader_id == person.id)


def open_file(
    session: Session, viewer: Viewer, home: Path, instance_id: str, name: str, *, now: datetime | None = None
) -> Document:
    """A file of an instance, to the byte as it was, for its reader; noted, so the session has to be one that writes.

    Raises NotFound for what is not the viewer's, Forbidden when the viewer may no longer export, or sees less, or
    others, than at that time.
    """
    person = sharing.person_of(session, viewer)
    row = session.get(ReportInstance, instance_id)
    file = session.get(ReportFile, (instance_id, name))
    if row is None or file is None or row.reader_id != person.id:
        raise NotFound(_NOTHING)
    viewer.require(documents.PERMISSION)
    if not _is_still_for(row, viewer):
        raise Forbidden("Your rights have changed since this report was made: make it anew.")
    content = filing.content_of(home, file.sha256)
    if content is None:
        raise NotFound(_NOTHING)
    record(session, viewer, "report.opened", f"instance:{row.id}", {"file": file.sha256}, at=now)
    return Document(file.name, file.media_type, content)


def forget(session: Session, now: datetime) -> int:
    """Delete instances of more than a year ago; their bytes go with the next sweep. Returns how many.

    What was begun a day ago and has not ended never will.
    """
    stuck = ReportInstance.state.in_(("waiting", "running")) & (ReportInstance.started_at <= now - STUCK)
    session.execute(update(ReportInstance).where(stuck).values(state="failed", error=NEVER_ENDED, ended_at=now))
    over = ReportInstance.started_at <= now - KEPT
    count = session.scalar(select(func.count()).select_from(ReportInstance).where(over)) or 0
    session.execute(delete(ReportInstance).where(over))
    return count


def _sees_all(viewer: Viewer) -> bool:
    return viewer.context.scope.is_everything and not viewer.context.masks


def _is_secret(row: ReportInstance, viewer: Viewer) -> bool:
    """Whether a report's owner is not told of it: that it was made tells what is in rows of others."""
    return not _sees_all(viewer) and any(each.get(CONDITIONAL) for each in row.distributed)


def _is_still_for(row: ReportInstance, viewer: Viewer) -> bool:
    """Whether its reader has the rights it was made under, or sees everything."""
    return _sees_all(viewer) or row.rights == documents.rights_of(viewer)


def _running(session: Session, viewer: Viewer, instance_id: str) -> ReportInstance:
    person = sharing.person_of(session, viewer)
    row = session.get(ReportInstance, instance_id, with_for_update=True)
    if row is None or row.reader_id != person.id:
        raise NotFound(_NOTHING)
    if row.state != "running":
        raise Conflict("This report has ended already.")
    return row


def _in_hand(session: Session, turn: Turn) -> ReportInstance | None:
    row = session.get(ReportInstance, turn.id, with_for_update=True)
    return row if row is not None and row.state == "running" and row.attempts == turn.attempt else None


def _failed(
    session: Session, row: ReportInstance, error: str, now: datetime, by: Viewer | Literal["scheduler"] = "scheduler"
) -> None:
    row.error = error
    _close(row, "failed", now)
    record(session, by, "report.failed", f"instance:{row.id}", {"error": error}, at=now)


def _close(row: ReportInstance, state: str, now: datetime) -> None:
    row.lease_until = None
    row.state, row.ended_at, row.seconds = state, now, round((now - row.started_at).total_seconds())


def _card(session: Session, row: ReportInstance, viewer: Viewer, *, is_reader: bool) -> InstanceCard:
    files = session.scalars(select(ReportFile).where(ReportFile.instance_id == row.id).order_by(ReportFile.name))
    return InstanceCard(
        id=row.id,
        report_id=row.report_id,
        version=row.version,
        name=row.name,
        reader=row.reader_id,
        state="running" if row.state == "waiting" else row.state,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        views=tuple(row.views),
        generation=row.generation,
        days=(row.data_from, row.data_to) if row.data_from and row.data_to else None,
        rows=row.rows if is_reader or _sees_all(viewer) else None,
        # What it says is told to whoever it was made for, as long as the rights are those: the report's owner may see
        # other rows, and so may the reader since.
        summary=tuple(row.summary) if is_reader and _is_still_for(row, viewer) else (),
        error=row.error,
        distribution=row.distribution,
        distributed=tuple(row.distributed),
        files=tuple(Filed(f.name, f.media_type, f.size, f.sha256) for f in files) if is_reader else (),
    )
