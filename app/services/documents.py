"""Documents: finished files that their owner, and nobody else, fetches within a day."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.document import KeptDocument, PaperLink
from app.models.report import ReportFile
from app.services import filing, sharing
from app.services.filing import Filed
from app.services.ledger import record
from app.values.document import Document
from app.values.errors import Conflict, Forbidden, Invalid, NotFound
from app.values.view import View
from app.values.viewer import Viewer

PERMISSION = "export"
KEPT = timedelta(hours=24)
"""How long an exported file can be fetched."""

TURN = "documents"
"""What those who file documents, and those who throw them away, take turns for."""
_NOTHING = "There is no such file, or it is not for you, or its day is over."


@dataclass(frozen=True)
class DocumentCard:
    """A document as its owner sees it listed: `id` is what it is fetched by, `size` is in bytes."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    view: str
    format: str
    made_at: datetime
    expires_at: datetime


def keep(
    session: Session,
    viewer: Viewer,
    home: Path,
    filed: Filed,
    *,
    view: str,
    format_id: str,
    now: datetime | None = None,
    kept: timedelta = KEPT,
) -> DocumentCard:
    """Let a filed document wait for the viewer. File it before the transaction: writing bytes takes a while.

    Raises Forbidden for whoever may not export, Invalid for a name no file can have, and Conflict when the bytes were
    swept away meanwhile (file them again).
    """
    viewer.require(PERMISSION)
    owner, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    hold(session, home, filed)
    row = KeptDocument(
        id=secrets.token_urlsafe(32),
        owner_id=owner.id,
        name=filed.name,
        media_type=filed.media_type,
        size=filed.size,
        sha256=filed.sha256,
        view=str(View.parse(view)),
        format=format_id,
        rights=rights_of(viewer),
        made_at=now,
        expires_at=now + kept,
    )
    session.add(row)
    session.flush()
    # The name by which it is fetched is a secret of its owner; the ledger knows it by its content.
    told = {"view": row.view, "format": format_id, "size": filed.size, "expires": row.expires_at.isoformat()}
    record(session, viewer, "document.kept", f"document:{filed.sha256}", told, at=now)
    return _card(row)


def fetch(session: Session, viewer: Viewer, home: Path, document_id: str, *, now: datetime | None = None) -> Document:
    """The file, for its owner with the rights of when it was made; noted, so the session has to be one that writes.

    Raises NotFound for what does not exist, is over or is another's (they look alike), Forbidden for an owner who may
    no longer export or whose rights have changed since.
    """
    now = now or datetime.now(UTC)
    row = session.get(KeptDocument, document_id)
    person = sharing.known_person(session, viewer)
    if row is None or person is None or not viewer.may("dashboards"):
        raise NotFound(_NOTHING)
    if row.owner_id != person.id or row.expires_at <= now:
        raise NotFound(_NOTHING)
    viewer.require(PERMISSION)
    if row.rights != rights_of(viewer):
        raise Forbidden("Your rights have changed since this file was made: export it anew.")
    content = filing.content_of(home, row.sha256)
    if content is None:
        raise NotFound(_NOTHING)
    told = {"view": row.view, "format": row.format}
    record(session, viewer, "document.fetched", f"document:{row.sha256}", told, at=now)
    return Document(row.name, row.media_type, content)


def own(session: Session, viewer: Viewer, *, now: datetime | None = None) -> list[DocumentCard]:
    """The viewer's files that can still be fetched, the newest first."""
    person, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    mine = select(KeptDocument).where(KeptDocument.owner_id == person.id, KeptDocument.expires_at > now)
    return [_card(row) for row in session.scalars(mine.order_by(KeptDocument.made_at.desc(), KeptDocument.id))]


def throw_away(session: Session, viewer: Viewer, document_id: str, *, now: datetime | None = None) -> None:
    """End the time of one's own file now. Raises NotFound."""
    person = sharing.person_of(session, viewer)
    row = session.get(KeptDocument, document_id)
    if row is None or row.owner_id != person.id:
        raise NotFound(_NOTHING)
    session.delete(row)
    session.flush()
    record(session, viewer, "document.thrown-away", f"document:{row.sha256}", at=now)


def forget(session: Session, now: datetime) -> int:
    """Delete the rows of files whose day is over; their bytes go with the next `sweep`."""
    over = KeptDocument.expires_at <= now
    count = session.scalar(select(func.count()).select_from(KeptDocument).where(over)) or 0
    session.execute(delete(KeptDocument).where(over))
    return count


def sweep(session: Session, home: Path) -> int:
    """Throw away the bytes that no row names any more; in a writing transaction of its own, after `forget`'s."""
    take_turns(session, TURN)
    named = select(KeptDocument.sha256).union(select(ReportFile.sha256), select(PaperLink.sha256))
    return filing.sweep(home, frozenset(session.scalars(named)))


def hold(session: Session, home: Path, filed: Filed) -> None:
    """Make sure that filed bytes stay until this transaction, which names them in a row, has ended.

    Raises Invalid for a name no file can have, Conflict when they were swept away meanwhile (file them again).
    """
    if not 0 < len(filed.name) <= 200 or not filed.name.isprintable() or set(filed.name) & set('/\\"'):
        raise Invalid("A file’s name has 1 to 200 printable characters, without slashes and quotation marks.")
    take_turns(session, TURN)
    if not filing.is_filed(home, filed):
        raise Conflict("The file was thrown away before it was kept.")


def rights_of(viewer: Viewer) -> str:
    """A fingerprint of what the viewer may see: equal as long as nothing of it changes."""
    context = viewer.context
    told = (viewer.role, str(context.epoch), context.scope.fingerprint(), ",".join(sorted(context.masks)))
    return hashlib.sha256("|".join(told).encode()).hexdigest()


def _card(row: KeptDocument) -> DocumentCard:
    return DocumentCard(
        row.id, row.name, row.media_type, row.size, row.sha256, row.view, row.format, row.made_at, row.expires_at
    )
