"""People: users with their roles and the keys of their rows, roles with what they give, and the company's teams."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from sqlalchemy.orm import Session

from app.auth.policy import Person
from app.models.role import Role
from app.services import accounts
from app.values.errors import NotFound
from app.web.api.door import HERE, Answer, Call, Door
from app.web.api.fresh import need_fresh_proof
from app.web.api.shapes import Page, Paged, Sent, Told
from queries.members import Search

MANAGING = "admin:users"

Keys = list[str]
ScopeKind = Literal["everything", "places", "teams", "accounts", "own", "nothing"]


class User(Told):
    """Somebody with an account. The keys say which rows are theirs, as far as the role's kind of scope uses them."""

    id: str
    email: str
    name: str
    role: str
    active: bool
    rep_key: str | None
    team_keys: Keys
    place_keys: Keys = Field(description="As level:key, such as region:iberia.")
    locale: str | None


class NewUser(Sent):
    """Somebody to give an account. An administrator sets the first password on the page of users."""

    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    role: str = "none"
    rep_key: str | None = None
    team_keys: Keys = Field(default_factory=list, max_length=1000)
    place_keys: Keys = Field(default_factory=list, max_length=1000)


class UserChange(Sent):
    """What is to be different; what is left out stays. It acts on the next request of whoever it is about."""

    role: str | None = None
    rep_key: str | None = Field(default=None, description="null takes it away.")
    team_keys: Keys | None = Field(default=None, max_length=1000)
    place_keys: Keys | None = Field(default=None, max_length=1000)
    active: bool | None = Field(default=None, description="false ends every session and stops every token.")


class UsersAsked(Paged):
    """Which users."""

    role: str | None = Field(default=None, max_length=40, description="The id of a role.")
    email: str | None = Field(default=None, max_length=254)


class RoleTold(Told):
    """A role: which rows its holders see, which columns stay hidden, and what they may do."""

    id: str
    title: str
    scope_kind: ScopeKind
    masks: list[str]
    permissions: list[str]


class RoleChange(Sent):
    """What is to be different; what is left out stays."""

    scope_kind: ScopeKind | None = None
    masks: list[str] | None = Field(default=None, max_length=10)
    permissions: list[str] | None = Field(default=None, max_length=100)


class Team(Told):
    """A team among the sales that you may see; `id` is what team_keys name."""

    id: str
    name: str


def add(door: Door) -> None:
    """/users, /roles and /teams."""
    _users(door)
    _user_changes(door)
    _roles(door)
    _teams(door)


def _users(door: Door) -> None:
    @door.operation("GET", "/users", scope="admin", permission=MANAGING, query=UsersAsked, answers=Page[User])
    def index(call: Call) -> Page[User]:
        """Everybody with an account, by address."""
        asked = call.query
        with call.reading() as session:
            found = accounts.list_users(session, call.viewer)
        wanted = [
            _told(each)
            for each in found
            if asked.role in (None, each.role.id) and (asked.email is None or asked.email.casefold() == each.email)
        ]
        return call.page(wanted, key=lambda user: (user.email,))


