"""Posts: the ledger's events become deliveries, each handed over until its receiver has it, or given up and told."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from app.channels.message import Outcome
from app.channels.signed import secret_of
from app.models.event import AuditEvent, ChainHead
from app.models.hook import Hook, HookCursor, HookDelivery, HookNotice
from app.services import sharing
from app.services.hook_events import ACTIONS, kind_of
from app.services.ledger import Actor, record
from app.values.words import say

STATES = ("pending", "sending", "sent", "parked", "refused", "withheld")
"""`parked`: given up, may be sent again. `refused`: it cannot be posted. `withheld`: not the owner's to know, who is
told nothing of it."""

OPEN = ("pending", "sending")
AT_A_TIME = 500
"""Events that become deliveries in one transaction."""

LEASE = timedelta(seconds=60)
"""How long a hand-over may take before another scheduler takes it for one whose end is unknown."""

BACKOFF = tuple(timedelta(minutes=each) for each in (0.5, 5, 30, 120, 300, 600, 840, 1200))
"""How long to wait after each failed try, give or take a fifth; after the last, again and again."""

MOST_ASKED = timedelta(hours=6)
"""The longest that a receiver is left alone because it asked to be."""

GIVE_UP = timedelta(hours=72)
"""How long an event is tried again."""

SWITCH_OFF = timedelta(days=5)
"""A hook of which every try failed for so long is switched off."""

KEPT = timedelta(days=30)
"""How long an ended delivery is kept."""

GONE = say("The receiver answered that it is gone for good (410).")
FAILING = "Every try has failed for {days} days: {reason}"
PARKED = "It was tried for 72 hours: {reason}"


@dataclass(frozen=True)
class Owed:
    """A delivery that is due: of which hook, whose, about what."""

    id: str
    hook_id: str
    owner_id: int
    event: str
    kind: str
    message_id: str
    at: datetime


@dataclass(frozen=True)
class Taken:
    """A delivery in hand: where it goes, under which name, signed with which secrets, and which try this is."""

    id: str
    address: str
    message_id: str
    secrets: tuple[str, ...]
    attempt: int


def note_events(session: Session, now: datetime) -> int:
    """Make deliveries of the next events of the ledger; returns how many events were read.

    The cursor is locked and moves in the same transaction: every event is read once, whoever dies.
    """
    cursor = session.execute(select(HookCursor).with_for_update()).scalar_one()
    newest = session.scalar(select(ChainHead.sequence)) or 0
    if cursor.sequence >= newest:
        return 0
    until = min(newest, cursor.sequence + AT_A_TIME)
    read, span = until - cursor.sequence, (AuditEvent.sequence > cursor.sequence, AuditEvent.sequence <= until)
    hooks = list(session.scalars(select(Hook).where(Hook.off_at.is_(None))))
    if hooks:
        events = select(AuditEvent).where(*span, AuditEvent.action.in_(ACTIONS)).order_by(AuditEvent.sequence)
        for event in session.scalars(events):
            for hook in hooks:
                if event.sequence > hook.since:
                    owe(session, hook, event, now)
    cursor.sequence = until
    return read


def is_behind(session: Session) -> bool:
    """Whether the ledger holds events that were not read."""
    at = session.scalar(select(HookCursor.sequence)) or 0
    return at < (session.scalar(select(ChainHead.sequence)) or 0)


def owe(session: Session, hook: Hook, event: AuditEvent, now: datetime) -> HookDelivery | None:
    """Write down that a hook is owed an event, if it is of a kind that the hook is told."""
    kind = kind_of(event)
    if kind is None or kind not in hook.kinds:
        return None
    return add(session, hook, f"ledger:{event.sequence}", kind, event.at, now)


def add(session: Session, hook: Hook, event: str, kind: str, at: datetime, now: datetime) -> HookDelivery:
    """A delivery that is owed from now on; what is sent again has the same name."""
    name = hashlib.sha256(f"{hook.id} {event}".encode()).hexdigest()[:32]
    row = HookDelivery(
        id=sharing.new_id(),
        hook_id=hook.id,
        event=event,
        kind=kind,
        at=at,
        message_id=f"msg_{name}",
        state="pending",
        next_try_at=now,
    )
    session.add(row)
    return row


def due(session: Session, now: datetime, besides: Sequence[str] = ()) -> list[str]:
    """The hooks that something is to be posted to now, besides some."""
    found = session.scalars(_due(now).with_only_columns(HookDelivery.hook_id).distinct())
    return [each for each in found if each not in besides]


def next_of(session: Session, hook_id: str, now: datetime) -> Owed | None:
    """What a hook has waited for longest."""
    statement = _due(now).where(Hook.id == hook_id).order_by(HookDelivery.next_try_at, HookDelivery.id).limit(1)
    row = session.execute(statement.with_only_columns(HookDelivery, Hook.owner_id)).one_or_none()
    if row is None:
        return None
    delivery, owner = row
    return Owed(delivery.id, delivery.hook_id, owner, delivery.event, delivery.kind, delivery.message_id, delivery.at)


def event_of(session: Session, event: str) -> AuditEvent | None:
    """The event of the ledger that a delivery is about; None for a test."""
    place, _, number = event.partition(":")
    return session.get(AuditEvent, int(number)) if place == "ledger" else None


def take(session: Session, owed: Owed, payload: str, rights: str, master: str, now: datetime) -> Taken | None:
    """Begin a hand-over, in a transaction that ends before the first byte goes out; None when it is not to be had."""
    row = session.get(HookDelivery, owed.id, with_for_update=True, populate_existing=True)
    hook = session.get(Hook, owed.hook_id, populate_existing=True)
    if row is None or hook is None or hook.off_at is not None or not _is_due(row, now):
        return None
    row.state, row.attempts, row.reason, row.status = "sending", row.attempts + 1, "", None
    row.first_try_at, row.next_try_at, row.lease_until = row.first_try_at or now, None, now + LEASE
    row.payload, row.rights = payload, rights
    versions = [hook.secret_version]
    if hook.previous_until is not None and hook.previous_until > now:
        versions.append(hook.secret_version - 1)
    secrets = tuple(secret_of(master, hook.id, each) for each in versions)
    return Taken(row.id, hook.address, row.message_id, secrets, row.attempts)


def withhold(session: Session, owed: Owed, now: datetime) -> None:
    """It is not the owner's to know: nothing is posted, and nobody is told that there was something."""
    row = session.get(HookDelivery, owed.id, with_for_update=True, populate_existing=True)
    if row is not None and row.state in OPEN:
        _close(row, "withheld", "", now)


