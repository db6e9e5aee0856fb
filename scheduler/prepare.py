"""Prepare: what is to be known before anything is made: whether it is wanted, allowed and fresh, and who is owed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.message import message_id_for
from app.models.delivery import Delivery
from app.models.schedule import Run, Schedule, Unsubscribed
from app.models.user import User
from app.services import deliveries
from app.services.contents import Content, contents_of
from app.services.halting import halt
from app.services.ledger import record
from app.services.recipients import reader, spelled_out, way_to
from app.services.schedules import PERMISSION
from app.values.condition import ALWAYS, Condition
from app.values.errors import NotFound, Refusal
from app.values.words import say
from queries.warehouse.failpoints import failpoint
from scheduler.audience import OWNER, terms_on
from scheduler.desk import Desk
from scheduler.lease import CATCH_UP, CRASHED, MISSED, MOST_CRASHES, Lost, is_ours, release

LOOK_AGAIN = timedelta(minutes=5)
"""How often it is looked whether the data are fresh."""

OWNER_OFF = say("Its owner’s account is switched off.")
OWNER_MAY_NOT = say("Its owner may not have reports sent any more.")
DELETED = say("The schedule was deleted.")
PAUSED = say("The schedule was paused.")
UNSUBSCRIBED = say("The recipient wants no more of it.")
NOBODY = say("There is nobody it could be sent to now.")


@dataclass(frozen=True)
class Work:
    """A run that can go on: what the schedule said when the pass began."""

    run_id: str
    schedule_id: str
    name: str
    subject: str
    kind: str
    due_at: datetime
    today: date
    zone: str
    is_late: bool
    is_stale: bool
    tries: int
    formats: tuple[str, ...]
    condition: Condition
    contents: tuple[Content, ...]
    last: Mapping[str, str]
    as_one: bool


def prepare(desk: Desk, run_id: str) -> Work | None:
    """The work there is; None when the run has ended, waits, or has nothing but notices left. Raises Lost."""
    now = desk.now()
    as_of = _newest_sale(desk)
    with desk.house.database.write() as session:
        if not is_ours(session, desk, run_id):
            raise Lost
        run = session.get_one(Run, run_id)
        row = session.get_one(Schedule, run.schedule_id)
        run.started_at = run.started_at or now
        work = None if run.ends_as else _looked_through(session, desk, run, row, as_of, now)
    failpoint("run-prepared")
    return work


def _looked_through(
    session: Session, desk: Desk, run: Run, row: Schedule, as_of: date | None, now: datetime
) -> Work | None:
    if run.crashes > MOST_CRASHES:
        reason = CRASHED.format(count=MOST_CRASHES)
        end_all(session, desk, run, row, "parked", "failed", reason, now, tell=True)
        return None
    if row.deleted_at is not None or (row.paused_at is not None and run.kind == "due"):
        reason = DELETED if row.deleted_at is not None else PAUSED
        end_all(session, desk, run, row, "skipped", "skipped", reason, now)
        return None
    condition = Condition.of(row.condition) if run.kind == "due" else ALWAYS
    patience = CATCH_UP + timedelta(hours=condition.wait_hours if condition.fresh_days is not None else 0)
    if run.state == "queued" and now - run.due_at > patience:
        end_all(session, desk, run, row, "missed", "skipped", MISSED, now, tell=True)
        return None
    terms = terms_on(desk.house, run.today)
    owner = reader(session, f"person:{row.owner_id}", desk.house.trees(), terms, now)
    if owner.viewer is None or not owner.viewer.may(PERMISSION) or owner.viewer.context.scope.is_nothing:
        _halt(session, desk, run, row, OWNER_OFF if owner.viewer is None else OWNER_MAY_NOT, now)
        return None
    try:
        contents = contents_of(session, owner.viewer, row.views)
    except Refusal as refusal:
        _halt(session, desk, run, row, str(refusal.sentence), now)
        return None
    if _waits(run, condition, as_of, now):
        release(run, now + LOOK_AGAIN)
        return None
    if run.state == "queued":
        _owe(session, desk, run, row)
        run.state = "building"
    return Work(
        run_id=run.id,
        schedule_id=row.id,
        name=row.name,
        subject=row.subject or row.name,
        kind=run.kind,
        due_at=run.due_at,
        today=run.today,
        zone=row.zone,
        is_late=run.is_late,
        is_stale=run.is_stale,
        tries=run.tries,
        formats=tuple(row.formats),
        condition=condition,
        contents=contents,
        last=dict(row.fingerprints),
        as_one=row.as_one,
    )


def _halt(session: Session, desk: Desk, run: Run, row: Schedule, reason: str, now: datetime) -> None:
    """Pause the schedule and end the run: it would go on failing otherwise."""
    if row.paused_at is None:
        halt(session, "scheduler", row, reason, now)
    end_all(session, desk, run, row, "skipped", "skipped", reason, now, tell=True)


def _waits(run: Run, condition: Condition, as_of: date | None, now: datetime) -> bool:
    """Whether it is too early because the data are old; marks the run as stale once it has waited long enough."""
    if condition.fresh_days is None or run.state != "queued":
        return False
    if as_of is not None and (run.today - as_of).days <= condition.fresh_days:
        return False
    run.is_stale = now >= run.due_at + timedelta(hours=condition.wait_hours)
    return not run.is_stale


def _newest_sale(desk: Desk) -> date | None:
    try:
        with desk.house.engine.snapshot() as snapshot:
            return snapshot.generation.as_of
    except NotFound:
        return None


def _owe(session: Session, desk: Desk, run: Run, row: Schedule) -> None:
    """One delivery for everybody who is meant now, once and for all of this run."""
    wanted = (f"person:{row.owner_id}",) if run.kind == "test" else spelled_out(session, row.recipients)
    ended = set(session.scalars(select(Unsubscribed.recipient).where(Unsubscribed.schedule_id == row.id)))
    for recipient in wanted:
        way = way_to(session, recipient, row.channel)
        owed = deliveries.owe(session, run, recipient, way, _message_id(desk, run, row, recipient, way))
        if recipient in ended and run.kind != "test":
            owed.state, owed.reason = "skipped", str(UNSUBSCRIBED)
    # It is kept with the run, because the schedule's condition may be another when somebody looks.
    kind = Condition.of(row.condition).kind
    if run.kind == "due" and kind != "always":
        run.fingerprints = {**run.fingerprints, deliveries.CONDITIONAL: kind}
    session.flush()


def _message_id(desk: Desk, run: Run, row: Schedule, recipient: str, way: str) -> str:
    return message_id_for(row.id, run.due_at.isoformat(), recipient, way, domain=desk.domain)


def end_all(
    session: Session,
    desk: Desk,
    run: Run,
    row: Schedule,
    ends_as: str,
    state: str,
    reason: str,
    now: datetime,
    *,
    tell: bool = False,
) -> None:
    """End a run and everything of it that is still owed, for one reason."""
    still = select(Delivery).where(
        Delivery.run_id == run.id, Delivery.state.in_(deliveries.OPEN), Delivery.notice == ""
    )
    for owed in session.scalars(still):
        deliveries.refuse(session, owed, state, reason)
    end_run(session, desk, run, row, ends_as, reason, now, tell=reason if tell else "")


def end_run(
    session: Session,
    desk: Desk,
    run: Run,
    row: Schedule,
    ends_as: str,
    reason: str,
    now: datetime,
    *,
    tell: str = "",
    overseers: bool = False,
) -> None:
    """End a run; where there is something to tell its owner, or with `overseers` all administrators in the place of
    the owner, it ends when that has been told.
    """
    run.ends_as, run.reason = ends_as, str(reason)
    told = [] if not tell else _administrators(session) if overseers else _answerable(session, row)
    if told:
        for user_id in told:
            recipient = f"{OWNER}{user_id}"
            message_id = _message_id(desk, run, row, recipient, row.channel)
            deliveries.owe(session, run, recipient, "mail", message_id, notice=str(tell))
        run.state = "delivering"
        release(run)
    else:
        close(session, run, now)


def close(session: Session, run: Run, now: datetime) -> None:
    """The run is over."""
    run.state, run.ended_at = run.ends_as, now
    release(run)
    told = {"run": run.id, "due": run.due_at.isoformat(), "reason": run.reason, "deliveries": _counted(session, run)}
    record(session, "scheduler", f"schedule.{run.ends_as}", f"schedule:{run.schedule_id}", told, at=now)


def _counted(session: Session, run: Run) -> dict[str, int]:
    states = session.scalars(select(Delivery.state).where(Delivery.run_id == run.id, Delivery.notice == ""))
    return dict(sorted(Counter(states).items()))


def _answerable(session: Session, row: Schedule) -> list[int]:
    """Its owner, or all administrators where the owner has gone."""
    owner = session.get_one(User, row.owner_id)
    return [owner.id] if owner.active else _administrators(session)


def _administrators(session: Session) -> list[int]:
    administrators = select(User.id).where(User.role_id == "administrator", User.active).order_by(User.id)
    return list(session.scalars(administrators))
