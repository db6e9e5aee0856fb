"""The ledger: who did what, as a chain that shows every edit, removal, insertion, reordering and cut tail."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.models.base import Base
from app.models.database import LEDGER_KEY
from app.models.event import AuditEvent, ChainHead
from app.values.errors import NotFound
from app.values.viewer import Viewer

PERMISSION = "admin:audit"
"""What it takes to read who did what."""

Actor = Viewer | str
"""Who acts: a viewer, or a name such as "cli" (somebody at the machine itself) or "person:7"."""


def actor_name(actor: Actor) -> str:
    """How the ledger names an actor."""
    return actor if isinstance(actor, str) else f"{actor.kind}:{actor.id}"


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Add one event to the chain, in the caller's transaction; `detail` is JSON without secrets."""
    session.flush()
    # Every write ends here: columns cost a third of what objects do.
    number, previous = session.execute(_HEAD).one()
    event = AuditEvent(
        sequence=number + 1,
        at=at or datetime.now(UTC),
        actor=actor_name(actor),
        action=action,
        subject=subject,
        detail=dict(detail or {}),
        previous=previous,
    )
    event.digest = _digest(event, session.info[LEDGER_KEY])
    session.execute(_ADD, {column.name: getattr(event, column.name) for column in _EVENTS.columns})
    session.execute(_MOVE, {"was": number, "now": event.sequence, "sealed": event.digest})


_EVENTS, _END = (Base.metadata.tables[name] for name in ("audit_event", "audit_head"))
_HEAD = select(_END.c.sequence, _END.c.digest).with_for_update()
_ADD = insert(_EVENTS)
_MOVE = (
    update(_END)
    .where(_END.c.sequence == bindparam("was"))
    .values(sequence=bindparam("now"), digest=bindparam("sealed"))
)


@dataclass(frozen=True)
class Wanted:
    """Which events are read: those of an actor, an action ("user." for all that begin so), a subject, a time."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def events(
    session: Session, viewer: Viewer, wanted: Wanted, *, after: int | None, most: int, oldest_first: bool = False
) -> list[AuditEvent]:
    """Events in their order, the newest first unless asked otherwise, from beyond number `after`. Raises Forbidden."""
    viewer.require(PERMISSION)
    statement = select(AuditEvent).limit(most)
    statement = statement.order_by(AuditEvent.sequence if oldest_first else AuditEvent.sequence.desc())
    if after is not None:
        statement = statement.where(AuditEvent.sequence > after if oldest_first else AuditEvent.sequence < after)
    if wanted.actor is not None:
        statement = statement.where(AuditEvent.actor == wanted.actor)
    if wanted.action is not None:
        group = wanted.action.endswith(".")
        same = AuditEvent.action.startswith(wanted.action, autoescape=True)
        statement = statement.where(same if group else AuditEvent.action == wanted.action)
    if wanted.subject is not None:
        statement = statement.where(AuditEvent.subject == wanted.subject)
    if wanted.since is not None:
        statement = statement.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEvent.at < wanted.until)
    return list(session.scalars(statement))


def event_numbered(session: Session, viewer: Viewer, sequence: int) -> AuditEvent:
    """One event. Raises NotFound, Forbidden."""
    viewer.require(PERMISSION)
    found = session.get(AuditEvent, sequence)
    if found is None:
        raise NotFound("There is no such event.")
    return found


def faults(session: Session) -> list[str]:
    """Where the chain does not hold, in words; empty if nothing was tampered with."""
    key: bytes = session.info[LEDGER_KEY]
    found: list[str] = []
    number, digest = 0, "0" * 64
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)):
        if event.sequence != number + 1:
            found.append(f"Events {number + 1} to {event.sequence - 1} are missing.")
        elif event.previous != digest:
            found.append(f"Event {event.sequence} does not follow event {number}.")
        if not hmac.compare_digest(_digest(event, key), event.digest):
            found.append(f"Event {event.sequence} was changed.")
        number, digest = event.sequence, event.digest
    head = session.scalars(select(ChainHead)).one_or_none()
    if head is None or head.sequence != number or not hmac.compare_digest(head.digest, digest):
        found.append(f"The end of the chain is not where it was: it stops at event {number}.")
    return found


def _digest(event: AuditEvent, key: bytes) -> str:
    sealed = [
        event.sequence,
        # Microseconds are what both databases keep.
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor,
        event.action,
        event.subject,
        event.detail,
        event.previous,
    ]
    text = json.dumps(sealed, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()
