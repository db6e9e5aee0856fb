"""Comment: what somebody said about a panel, to those who may see the same rows; Mention: who is told of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Comment(Base):
    """`view` is the canonical text of the panel's view; `place` its dashboard and panel, by which comments are found.

    `scope` are the clauses of the rows that the author saw, and `masks` the columns that were hidden: whoever may not
    see as much reads nothing of it. `thread` is the comment that is answered. A deleted comment keeps its answers.
    The `point_…` are the level, the key and the name of the one mark it is about; all empty: it is about the panel.
    """

    __tablename__ = "comment"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    place: Mapped[str] = mapped_column(String(160), index=True)
    view: Mapped[str] = mapped_column(Text)
    thread: Mapped[str | None] = mapped_column(String(16), ForeignKey("comment.id", ondelete="CASCADE"))
    scope: Mapped[list[dict[str, list[str]]]] = mapped_column(JSON)
    masks: Mapped[list[str]] = mapped_column(JSON)
    point_level: Mapped[str] = mapped_column(String(400), default="")
    point_key: Mapped[str] = mapped_column(String(400), default="")
    point_name: Mapped[str] = mapped_column(String(400), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    author: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class Mention(Base):
    """Somebody named in a comment; `seen_at` is when they looked at it first, `letter_id` the mail that told them."""

    __tablename__ = "comment_mention"

    comment_id: Mapped[str] = mapped_column(String(16), ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    letter_id: Mapped[str | None] = mapped_column(String(16))


class MentionLetter(Base):
    """One mail about all that named somebody in a thread until then, from when it is owed until it has ended.

    `state` is one of app.services.deliveries.STATES. `attempts` counts hand-overs begun, `repeats` those after one
    whose end is unknown; in hand it belongs to a scheduler until `lease_until`.
    """

    __tablename__ = "mention_letter"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    thread: Mapped[str] = mapped_column(String(16), index=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
