"""Embed: leave for pages of other sites to show one view; the keys of those who sign for their visitors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class EmbedKey(Base):
    """The public half of a key pair; the private half was told once to whoever made it and is kept nowhere here."""

    __tablename__ = "embed_key"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    creator_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    public_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class EmbedGrant(Base):
    """What is shown is what `creator_id` may see at that moment inside `rule`, and, if given, what `acts_as_id` may.

    `rule` maps levels to the members that are shown. With `key_id`, only visitors whom that key signed for are let in.
    """

    __tablename__ = "embed_grant"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    creator_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    acts_as_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    key_id: Mapped[str | None] = mapped_column(ForeignKey("embed_key.id", ondelete="CASCADE"))
    view: Mapped[str] = mapped_column(Text)
    origins: Mapped[list[str]] = mapped_column(JSON)
    capabilities: Mapped[list[str]] = mapped_column(JSON)
    locked: Mapped[list[str]] = mapped_column(JSON)
    rule: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    theme: Mapped[str] = mapped_column(String(5))
    locale: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)


class EmbedAssertion(Base):
    """An assertion that was used up, until it has expired by every clock."""

    __tablename__ = "embed_assertion"

    key_id: Mapped[str] = mapped_column(ForeignKey("embed_key.id", ondelete="CASCADE"), primary_key=True)
    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
