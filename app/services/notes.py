"""Notes: what people write down about a customer, to be read by those who may see that customer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.note import CustomerNote
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Forbidden, Invalid, NotFound, TooBig
from app.values.viewer import Viewer

PERMISSION = "dashboards"
"""What it takes to read and write notes, of customers that one sees."""

LONGEST, MOST = 1000, 500
"""Letters of a note, and notes of one customer."""

HIDDEN = "•••"

_CONTACT = re.compile(r"[^\s@]+@[^\s@]+|\+?\(?\d[\d\s()/.\-]{5,}\d")
"""Addresses of mail, and what looks like a telephone number."""

Sees = Callable[[Viewer, str], bool]
"""Whether a customer of that key is among the rows that the viewer may see now."""


@dataclass(frozen=True)
class Note:
    """A note as one person sees it; `changed_at` is None while it stands as it was first written."""

    id: str
    text: str
    author: str
    is_mine: bool
    created_at: datetime
    changed_at: datetime | None


def listed(session: Session, viewer: Viewer, customer: str, sees: Sees) -> list[Note]:
    """The notes of a customer, the newest first. Raises NotFound for a customer who is not the viewer's to see.

    From whom contact data are hidden, addresses and numbers in the notes of others are hidden as well.
    """
    person = _seeing(session, viewer, customer, sees)
    rows = session.scalars(
        select(CustomerNote)
        .where(CustomerNote.customer == customer)
        .order_by(CustomerNote.created_at.desc(), CustomerNote.id)
    )
    masked = "contact" in viewer.context.masks
    return [_note(row, person, masked=masked) for row in rows]


def write(
    session: Session, viewer: Viewer, customer: str, text: str, sees: Sees, *, now: datetime | None = None
) -> Note:
    """Write a note down. Raises NotFound as `listed` does, Invalid for an empty or long one, TooBig beyond MOST."""
    person = _seeing(session, viewer, customer, sees)
    settled = _settled(text)
    if (session.scalar(select(func.count()).where(CustomerNote.customer == customer)) or 0) >= MOST:
        raise TooBig("A customer has at most {most} notes: delete one that is no longer needed.", most=MOST)
    author = sharing.person_of(session, viewer)
    now = now or datetime.now(UTC)
    row = CustomerNote(
        id=sharing.new_id(),
        customer=customer,
        author_id=person,
        author=author.name,
        text=settled,
        created_at=now,
        changed_at=None,
    )
    session.add(row)
    session.flush()
    record(session, viewer, "note.written", f"note:{row.id}", _told(row), at=now)
    return _note(row, person, masked=False)


def change(
    session: Session, viewer: Viewer, note_id: str, text: str, sees: Sees, *, now: datetime | None = None
) -> Note:
    """Write one's own note anew. Raises NotFound for one that is not there for the viewer, Forbidden for another's."""
    row, person = _own(session, viewer, note_id, sees)
    settled = _settled(text)
    if settled != row.text:
        row.text, row.changed_at = settled, now or datetime.now(UTC)
        record(session, viewer, "note.changed", f"note:{row.id}", _told(row), at=row.changed_at)
    return _note(row, person, masked=False)


def remove(session: Session, viewer: Viewer, note_id: str, sees: Sees, *, now: datetime | None = None) -> None:
    """Delete one's own note. Raises as `change`."""
    row, _ = _own(session, viewer, note_id, sees)
    session.delete(row)
    record(session, viewer, "note.deleted", f"note:{row.id}", _told(row), at=now)


def _seeing(session: Session, viewer: Viewer, customer: str, sees: Sees) -> int:
    """The id of a person who may see the customer."""
    person = sharing.person_of(session, viewer)
    if not sees(viewer, customer):
        raise NotFound("There is no such customer among the rows that you may see.")
    return person.id


def _own(session: Session, viewer: Viewer, note_id: str, sees: Sees) -> tuple[CustomerNote, int]:
    person = sharing.person_of(session, viewer)
    row = session.scalar(select(CustomerNote).where(CustomerNote.id == note_id).with_for_update())
    if row is None or not sees(viewer, row.customer):
        raise NotFound("There is no such note.")
    if row.author_id != person.id:
        raise Forbidden("This note is by {author}: write one of your own.", author=row.author)
    return row, person.id


def _settled(text: str) -> str:
    settled = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not settled:
        raise Invalid("A note needs some words.")
    if len(settled) > LONGEST:
        raise Invalid(
            "A note has at most {longest:,} letters; this one has {many:,}.", longest=LONGEST, many=len(settled)
        )
    return settled


def _note(row: CustomerNote, person: int, *, masked: bool) -> Note:
    is_mine = row.author_id == person
    text = row.text if is_mine or not masked else _CONTACT.sub(HIDDEN, row.text)
    return Note(row.id, text, row.author, is_mine, row.created_at, row.changed_at)


def _told(row: CustomerNote) -> dict[str, str | int]:
    """What the ledger keeps: never what was written, since whoever wrote it may take it back."""
    return {"customer": row.customer, "letters": len(row.text)}
