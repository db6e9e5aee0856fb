"""Alert: a rule that is watched for people; Check: one time it was looked at; what became of it, and who was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Alert(Base):
    """`view` is the address of a panel or dashboard, `rule` what app.values.alert.Rule stores.

    `recurrence` empty: checked whenever new data have come; `generation` is the newest that was. `next_due` is when it
    is due next: None while nothing is. `version` grows with every change people make.
    """

    __tablename__ = "alert"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    view: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    recipients: Mapped[list[str]] = mapped_column(JSON)
    recurrence: Mapped[str] = mapped_column(String(400), default="")
    zone: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20), default="mail")
    muted_until: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    next_due: Mapped[datetime | None] = mapped_column(Instant, index=True)
    generation: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class AlertCheck(Base):
    """One time an alert was due: there is one for an alert and a `moment`, whoever noticed first.

    `moment` is "saved:3", "load:57", or "due:" or "asked:" with an instant; `state` "open", "done", "missed" or
    "failed". While open, `claimed_by` works on it until `lease_until`; nobody does before `next_try_at`.
    """

    __tablename__ = "alert_check"
    __table_args__ = (UniqueConstraint("alert_id", "moment"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    alert_id: Mapped[str] = mapped_column(String(16), ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    moment: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)
    today: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    generation: Mapped[int | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class AlertStanding(Base):
    """Where a member stands for a recipient ("person:7"); `member` is empty for the whole.

    `value` is the last figure as text, with `currency` where it is money; `reason` why there is none.
    """

    __tablename__ = "alert_standing"

    alert_id: Mapped[str] = mapped_column(String(16), ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(270), primary_key=True)
    member: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime] = mapped_column(Instant)
    held: Mapped[int] = mapped_column(default=0)
    is_open: Mapped[bool] = mapped_column(default=False)
    told: Mapped[bool] = mapped_column(default=False)
    value: Mapped[str] = mapped_column(String(60), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime] = mapped_column(Instant)


class AlertEvent(Base):
    """A line of an alert's history: a member that changed its state for a recipient, or why a recipient got nothing."""

    __tablename__ = "alert_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(String(16), ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    check_id: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)
    recipient: Mapped[str] = mapped_column(String(270))
    member: Mapped[str] = mapped_column(String(200), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    was: Mapped[str] = mapped_column(String(10), default="")
    state: Mapped[str] = mapped_column(String(10), default="")
    value: Mapped[str] = mapped_column(String(60), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    told: Mapped[str] = mapped_column(String(10), default="")
    reason: Mapped[str] = mapped_column(Text, default="")


class AlertLetter(Base):
    """One message of one check to one recipient, written when the check was made, until it has ended.

    `state` is one of app.services.deliveries.STATES. `rights` stands for the rows and columns it was written from:
    nobody gets it under others. `attempts` counts hand-overs begun, `repeats` those after one whose end is unknown.
    """

    __tablename__ = "alert_letter"
    __table_args__ = (UniqueConstraint("check_id", "recipient", "channel"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    check_id: Mapped[str] = mapped_column(String(16), ForeignKey("alert_check.id", ondelete="CASCADE"))
    alert_id: Mapped[str] = mapped_column(String(16), ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    recipient: Mapped[str] = mapped_column(String(270), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    rights: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    message_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(254), default="")
    state: Mapped[str] = mapped_column(String(12), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)
    first_try_at: Mapped[datetime | None] = mapped_column(Instant)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    handed_at: Mapped[datetime | None] = mapped_column(Instant)


class AlertLeft(Base):
    """A recipient ("person:7") who wants to be told nothing of an alert, whoever made it."""

    __tablename__ = "alert_left"

    alert_id: Mapped[str] = mapped_column(String(16), ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(270), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


class AlertSilence(Base):
    """A member of an alert that a recipient is told nothing of until then."""

    __tablename__ = "alert_silence"

    alert_id: Mapped[str] = mapped_column(String(16), ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(270), primary_key=True)
    member: Mapped[str] = mapped_column(String(200), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant)
