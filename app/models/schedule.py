"""Schedule: what is sent to whom, when; Run: one time it was due; Grant: leave for an address outside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Schedule(Base):
    """`views` are addresses of views, or "view:<id>" and "report:<id>"; `recipients` are texts like "person:7".

    `next_due` is when it is due next: None while nothing is. `fingerprints` says what each audience was sent last.
    `version` grows with every change people make, so that the second of two editors is told. `as_one`: all views are
    one file, where the format can have sections.
    """

    __tablename__ = "schedule"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(200), default="")
    views: Mapped[list[str]] = mapped_column(JSON)
    formats: Mapped[list[str]] = mapped_column(JSON)
    recurrence: Mapped[str] = mapped_column(String(400))
    zone: Mapped[str] = mapped_column(String(64))
    condition: Mapped[dict[str, Any]] = mapped_column(JSON)
    recipients: Mapped[list[str]] = mapped_column(JSON)
    channel: Mapped[str] = mapped_column(String(20), default="mail")
    as_one: Mapped[bool] = mapped_column(default=False)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    pause_reason: Mapped[str] = mapped_column(Text, default="")
    next_due: Mapped[datetime | None] = mapped_column(Instant, index=True)
    fingerprints: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class Run(Base):
    """One time a schedule was due. There is one for a schedule and an instant, whoever noticed first.

    `kind` is "due", "once" (all recipients are sent it beside its times) or "test" (its owner alone is). While it is
    open, `claimed_by` works on it until `lease_until`; nobody does before `next_try_at`. `ends_as` is the state it will
    have when the owner has been told. `tries` counts passes in which something broke, `crashes` claims that never
    ended. `fingerprints` says what each audience is sent.
    """

    __tablename__ = "schedule_run"
    __table_args__ = (UniqueConstraint("schedule_id", "due_at"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    schedule_id: Mapped[str] = mapped_column(String(16), ForeignKey("schedule.id", ondelete="CASCADE"))
    due_at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(10), default="due")
    state: Mapped[str] = mapped_column(String(12), index=True)
    ends_as: Mapped[str] = mapped_column(String(12), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    is_late: Mapped[bool] = mapped_column(default=False)
    is_stale: Mapped[bool] = mapped_column(default=False)
    today: Mapped[date]
    views: Mapped[list[str]] = mapped_column(JSON, default=list)
    generation: Mapped[int | None]
    audiences: Mapped[int] = mapped_column(default=0)
    fingerprints: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    tries: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Grant(Base):
    """An administrator's leave to send to an address outside, with the rows it may be told about, once and for all.

    `scope` is a list of clauses, each level → members; `masks` names what is hidden besides. It ends by itself. With a
    `channel` other than mail the address stands for `hook`, which is a secret. Files can be fetched for `link_hours`.
    """

    __tablename__ = "outside_grant"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    scope: Mapped[list[dict[str, list[str]]]] = mapped_column(JSON)
    masks: Mapped[list[str]] = mapped_column(JSON)
    granted_by: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    channel: Mapped[str] = mapped_column(String(20), default="mail")
    hook: Mapped[str] = mapped_column(Text, default="")
    link_hours: Mapped[int] = mapped_column(default=24)


class Unsubscribed(Base):
    """Somebody who wants no more of one schedule: `recipient` is "person:7" or "address:a@b.example"."""

    __tablename__ = "unsubscribed"

    schedule_id: Mapped[str] = mapped_column(
        String(16), ForeignKey("schedule.id", ondelete="CASCADE"), primary_key=True
    )
    recipient: Mapped[str] = mapped_column(String(270), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
