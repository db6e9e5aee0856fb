"""Schedules: made, changed, paused, deleted and brought back; who gets what is decided anew each time one is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, func, select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.schedule import Run, Schedule
from app.models.user import User
from app.services import sharing
from app.services.drafts import Draft, Offer, settled
from app.services.halting import halt
from app.services.ledger import record
from app.values.calendar import Calendar
from app.values.condition import Condition
from app.values.errors import Conflict, Forbidden, NotFound, TooBig
from app.values.recurrence import Recurrence
from app.values.viewer import Viewer
from app.values.words import say
from app.values.zones import local_date, zone_called

PERMISSION = "schedule"
MOST = 200
"""Schedules of one person."""

RESTORABLE = timedelta(days=30)
"""How long a deleted schedule can be brought back."""

LOG_KEPT = timedelta(days=366)
"""How long it is told what was sent to whom."""

OVERSEES = "admin:users"
"""Who may look at, pause and delete everybody's schedules."""

BROUGHT_BACK = say("It was deleted and brought back: look through it, then let it go on.")

SENT_ONCE = say("It was sent once: let it go on, and it comes at its times.")


@dataclass(frozen=True)
class ScheduleCard:
    """A schedule as its owner, or an administrator, sees it. `next_due` is None while nothing is."""

    id: str
    owner: str
    is_mine: bool
    draft: Draft
    version: int
    next_due: datetime | None
    paused_at: datetime | None
    pause_reason: str
    created_at: datetime
    changed_at: datetime
    deleted_at: datetime | None


def create(
    session: Session, viewer: Viewer, draft: Draft, offer: Offer, *, now: datetime | None = None
) -> ScheduleCard:
    """Keep a schedule; it is due for the first time at the next of its times.

    Raises Forbidden without the permission, TooBig beyond a limit, and a Refusal with a sentence for whatever could
    not be sent when it is due.
    """
    owner = _owner(session, viewer)
    now = now or datetime.now(UTC)
    take_turns(session, f"schedules of {owner.id}")
    kept = session.scalar(select(func.count()).where(Schedule.owner_id == owner.id, Schedule.deleted_at.is_(None)))
    if (kept or 0) >= MOST:
        raise TooBig("You have {most} schedules. Delete one you no longer need.", most=MOST)
    row = Schedule(id=sharing.new_id(), owner_id=owner.id, version=1, created_at=now, changed_at=now, fingerprints={})
    _put(row, settled(session, viewer, draft, offer, now))
    row.next_due = _next(row, viewer.context.calendar, now)
    session.add(row)
    session.flush()
    record(session, viewer, "schedule.created", _subject(row), _told(row), at=now)
    return _card(row, owner, owner)


def change(
    session: Session,
    viewer: Viewer,
    schedule_id: str,
    draft: Draft,
    offer: Offer,
    *,
    version: int,
    now: datetime | None = None,
) -> ScheduleCard:
    """Change one's own schedule, as a whole. Raises Conflict when somebody was quicker than `version`."""
    row, owner = _own(session, viewer, schedule_id)
    now = now or datetime.now(UTC)
    if row.version != version:
        raise Conflict("{name} was changed meanwhile: look at it again, then save.", name=row.name)
    before = _told(row)
    _put(row, settled(session, viewer, draft, offer, now))
    if session.is_modified(row):
        row.version += 1
        row.changed_at = now
        if row.paused_at is None:
            row.next_due = _next(row, viewer.context.calendar, now)
        record(session, viewer, "schedule.changed", _subject(row), {"before": before, "after": _told(row)}, at=now)
    return _card(row, owner, owner)


def pause(
    session: Session, viewer: Viewer, schedule_id: str, *, reason: str = "", now: datetime | None = None
) -> ScheduleCard:
    """Let nothing be due until it is resumed. One's own; administrators may pause any."""
    row, owner = _own(session, viewer, schedule_id, overseen=True)
    now = now or datetime.now(UTC)
    if row.paused_at is None:
        halt(session, viewer, row, sharing.settled_description(reason), now)
    return _card(row, owner, sharing.known_person(session, viewer))


def resume(
    session: Session, viewer: Viewer, schedule_id: str, offer: Offer, *, now: datetime | None = None
) -> ScheduleCard:
    """Go on at the next of its times; what was not due meanwhile stays so. Looked through as if it were new."""
    row, owner = _own(session, viewer, schedule_id)
    now = now or datetime.now(UTC)
    if row.paused_at is not None:
        _put(row, settled(session, viewer, draft_of(row), offer, now))
        row.paused_at, row.pause_reason = None, ""
        row.next_due = _next(row, viewer.context.calendar, now)
        row.version += 1
        record(session, viewer, "schedule.resumed", _subject(row), {"name": row.name}, at=now)
    return _card(row, owner, owner)