def settle(session: Session, taken: Taken, outcome: Outcome, now: datetime) -> str:
    """Write down how a hand-over ended; returns the state. Nothing changes when somebody else has taken over since."""
    row = session.get(HookDelivery, taken.id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "sending" or row.attempts != taken.attempt:
        return "" if row is None else row.state
    hook = session.get_one(Hook, row.hook_id, with_for_update=True, populate_existing=True)
    row.status = outcome.status
    first, reason = row.first_try_at or now, str(outcome.reason)
    if outcome.state == "sent":
        _close(row, "sent", "", now)
        hook.failing_since = None
        return row.state
    hook.failing_since = hook.failing_since or now
    if outcome.status == 410:
        _close(row, "refused", reason, now)
        switch_off(session, "scheduler", hook, str(GONE), now, tell=True)
    elif outcome.state == "refused" and outcome.status is None:
        # The address leads where nothing may be sent: time does not change that, its owner does.
        _park(session, hook, row, "refused", reason, now)
    elif now - first >= GIVE_UP:
        _park(session, hook, row, "parked", PARKED.format(reason=reason), now)
    else:
        wait = BACKOFF[min(row.attempts, len(BACKOFF)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311
        asked = timedelta(seconds=min(outcome.pause_s, MOST_ASKED.total_seconds()))
        row.state, row.reason, row.lease_until = "pending", reason, None
        row.next_try_at = min(now + max(wait, asked * random.uniform(1.0, 1.2)), first + GIVE_UP)  # noqa: S311
        if asked:
            _leave_alone(session, hook, now + asked)
    if hook.off_at is None and now - hook.failing_since >= SWITCH_OFF:
        told = FAILING.format(days=SWITCH_OFF.days, reason=reason)
        switch_off(session, "scheduler", hook, told, now, tell=True)
    return row.state


def switch_off(session: Session, actor: Actor, hook: Hook, reason: str, now: datetime, *, tell: bool = False) -> None:
    """Tell a hook nothing more until its owner switches it on again; with `tell` the owner gets a mail."""
    if hook.off_at is not None:
        return
    hook.off_at, hook.off_reason, hook.changed_at = now, reason, now
    hook.version += 1
    session.flush()
    record(session, actor, "hook.switched-off", f"hook:{hook.id}", {"name": hook.name, "reason": reason}, at=now)
    if tell:
        _tell(session, hook, "off", reason, now)


def switch_off_of(session: Session, owed: Owed, reason: str, now: datetime) -> None:
    """Switch the hook of a delivery off, whose owner may have none any more."""
    hook = session.get(Hook, owed.hook_id, with_for_update=True, populate_existing=True)
    if hook is not None:
        switch_off(session, "scheduler", hook, reason, now)


def notices(session: Session, now: datetime) -> list[str]:
    """What owners are to be told now, oldest first."""
    ready = and_(HookNotice.state == "pending", HookNotice.next_try_at <= now)
    left = and_(HookNotice.state == "sending", HookNotice.lease_until <= now)
    return list(session.scalars(select(HookNotice.id).where(or_(ready, left)).order_by(HookNotice.at)))


def take_notice(session: Session, notice_id: str, now: datetime) -> tuple[HookNotice, Hook] | None:
    """Begin telling an owner; None when somebody else does."""
    row = session.get(HookNotice, notice_id, with_for_update=True, populate_existing=True)
    if row is None or row.state not in OPEN or (row.lease_until or row.next_try_at or now) > now:
        return None
    row.state, row.attempts, row.lease_until = "sending", row.attempts + 1, now + LEASE
    return row, session.get_one(Hook, row.hook_id)


def settle_notice(session: Session, notice_id: str, attempt: int, outcome: Outcome, now: datetime) -> None:
    """How the telling ended: tried again for a day unless it never can."""
    row = session.get(HookNotice, notice_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "sending" or row.attempts != attempt:
        return
    row.lease_until = None
    if outcome.state == "deferred" and now - row.at < timedelta(days=1):
        row.state, row.next_try_at = "pending", now + BACKOFF[min(attempt, 3)]
    else:
        row.state, row.next_try_at = "sent" if outcome.state == "sent" else "failed", None


def forget(session: Session, now: datetime) -> int:
    """Delete what ended 30 days ago."""
    old = delete(HookDelivery).where(HookDelivery.ended_at <= now - KEPT)
    done: Any = session.execute(old)
    session.execute(delete(HookNotice).where(HookNotice.at <= now - KEPT))
    return done.rowcount if isinstance(done, CursorResult) else 0


def reset(session: Session, wanted: Sequence[Any], now: datetime) -> int:
    """Let ended deliveries be owed once more, under the names they had; returns how many."""
    again = update(HookDelivery).where(*wanted, HookDelivery.state.not_in(OPEN))
    values = {"state": "pending", "reason": "", "status": None, "attempts": 0, "first_try_at": None}
    done: Any = session.execute(
        again.values(**values, next_try_at=now, ended_at=None, lease_until=None),
        execution_options={"synchronize_session": False},
    )
    return done.rowcount if isinstance(done, CursorResult) else 0


def _due(now: datetime) -> Select[Any]:
    ready = and_(HookDelivery.state == "pending", HookDelivery.next_try_at <= now)
    left = and_(HookDelivery.state == "sending", HookDelivery.lease_until <= now)
    return (
        select(HookDelivery).join(Hook, Hook.id == HookDelivery.hook_id).where(Hook.off_at.is_(None), or_(ready, left))
    )


def _is_due(row: HookDelivery, now: datetime) -> bool:
    until = row.next_try_at if row.state == "pending" else row.lease_until if row.state == "sending" else None
    return until is not None and until <= now


def _leave_alone(session: Session, hook: Hook, until: datetime) -> None:
    """What else waits for a receiver that asked for a pause waits with it."""
    waiting = (HookDelivery.hook_id == hook.id, HookDelivery.state == "pending", HookDelivery.next_try_at < until)
    session.execute(
        update(HookDelivery).where(*waiting).values(next_try_at=until),
        execution_options={"synchronize_session": False},
    )


def _park(session: Session, hook: Hook, row: HookDelivery, state: str, reason: str, now: datetime) -> None:
    _close(row, state, reason, now)
    told = {"name": hook.name, "kind": row.kind, "message": row.message_id, "reason": reason}
    record(session, "scheduler", f"hook.delivery-{state}", f"hook:{hook.id}", told, at=now)
    _tell(session, hook, "parked", reason, now)


def _close(row: HookDelivery, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.ended_at, row.next_try_at, row.lease_until = state, reason, now, None, None


def _tell(session: Session, hook: Hook, kind: str, reason: str, now: datetime) -> None:
    """Owe the owner a mail, one a day of a kind: a hundred parked deliveries are one piece of news."""
    recent = select(HookNotice.id).where(
        HookNotice.hook_id == hook.id, HookNotice.kind == kind, HookNotice.at > now - timedelta(days=1)
    )
    if session.scalar(recent) is None:
        session.add(
            HookNotice(
                id=sharing.new_id(), hook_id=hook.id, kind=kind, reason=reason, at=now, state="pending", next_try_at=now
            )
        )
        session.flush()
