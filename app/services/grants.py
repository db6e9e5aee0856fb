"""Grants: an administrator's leave to send to an address outside, pinned to the rows it may be told about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.roles import MASKS
from app.channels.message import mailbox
from app.models.schedule import Grant
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Forbidden, Invalid, NotFound
from app.values.hierarchy import LEVELS
from app.values.viewer import Viewer

PERMISSION = "admin:users"
LONGEST, USUAL = timedelta(days=365), timedelta(days=90)


@dataclass(frozen=True)
class GrantCard:
    """A leave as administrators see it. `scope` is a list of clauses, each level → members; one without: all rows."""

    id: str
    address: str
    name: str
    scope: tuple[Mapping[str, tuple[str, ...]], ...]
    masks: tuple[str, ...]
    granted_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def grant(
    session: Session,
    viewer: Viewer,
    *,
    address: str,
    scope: Iterable[Mapping[str, Iterable[str]]],
    name: str = "",
    masks: Iterable[str] = tuple(MASKS),
    lasts: timedelta = USUAL,
    now: datetime | None = None,
) -> GrantCard:
    """Let schedules reach an address outside. Cost and contact data are hidden unless `masks` says otherwise.

    Raises Forbidden for whoever is no administrator, Invalid for what is no address, scope or span.
    """
    viewer.require(PERMISSION)
    giver = sharing.person_of(session, viewer)
    now = now or datetime.now(UTC)
    settled = mailbox(address.strip().lower())
    if session.scalar(select(User.id).where(User.email == settled)) is not None:
        raise Invalid("{address} is somebody with an account here: choose the person.", address=settled)
    if not timedelta() < lasts <= LONGEST:
        raise Invalid("Leave is given for a year at most.")
    hidden = sorted(set(masks))
    if not set(hidden) <= set(MASKS):
        raise Invalid("There is no such permission, mask or kind of scope: {value}.", value=", ".join(hidden)[:80])
    row = Grant(
        id=sharing.new_id(),
        address=settled,
        name=sharing.settled_name(name) if name else "",
        scope=_clauses(scope),
        masks=hidden,
        granted_by=giver.id,
        created_at=now,
        expires_at=now + lasts,
    )
    session.add(row)
    session.flush()
    told = {"scope": row.scope, "masks": row.masks, "expires_at": row.expires_at.isoformat()}
    record(session, viewer, "grant.given", f"address:{row.address}", told, at=now)
    return _card(row, giver.name)


def revoke(session: Session, viewer: Viewer, grant_id: str, *, now: datetime | None = None) -> None:
    """Take a leave away: nothing more is sent, not even what is under way."""
    viewer.require(PERMISSION)
    row = session.get(Grant, grant_id)
    if row is None:
        raise NotFound("There is no such leave.")
    if row.revoked_at is None:
        row.revoked_at = now or datetime.now(UTC)
        record(session, viewer, "grant.revoked", f"address:{row.address}", at=row.revoked_at)


def listed(session: Session, viewer: Viewer) -> list[GrantCard]:
    """Every leave, the latest first, ended ones too."""
    if not viewer.may(PERMISSION):
        raise Forbidden("Your role does not allow this.")
    rows = session.execute(
        select(Grant, User.name).join(User, User.id == Grant.granted_by).order_by(Grant.created_at.desc())
    )
    return [_card(row, giver) for row, giver in rows]


def _clauses(scope: Iterable[Mapping[str, Iterable[str]]]) -> list[dict[str, list[str]]]:
    clauses = [{level: sorted(set(members)) for level, members in each.items()} for each in scope]
    if not clauses:
        raise Invalid("Say which rows the address may be told about.")
    for clause in clauses:
        for level, members in clause.items():
            if level not in LEVELS or not members or not all(each.strip() for each in members):
                raise Invalid("{level} does not say which rows: name a level and its members.", level=level[:40])
    return clauses


def _card(row: Grant, giver: str) -> GrantCard:
    return GrantCard(
        id=row.id,
        address=row.address,
        name=row.name,
        scope=tuple({level: tuple(members) for level, members in clause.items()} for clause in row.scope),
        masks=tuple(row.masks),
        granted_by=giver,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
