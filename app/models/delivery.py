"""Delivery: one message of one run to one recipient, from the moment it is owed to the moment it has ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Delivery(Base):
    """`recipient` is "person:7" or "address:a@b.example"; `state` one of app.services.deliveries.STATES.

    `message_id` is derived from schedule, instant, recipient and channel: a message that is sent again is the same.
    `attempts` counts hand-overs begun, `repeats` those begun after one whose end is unknown. `documents` are names,
    sizes and hashes of what went along. `notice` is a text to be sent instead of documents.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("run_id", "recipient", "channel"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(16), ForeignKey("schedule_run.id", ondelete="CASCADE"))
    recipient: Mapped[str] = mapped_column(String(270), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(254), default="")
    state: Mapped[str] = mapped_column(String(12), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    message_id: Mapped[str] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)
    first_try_at: Mapped[datetime | None] = mapped_column(Instant)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    handed_at: Mapped[datetime | None] = mapped_column(Instant)
    documents: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    notice: Mapped[str] = mapped_column(Text, default="")
