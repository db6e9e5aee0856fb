"""Accounts: people added, changed, switched off and given passwords; roles edited."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.auth import sessions
from app.auth.passwords import SHORTEST, SHORTEST_OF_PERSONAS, hash_password, refuse_weak
from app.auth.policy import Person
from app.auth.roles import MASKS, PERMISSIONS, SCOPE_KINDS, SEEDS, role_id
from app.models.database import take_turns
from app.models.role import Role
from app.models.user import User, fold_email
from app.services.ledger import Actor, actor_name, record
from app.values.errors import Conflict, Forbidden, Invalid, NotFound
from app.values.hierarchy import HIERARCHIES
from app.values.viewer import Viewer

_EMAIL = re.compile(r"[^@\s\x00-\x1f<>,;\"]+@[^@\s\x00-\x1f<>,;\"]+\.?[^@\s\x00-\x1f<>,;\"]*")


class Persona(Protocol):
    """What the demo company says about one of its people; keys default to none where missing."""

    @property
    def email(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def role(self) -> str: ...


def ensure_roles(session: Session) -> None:
    """Add the shipped roles that the database does not have; edited ones stay as they are."""
    take_turns(session, "people")
    known = set(session.scalars(select(Role.id)))
    for seed in SEEDS:
        if seed.id not in known:
            session.add(
                Role(
                    id=seed.id,
                    title=seed.title,
                    scope_kind=seed.scope_kind,
                    masks=sorted(seed.masks),
                    permissions=sorted(seed.permissions),
                    epoch=0,
                )
            )
            record(session, "system", "role.added", f"role:{seed.id}", {"permissions": sorted(seed.permissions)})
    session.flush()


def add_user(
    session: Session,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str = "none",
    password: str | None = None,
    rep_key: str | None = None,
    team_keys: Iterable[str] = (),
    place_keys: Iterable[str] = (),
    locale: str | None = None,
    persona: bool = False,
    now: datetime | None = None,
) -> User:
    """A new person. Raises Invalid for an address, role, key or password that cannot be, Conflict for a taken address.

    Without a password nobody can sign in as this person yet.
    """
    _authorise(actor)
    now = now or datetime.now(UTC)
    email, name = _email(email), _name(name)
    take_turns(session, "people")
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict("There is a user {email} already.", email=email)
    password_hash = None
    if password is not None:
        shortest = SHORTEST_OF_PERSONAS if persona else SHORTEST
        refuse_weak(password, about=(email, name), shortest=shortest)
        password_hash = hash_password(password)
    user = User(
        email=email,
        name=name,
        password_hash=password_hash,
        role_id=_role(session, role).id,
        rep_key=_key(rep_key),
        team_keys=_keys(team_keys),
        place_keys=_places(place_keys),
        locale=locale,
        active=True,
        persona=persona,
        epoch=0,
        created_at=now,
        updated_at=now,
    )
    session.add(user)
    session.flush()
    record(session, actor, "user.added", _subject(user), {"role": user.role_id}, at=now)
    return user


def list_users(session: Session, actor: Actor) -> list[Person]:
    """Everybody, by address."""
    _authorise(actor)
    rows = session.execute(select(User, Role).outerjoin(Role, Role.id == User.role_id).order_by(User.email))
    return [sessions.person_of(user, role) for user, role in rows]


def find_person(session: Session, email: str) -> Person:
    """The person with this address. Raises NotFound."""
    found = _found(session, User.email == fold_email(email))
    if found is None:
        raise NotFound("There is no user {email}.", email=fold_email(email))
    return found


def numbered(session: Session, actor: Actor, number: int) -> Person:
    """The person with this account. Raises NotFound, Forbidden."""
    _authorise(actor)
    found = _found(session, User.id == number)
    if found is None:
        raise NotFound("There is no such user.")
    return found


def change_rights(
    session: Session,
    actor: Actor,
    email: str,
    *,
    role: str | None = None,
    rep_key: str | None = None,
    team_keys: Iterable[str] | None = None,
    place_keys: Iterable[str] | None = None,
    now: datetime | None = None,
) -> User:
    """Give another role or other keys; acts on the next request.

    None leaves as it is, an empty text or list takes away.
    """
    _authorise(actor)
    user = _user(session, email)
    _not_oneself(actor, user)
    before = _rights(user)
    if role is not None:
        given = _role(session, role)
        if given.id != "administrator":
            _keep_an_administrator(session, user)
        user.role_id = given.id
    if rep_key is not None:
        user.rep_key = _key(rep_key)
    if team_keys is not None:
        user.team_keys = _keys(team_keys)
    if place_keys is not None:
        user.place_keys = _places(place_keys)
    _note_rights(session, actor, user, before, now)
    return user


def disable_user(session: Session, actor: Actor, email: str, *, now: datetime | None = None) -> User:
    """Switch an account off and end all its sessions."""
    _authorise(actor)
    user = _user(session, email)
    _not_oneself(actor, user)
    _keep_an_administrator(session, user)
    if user.active:
        user.active = False
        _changed(user, now)
        record(session, actor, "user.disabled", _subject(user), at=now)
    sessions.end_all(session, user.id)
    return user


def enable_user(session: Session, actor: Actor, email: str, *, now: datetime | None = None) -> User:
    """Switch an account on again."""
    _authorise(actor)
    user = _user(session, email)
    if not user.active:
        user.active = True
        _changed(user, now)
        record(session, actor, "user.enabled", _subject(user), at=now)
    return user


def set_password(
    session: Session,
    actor: Actor,
    email: str,
    password: str,
    *,
    shortest: int | None = None,
    now: datetime | None = None,
) -> User:
    """Give a new password and end all sessions of the account. Raises Invalid for a weak one.

    People may set their own; others need the permission. `shortest` may go below 15 for a demo persona only.
    """
    user = _user(session, email)
    if not (isinstance(actor, Viewer) and actor.kind == "person" and _is_oneself(actor, user)):
        _authorise(actor)
    least = shortest if shortest is not None and user.persona else SHORTEST
    refuse_weak(password, about=(user.email, user.name), shortest=least)
    user.password_hash = hash_password(password)
    user.updated_at = now or datetime.now(UTC)
    sessions.end_all(session, user.id)
    record(session, actor, "user.password-set", _subject(user), at=now)
    return user


def seed_personas(session: Session, personas: Iterable[Persona], password: str, *, now: datetime | None = None) -> None:
    """Make accounts for the demo company's people, all with one password (at least 8 characters), or renew them."""
    if len(password) < SHORTEST_OF_PERSONAS:
        raise Invalid(
            "The personas' password needs at least {least} characters.",
            least=SHORTEST_OF_PERSONAS,
        )
    shared_hash = hash_password(password)
    now = now or datetime.now(UTC)
    for persona in personas:
        user = session.scalar(select(User).where(User.email == fold_email(persona.email)))
        if user is None:
            user = add_user(session, "cli", email=persona.email, name=persona.name, persona=True, now=now)
        if not user.persona:
            raise Conflict("{email} is a user already, and no persona of the demo company.", email=user.email)
        before = _rights(user)
        user.name, user.role_id = _name(persona.name), _role(session, persona.role).id
        user.rep_key = _key(getattr(persona, "rep_key", None))
        user.team_keys = _keys(getattr(persona, "team_keys", ()))
        user.place_keys = _places(getattr(persona, "place_keys", ()))
        user.password_hash = shared_hash
        _note_rights(session, "cli", user, before, now)