def _user_changes(door: Door) -> None:
    @door.operation("GET", "/users/{user}", scope="admin", permission=MANAGING, answers=User, etag=True)
    def show(call: Call, user: str) -> User:
        """One user."""
        with call.reading() as session:
            return _told(accounts.numbered(session, call.viewer, _number(user)))

    @door.operation("POST", "/users", scope="admin", permission=MANAGING, takes=NewUser, answers=User, status=201)
    def create(call: Call) -> Answer:
        """Give somebody an account."""
        need_fresh_proof(call)
        wanted = call.body
        made = accounts.add_user(
            call.session,
            call.viewer,
            email=wanted.email,
            name=wanted.name,
            role=wanted.role,
            rep_key=wanted.rep_key,
            team_keys=wanted.team_keys,
            place_keys=wanted.place_keys,
            now=call.now,
        )
        user = _told(accounts.numbered(call.session, call.viewer, made.id))
        return Answer(user, headers={"Location": f"{HERE}/users/{user.id}"})

    @door.operation(
        "PATCH", "/users/{user}", scope="admin", permission=MANAGING, takes=UserChange, answers=User, matches=show
    )
    def change(call: Call, user: str) -> User:
        """Give another role or other keys, switch an account off or on. Your own is changed by somebody else."""
        need_fresh_proof(call)
        wanted, number = call.body, _number(user)
        email = accounts.numbered(call.session, call.viewer, number).email
        rep = (wanted.rep_key or "") if "rep_key" in wanted.model_fields_set else None
        accounts.change_rights(
            call.session,
            call.viewer,
            email,
            role=wanted.role,
            rep_key=rep,
            team_keys=wanted.team_keys,
            place_keys=wanted.place_keys,
            now=call.now,
        )
        if wanted.active is not None:
            switch = accounts.enable_user if wanted.active else accounts.disable_user
            switch(call.session, call.viewer, email, now=call.now)
        return _told(accounts.numbered(call.session, call.viewer, number))


def _roles(door: Door) -> None:
    @door.operation("GET", "/roles", scope="admin", permission=MANAGING, query=Paged, answers=Page[RoleTold])
    def index(call: Call) -> Page[RoleTold]:
        """All roles, by title."""
        with call.reading() as session:
            found = [_role(each) for each in accounts.list_roles(session, call.viewer)]
        return call.page(found, key=lambda role: (role.title, role.id))

    @door.operation("GET", "/roles/{role}", scope="admin", permission=MANAGING, answers=RoleTold, etag=True)
    def show(call: Call, role: str) -> RoleTold:
        """One role."""
        with call.reading() as session:
            return _role(_found(call, session, role))

    @door.operation(
        "PATCH", "/roles/{role}", scope="admin", permission=MANAGING, takes=RoleChange, answers=RoleTold, matches=show
    )
    def change(call: Call, role: str) -> RoleTold:
        """Change what a role gives, by the next request of everybody who has it. Your own is changed by others."""
        need_fresh_proof(call)
        held, wanted = _found(call, call.session, role), call.body
        return _role(
            accounts.change_role(
                call.session,
                call.viewer,
                held.id,
                permissions=held.permissions if wanted.permissions is None else wanted.permissions,
                masks=held.masks if wanted.masks is None else wanted.masks,
                scope_kind=wanted.scope_kind or held.scope_kind,
                now=call.now,
            )
        )


def _teams(door: Door) -> None:
    @door.operation("GET", "/teams", scope="read", query=Paged, answers=Page[Team])
    def index(call: Call) -> Page[Team]:
        """The teams among the sales that you may see, by id."""
        limit, after = call.query.limit, "" if call.after is None else str(call.after[0])
        found = call.house.asker.options(Search("team", limit=limit + 1, after=after), call.viewer.context).members
        shown = [Team(id=each.key, name=each.name) for each in found[:limit]]
        return Page(items=shown, next=call.cursor([shown[-1].id]) if len(found) > limit else None)


def _number(text: str) -> int:
    """The number of an account. Raises NotFound for what cannot be one."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotFound("There is no such user.")
    return int(text)


def _found(call: Call, session: Session, role: str) -> Role:
    """The role. Raises NotFound, Forbidden."""
    for each in accounts.list_roles(session, call.viewer):
        if each.id == role:
            return each
    raise NotFound("There is no such role.")


def _told(person: Person) -> User:
    return User(
        id=str(person.id),
        email=person.email,
        name=person.name,
        role=person.role.id,
        active=person.active,
        rep_key=person.rep_key,
        team_keys=list(person.team_keys),
        place_keys=list(person.place_keys),
        locale=person.locale,
    )


def _role(role: Role) -> RoleTold:
    return RoleTold(
        id=role.id,
        title=role.title,
        scope_kind=role.scope_kind,  # type: ignore[arg-type]
        masks=sorted(role.masks),
        permissions=sorted(role.permissions),
    )