def remove(session: Session, viewer: Viewer, schedule_id: str, *, now: datetime | None = None) -> None:
    """Delete a schedule: it sends nothing more, not even what is under way. It can be restored for 30 days."""
    row, _ = _own(session, viewer, schedule_id, overseen=True)
    row.deleted_at, row.next_due = now or datetime.now(UTC), None
    row.version += 1
    record(session, viewer, "schedule.deleted", _subject(row), {"name": row.name}, at=row.deleted_at)


def restore(session: Session, viewer: Viewer, schedule_id: str, *, now: datetime | None = None) -> ScheduleCard:
    """Bring back a schedule one deleted; it comes back paused."""
    owner = _owner(session, viewer)
    now = now or datetime.now(UTC)
    row = session.scalar(
        select(Schedule).where(Schedule.owner_id == owner.id, Schedule.id == schedule_id).with_for_update()
    )
    if row is None or row.deleted_at is None or row.deleted_at <= now - RESTORABLE:
        raise NotFound("There is no such schedule.")
    row.deleted_at = None
    row.paused_at, row.pause_reason = now, BROUGHT_BACK
    row.version += 1
    record(session, viewer, "schedule.restored", _subject(row), {"name": row.name}, at=now)
    return _card(row, owner, owner)


def send_now(session: Session, viewer: Viewer, schedule_id: str, *, now: datetime | None = None) -> ScheduleCard:
    """Let it be due at once, for all its recipients, beside its times. One's own; administrators may any.

    Raises Conflict while it is paused.
    """
    row, owner = _own(session, viewer, schedule_id, overseen=True)
    if row.paused_at is not None:
        raise Conflict("{name} is paused: let it go on first.", name=row.name)
    row.next_due = now or datetime.now(UTC)
    record(session, viewer, "schedule.run", _subject(row), {"name": row.name}, at=row.next_due)
    return _card(row, owner, sharing.known_person(session, viewer))


def send_once(session: Session, viewer: Viewer, draft: Draft, offer: Offer, *, now: datetime | None = None) -> str:
    """Have a draft sent now, once, to all its recipients; returns the schedule's id. It is kept, paused, until somebody
    lets it go on; the next time the same is sent, the same schedule sends it to the recipients of then.

    Raises Conflict while it is on its way, and as `create` does.
    """
    now = now or datetime.now(UTC)
    owner = _owner(session, viewer)
    take_turns(session, f"schedules of {owner.id}")
    own = select(Schedule).where(Schedule.owner_id == owner.id, Schedule.deleted_at.is_(None))
    row = next((each for each in session.scalars(own) if (each.name, each.views) == (draft.name, [*draft.views])), None)
    if row is None:
        card = create(session, viewer, draft, offer, now=now)
        row = session.get_one(Schedule, card.id)
        halt(session, viewer, row, str(SENT_ONCE), now)
    else:
        row.recipients = list(settled(session, viewer, draft, offer, now).recipients)
    waiting = select(func.count()).where(Run.schedule_id == row.id, Run.kind == "once", Run.ended_at.is_(None))
    if session.scalar(waiting):
        raise Conflict("{name} is on its way already.", name=row.name)
    _queue(session, row, "once", now)
    record(session, viewer, "schedule.run", _subject(row), {"name": row.name}, at=now)
    return row.id


def send_test(session: Session, viewer: Viewer, schedule_id: str, *, now: datetime | None = None) -> str:
    """Have it sent now to oneself and nobody else, whatever its condition; returns the run's id."""
    row, _ = _own(session, viewer, schedule_id)
    now = now or datetime.now(UTC)
    waiting = select(func.count()).where(Run.schedule_id == row.id, Run.kind == "test", Run.ended_at.is_(None))
    if session.scalar(waiting):
        raise Conflict("A test of {name} is on its way already.", name=row.name)
    run = _queue(session, row, "test", now)
    record(session, viewer, "schedule.tested", _subject(row), {"name": row.name, "run": run.id}, at=now)
    return run.id


def listed(session: Session, viewer: Viewer) -> list[ScheduleCard]:
    """One's own schedules, by name; to administrators everybody's."""
    person = reader_of(session, viewer)
    mine = () if viewer.may(OVERSEES) else (Schedule.owner_id == person.id,)
    return _cards(session, person, Schedule.deleted_at.is_(None), *mine)


def deleted(session: Session, viewer: Viewer, *, now: datetime | None = None) -> list[ScheduleCard]:
    """One's own schedules that can still be restored."""
    person = reader_of(session, viewer)
    since = (now or datetime.now(UTC)) - RESTORABLE
    return _cards(session, person, Schedule.owner_id == person.id, Schedule.deleted_at > since)


def find(session: Session, viewer: Viewer, schedule_id: str) -> ScheduleCard:
    """One schedule. Raises NotFound for somebody else's as for one that does not exist."""
    found = next((each for each in listed(session, viewer) if each.id == schedule_id), None)
    if found is None:
        raise NotFound("There is no such schedule.")
    return found


def held(session: Session, viewer: Viewer, schedule_id: str, *, overseen: bool = False) -> ScheduleCard:
    """One's own schedule, or if `overseen` an administrator's to pause and delete, which nobody else changes until the
    transaction ends. Raises NotFound for any other.
    """
    row, owner = _own(session, viewer, schedule_id, overseen=overseen)
    return _card(row, owner, sharing.known_person(session, viewer))


