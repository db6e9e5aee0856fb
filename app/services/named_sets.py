"""Named sets: members of a level kept under @name, and looked up for whoever asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.domain.segments import SETS
from app.models.database import take_turns
from app.models.named_set import NamedSet
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Conflict, Forbidden, Invalid, NotAskable, NotFound, Refusal, TooBig
from app.values.hierarchy import HIERARCHIES, TIME_LEVELS
from app.values.selection import Filter, Selection, check_level, check_member, check_set
from app.values.viewer import Viewer

MOST_MEMBERS, MOST_SETS = 1000, 200
"""Members of a set, and sets of one person."""

LONGEST_KEY = 200

ME, MY_TEAM, MY_PLACES = "me", "my-team", "my-places"
OWN = {ME: ("rep",), MY_TEAM: ("team", "department"), MY_PLACES: HIERARCHIES["place"]}
"""Names that mean whoever is looking, and the levels each can be used on: `rep=@me` is about another rep for each."""


@dataclass(frozen=True)
class SetCard:
    """A set as one person sees it. Only its owner is told the keys: to others some may be of rows they do not see."""

    id: str
    name: str
    description: str
    level: str
    members: tuple[str, ...] | None
    owner: str
    is_mine: bool
    visibility: str
    roles: tuple[str, ...]
    version: int
    changed_at: datetime


def name_from(text: str) -> str:
    """The name that a title becomes: `name_from("Key accounts (DACH)") == "key-accounts-dach"`. Raises Invalid."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-")
    check_set(name)
    return name


