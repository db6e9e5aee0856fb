"""SavedView: a view kept under a name; ViewUse and ViewDefault: who pinned, opened and begins with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant
from app.models.sharing import Kept

HOME = "/"
"""The place of a default that is the home page; any other place is the id of a dashboard."""


class SavedView(Kept, Base):
    """`view` is the canonical text of a View and `layout` that of its RowLayouts; neither grants any row."""

    __tablename__ = "saved_view"

    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500), default="")
    dashboard: Mapped[str] = mapped_column(String(80), index=True)
    view: Mapped[str] = mapped_column(Text)
    layout: Mapped[str] = mapped_column(Text, default="")


class ViewUse(Base):
    """What a view is to one person, whoever owns it."""

    __tablename__ = "view_use"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    view_id: Mapped[str] = mapped_column(
        String(16), ForeignKey("saved_view.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    pinned_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)


class ViewDefault(Base):
    """The view that a place begins with, for one person or for everybody of a role; one of the two is set."""

    __tablename__ = "view_default"
    __table_args__ = (UniqueConstraint("user_id", "place"), UniqueConstraint("role_id", "place"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    role_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("role.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(80))
    view_id: Mapped[str] = mapped_column(String(16), ForeignKey("saved_view.id", ondelete="CASCADE"), index=True)
