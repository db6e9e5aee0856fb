"""Lease: what is due becomes a run, a run belongs to one scheduler at a time, and to the next when that one dies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Update, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.models.schedule import Run, Schedule
from app.services import sharing
from app.services.halting import halt
from app.services.ledger import record
from app.values.calendar import Calendar
from app.values.errors import Refusal
from app.values.recurrence import Recurrence
from app.values.words import say
from app.values.zones import local_date
from queries.warehouse.failpoints import failpoint
from scheduler.desk import Desk

CATCH_UP = timedelta(hours=6)
"""How long after its time something is still sent, once, labelled late."""

LATE = timedelta(minutes=10)
"""From when on something counts as late: being seconds late changes nothing."""

OPEN = ("queued", "building", "delivering")
"""States of a run that has not ended."""

MOST_MISSED = 200
"""Missed times that are written down one by one after a long downtime."""

MOST_CRASHES = 5
"""Claims in a row that never ended and sent nothing, after which a run is parked: it may be what kills."""

MISSED = say("No scheduler was running when it was due, nor in the six hours after.")
OVERTAKEN = say("No scheduler was running when it was due; a later one was sent instead.")
CRASHED = "Schedulers died over it {count} times in a row."


def record_due(desk: Desk) -> int:
    """Make a run of whatever is due, and say when it is due next; returns how many runs were queued.

    Of several times that were missed, the latest is caught up with if it is not too long ago.
    """
    now = desk.now()
    with desk.house.database.read() as session:
        due = list(session.scalars(select(Schedule.id).where(Schedule.next_due <= now).order_by(Schedule.next_due)))
    queued = 0
    for schedule_id in due:
        with desk.house.database.write() as session:
            queued += _recorded(session, desk, schedule_id, now)
        failpoint("run-recorded")
    return queued


def _recorded(session: Session, desk: Desk, schedule_id: str, now: datetime) -> int:
    row = session.scalar(select(Schedule).where(Schedule.id == schedule_id, Schedule.next_due <= now).with_for_update())
    if row is None or row.next_due is None:
        return 0
    calendar = desk.house.settings.calendar()
    try:
        recurrence = Recurrence.parse(row.recurrence)
        times = (row.next_due, *_since(recurrence, row, calendar, now))
        row.next_due = recurrence.next_after(now, row.zone, calendar)
    except Refusal as refusal:
        halt(session, "scheduler", row, str(refusal.sentence), now)
        return 0
    last = times[-1]
    sent = now - last <= CATCH_UP
    for at in times[-MOST_MISSED:-1]:
        _add(session, desk, row, at, now, OVERTAKEN if sent else MISSED)
    if len(times) > MOST_MISSED:
        earlier = len(times) - MOST_MISSED
        record(session, "scheduler", "schedule.missed", f"schedule:{row.id}", {"earlier": earlier}, at=now)
    # Also one that comes too late is worked on: its owner is told that it was missed.
    _add(session, desk, row, last, now, "")
    return 1


def _since(recurrence: Recurrence, row: Schedule, calendar: Calendar, now: datetime) -> tuple[datetime, ...]:
    """The times after the one that is due, up to now."""
    settled = row.next_due
    found: tuple[datetime, ...] = ()
    while settled is not None:
        more = recurrence.between(settled, now, row.zone, calendar)
        found, settled = (*found, *more), more[-1] if len(more) == 1_000 else None
    return found


def _add(session: Session, desk: Desk, row: Schedule, at: datetime, now: datetime, missed: str) -> None:
    if session.scalar(select(Run.id).where(Run.schedule_id == row.id, Run.due_at == at)) is not None:
        return
    session.add(
        Run(
            id=sharing.new_id(),
            schedule_id=row.id,
            due_at=at,
            kind="due",
            state="missed" if missed else "queued",
            reason=str(missed),
            is_late=now - at > LATE,
            today=desk.house.settings.today or local_date(at, row.zone),
            views=list(row.views),
            ended_at=now if missed else None,
        )
    )


def claim(desk: Desk) -> str | None:
    """The id of a run that is now this scheduler's, the one that is due longest; None when there is nothing to do."""
    now = desk.now()
    free = or_(Run.lease_until.is_(None), Run.lease_until <= now)
    ready = or_(Run.next_try_at.is_(None), Run.next_try_at <= now)
    with desk.house.database.read() as session:
        waiting = list(
            session.scalars(select(Run.id).where(Run.state.in_(OPEN), free, ready).order_by(Run.due_at).limit(20))
        )
    for run_id in waiting:
        with desk.house.database.write() as session:
            died = Run.crashes + 1
            taken = _changed(
                session,
                update(Run)
                .where(Run.id == run_id, Run.state.in_(OPEN), free, ready)
                .values(claimed_by=desk.name, lease_until=now + desk.lease, crashes=died),
            )
        if taken:
            failpoint("run-claimed")
            return run_id
    return None


def is_ours(session: Session, desk: Desk, run_id: str) -> bool:
    """Whether the run still belongs to this scheduler; holds until the transaction ends."""
    statement = select(Run.claimed_by).where(Run.id == run_id).with_for_update()
    return session.scalar(statement) == desk.name


def release(run: Run, next_try_at: datetime | None = None) -> None:
    """Give a run back, to be gone on with at a later time, or never when it has ended."""
    run.claimed_by, run.lease_until, run.next_try_at, run.crashes = None, None, next_try_at, 0


class Lost(Exception):
    """The run belongs to another scheduler now."""


class Stopped(Exception):
    """This scheduler is told to stop; another one goes on."""


@contextmanager
def heartbeat(lease: timedelta, extend: Callable[[], bool], *, name: str = "heartbeat") -> Iterator[threading.Event]:
    """Extend a lease for as long as the block lasts; the event is set once `extend` says that it is another's now."""
    over, lost = threading.Event(), threading.Event()

    def beat() -> None:
        while not over.wait(lease.total_seconds() / 4):
            try:
                if not extend():
                    lost.set()
                    return
            except SQLAlchemyError:
                # The database is away: the lease ends by itself unless it comes back in time.
                continue

    thread = threading.Thread(target=beat, name=name, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        over.set()
        thread.join()


def extended(desk: Desk, run_id: str) -> bool:
    """Whether the run still belongs to this scheduler; then for as long again."""
    with desk.house.database.write() as session:
        return _changed(
            session,
            update(Run)
            .where(Run.id == run_id, Run.claimed_by == desk.name)
            .values(lease_until=desk.now() + desk.lease),
        )


def _changed(session: Session, statement: Update) -> bool:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1