def create(
    session: Session,
    viewer: Viewer,
    *,
    name: str,
    level: str,
    members: Iterable[str],
    description: str = "",
    visibility: str = "private",
    roles: Iterable[str] = (),
    now: datetime | None = None,
) -> SetCard:
    """Keep members of a level under a name. Raises Conflict for a name that means another set to the viewer already,
    Invalid for a name, level or key that cannot be, TooBig beyond a limit, Forbidden to share without being allowed to.
    """
    owner = sharing.person_of(session, viewer)
    now = now or datetime.now(UTC)
    check_set(name)
    keys = _keys(level, members)
    given = sharing.audience(session, viewer, owner, visibility, roles)
    take_turns(session, f"sets of {owner.id}")
    if (session.scalar(select(func.count()).where(NamedSet.owner_id == owner.id)) or 0) >= MOST_SETS:
        raise TooBig("You have {most} sets. Delete one you no longer need.", most=MOST_SETS)
    _free(session, viewer, name)
    row = NamedSet(
        id=sharing.new_id(),
        owner_id=owner.id,
        name=name,
        description=sharing.settled_description(description),
        level=level,
        members=keys,
        visibility=given.visibility,
        roles=list(given.roles),
        version=1,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    record(session, viewer, "set.created", _subject(row), _told(row), at=now)
    return _card(row, owner, owner)


def change(
    session: Session,
    viewer: Viewer,
    set_id: str,
    *,
    version: int,
    name: str | None = None,
    members: Iterable[str] | None = None,
    description: str | None = None,
    visibility: str | None = None,
    roles: Iterable[str] = (),
    now: datetime | None = None,
) -> SetCard:
    """Change one's own set; None leaves a part as it is. Views that name it see the new members at once.

    `version` is that of the card the changes were made on. Raises Conflict when somebody was quicker.
    """
    row, owner = _own(session, viewer, set_id)
    if row.version != version:
        raise Conflict("{name} was changed meanwhile: look at it again, then save.", name=f"@{row.name}")
    before = _told(row)
    if name is not None and name != row.name:
        check_set(name)
        _free(session, viewer, name)
        row.name = name
    if members is not None:
        row.members = _keys(row.level, members)
    if description is not None:
        row.description = sharing.settled_description(description)
    if visibility is not None:
        given = sharing.audience(session, viewer, owner, visibility, roles)
        row.visibility, row.roles = given.visibility, list(given.roles)
    if session.is_modified(row):
        row.version += 1
        row.changed_at = now or datetime.now(UTC)
        record(session, viewer, "set.changed", _subject(row), {"before": before, "after": _told(row)}, at=now)
    return _card(row, owner, owner)


def remove(session: Session, viewer: Viewer, set_id: str, *, now: datetime | None = None) -> None:
    """Delete one's own set. Views that name it say so from now on, instead of showing more than was meant."""
    row, _ = _own(session, viewer, set_id)
    session.delete(row)
    record(session, viewer, "set.deleted", _subject(row), _told(row), at=now)


def listed(session: Session, viewer: Viewer, *, level: str | None = None) -> list[SetCard]:
    """The viewer's own sets and those shared with the viewer, by name; of one level or of all."""
    viewer.require("dashboards")
    person = sharing.known_person(session, viewer)
    wanted = () if level is None else (NamedSet.level == level,)
    return [_card(row, owner, person) for row, owner in _usable(session, viewer, *wanted)]


def expand(session: Session, viewer: Viewer, selection: Selection) -> Selection:
    """The selection with the members of its sets looked up for the viewer; its address stays the same.

    Call it where a view is settled, on every request: sets and their sharing may have changed. Raises NotFound for a
    set that is not there for the viewer, NotAskable for one of another level or of nobody, Conflict for a name that two
    sets have for the viewer.
    """
    if not any(each.sets for each in selection.filters):
        return selection
    return replace(selection, filters=tuple(_expanded(session, viewer, each, {}) for each in selection.filters))


def look_up(
    session: Session, viewer: Viewer, selection: Selection, segments: Mapping[str, tuple[str, ...]] | None = None
) -> Selection:
    """As `expand`, but a filter with a set that cannot be used is left as it is: each panel says so in its place.

    `segments` are the customers of those sets that are segments, by name; a filter looked up before stays as it is.
    """

    def found(chosen: Filter) -> Filter:
        try:
            return _expanded(session, viewer, chosen, segments or {})
        except Refusal:
            return chosen

    if not any(each.sets for each in selection.filters):
        return selection
    return replace(selection, filters=tuple(found(each) for each in selection.filters))


def _expanded(session: Session, viewer: Viewer, chosen: Filter, segments: Mapping[str, tuple[str, ...]]) -> Filter:
    if not chosen.sets or chosen.found is not None:
        return chosen
    known = segments if chosen.level == "customer" else {}
    keys: set[str] = set()
    for name in chosen.sets:
        keys.update(known[name] if name in known else _members(session, viewer, chosen.level, name))
    return replace(chosen, found=tuple(keys))


def _members(session: Session, viewer: Viewer, level: str, name: str) -> Iterable[str]:
    if name in OWN:
        return _own_members(session, viewer, level, name)
    found = _usable(session, viewer, NamedSet.name == name)
    if not found:
        raise NotFound("There is no set {name} that you may use.", name=f"@{name}")
    if len(found) > 1:
        raise Conflict(
            "{name} is the name of more than one set that you may use. Rename your own, or ask its owner.",
            name=f"@{name}",
        )
    [(row, _)] = found
    if row.level != level:
        raise NotAskable(
            "{name} is a set of the dimension {known}: it cannot be used on {level}.",
            name=f"@{name}",
            known=row.level.replace("_", " "),
            level=level.replace("_", " "),
        )
    return row.members


def _own_members(session: Session, viewer: Viewer, level: str, name: str) -> Iterable[str]:
    """What "me", "my-team" and "my-places" are for the viewer: the keys of the account, at this level."""
    if level not in OWN[name]:
        raise NotAskable(
            "{name} is used on {levels}.",
            name=f"@{name}",
            levels=", ".join(each.replace("_", " ") for each in OWN[name]),
        )
    person = sharing.known_person(session, viewer)
    keys: set[str] = set()
    if person is not None and name == ME:
        keys = {person.rep_key} if person.rep_key else set()
    elif person is not None:
        placed = (text.partition(":") for text in sharing.teams_of(person))
        keys = {key for kind, _, key in placed if kind == level}
    if not keys:
        raise NotAskable("{name} means whoever is looking, and your account has no such key.", name=f"@{name}")
    return keys


def _usable(session: Session, viewer: Viewer, *wanted: ColumnElement[bool]) -> list[tuple[NamedSet, User]]:
    looker = sharing.known_person(session, viewer)
    statement = (
        select(NamedSet, User)
        .join(User, User.id == NamedSet.owner_id)
        .where(sharing.reachable(NamedSet, looker), *wanted)
        .order_by(NamedSet.name, NamedSet.id)
    )
    return [
        (row, owner) for row, owner in session.execute(statement) if sharing.may_use(row, owner, looker, viewer.role)
    ]


def _own(session: Session, viewer: Viewer, set_id: str) -> tuple[NamedSet, User]:
    owner = sharing.person_of(session, viewer)
    take_turns(session, f"sets of {owner.id}")
    row = session.scalar(select(NamedSet).where(NamedSet.id == set_id).with_for_update())
    if row is not None and row.owner_id == owner.id:
        return row, owner
    found = _usable(session, viewer, NamedSet.id == set_id)
    if not found:
        raise NotFound("There is no such set.")
    raise Forbidden("This set belongs to {owner}: save a copy of your own.", owner=found[0][1].name)


def _free(session: Session, viewer: Viewer, name: str) -> None:
    if name in OWN:
        raise Conflict("{name} means whoever is looking: choose another name.", name=f"@{name}")
    if name in SETS:
        raise Conflict("{name} means the customers of a segment: choose another name.", name=f"@{name}")
    if _usable(session, viewer, NamedSet.name == name):
        raise Conflict("There is a set called {name} already.", name=f"@{name}")


def _keys(level: str, members: Iterable[str]) -> list[str]:
    check_level(level)
    if level in TIME_LEVELS:
        raise Invalid("A set holds no stretches of time: choose a period.")
    keys = sorted(set(members))
    if not keys:
        raise Invalid("A set needs at least one member.")
    if len(keys) > MOST_MEMBERS:
        raise TooBig("A set has at most {most:,} members.", most=MOST_MEMBERS)
    for key in keys:
        check_member(key)
        if len(key) > LONGEST_KEY:
            raise Invalid("A key has at most {longest} characters.", longest=LONGEST_KEY)
    return keys


def _card(row: NamedSet, owner: User, person: User | None) -> SetCard:
    is_mine = person is not None and row.owner_id == person.id
    return SetCard(
        id=row.id,
        name=row.name,
        description=row.description,
        level=row.level,
        members=tuple(row.members) if is_mine else None,
        owner=owner.name,
        is_mine=is_mine,
        visibility=row.visibility,
        roles=tuple(row.roles),
        version=row.version,
        changed_at=row.changed_at,
    )


def _told(row: NamedSet) -> dict[str, Any]:
    told = {"name": row.name, "level": row.level, "visibility": row.visibility, "roles": list(row.roles)}
    return {**told, "members": len(row.members)}


def _subject(row: NamedSet) -> str:
    return f"set:{row.id}"
