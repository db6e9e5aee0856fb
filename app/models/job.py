"""ExportJob: a file that takes a while, from the wish for it to the document."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class ExportJob(Base):
    """`state` is one of app.services.jobs.STATES, `progress` 0 to 100, `sentence` why it failed.

    While it runs, `claimed_by` works on it until `lease_until`; while it waits, nobody does before `due_at`. `tries`
    counts the times it was begun. `seen_at`: its owner knows how it ended.
    """

    __tablename__ = "export_job"
    __table_args__ = (
        Index("ix_export_job_state_due_at", "state", "due_at"),
        Index("ix_export_job_owner_id_asked_at", "owner_id", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    view: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    progress: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    sentence: Mapped[str] = mapped_column(Text, default="")
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    document_id: Mapped[str | None] = mapped_column(
        String(43), ForeignKey("document.id", ondelete="SET NULL"), index=True
    )
