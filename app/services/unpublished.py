"""Unpublished: accepted rows that wait to be loaded, for those who have to know what stands before them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.ingest import IngestBatch, IngestPiece, IngestSheaf


def pieces(session: Session, table: str, *, besides: frozenset[int], but: int | None = None) -> Iterator[IngestPiece]:
    """The packed rows of a table that wait, one after the other, besides those known by id and those of one batch."""
    waiting = select(IngestSheaf.id).where(IngestSheaf.state.in_(("waiting", "taken")))
    own = select(IngestBatch.sheaf_id).where(IngestBatch.id == but, IngestBatch.sheaf_id.is_not(None))
    found = select(IngestPiece.id).where(
        IngestPiece.table == table, IngestPiece.sheaf_id.in_(waiting), IngestPiece.sheaf_id.not_in(own)
    )
    for number in session.scalars(found.order_by(IngestPiece.id)).all():
        piece = session.get(IngestPiece, number) if number not in besides else None
        if piece is not None:
            yield piece
            session.expunge(piece)
