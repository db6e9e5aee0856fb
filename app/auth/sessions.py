"""Sessions: rows behind a random token, looked up once per request together with the person and the rights."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from app.auth.policy import NO_RIGHTS, Person, RoleRights
from app.models.role import Role
from app.models.segmentation import KeptSegmentation
from app.models.session import BrowserSession
from app.models.user import User

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
FRESH = timedelta(minutes=5)
_TOUCH_EVERY = timedelta(minutes=1)
_AFTERLIFE = timedelta(seconds=20)
"""How long a replaced token still answers: requests that left the browser before it learned the new one."""


_USER_COLUMNS = (
    User.id,
    User.email,
    User.name,
    User.rep_key,
    User.team_keys,
    User.place_keys,
    User.locale,
    User.active,
    User.persona,
    User.epoch,
)
_ROLE_COLUMNS = (Role.id, Role.title, Role.scope_kind, Role.masks, Role.permissions, Role.epoch)
_USERS = len(_USER_COLUMNS)
PERSON_COLUMNS = (*_USER_COLUMNS, *_ROLE_COLUMNS)
"""What is read of a user and the role to make a person of it."""
_PERSON = len(PERSON_COLUMNS)
SEGMENTATION = select(func.max(KeptSegmentation.version)).scalar_subquery()
"""The version of the company's segments that counts now; None as shipped."""

# Built once: every request runs it, and putting it together costs more than answering it.
_LIVE = (
    select(
        *PERSON_COLUMNS,
        BrowserSession.created_at,
        BrowserSession.proved_at,
        BrowserSession.last_active,
        BrowserSession.expires_at,
        BrowserSession.epoch,
        SEGMENTATION,
    )
    .join_from(BrowserSession, User, User.id == BrowserSession.user_id)
    .outerjoin(Role, Role.id == User.role_id)
    .where(
        BrowserSession.token_hash == bindparam("token_hash"),
        BrowserSession.expires_at > bindparam("now"),
        BrowserSession.last_active > bindparam("idle_since"),
        User.active,
    )
)


@dataclass(frozen=True)
class SignedIn:
    """A live session and who it belongs to. `is_outdated`: the person's rights changed since the token was given.

    `segmentation`: the version of the company's segments that counts now, 0 as shipped.
    """

    token_hash: str
    person: Person
    created_at: datetime
    proved_at: datetime
    last_active: datetime
    expires_at: datetime
    is_outdated: bool
    segmentation: int = 0

    def is_fresh(self, now: datetime) -> bool:
        """Whether the password was given within the last five minutes."""
        return now - self.proved_at <= FRESH


def new_token() -> str:
    """256 random bits as text that fits a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored instead of the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(session: Session, user: User, now: datetime, *, address: str, browser: str) -> str:
    """Start a session for `user` and return its token; ended ones are swept out on the way."""
    session.execute(
        delete(BrowserSession).where((BrowserSession.expires_at <= now) | (BrowserSession.last_active <= now - IDLE))
    )
    token = new_token()
    session.add(
        BrowserSession(
            token_hash=hash_of(token),
            user_id=user.id,
            epoch=user.epoch,
            created_at=now,
            proved_at=now,
            last_active=now,
            expires_at=now + ABSOLUTE,
            address=address[:64],
            browser=browser[:200],
        )
    )
    session.flush()
    return token


def find(reader: Session | Connection, token: str, now: datetime) -> SignedIn | None:
    """The live session of `token` with the rights of this moment, in one indexed read; else None."""
    row = reader.execute(_LIVE, {"token_hash": hash_of(token), "now": now, "idle_since": now - IDLE}).one_or_none()
    if row is None:
        return None
    found: Sequence[Any] = tuple(row)
    created_at, proved_at, last_active, expires_at, epoch, segmentation = found[_PERSON:]
    person = person_in(found[:_PERSON])
    return SignedIn(
        hash_of(token),
        person,
        created_at,
        proved_at,
        last_active,
        expires_at,
        is_outdated=epoch != person.epoch,
        segmentation=segmentation or 0,
    )


def person_of(user: User, role: Role | None) -> Person:
    """The person of a user row and its role row; without a role row there are no rights."""
    return _person(
        [getattr(user, column.key) for column in _USER_COLUMNS],
        [getattr(role, column.key) for column in _ROLE_COLUMNS] if role else None,
    )


def person_in(columns: Sequence[Any]) -> Person:
    """The person in the values of PERSON_COLUMNS, the role outer-joined."""
    user, role = columns[:_USERS], columns[_USERS:]
    return _person(user, None if role[0] is None else role)


def _person(user: Sequence[Any], role: Sequence[Any] | None) -> Person:
    rights = NO_RIGHTS
    if role is not None:
        name, title, scope_kind, masks, permissions, epoch = role
        rights = RoleRights(name, title, scope_kind, frozenset(masks), frozenset(permissions), epoch)
    number, email, name, rep_key, team_keys, place_keys, locale, active, persona, epoch = user
    return Person(
        id=number,
        email=email,
        name=name,
        role=rights,
        rep_key=rep_key,
        team_keys=tuple(sorted(team_keys)),
        place_keys=tuple(sorted(place_keys)),
        locale=locale,
        active=active,
        persona=persona,
        epoch=epoch,
    )


def is_touch_due(signed_in: SignedIn, now: datetime) -> bool:
    """Whether the last sign of life is a minute old, so that it is worth a write."""
    return now - signed_in.last_active >= _TOUCH_EVERY


def touch(session: Session, signed_in: SignedIn, now: datetime) -> None:
    """Remember that the person was active now."""
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.token_hash == signed_in.token_hash, BrowserSession.last_active < now)
        .values(last_active=now)
    )


def replace(session: Session, signed_in: SignedIn, now: datetime) -> str | None:
    """A new token for a session whose person's rights changed; the old one answers a few seconds more.

    None if another request was quicker: the browser gets the new token from that one.
    """
    old = session.execute(
        select(BrowserSession).where(BrowserSession.token_hash == signed_in.token_hash).with_for_update()
    ).scalar_one_or_none()
    if old is None or old.epoch == signed_in.person.epoch:
        return None
    token = new_token()
    session.add(
        BrowserSession(
            token_hash=hash_of(token),
            user_id=old.user_id,
            epoch=signed_in.person.epoch,
            created_at=old.created_at,
            proved_at=old.proved_at,
            last_active=now,
            expires_at=old.expires_at,
            address=old.address,
            browser=old.browser,
        )
    )
    old.epoch = signed_in.person.epoch
    old.expires_at = min(old.expires_at, now + _AFTERLIFE)
    return token


def prove(session: Session, signed_in: SignedIn, now: datetime) -> None:
    """Remember that the password was given again just now."""
    session.execute(
        update(BrowserSession).where(BrowserSession.token_hash == signed_in.token_hash).values(proved_at=now)
    )


def end_all(session: Session, user_id: int) -> None:
    """End every session of a user, everywhere, by the next request."""
    session.execute(delete(BrowserSession).where(BrowserSession.user_id == user_id))


def live(session: Session, user_id: int, now: datetime) -> list[BrowserSession]:
    """A user's sessions that still answer, the latest first."""
    return list(
        session.scalars(
            select(BrowserSession)
            .where(
                BrowserSession.user_id == user_id,
                BrowserSession.expires_at > now,
                BrowserSession.last_active > now - IDLE,
            )
            .order_by(BrowserSession.last_active.desc())
        )
    )


def end(session: Session, signed_in: SignedIn) -> None:
    """End one session."""
    session.execute(delete(BrowserSession).where(BrowserSession.token_hash == signed_in.token_hash))
