"""Jobs: exports that take a while: asked for by people, worked on under leases, ended as a document or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.document import KeptDocument
from app.models.job import ExportJob
from app.models.user import User
from app.services import documents, sharing
from app.services.exports import record_export
from app.services.filing import Filed
from app.services.ledger import record
from app.values.errors import Conflict, NotFound, TooBig
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts.render import formats

STATES = ("waiting", "running", "done", "failed", "cancelled")
OPEN = ("waiting", "running")

MOST_OPEN = 5
"""Exports of one person that wait or run at a time."""

MOST_A_DAY = 100
TRIES = 3
LEASE = timedelta(minutes=2)
"""How long a worker that says nothing keeps a job; saying how far it is renews it."""

RETRY_AFTER = (timedelta(seconds=20), timedelta(minutes=2))
LISTED = timedelta(days=7)
"""How long a job that has ended is told about."""

ARCHIVE = "zip"
"""Asked for instead of a format: a one-pager for each rep whose sales the viewer sees, through the view's selection."""

_NOTHING = "There is no such export, or it is not yours."


@dataclass(frozen=True)
class JobCard:
    """A job as its owner sees it. `document` is what its file is fetched by, empty once its day is over."""

    id: str
    view: str
    format: str
    state: str
    progress: int
    sentence: str
    asked_at: datetime
    ended_at: datetime | None
    document: str = ""
    name: str = ""
    size: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Claim:
    """A job that is the worker's until its lease ends: `by` is this claim's own mark, `email` whose rights count."""

    id: str
    by: str
    email: str
    view: str
    format: str
    tries: int


def enqueue(session: Session, viewer: Viewer, view: str, format_id: str, *, now: datetime | None = None) -> JobCard:
    """Ask for a view as a file. The same that is open already is not asked for twice.

    Raises Forbidden without the permission to export, NotFound for no format, Invalid for no view, TooBig when too
    many are open or were asked for today. Whether the dashboard is the viewer's to see is the door's to find out.
    """
    viewer.require(documents.PERMISSION)
    owner, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    text = str(View.parse(view))
    wanted = format_id if format_id == ARCHIVE else formats.known(format_id).id
    take_turns(session, f"exports of {owner.id}")
    mine = ExportJob.owner_id == owner.id
    still = list(session.scalars(select(ExportJob).where(mine, ExportJob.state.in_(OPEN))))
    for row in still:
        if (row.view, row.format) == (text, wanted):
            return _card(row, None)
    if len(still) >= MOST_OPEN:
        raise TooBig("{most} exports are being made for you: wait for one of them, or cancel it.", most=MOST_OPEN)
    recent = mine & (ExportJob.asked_at > now - timedelta(days=1))
    if (session.scalar(select(func.count()).where(recent)) or 0) >= MOST_A_DAY:
        raise TooBig("A person asks for at most {most} such exports a day.", most=MOST_A_DAY)
    row = ExportJob(id=sharing.new_id(), owner_id=owner.id, view=text, format=wanted, asked_at=now, due_at=now)
    session.add(row)
    session.flush()
    record(session, viewer, "export.asked", f"job:{row.id}", {"view": text, "format": wanted}, at=now)
    return _card(row, None)


def find(session: Session, viewer: Viewer, job_id: str, *, now: datetime | None = None) -> JobCard:
    """One of the viewer's exports. Raises NotFound."""
    found = next((each for each in own(session, viewer, now=now) if each.id == job_id), None)
    if found is None:
        raise NotFound(_NOTHING)
    return found


def own(session: Session, viewer: Viewer, *, now: datetime | None = None) -> list[JobCard]:
    """The viewer's exports, the newest first; those that ended a week ago are no longer told about."""
    person, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    told = (ExportJob.owner_id == person.id) & (ExportJob.state.in_(OPEN) | (ExportJob.ended_at > now - LISTED))
    rows = session.execute(
        select(ExportJob, KeptDocument)
        .outerjoin(KeptDocument, (KeptDocument.id == ExportJob.document_id) & (KeptDocument.expires_at > now))
        .where(told)
        .order_by(ExportJob.asked_at.desc(), ExportJob.id)
    )
    return [_card(job, document) for job, document in rows]


def unseen(session: Session, viewer: Viewer) -> int:
    """How many exports have ended since the viewer last looked."""
    person = sharing.known_person(session, viewer)
    if person is None:
        return 0
    waiting = (ExportJob.owner_id == person.id) & ExportJob.state.in_(("done", "failed")) & ExportJob.seen_at.is_(None)
    return session.scalar(select(func.count()).where(waiting)) or 0


def see(session: Session, viewer: Viewer, *, now: datetime | None = None) -> None:
    """The viewer has looked: nothing that has ended is news any more."""
    person, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    ended = (ExportJob.owner_id == person.id) & ExportJob.ended_at.is_not(None) & ExportJob.seen_at.is_(None)
    session.execute(update(ExportJob).where(ended).values(seen_at=now))


