"""User: a person who may sign in, with a role and the keys of the own rows in the warehouse."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


def fold_email(text: str) -> str:
    """The one spelling of an address: `fold_email(" Ada@Example.COM ") == "ada@example.com"`."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


class User(Base):
    """A person. `epoch` grows whenever role, keys or state change; `persona` marks the demo company's people.

    `team_keys` are team keys or "department:key"; `place_keys` are "level:key" (level of the place hierarchy).
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role_id: Mapped[str] = mapped_column(ForeignKey("role.id"))
    rep_key: Mapped[str | None] = mapped_column(String(200))
    team_keys: Mapped[list[str]] = mapped_column(JSON, default=list)
    place_keys: Mapped[list[str]] = mapped_column(JSON, default=list)
    locale: Mapped[str | None] = mapped_column(String(35))
    active: Mapped[bool] = mapped_column(default=True)
    persona: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
