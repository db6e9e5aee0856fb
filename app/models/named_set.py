"""NamedSet: members of one level under a name, written @name in an address."""

from __future__ import annotations

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.models.sharing import Shared


class NamedSet(Shared, Base):
    """`members` are keys of `level`. A set narrows what is looked at; it shows nobody a row."""

    __tablename__ = "named_set"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    description: Mapped[str] = mapped_column(String(500), default="")
    level: Mapped[str] = mapped_column(String(40))
    members: Mapped[list[str]] = mapped_column(JSON)
