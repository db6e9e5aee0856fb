"""Deliveries: what is owed to each recipient of a run, how it ended and why; nothing ends in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.orm import Session

from app.channels.message import Outcome
from app.models.delivery import Delivery
from app.models.schedule import Run, Schedule
from app.services import sharing
from app.services.ledger import record
from app.services.schedules import OVERSEES
from app.values.condition import EMPTY, NOT_MET, UNCHANGED
from app.values.errors import NotFound
from app.values.viewer import Viewer
from app.values.words import say

STATES = ("pending", "sending", "sent", "failed", "skipped", "uncertain")
OPEN = ("pending", "sending")
"""States in which something is still owed."""

BACKOFF = tuple(timedelta(minutes=each) for each in (1, 5, 15, 30, 60, 120, 240))
"""How long to wait after each temporary error; after the last, again and again."""

GIVE_UP = timedelta(hours=24)
"""How long temporary errors are tried again."""

ASK_AGAIN = timedelta(minutes=5)
"""When to repeat, once, what may or may not have arrived."""

TWICE_UNCERTAIN = say("It was handed over twice without an answer: it may have arrived, once or twice.")
NOTICE = "owner:"
"""What a message about a schedule, to whoever answers for it, is addressed with."""

CONDITIONAL = "condition"
"""Among a run's fingerprints, the kind of condition that decided whom it was sent to."""

UNTOLD = say("It was sent, could not be, or its condition was not met: that is told to whoever sees these rows.")

GAVE_UP = "tried for 24 hours: {reason}"


_DECIDED = (EMPTY, UNCHANGED, NOT_MET)
_UNDER_WAY = ("building", "delivering", "done")
"""States of a run in which its reason is about some of its messages."""


@dataclass(frozen=True)
class DeliveryCard:
    """One message of a run as the log shows it."""

    recipient: str
    name: str
    address: str
    channel: str
    state: str
    reason: str
    message_id: str
    attempts: int
    repeats: int
    next_try_at: datetime | None
    handed_at: datetime | None
    documents: tuple[dict[str, object], ...]


@dataclass(frozen=True)
class RunCard:
    """One time a schedule was due, with what was owed."""

    id: str
    due_at: datetime
    kind: str
    state: str
    reason: str
    is_late: bool
    is_stale: bool
    generation: int | None
    audiences: int
    started_at: datetime | None
    ended_at: datetime | None
    deliveries: tuple[DeliveryCard, ...]


def owe(session: Session, run: Run, recipient: str, channel: str, message_id: str, *, notice: str = "") -> Delivery:
    """Write down that a message is owed; there is one of a run for a recipient and a channel."""
    row = Delivery(
        id=sharing.new_id(),
        run_id=run.id,
        recipient=recipient,
        channel=channel,
        state="pending",
        message_id=message_id,
        attempts=0,
        repeats=0,
        notice=notice,
    )
    session.add(row)
    return row


def take(session: Session, row: Delivery, now: datetime, name: str, address: str) -> bool:
    """Begin handing over what `row` says, in a transaction that ends before the first byte goes out.

    False when somebody else has it, or when it was handed over twice already without an answer: then it has ended.
    """
    was_in_hand = row.state == "sending"
    if was_in_hand and row.repeats:
        _end(session, row, "uncertain", TWICE_UNCERTAIN)
        return False
    taken = {
        "state": "sending",
        "attempts": row.attempts + 1,
        # Whoever had it died, or is dying: nobody knows whether it went out.
        "repeats": row.repeats + was_in_hand,
        "first_try_at": row.first_try_at or now,
        "next_try_at": None,
        "name": name,
        "address": address,
        "reason": "",
    }
    return _changed(session, _as_it_was(row).values(**taken))


def settle(
    session: Session,
    delivery_id: str,
    attempt: int,
    outcome: Outcome,
    documents: Sequence[dict[str, object]],
    now: datetime,
) -> str:
    """Write down how a hand-over ended; returns the state. Nothing changes when somebody else has taken over since."""
    row = session.get_one(Delivery, delivery_id, with_for_update=True)
    if row.state != "sending" or row.attempts != attempt:
        return row.state
    first = row.first_try_at or now
    match outcome.state:
        case "sent":
            row.handed_at, row.documents = now, list(documents)
            _close(row, "sent", "")
        case "refused":
            _close(row, "failed", str(outcome.reason))
        case "deferred" if now - first >= GIVE_UP:
            _close(row, "failed", GAVE_UP.format(reason=outcome.reason))
        case "deferred":
            wait = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
            row.state, row.reason = "pending", str(outcome.reason)
            row.next_try_at = min(now + wait, first + GIVE_UP)
        case "uncertain" if row.repeats:
            _close(row, "uncertain", str(outcome.reason or TWICE_UNCERTAIN))
        case "uncertain":
            row.state, row.reason, row.repeats = "pending", str(outcome.reason), 1
            row.next_try_at = now + ASK_AGAIN
    session.flush()
    if row.state not in OPEN:
        told = {"run": row.run_id, "message": row.message_id, "documents": row.documents, "reason": row.reason}
        record(session, "scheduler", f"delivery.{row.state}", row.recipient, told, at=now)
    return row.state


def refuse(session: Session, row: Delivery, state: str, reason: str, *, name: str = "", address: str = "") -> bool:
    """End what is still owed without handing it over: "skipped" or "failed", and why."""
    row.name, row.address = name or row.name, address or row.address
    session.flush()
    # What was in hand when a scheduler died may have arrived: it is not said that it did not.
    return _end(session, row, "uncertain" if row.state == "sending" else state, reason)


