"""The row policy: from a person and a role to a Scope, and to the Viewer who puts the questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import reduce

from app.auth.roles import MASKS, PERMISSIONS, SCOPE_KINDS
from app.values.calendar import Calendar
from app.values.context import QueryContext
from app.values.hierarchy import ACCOUNT_OWNER, HIERARCHIES, NO_MEMBER
from app.values.scope import Scope
from app.values.segmentation import AS_SHIPPED, Segmentation
from app.values.viewer import Viewer
from app.values.words import Text, say


@dataclass(frozen=True)
class RoleRights:
    """What a role gives, as it is in the database now."""

    id: str
    title: str
    scope_kind: str
    masks: frozenset[str]
    permissions: frozenset[str]
    epoch: int = 0


NO_RIGHTS = RoleRights("none", "No role", "nothing", frozenset(MASKS), frozenset())


@dataclass(frozen=True)
class Person:
    """A user and the user's role, as they are in the database now."""

    id: int
    email: str
    name: str
    role: RoleRights
    rep_key: str | None = None
    team_keys: tuple[str, ...] = ()
    place_keys: tuple[str, ...] = ()
    locale: str | None = None
    active: bool = True
    persona: bool = False
    epoch: int = 0


@dataclass(frozen=True)
class Trees:
    """The warehouse's team tree, as (team key, department key) of every version there ever was."""

    teams: frozenset[tuple[str, str]] = frozenset()

    @property
    def departments(self) -> frozenset[str]:
        """Keys of all departments."""
        return frozenset(department for _, department in self.teams)

    @property
    def team_keys(self) -> frozenset[str]:
        """Keys of all teams."""
        return frozenset(team for team, _ in self.teams)


@dataclass(frozen=True)
class Terms:
    """The company's side of a QueryContext: what does not depend on who is asking."""

    today: date
    currency: str
    zone: str = "UTC"
    locale: str = "en"
    calendar: Calendar = field(default_factory=Calendar)
    segmentation: Segmentation = AS_SHIPPED


def scope_for(person: Person, trees: Trees) -> Scope:
    """The rows this person may see; without role, keys or an active account: none.

    Clauses name the assignment at the sale (place, team, rep), so what moves later moves nobody's past.
    """
    if not person.active:
        return Scope.nothing()
    match person.role.scope_kind:
        case "everything":
            return Scope.everything()
        case "places":
            return _any(_place_scope(key) for key in person.place_keys)
        case "teams":
            return _any(_team_scope(key, trees) for key in person.team_keys)
        case "accounts":
            return _rep_scope(ACCOUNT_OWNER, person.rep_key) | _rep_scope("rep", person.rep_key)
        case "own":
            return _rep_scope("rep", person.rep_key)
        case _:
            return Scope.nothing()


def viewer_for(person: Person, trees: Trees, terms: Terms) -> Viewer:
    """The Viewer a person is at this moment; an inactive person may do nothing and see nothing."""
    role = person.role if person.active else NO_RIGHTS
    context = QueryContext(
        scope=scope_for(person, trees),
        today=terms.today,
        currency=terms.currency,
        masks=role.masks.intersection(MASKS),
        zone=terms.zone,
        locale=person.locale or terms.locale,
        calendar=terms.calendar,
        # Only the role's: a person's own keys are in the scope itself, and equal scopes share the cache.
        epoch=role.epoch,
        segmentation=terms.segmentation,
    )
    return Viewer(
        kind="person",
        id=str(person.id),
        name=person.name,
        email=person.email,
        role=role.id,
        permissions=role.permissions.intersection(PERMISSIONS),
        context=context,
    )


def nobody(terms: Terms) -> Viewer:
    """The Viewer of a request without a principal: no permission, no row."""
    person = Person(id=0, email="", name="", role=NO_RIGHTS, active=False)
    return viewer_for(person, Trees(), terms)


def in_words(person: Person) -> tuple[Text, ...]:
    """What a person may see and do, as plain sentences."""
    role = person.role
    if not person.active or role.scope_kind not in SCOPE_KINDS or role.scope_kind == "nothing":
        return (say("You have no role yet, so there is nothing to see. An administrator can give you one."),)
    keys = {"places": person.place_keys, "teams": person.team_keys}.get(role.scope_kind)
    if keys is None and role.scope_kind in {"accounts", "own"}:
        keys = (person.rep_key,) if person.rep_key else ()
    rows = _SEEN[role.scope_kind]
    if keys == ():
        return (
            say(
                "{rows}; but none are assigned to you yet, so there is nothing to see. An administrator can do that.",
                rows=rows,
            ),
        )
    sentences = [say("{rows}: {keys}.", rows=rows, keys=", ".join(keys)) if keys else say("{rows}.", rows=rows)]
    hidden = tuple(say(MASKS[mask]) for mask in sorted(role.masks.intersection(MASKS)))
    if hidden:
        sentences.append(say("Hidden from you: {hidden}.", hidden=hidden))
    allowed = tuple(say(meaning) for name, meaning in PERMISSIONS.items() if name in role.permissions)
    if allowed:
        sentences.append(say("You may {allowed}.", allowed=allowed))
    return tuple(sentences)


_SEEN = {
    "everything": say("You see all sales"),
    "places": say("You see the sales of your own places"),
    "teams": say("You see the sales of your own teams"),
    "accounts": say("You see the sales of the accounts you own today, and your own sales"),
    "own": say("You see your own sales"),
}


def _any(scopes: Iterable[Scope]) -> Scope:
    return reduce(Scope.__or__, scopes, Scope.nothing())


def _place_scope(place_key: str) -> Scope:
    level, _, key = place_key.partition(":")
    if level not in HIERARCHIES["place"] or not _is_member(key):
        return Scope.nothing()
    return Scope.of(**{level: {key}})


def _team_scope(team_key: str, trees: Trees) -> Scope:
    """A team, or with "department:" (or a department's key) everything below the department."""
    level, colon, key = team_key.partition(":")
    if colon and level in {"team", "department"}:
        return Scope.of(**{level: {key}}) if _is_member(key) else Scope.nothing()
    if not _is_member(team_key):
        return Scope.nothing()
    if team_key in trees.departments and team_key not in trees.team_keys:
        return Scope.of(department={team_key})
    return Scope.of(team={team_key})


def _rep_scope(level: str, rep_key: str | None) -> Scope:
    return Scope.of(**{level: {rep_key}}) if rep_key and _is_member(rep_key) else Scope.nothing()


def _is_member(key: str) -> bool:
    """The member that stands for a missing value belongs to nobody."""
    return bool(key.strip()) and key != NO_MEMBER
