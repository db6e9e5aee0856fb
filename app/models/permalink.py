"""Permalink: a view's text under a short address; it grants nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Permalink(Base):
    """`digest` is the sha-256 of `view`, the canonical text: one text has one link, whoever made it first."""

    __tablename__ = "permalink"
    __table_args__ = (Index("ix_permalink_maker_id_created_at", "maker_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    view: Mapped[str] = mapped_column(Text)
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant)
