"""Grants: an administrator's leave to send to an address outside, or into a chat's room, about rows that are pinned."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.roles import MASKS
from app.channels.message import mailbox
from app.channels.posting import hook_address
from app.models.schedule import Grant
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Forbidden, Invalid, NotFound
from app.values.hierarchy import LEVELS
from app.values.viewer import Viewer

PERMISSION = "admin:users"
LONGEST, USUAL = timedelta(days=365), timedelta(days=90)
LONGEST_LINK, USUAL_LINK = 7 * 24, 24
"""Hours in which a file that does not go along can be fetched."""


HOOKS = ("slack", "teams", "webhook")
"""Channels beside mail."""


@dataclass(frozen=True)
class GrantCard:
    """A leave as administrators see it. `scope` is a list of clauses, each level → members; one without: all rows.

    `place` is the address, or of a hook, which is a secret, its host.
    """

    id: str
    address: str
    name: str
    scope: tuple[Mapping[str, tuple[str, ...]], ...]
    masks: tuple[str, ...]
    granted_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    channel: str
    place: str
    link_hours: int


def grant(
    session: Session,
    viewer: Viewer,
    *,
    address: str = "",
    scope: Iterable[Mapping[str, Iterable[str]]],
    name: str = "",
    masks: Iterable[str] = tuple(MASKS),
    lasts: timedelta = USUAL,
    channel: str = "mail",
    hook: str = "",
    hosts: Collection[str] = (),
    link_hours: int = USUAL_LINK,
    now: datetime | None = None,
) -> GrantCard:
    """Let schedules reach an address outside. Cost and contact data are hidden unless `masks` says otherwise.

    With another `channel` it is the room or program behind `hook`, under a name; `hosts` are those that may lie in
    private networks. Raises Forbidden for whoever is no administrator, Invalid for what is no address, scope or span.
    """
    viewer.require(PERMISSION)
    giver = sharing.person_of(session, viewer)
    now = now or datetime.now(UTC)
    settled = _mailbox(session, address) if channel == "mail" else _hook(channel, hook, name, hosts)
    if not timedelta() < lasts <= LONGEST:
        raise Invalid("Leave is given for a year at most.")
    if not 1 <= link_hours <= LONGEST_LINK:
        raise Invalid("A file can be fetched for 1 to {most} hours.", most=LONGEST_LINK)
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
        channel=channel,
        hook="" if channel == "mail" else hook.strip(),
        link_hours=link_hours,
    )
    session.add(row)
    session.flush()
    told = {"scope": row.scope, "masks": row.masks, "expires_at": row.expires_at.isoformat(), "channel": channel}
    record(session, viewer, "grant.given", _subject(row), told | {"place": _place(row)}, at=now)
    return _card(row, giver.name)


def revoke(session: Session, viewer: Viewer, grant_id: str, *, now: datetime | None = None) -> None:
    """Take a leave away: nothing more is sent, not even what is under way."""
    viewer.require(PERMISSION)
    row = session.get(Grant, grant_id)
    if row is None:
        raise NotFound("There is no such leave.")
    if row.revoked_at is None:
        row.revoked_at = now or datetime.now(UTC)
        record(session, viewer, "grant.revoked", _subject(row), at=row.revoked_at)


def tried(session: Session, viewer: Viewer, grant_id: str, *, now: datetime | None = None) -> tuple[str, str, str]:
    """Channel, hook and name of a leave that counts, to try whether it is reached. Raises NotFound."""
    viewer.require(PERMISSION)
    row, now = session.get(Grant, grant_id), now or datetime.now(UTC)
    if row is None or row.channel == "mail" or row.revoked_at is not None or row.expires_at <= now:
        raise NotFound("There is no such leave.")
    record(session, viewer, "grant.tried", _subject(row), at=now)
    return row.channel, row.hook, row.name


def channels(session: Session, now: datetime) -> list[tuple[str, str, str]]:
    """The rooms and programs that may be sent to now: what a schedule calls each, its name, its channel."""
    rows = session.scalars(
        select(Grant)
        .join(User, User.id == Grant.granted_by)
        .where(Grant.channel != "mail", Grant.revoked_at.is_(None), Grant.expires_at > now, User.active)
        .order_by(Grant.name, Grant.created_at)
    )
    return [(text, *told) for text, told in {_subject(row): (row.name, row.channel) for row in rows}.items()]


def listed(session: Session, viewer: Viewer) -> list[GrantCard]:
    """Every leave, the latest first, ended ones too."""
    if not viewer.may(PERMISSION):
        raise Forbidden("Your role does not allow this.")
    rows = session.execute(
        select(Grant, User.name).join(User, User.id == Grant.granted_by).order_by(Grant.created_at.desc())
    )
    return [_card(row, giver) for row, giver in rows]


def _mailbox(session: Session, address: str) -> str:
    settled = mailbox(address.strip().lower())
    if session.scalar(select(User.id).where(User.email == settled)) is not None:
        raise Invalid("{address} is somebody with an account here: choose the person.", address=settled)
    return settled


def _hook(channel: str, hook: str, name: str, hosts: Collection[str]) -> str:
    """What stands for a hook wherever it is named: the same whenever leave for it is given anew."""
    if channel not in HOOKS:
        raise Invalid("There is no such channel here: {text}.", text=channel[:40])
    if not name.strip():
        raise Invalid("Name the room, so that others know what they choose.")
    hook_address(hook.strip(), hosts)
    return hashlib.sha256(f"{channel} {hook.strip()}".encode()).hexdigest()[:32]


def _subject(row: Grant) -> str:
    return f"{'address' if row.channel == 'mail' else 'channel'}:{row.address}"


def _place(row: Grant) -> str:
    return row.address if row.channel == "mail" else urlsplit(row.hook).hostname or ""


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
        channel=row.channel,
        place=_place(row),
        link_hours=row.link_hours,
    )
