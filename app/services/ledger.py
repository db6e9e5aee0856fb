"""The ledger: who did what, as a chain that shows every edit, removal, insertion, reordering and cut tail."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.database import LEDGER_KEY
from app.models.event import AuditEvent, ChainHead
from app.values.viewer import Viewer

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
) -> AuditEvent:
    """Add one event to the chain, in the caller's transaction; `detail` is JSON without secrets."""
    head = session.execute(select(ChainHead).with_for_update()).scalar_one()
    event = AuditEvent(
        sequence=head.sequence + 1,
        at=at or datetime.now(UTC),
        actor=actor_name(actor),
        action=action,
        subject=subject,
        detail=dict(detail or {}),
        previous=head.digest,
    )
    event.digest = _digest(event, session.info[LEDGER_KEY])
    head.sequence, head.digest = event.sequence, event.digest
    session.add(event)
    session.flush()
    return event


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
