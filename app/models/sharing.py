"""Shared: the columns of whatever a person keeps and may let others use; Kept: of what is called by a name, too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.models.base import Instant


class Shared:
    """`visibility` is one of app.services.sharing.VISIBILITIES; `roles` are role ids, if that is "role".

    `version` grows with every change, so that the second of two editors is told.
    """

    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    visibility: Mapped[str] = mapped_column(String(10), default="private")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class Kept(Shared):
    """No two of a person's have one name: `folded_name` is how names are compared. A deleted one waits a while to be
    restored, and holds no name meanwhile.
    """

    __tablename__: str

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index]:  # noqa: N805 - it is the class that SQLAlchemy hands over
        """One name once for each owner."""
        return (
            Index(
                f"uq_{cls.__tablename__}_owner_id_folded_name",
                "owner_id",
                "folded_name",
                unique=True,
                sqlite_where=text("deleted_at IS NULL"),
                postgresql_where=text("deleted_at IS NULL"),
            ),
        )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    folded_name: Mapped[str] = mapped_column(String(400))
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