def personas(session: Session) -> list[Person]:
    """The demo company's people who may sign in, in the order they were made."""
    rows = session.execute(
        select(User, Role).join(Role, Role.id == User.role_id).where(User.persona, User.active).order_by(User.id)
    )
    return [sessions.person_of(user, role) for user, role in rows]


def list_roles(session: Session, actor: Actor) -> list[Role]:
    """All roles."""
    _authorise(actor)
    return list(session.scalars(select(Role).order_by(Role.title)))


def change_role(
    session: Session,
    actor: Actor,
    role: str,
    *,
    permissions: Iterable[str],
    masks: Iterable[str],
    scope_kind: str,
    now: datetime | None = None,
) -> Role:
    """Edit what a role gives; acts on its holders' next request. Raises Invalid for words that do not exist."""
    _authorise(actor)
    row = _role(session, role)
    wanted, hidden = sorted(set(permissions)), sorted(set(masks))
    unknown = [name for name in wanted if name not in PERMISSIONS] + [name for name in hidden if name not in MASKS]
    if unknown or scope_kind not in SCOPE_KINDS:
        raise Invalid(
            "There is no such permission, mask or kind of scope: {value}.", value=", ".join(unknown) or scope_kind
        )
    if row.id == "administrator" and "admin:users" not in wanted:
        raise Conflict("Administrators have to be able to manage users: otherwise nobody could.")
    if isinstance(actor, Viewer) and actor.role == row.id:
        raise Forbidden("The own role is changed by somebody else.")
    before = {"permissions": row.permissions, "masks": row.masks, "scope_kind": row.scope_kind}
    after = {"permissions": wanted, "masks": hidden, "scope_kind": scope_kind}
    if before != after:
        row.permissions, row.masks, row.scope_kind = wanted, hidden, scope_kind
        row.epoch += 1
        record(session, actor, "role.changed", f"role:{row.id}", {"before": before, "after": after}, at=now)
    return row


