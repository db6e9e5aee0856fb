"""Requests that may come again: what was answered is kept with its effect, in one transaction, for a day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from app.models.database import try_turn
from app.models.request import Allowance, KeptAnswer
from app.values.errors import Conflict, NotAskable
from app.values.viewer import Viewer
from app.values.words import say

KEPT = timedelta(hours=24)
CHANGED = say("This was done before, and your rights have changed since: read what it made, it is not told again.")
RUNNING = say("The first request under this Idempotency-Key is still being answered. Send it again in a moment.")


@dataclass(frozen=True)
class Given:
    """An answer as it is kept; `fingerprint` tells what was asked, `rights` what the asker might see and do."""

    fingerprint: str
    rights: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def rights_of(viewer: Viewer) -> str:
    """The same for whoever may see and do the same."""
    context = viewer.context
    told = (sorted(viewer.permissions), sorted(context.masks), context.scope.fingerprint())
    return hashlib.sha256(repr(told).encode()).hexdigest()


def given_before(
    reader: Session | Connection, principal: str, key: str, fingerprint: str, rights: str, now: datetime
) -> Given | None:
    """What the same request was answered within the last day; None for a new one.

    NotAskable if the key stood for another request, Conflict if it was answered under other rights.
    """
    row = reader.execute(
        select(KeptAnswer.fingerprint, KeptAnswer.rights, KeptAnswer.status, KeptAnswer.headers, KeptAnswer.body).where(
            KeptAnswer.principal == principal, KeptAnswer.key == _hash(key), KeptAnswer.at > now - KEPT
        )
    ).one_or_none()
    if row is None:
        return None
    found = Given(*row)
    if found.fingerprint != fingerprint:
        raise NotAskable("This Idempotency-Key stood for another request: every new request takes a new key.")
    if found.rights != rights:
        raise Conflict(CHANGED)
    return found


def begin(session: Session, principal: str, key: str) -> None:
    """Be the only one that answers under the key until the transaction ends. Raises Conflict."""
    if not try_turn(session, f"request {principal} {_hash(key)}"):
        raise Conflict(RUNNING)


def keep(session: Session, principal: str, key: str, given: Given, now: datetime) -> None:
    """Keep an answer beside its effect."""
    hashed = _hash(key)
    session.execute(delete(KeptAnswer).where(KeptAnswer.principal == principal, KeptAnswer.key == hashed))
    session.add(
        KeptAnswer(
            principal=principal,
            key=hashed,
            fingerprint=given.fingerprint,
            rights=given.rights,
            status=given.status,
            headers=dict(given.headers),
            body=given.body,
            at=now,
        )
    )


def forget(session: Session, now: datetime) -> None:
    """Delete answers of more than a day ago, and buckets that have long been full."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.at <= now - KEPT))
    session.execute(delete(Allowance).where(Allowance.at <= now - KEPT))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
