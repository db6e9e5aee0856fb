"""Hook: another program that is told what happens here; HookDelivery: one event told to it, from owed to ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Hook(Base):
    """`kinds` are those of app.services.hook_events. It is told events after `since`, a number of the ledger.

    Its secrets are derived from the workspace's and `secret_version`: none is kept. Until `previous_until` the version
    before signs, too. While `off_at` is set nothing is told, for `off_reason`. `failing_since` is when the first of an
    unbroken row of tries failed. `version` grows with every change people make.
    """

    __tablename__ = "hook"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    secret_version: Mapped[int] = mapped_column(default=1)
    previous_until: Mapped[datetime | None] = mapped_column(Instant)
    since: Mapped[int]
    off_at: Mapped[datetime | None] = mapped_column(Instant)
    off_reason: Mapped[str] = mapped_column(Text, default="")
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class HookDelivery(Base):
    """One event for one hook: there is one for a hook and an `event` ("ledger:512", "test:…"), whoever noticed first.

    `state` is one of app.services.hook_posts.STATES. `status` is the HTTP status of the last answer. `payload` is what
    was posted last, made under the rights that `rights` stands for: nobody reads it under others.
    """

    __tablename__ = "hook_delivery"
    __table_args__ = (
        UniqueConstraint("hook_id", "event"),
        Index("ix_hook_delivery_state_next_try_at", "state", "next_try_at"),
        Index("ix_hook_delivery_hook_id_at", "hook_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    hook_id: Mapped[str] = mapped_column(String(16), ForeignKey("hook.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)
    message_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    first_try_at: Mapped[datetime | None] = mapped_column(Instant)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    payload: Mapped[str] = mapped_column(Text, default="")
    rights: Mapped[str] = mapped_column(String(64), default="")


class HookCursor(Base):
    """How far the ledger was read; one row, locked while its events become deliveries."""

    __tablename__ = "hook_cursor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]


class HookNotice(Base):
    """What the owner of a hook is told by mail: `kind` is "parked" or "off", `state` "pending", "sending" or an end."""

    __tablename__ = "hook_notice"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    hook_id: Mapped[str] = mapped_column(String(16), ForeignKey("hook.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
