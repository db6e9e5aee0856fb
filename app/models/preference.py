"""Preference: how a person likes to read; the language stands with the user."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class Preference(Base):
    """One row per person who ever changed something; the choices are those of app.services.preferences.

    `layouts` is the text of RowLayouts: the columns of each table of rows, where a view names none.
    """

    __tablename__ = "preference"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    theme: Mapped[str] = mapped_column(String(10))
    density: Mapped[str] = mapped_column(String(12))
    click: Mapped[str] = mapped_column(String(10))
    tour_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    mention_mails: Mapped[bool] = mapped_column(default=True, server_default=true())
    layouts: Mapped[str] = mapped_column(Text, default="", server_default="")
