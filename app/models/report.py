"""KeptReport: a report and all its versions; ReportInstance: one time it was made, with the files as they were."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant
from app.models.sharing import Kept


class KeptReport(Kept, Base):
    """Who may use a report, and that it is there. `version` is that of its newest ReportVersion.

    `people` are ids of users who may use it besides.
    """

    __tablename__ = "report"

    people: Mapped[list[int]] = mapped_column(JSON, default=list)


class ReportVersion(Base):
    """What a report was from `at` on; versions are added and never changed. `author` stays when the account goes."""

    __tablename__ = "report_version"

    report_id: Mapped[str] = mapped_column(String(16), ForeignKey("report.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)


class ReportInstance(Base):
    """`state` and `distribution` are among app.services.instances.STATES and DISTRIBUTIONS.

    `reader_id` is whose rows it holds, `rights` a fingerprint of those rights, `views` what was asked. `summary` are
    sentences in the reader's language; `rows` is how many lines its tables have. `attempts` counts how often it was
    begun in the background, where it belongs to a scheduler until `lease_until`.
    """

    __tablename__ = "report_instance"
    __table_args__ = (Index("ix_report_instance_report_id_started_at", "report_id", "started_at"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    report_id: Mapped[str] = mapped_column(String(16), ForeignKey("report.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    reader_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    rights: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(Instant, index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    seconds: Mapped[int | None] = mapped_column(Integer)
    views: Mapped[list[str]] = mapped_column(JSON)
    generation: Mapped[int | None] = mapped_column(Integer)
    data_from: Mapped[date | None]
    data_to: Mapped[date | None]
    rows: Mapped[int | None] = mapped_column(Integer)
    summary: Mapped[list[str]] = mapped_column(JSON, default=list)
    error: Mapped[str] = mapped_column(Text, default="")
    distribution: Mapped[str] = mapped_column(String(10), default="none")
    distributed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class ReportFile(Base):
    """One file of an instance; its bytes lie in the workspace under their `sha256` for as long as the row is there."""

    __tablename__ = "report_file"

    instance_id: Mapped[str] = mapped_column(
        String(16), ForeignKey("report_instance.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
