"""Tokens: leave for a program to ask as its owner, in part; made, listed and taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.auth import tokens
from app.auth.policy import Person
from app.auth.tokens import PERMISSION, SCOPES, LiveToken
from app.models.token import ApiToken
from app.models.user import User
from app.services import accounts, sharing
from app.services.ledger import Actor, record
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, TooBig
from app.values.viewer import Viewer

USUAL_DAYS, MOST_DAYS = 90, 365
MOST = 50
"""Tokens of one person that open something at a time."""

_NOTED_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True)
class TokenCard:
    """A token as its owner, or an administrator, sees it. The token itself is not among what is kept."""

    id: str
    name: str
    owner: str
    owner_email: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether it was neither taken away nor is over."""
        return self.revoked_at is None and now < self.expires_at


def make(
    session: Session,
    actor: Actor,
    *,
    name: str,
    scopes: Iterable[str],
    days: int = USUAL_DAYS,
    owner: str | None = None,
    now: datetime | None = None,
) -> tuple[TokenCard, str]:
    """Let a program ask for a while. Returns the card, and the token: it is told this once and kept as a hash.

    People make their own; `owner` (an address) is for the command line. Raises Forbidden for whoever may not and for
    scopes beyond the role, Invalid, Conflict for a name that a live token has, TooBig beyond MOST.
    """
    now = now or datetime.now(UTC)
    user, held = _owner(session, actor, owner)
    wanted = _scopes(scopes, held)
    if not 0 < days <= MOST_DAYS:
        raise Invalid("A token lasts from 1 to {most} days.", most=MOST_DAYS)
    settled = sharing.settled_name(name)
    # One at a time for each person: two requests could otherwise both find the name free.
    session.scalar(select(User.id).where(User.id == user.id).with_for_update())
    live = select(ApiToken.name).where(
        ApiToken.owner_id == user.id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
    )
    names = [sharing.folded(each) for each in session.scalars(live)]
    if sharing.folded(settled) in names:
        raise Conflict("You have a token {name} already.", name=settled)
    if len(names) >= MOST:
        raise TooBig("You have {most} tokens. Take one away that you no longer need.", most=MOST)
    token_id, token = tokens.new_token()
    row = ApiToken(
        id=token_id,
        owner_id=user.id,
        name=settled,
        token_hash=tokens.hash_of(token),
        scopes=list(wanted),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    told = {"name": settled, "owner": user.id, "scopes": row.scopes, "expires_at": row.expires_at.isoformat()}
    record(session, actor, "token.made", f"token:{row.id}", told, at=now)
    return _card(row, user), token


def listed(session: Session, actor: Actor) -> list[TokenCard]:
    """One's own tokens, the latest first, ended ones too; to administrators everybody's. Raises Forbidden."""
    statement = select(ApiToken, User).join(User, User.id == ApiToken.owner_id).order_by(ApiToken.created_at.desc())
    if not _manages(actor):
        statement = statement.where(ApiToken.owner_id == _person(session, actor).id)
    return [_card(row, user) for row, user in session.execute(statement)]


def revoke(session: Session, actor: Actor, token_id: str, *, now: datetime | None = None) -> TokenCard:
    """Take a token away, by its next request. One's own; administrators any. Raises NotFound, Forbidden."""
    mine = None if _manages(actor) else _person(session, actor).id
    row = session.scalar(select(ApiToken).where(ApiToken.id == token_id).with_for_update())
    if row is None or (mine is not None and row.owner_id != mine):
        raise NotFound("There is no such token.")
    if row.revoked_at is None:
        row.revoked_at = now or datetime.now(UTC)
        record(session, actor, "token.revoked", f"token:{row.id}", {"name": row.name, "owner": row.owner_id}, at=now)
    return _card(row, session.get_one(User, row.owner_id))


def offered(person: Person) -> tuple[str, ...]:
    """The scopes that a person's role has something for."""
    return tuple(name for name, scope in SCOPES.items() if scope.needs & person.role.permissions)


def is_note_due(token: LiveToken, now: datetime) -> bool:
    """Whether the last use is a minute old, so that it is worth a write."""
    return token.used_at is None or now - token.used_at >= _NOTED_AGAIN


def note_use(session: Session, token: LiveToken, now: datetime) -> None:
    """Remember that the token was used now; who comes second in the same minute writes nothing."""
    stale = or_(ApiToken.used_at.is_(None), ApiToken.used_at <= now - _NOTED_AGAIN)
    session.execute(update(ApiToken).where(ApiToken.id == token.id, stale).values(used_at=now))


def _owner(session: Session, actor: Actor, owner: str | None) -> tuple[User, frozenset[str]]:
    """Whose token it becomes, and the permissions that the owner has."""
    if isinstance(actor, Viewer):
        return _person(session, actor), actor.permissions
    if actor != "cli" or owner is None:
        raise Forbidden("Only a person who is signed in can make a token.")
    person = accounts.find_person(session, owner)
    if not person.active or PERMISSION not in person.role.permissions:
        raise Forbidden("The role of {email} does not allow this.", email=person.email)
    return session.get_one(User, person.id), person.role.permissions


def _person(session: Session, actor: Actor) -> User:
    """The person who acts; no program makes, lists or takes away tokens."""
    user = sharing.known_person(session, actor) if isinstance(actor, Viewer) and actor.kind == "person" else None
    if user is None or not isinstance(actor, Viewer):
        raise Forbidden("Only a person who is signed in can make a token.")
    actor.require(PERMISSION)
    return user


def _manages(actor: Actor) -> bool:
    if not isinstance(actor, Viewer):
        return actor == "cli"
    return actor.kind == "person" and actor.may("admin:users")


def _scopes(wanted: Iterable[str], held: frozenset[str]) -> tuple[str, ...]:
    named = set(wanted)
    unknown = sorted(named - set(SCOPES))
    if unknown or not named:
        raise Invalid("Choose what it is for: {known}.", known=", ".join(SCOPES))
    beyond = [name for name in SCOPES if name in named and not SCOPES[name].needs & held]
    if beyond:
        raise Forbidden("Your role has nothing for {scopes}.", scopes=", ".join(beyond))
    blind = [name for name in SCOPES if name in named and SCOPES[name].reads and "read" not in named]
    if blind:
        raise Invalid("{scopes} is of use only together with read: choose that, too.", scopes=", ".join(blind))
    return tuple(name for name in SCOPES if name in named)


def _card(row: ApiToken, owner: User) -> TokenCard:
    return TokenCard(
        id=row.id,
        name=row.name,
        owner=owner.name,
        owner_email=owner.email,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
