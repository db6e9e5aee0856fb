"""Role: what its holders may do, which rows they see and which columns stay hidden; a row, not code."""

from __future__ import annotations

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Role(Base):
    """One line of the role table that administrators may edit.

    `scope_kind` is one of app.auth.roles.SCOPE_KINDS; `epoch` grows with every edit.
    """

    __tablename__ = "role"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    scope_kind: Mapped[str] = mapped_column(String(20))
    masks: Mapped[list[str]] = mapped_column(JSON)
    permissions: Mapped[list[str]] = mapped_column(JSON)
    epoch: Mapped[int] = mapped_column(default=0)
