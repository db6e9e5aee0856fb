"""Tokens of programs: how one is written, what its scopes give, and who it speaks for at this moment."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from app.auth.policy import Person, Terms, Trees, viewer_for
from app.auth.roles import PERMISSIONS
from app.auth.sessions import PERSON_COLUMNS, SEGMENTATION, person_in
from app.models.role import Role
from app.models.token import ApiToken
from app.models.user import User
from app.values.viewer import Viewer
from app.values.words import Text, say

PERMISSION = "tokens"
"""What it takes to make a token; whoever loses it loses the tokens too."""


@dataclass(frozen=True)
class TokenScope:
    """What a token may be made for: `meaning` says it, `permissions` are what it keeps of its owner's.

    `reads`: it is of use only together with the scope "read".
    """

    meaning: Text
    permissions: frozenset[str]
    reads: bool = False

    @property
    def needs(self) -> frozenset[str]:
        """One of these its owner has to have; who looks may keep views, though they are shared with nobody."""
        return self.permissions | {"dashboards"} if "share" in self.permissions else self.permissions


SCOPES: Mapping[str, TokenScope] = MappingProxyType(
    {
        "read": TokenScope(say("see figures and how they were computed"), frozenset({"dashboards", "explain:sql"})),
        "rows": TokenScope(say("see the rows behind a figure"), frozenset({"rows"})),
        "export": TokenScope(say("download figures as files"), frozenset({"export"})),
        "write": TokenScope(
            say("keep views, reports, schedules and alerts"),
            frozenset({"share", "schedule", "views:default", "approve"}),
            reads=True,
        ),
        "ingest": TokenScope(say("send sales and master data in"), frozenset({"ingest"})),
        "embed": TokenScope(say("embed dashboards elsewhere"), frozenset({"embed"}), reads=True),
        "webhooks": TokenScope(say("have other programs told what happens"), frozenset({"webhooks"}), reads=True),
        "admin": TokenScope(
            say("manage users and roles, and read who did what"),
            frozenset(name for name in PERMISSIONS if name.startswith("admin:")),
        ),
    }
)
"""Every scope; none gives the permission to make tokens."""

_LETTERS = string.digits + string.ascii_letters
_ID, _SECRET, _SUM = 12, 32, 6
"""Lengths in letters of 62: the secret is 190 random bits."""
WRITTEN = re.compile(rf"sal_[0-9A-Za-z]{{{_ID + _SECRET + _SUM}}}")
"""What a token looks like."""

# Built once: every request of a program runs it.
_LIVE = (
    select(
        *PERSON_COLUMNS,
        ApiToken.name,
        ApiToken.token_hash,
        ApiToken.scopes,
        ApiToken.created_at,
        ApiToken.expires_at,
        ApiToken.used_at,
        SEGMENTATION,
    )
    .join_from(ApiToken, User, User.id == ApiToken.owner_id)
    .outerjoin(Role, Role.id == User.role_id)
    .where(
        ApiToken.id == bindparam("token_id"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
        User.active,
    )
)


@dataclass(frozen=True)
class LiveToken:
    """A token that opens something now, and its owner with the rights of now. `segmentation` as in SignedIn."""

    id: str
    name: str
    scopes: frozenset[str]
    person: Person
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    segmentation: int = 0


def new_token() -> tuple[str, str]:
    """A token and its id, which is the first part of it."""
    body = "".join(secrets.choice(_LETTERS) for _ in range(_ID + _SECRET))
    return body[:_ID], f"sal_{body}{_checksum(body)}"


def hash_of(token: str) -> str:
    """What is stored instead of the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def id_in(token: str) -> str | None:
    """The id of what is written as a token; None for a slip of the pen, which needs no look at the database."""
    if not WRITTEN.fullmatch(token):
        return None
    body = token[len("sal_") : -_SUM]
    return body[:_ID] if token.endswith(_checksum(body)) else None


def find(reader: Session | Connection, token: str, now: datetime) -> LiveToken | None:
    """The live token with its owner's rights of this moment, in one indexed read; else None."""
    token_id = id_in(token)
    if token_id is None:
        return None
    row = reader.execute(_LIVE, {"token_id": token_id, "now": now}).one_or_none()
    if row is None:
        return None
    found: Sequence[Any] = tuple(row)
    own = len(PERSON_COLUMNS)
    name, token_hash, scopes, created_at, expires_at, used_at, segmentation = found[own:]
    person = person_in(found[:own])
    if not hmac.compare_digest(token_hash, hash_of(token)) or PERMISSION not in person.role.permissions:
        return None
    return LiveToken(
        token_id, name, frozenset(scopes), person, created_at, expires_at, used_at, segmentation=segmentation or 0
    )


def given_by(scopes: frozenset[str]) -> frozenset[str]:
    """The permissions that scopes keep of their owner's."""
    return frozenset().union(*(SCOPES[each].permissions for each in scopes if each in SCOPES))


def viewer_of(token: LiveToken, trees: Trees, terms: Terms) -> Viewer:
    """Who a token speaks for: rows and hidden columns of its owner, and of the permissions what its scopes give."""
    owner = viewer_for(token.person, trees, terms)
    return replace(
        owner,
        kind="token",
        id=token.id,
        permissions=owner.permissions & given_by(token.scopes),
        account=token.person.id,
    )


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), []
    for _ in range(_SUM):
        number, digit = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "".join(letters)