def put_off(session: Session, run_id: str, until: datetime, reason: str, now: datetime) -> None:
    """Let everything that is still owed wait: what stands in the way concerns all recipients."""
    for row in session.scalars(select(Delivery).where(Delivery.run_id == run_id, Delivery.state == "pending")):
        first = row.first_try_at or now
        if now - first >= GIVE_UP:
            _end(session, row, "failed", GAVE_UP.format(reason=reason))
            continue
        row.first_try_at, row.reason, row.next_try_at = first, str(reason), min(until, first + GIVE_UP)


def log(
    session: Session,
    viewer: Viewer,
    schedule_id: str,
    *,
    most: int = 50,
    before: tuple[datetime, str] | None = None,
) -> list[RunCard]:
    """The latest runs of a schedule with every message: its owner's and administrators' to see; others see their own.

    `before` is when another run was due, and its id: then those before that one. Whether a condition held for somebody
    else tells of rows: only who sees all of them is told, and nobody else that a message failed, since one was made.
    Whoever sees only the own messages is not told how many others there were, nor what became of them.

    Raises NotFound for a schedule that never owed the viewer anything.
    """
    person = sharing.person_of(session, viewer)
    schedule = session.get(Schedule, schedule_id)
    sees_all = schedule is not None and (schedule.owner_id == person.id or viewer.may(OVERSEES))
    wanted = select(Run).where(Run.schedule_id == schedule_id)
    if before is not None:
        due, run_id = before
        wanted = wanted.where((Run.due_at < due) | ((Run.due_at == due) & (Run.id < run_id)))
    mine = Delivery.recipient == f"person:{person.id}"
    if not sees_all:
        wanted = wanted.where(Run.id.in_(select(Delivery.run_id).where(mine)))
    runs = list(session.scalars(wanted.order_by(Run.due_at.desc(), Run.id.desc()).limit(most)))
    owed = select(Delivery).where(Delivery.run_id.in_([run.id for run in runs])).order_by(Delivery.recipient)
    if not sees_all:
        owed = owed.where(mine)
    found: dict[str, list[DeliveryCard]] = {}
    for row in session.scalars(owed):
        found.setdefault(row.run_id, []).append(_card(row))
    if not sees_all and not found and before is None:
        raise NotFound("There is no such schedule.")
    cards = [_run_card(run, tuple(found.get(run.id, ()))) for run in runs]
    if not sees_all:
        cards = [_own_part(each) for each in cards]
    if viewer.context.scope.is_everything and not viewer.context.masks:
        return cards
    conditional = {run.id for run in runs if CONDITIONAL in run.fingerprints}
    return [_untold(each, f"person:{person.id}") if each.id in conditional else each for each in cards]


def _own_part(run: RunCard) -> RunCard:
    """The run without what it tells of others than one reader."""
    return replace(run, audiences=min(run.audiences, 1), reason="" if run.state in _UNDER_WAY else run.reason)


def _untold(run: RunCard, own: str) -> RunCard:
    """The run without what its condition found in the rows of others."""
    owed = tuple(
        replace(
            each,
            state="done",
            reason=UNTOLD,
            message_id="",
            attempts=0,
            repeats=0,
            next_try_at=None,
            handed_at=None,
            documents=(),
        )
        if each.recipient != own and (each.state != "skipped" or each.reason in _DECIDED)
        else each
        for each in run.deliveries
        # Administrators are told of what failed, in mails of their own.
        if not each.recipient.startswith(NOTICE) or each.recipient == NOTICE + own.removeprefix("person:")
    )
    state = run.state if run.state in ("queued", "missed", "parked") else "done" if run.ended_at else "building"
    reason = "" if run.reason in _DECIDED or run.state in _UNDER_WAY else run.reason
    return replace(run, state=state, reason=reason, ended_at=None, deliveries=owed)


def _as_it_was(row: Delivery) -> Update:
    return update(Delivery).where(Delivery.id == row.id, Delivery.state == row.state, Delivery.attempts == row.attempts)


def _changed(session: Session, statement: Update) -> bool:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1


def _end(session: Session, row: Delivery, state: str, reason: str) -> bool:
    ended = _changed(session, _as_it_was(row).values(state=state, reason=str(reason), next_try_at=None))
    if ended:
        told = {"run": row.run_id, "message": row.message_id, "reason": str(reason)}
        record(session, "scheduler", f"delivery.{state}", row.recipient, told)
    return ended


def _close(row: Delivery, state: str, reason: str) -> None:
    row.state, row.reason, row.next_try_at = state, reason, None


def _card(row: Delivery) -> DeliveryCard:
    return DeliveryCard(
        recipient=row.recipient,
        name=row.name,
        address=row.address,
        channel=row.channel,
        state=row.state,
        reason=row.reason,
        message_id=row.message_id,
        attempts=row.attempts,
        repeats=row.repeats,
        next_try_at=row.next_try_at,
        handed_at=row.handed_at,
        documents=tuple(row.documents),
    )


def _run_card(run: Run, owed: tuple[DeliveryCard, ...]) -> RunCard:
    return RunCard(
        id=run.id,
        due_at=run.due_at,
        kind=run.kind,
        state=run.state,
        reason=run.reason,
        is_late=run.is_late,
        is_stale=run.is_stale,
        generation=run.generation,
        audiences=run.audiences,
        started_at=run.started_at,
        ended_at=run.ended_at,
        deliveries=owed,
    )