def _authorise(actor: Actor) -> None:
    if isinstance(actor, Viewer):
        actor.require("admin:users")
    elif actor != "cli":
        raise Forbidden("{who} may not manage users.", who=actor_name(actor))


def _not_oneself(actor: Actor, user: User) -> None:
    if _is_oneself(actor, user):
        raise Forbidden("The own rights are changed by another administrator.")


def _is_oneself(actor: Actor, user: User) -> bool:
    """Whether somebody acts on the own account, by hand or by a program."""
    if not isinstance(actor, Viewer):
        return False
    return actor.account == user.id or (actor.kind == "person" and actor.id == str(user.id))


def _keep_an_administrator(session: Session, user: User) -> None:
    others = select(func.count()).where(User.role_id == "administrator", User.active, User.id != user.id)
    if user.role_id == "administrator" and user.active and not session.scalar(others):
        raise Conflict("This is the last administrator. Make somebody else one first.")


def _found(session: Session, which: ColumnElement[bool]) -> Person | None:
    row = session.execute(select(User, Role).outerjoin(Role, Role.id == User.role_id).where(which)).one_or_none()
    return None if row is None else sessions.person_of(*row)


def _user(session: Session, email: str) -> User:
    # One at a time: two administrators could otherwise switch each other off and leave nobody.
    take_turns(session, "people")
    user = session.scalar(select(User).where(User.email == fold_email(email)).with_for_update())
    if user is None:
        raise NotFound("There is no user {email}.", email=fold_email(email))
    return user


def _role(session: Session, text: str) -> Role:
    role = session.get(Role, role_id(text))
    if role is None:
        known = ", ".join(session.scalars(select(Role.id).order_by(Role.id)))
        raise Invalid("There is no role {text}. There are: {known}.", text=text, known=known)
    return role


def _changed(user: User, now: datetime | None) -> None:
    user.epoch += 1
    user.updated_at = now or datetime.now(UTC)


def _note_rights(session: Session, actor: Actor, user: User, before: dict[str, object], now: datetime | None) -> None:
    after = _rights(user)
    if after != before:
        _changed(user, now)
        record(session, actor, "user.rights-changed", _subject(user), {"before": before, "after": after}, at=now)


def _rights(user: User) -> dict[str, object]:
    return {
        "role": user.role_id,
        "rep_key": user.rep_key,
        "team_keys": list(user.team_keys),
        "place_keys": list(user.place_keys),
    }


def _subject(user: User) -> str:
    return f"user:{user.id}"


def _email(text: str) -> str:
    email = fold_email(text)
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise Invalid("This is not an e-mail address.")
    return email


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise Invalid("A name has 1 to 200 printable characters.")
    return name


def _key(text: str | None) -> str | None:
    key = (text or "").strip()
    if len(key) > 200 or not key.isprintable():
        raise Invalid("A key has at most 200 printable characters.")
    return key or None


def _keys(texts: Iterable[str]) -> list[str]:
    return sorted({key for key in map(_key, texts) if key})


def _places(texts: Iterable[str]) -> list[str]:
    keys = _keys(texts)
    for text in keys:
        level, _, key = text.partition(":")
        if level not in HIERARCHIES["place"] or not key:
            raise Invalid(
                "A place is written level:key, with a level of {names}; not {text}.",
                names=", ".join(HIERARCHIES["place"]),
                text=text,
            )
    return keys
