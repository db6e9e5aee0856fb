"""Segmentations: the versions of which customers make which segment; the newest counts, any may count again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.segmentation import KeptSegmentation
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Conflict, NotFound
from app.values.segmentation import AS_SHIPPED, Rule, Segmentation
from app.values.viewer import Viewer

PERMISSION = "admin:settings"
"""What it takes to change which customers make which segment."""

# Built once: every request runs it, and putting it together costs more than answering it.
_NEWEST = (
    select(KeptSegmentation.version, KeptSegmentation.content, KeptSegmentation.created_at)
    .order_by(KeptSegmentation.version.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Version:
    """A version as everybody may see it; that which is shipped has no `author` and no `at`."""

    segmentation: Segmentation
    author: str = ""
    at: datetime | None = None
    restored: int | None = None


def current(connection: Connection) -> Segmentation:
    """The segmentation that counts. Every request asks for it: one short row, read into objects once."""
    row = connection.execute(_NEWEST).one_or_none()
    return AS_SHIPPED if row is None else _read(row.version, json.dumps(row.content), row.created_at)


def versions(session: Session, viewer: Viewer) -> list[Version]:
    """All versions, the newest first, the shipped one last."""
    viewer.require("dashboards")
    rows = session.scalars(select(KeptSegmentation).order_by(KeptSegmentation.version.desc()))
    kept = [
        Version(_read(row.version, json.dumps(row.content), row.created_at), row.author, row.created_at, row.restored)
        for row in rows
    ]
    return [*kept, Version(AS_SHIPPED)]


def change(
    session: Session, viewer: Viewer, settled: Segmentation, *, on: int, now: datetime | None = None
) -> Segmentation:
    """Let `settled` count from now on, as a version of its own. `on` is the version it was made from.

    The same as what counts stays that version. Raises Forbidden without the permission, Conflict when somebody was
    quicker.
    """
    return _add(session, viewer, settled, on, None, now)


def restore(session: Session, viewer: Viewer, version: int, *, on: int, now: datetime | None = None) -> Segmentation:
    """Let an earlier version count again, as a new one. Raises NotFound for one there never was; else as `change`."""
    viewer.require(PERMISSION)
    found = next((each for each in versions(session, viewer) if each.segmentation.version == version), None)
    if found is None:
        raise NotFound("There is no such version.")
    return _add(session, viewer, found.segmentation, on, version, now)


def _add(
    session: Session, viewer: Viewer, settled: Segmentation, on: int, restored: int | None, now: datetime | None
) -> Segmentation:
    viewer.require(PERMISSION)
    author = sharing.person_of(session, viewer)
    take_turns(session, "segmentation")
    counts = current(session.connection())
    if counts.version != on:
        raise Conflict("The segments were changed meanwhile: look at them again, then save.")
    if _written(settled) == _written(counts):
        return counts
    now = now or datetime.now(UTC)
    made = replace(settled, version=counts.version + 1, since=now.date())
    row = KeptSegmentation(
        version=made.version,
        content=_written(settled),
        author_id=author.id,
        author=author.name,
        restored=restored,
        created_at=now,
    )
    session.add(row)
    session.flush()
    told = {"before": _written(counts), "after": row.content, "restored": restored}
    action = "segments.changed" if restored is None else "segments.restored"
    record(session, viewer, action, f"segmentation:{made.version}", told, at=now)
    return made


def _written(settled: Segmentation) -> dict[str, Any]:
    return {
        "rules": [[rule.segment, *rule.recency, *rule.frequency_money] for rule in settled.rules],
        "recency": list(settled.recency),
        "frequency": list(settled.frequency),
        "money": [str(each) for each in settled.money],
        "currency": settled.currency,
    }


@lru_cache(maxsize=32)
def _read(version: int, content: str, at: datetime) -> Segmentation:
    told: Mapping[str, Any] = json.loads(content)
    return Segmentation(
        rules=tuple(Rule(segment, (low, high), (least, most)) for segment, low, high, least, most in told["rules"]),
        recency=tuple(told["recency"]),
        frequency=tuple(told["frequency"]),
        money=tuple(Decimal(each) for each in told["money"]),
        currency=told["currency"],
        version=version,
        since=at.date(),
    )
