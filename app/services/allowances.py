"""Allowances: how much a principal may ask, in a bucket that fills by the minute and that all processes share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.request import Allowance


@dataclass(frozen=True)
class Lease:
    """Requests that were taken out of the bucket, what is left in it, and the seconds until it holds one again."""

    granted: int
    left: float
    wait_s: float


def lease(session: Session, principal: str, wanted: int, per_minute: int, now: datetime) -> Lease:
    """Take up to `wanted` requests out of the bucket. It holds those of one minute, and is full at first."""
    take_turns(session, f"allowance {principal}")
    row = session.get(Allowance, principal)
    if row is None:
        row = Allowance(principal=principal, level=float(per_minute), at=now)
        session.add(row)
    passed = max(0.0, (now - row.at).total_seconds())
    level = min(float(per_minute), row.level + passed * per_minute / 60)
    granted = min(wanted, int(level))
    row.level, row.at = level - granted, max(now, row.at)
    return Lease(granted, row.level, 0.0 if granted else (1 - row.level) * 60 / per_minute)
