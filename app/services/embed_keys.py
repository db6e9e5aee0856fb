"""Embed keys: what partners' servers sign with; the private half is told once and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.auth import embeds as signed
from app.models.embed import EmbedGrant, EmbedKey
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.values.errors import NotFound, TooBig
from app.values.viewer import Viewer

PERMISSION = "embed"
"""What it takes to embed a view; whoever loses it loses the embeds too."""

MOST = 50
"""Keys of one person that still sign."""


@dataclass(frozen=True)
class KeyCard:
    """A key as its maker, or an administrator, sees it: the public half, and how many grants ask for it."""

    id: str
    name: str
    creator: str
    public_key: str
    grants: int
    created_at: datetime
    revoked_at: datetime | None


def add(session: Session, viewer: Viewer, name: str, *, now: datetime | None = None) -> tuple[KeyCard, str]:
    """A key for a partner's server to sign with. Returns the card, and the private key: it is told this once."""
    creator = sharing.person_of(session, viewer)
    viewer.require(PERMISSION)
    now = now or datetime.now(UTC)
    live = (EmbedKey.creator_id == creator.id) & EmbedKey.revoked_at.is_(None)
    if (session.scalar(select(func.count()).where(live)) or 0) >= MOST:
        raise TooBig("You have {most} keys. Take one away that you no longer need.", most=MOST)
    private, public = signed.new_key_pair()
    settled = sharing.settled_name(name)
    row = EmbedKey(id=sharing.new_id(), name=settled, creator_id=creator.id, public_key=public, created_at=now)
    session.add(row)
    session.flush()
    record(session, viewer, "embed.key-made", f"embed-key:{row.id}", {"name": row.name}, at=now)
    return _key_card(session, row), private


def revoke(session: Session, viewer: Viewer, key_id: str, *, now: datetime | None = None) -> KeyCard:
    """Take a key away: what it signed lets nobody in any more, by the next request. Raises NotFound."""
    row = session.scalar(own(session, viewer, EmbedKey).where(EmbedKey.id == key_id).with_for_update())
    if row is None:
        raise NotFound("There is no such key.")
    if row.revoked_at is None:
        row.revoked_at = now or datetime.now(UTC)
        session.flush()
        record(session, viewer, "embed.key-revoked", f"embed-key:{row.id}", {"name": row.name}, at=now)
    return _key_card(session, row)


def listed(session: Session, viewer: Viewer) -> list[KeyCard]:
    """One's own keys, the latest first, ended ones too; to administrators everybody's."""
    rows = session.scalars(own(session, viewer, EmbedKey).order_by(EmbedKey.created_at.desc(), EmbedKey.id))
    return [_key_card(session, row) for row in rows]


def usable(session: Session, creator: User, key_id: str) -> EmbedKey:
    """One's own key that still signs. Raises NotFound."""
    row = session.get(EmbedKey, key_id)
    if row is None or row.creator_id != creator.id or row.revoked_at is not None:
        raise NotFound("There is no such key.")
    return row


def own(session: Session, viewer: Viewer, table: type[EmbedGrant] | type[EmbedKey]) -> Select[Any]:
    """Those of a table that are the viewer's to see and to take away: their own, or an administrator's everybody's."""
    person = sharing.person_of(session, viewer)
    statement = select(table)
    return statement if viewer.may("admin:users") else statement.where(table.creator_id == person.id)


def _key_card(session: Session, row: EmbedKey) -> KeyCard:
    live = (EmbedGrant.key_id == row.id) & EmbedGrant.revoked_at.is_(None)
    return KeyCard(
        id=row.id,
        name=row.name,
        creator=session.get_one(User, row.creator_id).name,
        public_key=row.public_key,
        grants=session.scalar(select(func.count()).where(live)) or 0,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
