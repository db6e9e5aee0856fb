"""KeptSegmentation: one version of which customers make which segment; versions are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class KeptSegmentation(Base):
    """The newest one counts. `content` is what app.services.segmentations writes and reads; `restored` the version that
    this one repeats. `author` stays when the account goes.
    """

    __tablename__ = "segmentation"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    author: Mapped[str] = mapped_column(String(200))
    restored: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
