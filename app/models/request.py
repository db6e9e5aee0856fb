"""KeptAnswer: what a request under an Idempotency-Key was answered; Allowance: how much a program may ask now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Float, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class KeptAnswer(Base):
    """One per principal and key; written in the transaction of the effect. `key` and `fingerprint` are hashes.

    `rights` tells what the principal might see and do then.
    """

    __tablename__ = "kept_answer"

    principal: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    rights: Mapped[str] = mapped_column(String(64), default="")
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class Allowance(Base):
    """A bucket that fills by the minute: it held `level` requests at `at`, and processes take theirs out in chunks."""

    __tablename__ = "allowance"

    principal: Mapped[str] = mapped_column(String(80), primary_key=True)
    level: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
