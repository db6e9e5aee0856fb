"""Refresh: a source that is loaded by the clock, through a mapping, as an administrator set it up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Refresh(Base):
    """`source` is a folder or a database's address without a password. `next_due` is None while it is paused.

    In hand it belongs to the scheduler `claimed_by` until `lease_until`. `tries` counts those of the time that is due
    now; `state` is "waiting", "running", "done" or "failed", as the newest of its times ended, with `reason`.
    """

    __tablename__ = "source_refresh"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    mapping: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    recurrence: Mapped[str] = mapped_column(String(400))
    zone: Mapped[str] = mapped_column(String(64))
    next_due: Mapped[datetime | None] = mapped_column(Instant, index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
