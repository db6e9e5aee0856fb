"""Halting: a schedule paused for a reason, by whoever finds that it cannot go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.models.schedule import Schedule
from app.services.ledger import Actor, record


def halt(session: Session, actor: Actor, row: Schedule, reason: str, now: datetime) -> None:
    """Let nothing of it be due any more until somebody has looked and resumed it."""
    row.paused_at, row.pause_reason, row.next_due = now, str(reason), None
    row.version += 1
    record(session, actor, "schedule.paused", f"schedule:{row.id}", {"name": row.name, "reason": str(reason)}, at=now)
