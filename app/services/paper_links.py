"""Paper links: one file for whoever holds its link, for a day or some, as long as the leave behind it counts."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.models.document import PaperLink
from app.models.schedule import Grant
from app.models.user import User
from app.services import documents, filing
from app.services.filing import Filed
from app.services.ledger import record
from app.values.document import Document
from app.values.errors import Busy, NotFound
from app.values.words import say

PLACE = "/paper/"
"""Where links lead, followed by their token."""

MOST_AN_HOUR = 30
"""Times that one file is handed out in an hour."""

_HOUR = timedelta(hours=1)
_NOTHING = say("This link leads to no file, or its time is over.")
_SECRET_BYTES = 32


def make(session: Session, grant_id: str, home: Path, filed: Filed, *, now: datetime) -> str:
    """Let a filed document be fetched by whoever holds the token that is returned; it is kept nowhere.

    Raises Conflict when the bytes were swept away meanwhile (file them again).
    """
    documents.hold(session, home, filed)
    leave, token = session.get_one(Grant, grant_id), secrets.token_urlsafe(_SECRET_BYTES)
    row = PaperLink(
        id=_named(token),
        grant_id=leave.id,
        name=filed.name,
        media_type=filed.media_type,
        size=filed.size,
        sha256=filed.sha256,
        made_at=now,
        expires_at=min(now + timedelta(hours=leave.link_hours), leave.expires_at),
        fetched=0,
        in_hour=0,
    )
    session.add(row)
    session.flush()
    told = {"grant": leave.id, "file": row.name, "size": row.size, "expires": row.expires_at.isoformat()}
    record(session, "scheduler", "paper-link.made", f"document:{row.sha256}", told, at=now)
    return token


def fetch(session: Session, home: Path, token: str, *, handed: bool = True, now: datetime | None = None) -> Document:
    """The one file of a link, noted if it is `handed` out, so that the session has to be one that writes.

    NotFound for a link that was never made, is over, or whose leave was taken away or whose giver has gone: these look
    alike. Busy when it is fetched again and again.
    """
    now = now or datetime.now(UTC)
    row = session.scalar(
        select(PaperLink)
        .join(Grant, Grant.id == PaperLink.grant_id)
        .join(User, User.id == Grant.granted_by)
        .where(PaperLink.id == _named(token), PaperLink.expires_at > now)
        .where(Grant.revoked_at.is_(None), Grant.expires_at > now, User.active)
    )
    content = None if row is None else filing.content_of(home, row.sha256)
    if row is None or content is None:
        raise NotFound(_NOTHING)
    began = row.hour if row.hour is not None and row.hour > now - _HOUR else None
    if began is not None and row.in_hour >= MOST_AN_HOUR:
        raise Busy("This file was fetched many times just now. Try again in an hour.")
    if not handed:
        return Document(row.name, row.media_type, content)
    counted = PaperLink.in_hour + 1 if began is not None else 1
    session.execute(
        update(PaperLink)
        .where(PaperLink.id == row.id)
        .values(fetched=PaperLink.fetched + 1, hour=began or now, in_hour=counted)
    )
    told = {"grant": row.grant_id, "file": row.name}
    record(session, f"grant:{row.grant_id}", "paper-link.fetched", f"document:{row.sha256}", told, at=now)
    return Document(row.name, row.media_type, content)


def forget(session: Session, now: datetime) -> None:
    """Delete links whose time is over; their bytes go with the next sweep of documents."""
    session.execute(delete(PaperLink).where(PaperLink.expires_at <= now))


def _named(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
