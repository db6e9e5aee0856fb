"""Ingest: rows that programs sent in, kept until they stand in the warehouse, and what became of each of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class IngestSheaf(Base):
    """What is published together: the accepted rows of one batch, or of a few small ones that came at once.

    `state` is "waiting", "taken" (a publisher is at it, or died over it), "loaded" or "failed" with a `reason`; `tries`
    counts the times that publishing it alone did not work.
    """

    __tablename__ = "ingest_sheaf"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    rows: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Instant)
    generation: Mapped[int | None]
    loaded_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0)


class IngestPiece(Base):
    """The rows of a sheaf for one table of the star, clean, as an Arrow stream; gone once they are loaded."""

    __tablename__ = "ingest_piece"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheaf_id: Mapped[int] = mapped_column(ForeignKey("ingest_sheaf.id", ondelete="CASCADE"), index=True)
    table: Mapped[str] = mapped_column(String(30))
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class IngestBatch(Base):
    """One request: `rows` = `accepted` + `quarantined` + `duplicates`.

    `sender` is an actor such as "token:abc", `account` the person behind it; `key` is the sender's Idempotency-Key
    until it is a day old, `digest` tells other bodies apart. `faults` are the rows kept out, as lists of line, result,
    table, column, code, reason and raw value; `faulty_on` is the day it came on if there are any. `totals` are the rows
    accepted and their money by currency, as a number and a decimal text: {"EUR": [2, "20.0000"]}.
    """

    __tablename__ = "ingest_batch"
    __table_args__ = (
        UniqueConstraint("sender", "key"),
        Index("ix_ingest_batch_received_at", "received_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(String(80))
    account: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(Instant)
    rows: Mapped[int]
    accepted: Mapped[int]
    quarantined: Mapped[int]
    duplicates: Mapped[int]
    faults: Mapped[list[list[Any]]] = mapped_column(JSON)
    faulty_on: Mapped[date | None] = mapped_column(index=True)
    totals: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)
    sheaf_id: Mapped[int | None] = mapped_column(ForeignKey("ingest_sheaf.id", ondelete="SET NULL"), index=True)


class IngestDay(Base):
    """What came in on one day (UTC), by kind; `record` is the number of the day's import record, once it has one.

    `totals` are those of its batches.
    """

    __tablename__ = "ingest_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    batches: Mapped[int]
    rows: Mapped[int]
    accepted: Mapped[int]
    quarantined: Mapped[int]
    duplicates: Mapped[int]
    totals: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)
    record: Mapped[int | None]


class IngestTurn(Base):
    """Whose turn it is to publish: one row, held by a process until a moment unless it says so again."""

    __tablename__ = "ingest_turn"

    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(String(120), default="")
    until: Mapped[datetime] = mapped_column(Instant)
