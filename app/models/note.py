"""CustomerNote: what somebody wrote down about a customer, for all who may see that customer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Instant


class CustomerNote(Base):
    """`customer` is the key of the warehouse. The name of the author stays when the account goes."""

    __tablename__ = "customer_note"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    customer: Mapped[str] = mapped_column(String(200), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    author: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