def cancel(session: Session, viewer: Viewer, job_id: str, *, now: datetime | None = None) -> None:
    """Give up one's own export; what works on it stops soon. Raises NotFound, Conflict when it has ended already."""
    person, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    row = session.get(ExportJob, job_id, with_for_update=True)
    if row is None or row.owner_id != person.id:
        raise NotFound(_NOTHING)
    if row.state not in OPEN:
        raise Conflict("This export has ended already.")
    _end(row, "cancelled", "", now)
    row.seen_at = now
    record(session, viewer, "export.cancelled", f"job:{row.id}", at=now)


def claim(session: Session, worker: str, now: datetime) -> Claim | None:
    """The job that has waited longest, now the worker's for a LEASE; None when nothing is due.

    A job whose worker fell silent is taken over, and given up after TRIES.
    """
    waits = (ExportJob.state == "waiting") & (ExportJob.due_at <= now)
    silent = (ExportJob.state == "running") & (ExportJob.lease_until <= now)
    due = select(ExportJob).where(waits | silent).order_by(ExportJob.due_at, ExportJob.id).limit(1)
    while (row := session.scalar(due.with_for_update(skip_locked=True))) is not None:
        owner = session.get_one(User, row.owner_id)
        if row.tries >= TRIES:
            _park(session, row, owner, now)
            continue
        row.state, row.progress, row.tries = "running", 0, row.tries + 1
        row.claimed_by, row.lease_until = f"{worker[:90]}/{sharing.new_id()}", now + LEASE
        row.started_at = now
        session.flush()
        return Claim(row.id, row.claimed_by, owner.email, row.view, row.format, row.tries)
    return None


def advance(session: Session, claim: Claim, progress: int, now: datetime) -> bool:
    """Say how far a job is, from 0 to 100, and keep it; False when it is no longer the worker's: stop then."""
    held = (ExportJob.id == claim.id) & (ExportJob.state == "running") & (ExportJob.claimed_by == claim.by)
    kept = {"progress": max(0, min(progress, 100)), "lease_until": now + LEASE}
    return bool(session.execute(update(ExportJob).where(held).values(kept)).rowcount)  # type: ignore[attr-defined]


def finish(session: Session, viewer: Viewer, home: Path, claim: Claim, filed: Filed, now: datetime) -> JobCard:
    """The file is there: let it wait for its owner, who is the viewer. Raises Conflict when the job was taken away."""
    row = _held(session, claim)
    card = documents.keep(session, viewer, home, filed, view=claim.view, format_id=claim.format, now=now)
    taken = View.parse(claim.view)
    record_export(session, viewer, taken, "panel" if taken.panel else "dashboard", claim.format, at=now)
    _end(row, "done", "", now)
    row.progress, row.document_id = 100, card.id
    session.flush()
    record(session, "scheduler", "export.done", f"job:{row.id}", {"document": card.sha256, "tries": row.tries}, at=now)
    return _card(row, session.get_one(KeptDocument, card.id))


def fail(session: Session, claim: Claim, sentence: str, now: datetime, *, for_good: bool) -> bool:
    """It did not work, for the reason that the sentence tells; tried again later unless `for_good` or out of TRIES.

    Returns whether it has ended. Raises Conflict when the job was taken away.
    """
    row = _held(session, claim)
    if for_good or row.tries >= TRIES:
        _end(row, "failed", sentence, now)
        told = {"sentence": sentence, "tries": row.tries}
        record(session, "scheduler", "export.failed", f"job:{row.id}", told, at=now)
        return True
    row.state, row.sentence, row.progress = "waiting", sentence, 0
    row.due_at = now + RETRY_AFTER[min(row.tries, len(RETRY_AFTER)) - 1]
    row.claimed_by = row.lease_until = None
    return False


def forget(session: Session, now: datetime) -> int:
    """Delete the jobs that ended a week ago."""
    over = ExportJob.ended_at <= now - LISTED
    count = session.scalar(select(func.count()).select_from(ExportJob).where(over)) or 0
    session.execute(delete(ExportJob).where(over))
    return count


def _held(session: Session, claim: Claim) -> ExportJob:
    row = session.get(ExportJob, claim.id, with_for_update=True)
    if row is None or row.state != "running" or row.claimed_by != claim.by:
        raise Conflict("This export was cancelled, or somebody else works on it.")
    return row


def _park(session: Session, row: ExportJob, owner: User, now: datetime) -> None:
    """Whatever worked on it fell silent every time: nobody tries again."""
    sentence = words(owner.locale or "en")("Making this file failed {tries} times.", tries=TRIES)
    _end(row, "failed", row.sentence or sentence, now)
    told = {"sentence": row.sentence, "tries": row.tries}
    record(session, "scheduler", "export.failed", f"job:{row.id}", told, at=now)


def _end(row: ExportJob, state: str, sentence: str, now: datetime) -> None:
    row.state, row.sentence, row.ended_at = state, sentence, now
    row.claimed_by = row.lease_until = None


def _card(row: ExportJob, document: KeptDocument | None) -> JobCard:
    return JobCard(
        id=row.id,
        view=row.view,
        format=row.format,
        state=row.state,
        progress=row.progress,
        sentence=row.sentence,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        document=document.id if document else "",
        name=document.name if document else "",
        size=document.size if document else 0,
        expires_at=document.expires_at if document else None,
    )
