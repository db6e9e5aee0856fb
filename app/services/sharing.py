"""Sharing: who owns what is kept, who else may use it, and what a name may be."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.models.role import Role
from app.models.sharing import Kept, Shared
from app.models.user import User
from app.values.errors import Forbidden, Invalid
from app.values.viewer import Viewer

VISIBILITIES = ("private", "team", "role", "everyone")

LONGEST_NAME, LONGEST_DESCRIPTION = 120, 500

Thing = TypeVar("Thing", bound=Kept)


@dataclass(frozen=True)
class Audience:
    """Who may use a thing besides its owner; `roles` are ids, and given only when the visibility is "role"."""

    visibility: str = "private"
    roles: tuple[str, ...] = ()


def new_id() -> str:
    """A short name that nobody guesses: 72 random bits as 12 characters, none of them one that begins an option."""
    while (name := secrets.token_urlsafe(9)).startswith("-"):
        pass
    return name


def person_of(session: Session, viewer: Viewer) -> User:
    """The user behind a viewer who may open dashboards. Raises Forbidden for anybody and anything else."""
    viewer.require("dashboards")
    user = known_person(session, viewer)
    if user is None:
        raise Forbidden("Only a person who is signed in can keep something.")
    return user


def known_person(session: Session, viewer: Viewer) -> User | None:
    """The user behind a viewer, who for a token is its owner; None for guests and jobs."""
    if viewer.kind == "token" and viewer.account is not None:
        return session.get(User, viewer.account)
    return session.get(User, int(viewer.id)) if viewer.kind == "person" and viewer.id.isdecimal() else None


def audience(session: Session, viewer: Viewer, owner: User, visibility: str, roles: Iterable[str]) -> Audience:
    """What the viewer asks for, if it is the viewer's to give. Raises Forbidden, or Invalid for what cannot be.

    Whoever sees only a part of the company shares with the people of that part.
    """
    named = tuple(sorted(set(roles)))
    if visibility not in VISIBILITIES or (visibility == "role") != bool(named):
        raise Invalid("Choose who may use it: you alone, your team, one or more roles, or everyone.")
    if visibility == "private":
        return Audience()
    viewer.require("share")
    if visibility == "team":
        if visibility not in offered(viewer, owner):
            raise Invalid("You belong to no team or place yet, so there is nobody to share with in it.")
    elif visibility not in offered(viewer, owner):
        raise Forbidden("You see a part of the company: share with your team.")
    unknown = set(named) - set(session.scalars(select(Role.id).where(Role.id.in_(named))))
    if unknown:
        raise Invalid("There is no role {text}.", text=", ".join(sorted(unknown)))
    return Audience(visibility, named)


def offered(viewer: Viewer, owner: User) -> tuple[str, ...]:
    """The visibilities that are the viewer's to give."""
    if not viewer.may("share"):
        return ("private",)
    team = ("team",) if teams_of(owner) else ()
    beyond = ("role", "everyone") if viewer.context.scope.is_everything else ()
    return ("private", *team, *beyond)


def role_titles(session: Session) -> dict[str, str]:
    """The roles whose people can open dashboards: id → title, by title."""
    roles = session.scalars(select(Role).order_by(Role.title))
    return {role.id: role.title for role in roles if "dashboards" in role.permissions}


def reachable(shared: type[Shared], person: User | None) -> ColumnElement[bool]:
    """What a search in the database has to look at: one's own and what may be shared with one; then ask `may_use`."""
    if person is None:
        return shared.visibility == "everyone"
    return or_(shared.owner_id == person.id, shared.visibility != "private")


def may_use(thing: Shared, owner: User, person: User | None, role: str) -> bool:
    """Whether a thing of the owner's is there for the person, who has this role now."""
    if person is not None and thing.owner_id == person.id:
        return True
    match thing.visibility:
        case "everyone":
            return True
        case "role":
            return person is not None and role in thing.roles
        case "team":
            return person is not None and not teams_of(owner).isdisjoint(teams_of(person))
        case _:
            return False


def own(session: Session, kind: type[Thing], thing_id: str, owner: User) -> Thing | None:
    """The owner's thing that is not deleted, held for this transaction to write, as it stands now even if it was read
    before; None for another's, as for one that does not exist.
    """
    wanted = select(kind).where(kind.id == thing_id, kind.owner_id == owner.id, kind.deleted_at.is_(None))
    return session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def free_name(session: Session, kind: type[Kept], owner: User, name: str, besides: str = "") -> str | None:
    """The folded name; None when another of the owner's things of the kind has it."""
    free = folded(name)
    taken = select(kind.id).where(
        kind.owner_id == owner.id, kind.folded_name == free, kind.deleted_at.is_(None), kind.id != besides
    )
    return free if session.scalar(taken) is None else None


def teams_of(user: User) -> frozenset[str]:
    """The teams, departments and places a person belongs to, each as level:key."""
    teams = (key if ":" in key else f"team:{key}" for key in user.team_keys)
    return frozenset((*teams, *user.place_keys))


def settled_name(text: str) -> str:
    """A name as it is kept, without the spaces around it. Raises Invalid."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid("A name has 1 to {longest} printable characters.", longest=LONGEST_NAME)
    return name


def folded(name: str) -> str:
    """What two names have in common that a person would call the same."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:400]


def settled_description(text: str) -> str:
    """A description as it is kept. Raises Invalid."""
    description = unicodedata.normalize("NFC", text).strip()
    plain = description.replace("\n", " ").replace("\t", " ")
    if len(description) > LONGEST_DESCRIPTION or not (plain.isprintable() or not plain):
        raise Invalid("A description has at most {longest} printable characters.", longest=LONGEST_DESCRIPTION)
    return description