def next_runs(recurrence: str, zone: str, calendar: Calendar, now: datetime, count: int = 5) -> tuple[datetime, ...]:
    """The next times it would be due, in UTC: what is shown here is what happens. Raises Invalid."""
    when, place = Recurrence.parse(recurrence), zone_called(zone)
    found: list[datetime] = []
    for _ in range(count):
        now = when.next_after(now, place, calendar)
        found.append(now)
    return tuple(found)


def draft_of(row: Schedule) -> Draft:
    """What a row says, as it could be saved anew."""
    return Draft(
        name=row.name,
        views=tuple(row.views),
        formats=tuple(row.formats),
        recurrence=row.recurrence,
        zone=row.zone,
        recipients=tuple(row.recipients),
        condition=Condition.of(row.condition),
        subject=row.subject,
        channel=row.channel,
        as_one=row.as_one,
    )


def forget(session: Session, now: datetime) -> int:
    """Take away for good what was deleted too long ago to be restored, and runs of long ago; returns how many."""
    deleted = delete(Schedule).where(Schedule.deleted_at <= now - RESTORABLE)
    ended = delete(Run).where(Run.ended_at <= now - LOG_KEPT)
    done = [session.execute(statement) for statement in (deleted, ended)]
    return sum(each.rowcount for each in done if isinstance(each, CursorResult))


def reader_of(session: Session, viewer: Viewer) -> User:
    """Whose schedules and alerts a viewer reads. Raises Forbidden."""
    # A token that only reads may have nothing sent: what its owner has set up is its to read all the same.
    viewer.require("dashboards" if viewer.kind == "token" else PERMISSION)
    if viewer.context.scope.is_nothing:
        raise Forbidden("There is nothing you may see, so there is nothing to send.")
    return sharing.person_of(session, viewer)


def _owner(session: Session, viewer: Viewer) -> User:
    viewer.require(PERMISSION)
    if viewer.context.scope.is_nothing:
        raise Forbidden("There is nothing you may see, so there is nothing to send.")
    return sharing.person_of(session, viewer)


def _own(session: Session, viewer: Viewer, schedule_id: str, *, overseen: bool = False) -> tuple[Schedule, User]:
    person = _owner(session, viewer)
    wanted = select(Schedule).where(Schedule.id == schedule_id, Schedule.deleted_at.is_(None)).with_for_update()
    row = session.scalar(wanted.execution_options(populate_existing=True))
    if row is None or (row.owner_id != person.id and not (overseen and viewer.may(OVERSEES))):
        raise NotFound("There is no such schedule.")
    return row, session.get_one(User, row.owner_id)


def _queue(session: Session, row: Schedule, kind: str, now: datetime) -> Run:
    """A run beside the schedule's times."""
    run = Run(
        id=sharing.new_id(),
        schedule_id=row.id,
        due_at=now,
        kind=kind,
        state="queued",
        today=local_date(now, row.zone),
        views=list(row.views),
    )
    session.add(run)
    session.flush()
    return run


def _put(row: Schedule, draft: Draft) -> None:
    row.name, row.subject, row.channel = draft.name, draft.subject, draft.channel
    row.views, row.formats, row.recipients = list(draft.views), list(draft.formats), list(draft.recipients)
    row.as_one = draft.as_one
    row.recurrence, row.zone, row.condition = draft.recurrence, draft.zone, draft.condition.stored()


def _next(row: Schedule, calendar: Calendar, now: datetime) -> datetime:
    return Recurrence.parse(row.recurrence).next_after(now, row.zone, calendar)


def _cards(session: Session, person: User, *wanted: ColumnElement[bool]) -> list[ScheduleCard]:
    statement = (
        select(Schedule, User)
        .join(User, User.id == Schedule.owner_id)
        .where(*wanted)
        .order_by(func.lower(Schedule.name), Schedule.id)
    )
    return [_card(row, owner, person) for row, owner in session.execute(statement)]


def _card(row: Schedule, owner: User, person: User | None) -> ScheduleCard:
    return ScheduleCard(
        id=row.id,
        owner=owner.name,
        is_mine=person is not None and row.owner_id == person.id,
        draft=draft_of(row),
        version=row.version,
        next_due=row.next_due,
        paused_at=row.paused_at,
        pause_reason=row.pause_reason,
        created_at=row.created_at,
        changed_at=row.changed_at,
        deleted_at=row.deleted_at,
    )


def _told(row: Schedule) -> dict[str, Any]:
    return {
        "name": row.name,
        "views": list(row.views),
        "formats": list(row.formats),
        "recurrence": row.recurrence,
        "zone": row.zone,
        "condition": dict(row.condition),
        "recipients": list(row.recipients),
        "channel": row.channel,
        "as_one": row.as_one,
    }


def _subject(row: Schedule) -> str:
    return f"schedule:{row.id}"
