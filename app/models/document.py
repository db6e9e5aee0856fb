"""KeptDocument: a finished file that waits for its owner, and for nobody else, until it is thrown away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class PaperLink(Base):
    """One file that whoever holds the link may fetch until `expires_at`, as long as the leave behind it counts.

    `id` is the SHA-256 of the link's 256 random bits: who reads this table cannot follow it. `fetched` counts how often
    it was, `hour` and `in_hour` how often within the hour that began then.
    """

    __tablename__ = "paper_link"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    grant_id: Mapped[str] = mapped_column(String(16), ForeignKey("outside_grant.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    fetched: Mapped[int] = mapped_column(Integer, default=0)
    hour: Mapped[datetime | None] = mapped_column(Instant)
    in_hour: Mapped[int] = mapped_column(Integer, default=0)


class KeptDocument(Base):
    """`id` is 256 random bits. The bytes lie in the workspace under their `sha256`; `size` is in bytes.

    `view` is the canonical text that was exported, `rights` a fingerprint of what its owner could see at that time.
    """

    __tablename__ = "document"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    view: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(10))
    rights: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
