"""Defaults: the view that a dashboard, or the home page, begins with for a person or for everybody of a role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.role import Role
from app.models.view import HOME, ViewDefault
from app.services import sharing, views
from app.services.ledger import record
from app.services.views import ViewCard
from app.values.errors import Conflict, Invalid, NotFound
from app.values.view import View
from app.values.viewer import Viewer

ROLE_HOMES: Mapping[str, str] = MappingProxyType(
    {
        "administrator": "overview",
        "executive": "overview",
        "director": "overview",
        "finance": "sales",
        "marketing": "customers",
        "regional-lead": "regions",
        "team-lead": "team",
        "account-manager": "customers",
        "rep": "me",
    }
)
"""Role → the dashboard made for it; any other role begins with the overview."""

ELSEWHERE = "overview"


def set_default(
    session: Session,
    viewer: Viewer,
    view_id: str,
    *,
    home: bool = False,
    role: str | None = None,
    now: datetime | None = None,
) -> None:
    """Begin the view's dashboard, or with `home` the home page, with this view: for oneself, or for a role.

    For a role it takes the permission "views:default", and a view that the role may use.
    """
    card = views.find(session, viewer, view_id)
    place = HOME if home else card.dashboard
    row = _row(session, viewer, place, role)
    if role is not None and not (card.visibility == "everyone" or role in card.roles):
        raise Conflict("{name} is not shared with this role yet: share it first.", name=card.name)
    row.view_id = card.id
    session.add(row)
    session.flush()
    record(session, viewer, "view.default-set", f"view:{card.id}", {"place": place, "role": role}, at=now)


def clear_default(
    session: Session, viewer: Viewer, place: str, *, role: str | None = None, now: datetime | None = None
) -> None:
    """Begin a dashboard (or HOME) as it comes again, for oneself or for a role."""
    row = _row(session, viewer, place, role)
    if row.view_id is not None:
        session.delete(row)
        session.flush()
        record(session, viewer, "view.default-cleared", f"view:{row.view_id}", {"place": place, "role": role}, at=now)


def default_for(session: Session, viewer: Viewer, place: str) -> ViewCard | None:
    """The view a dashboard (or HOME) begins with: one's own choice, else the role's, else none.

    A view that was deleted or is no longer shared with the viewer is passed over.
    """
    person = sharing.known_person(session, viewer)
    choices = [ViewDefault.role_id == viewer.role]
    if person is not None:
        choices.insert(0, ViewDefault.user_id == person.id)
    for choice in choices:
        view_id = session.scalar(select(ViewDefault.view_id).where(ViewDefault.place == place, choice))
        if view_id is None:
            continue
        try:
            return views.find(session, viewer, view_id)
        except NotFound:
            continue
    return None


def own_defaults(session: Session, viewer: Viewer) -> dict[str, str]:
    """Place → id of the view that the viewer chose to begin with there."""
    person = sharing.person_of(session, viewer)
    rows = session.execute(select(ViewDefault.place, ViewDefault.view_id).where(ViewDefault.user_id == person.id))
    return dict(rows.all())


def defaults_of_role(session: Session, viewer: Viewer, role: str) -> dict[str, str]:
    """Place → id of the view that a role begins with there. Raises Forbidden without "views:default"."""
    viewer.require("views:default")
    rows = session.execute(select(ViewDefault.place, ViewDefault.view_id).where(ViewDefault.role_id == role))
    return dict(rows.all())


def places_of(session: Session, person: int, role: str) -> frozenset[str]:
    """The places for which a person (by id) or a role has chosen a view."""
    chosen = (ViewDefault.user_id == person) | (ViewDefault.role_id == role)
    return frozenset(session.scalars(select(ViewDefault.place).where(chosen)))


def roles_that_choose(session: Session, place: str) -> tuple[str, ...]:
    """The roles for which a view was chosen to begin a place with."""
    chosen = select(ViewDefault.role_id).where(ViewDefault.place == place, ViewDefault.role_id.is_not(None))
    return tuple(sorted(role for role in session.scalars(chosen) if role))


def home(session: Session, viewer: Viewer, dashboards: Iterable[str]) -> View | None:
    """Where the viewer begins, of the dashboards the viewer may open: None without any.

    The home chosen by the person, then that chosen for the role, then the role's dashboard as it begins for the viewer.
    """
    offered = tuple(dashboards)
    if not offered:
        return None
    own = next((name for name in (ROLE_HOMES.get(viewer.role, ELSEWHERE), ELSEWHERE) if name in offered), offered[0])
    for place in (HOME, own):
        card = default_for(session, viewer, place)
        if card is not None and card.dashboard in offered:
            return View.parse(card.view)
    return View(own)


def _row(session: Session, viewer: Viewer, place: str, role: str | None) -> ViewDefault:
    """The row of a place, a new one without a view where there is none; only for whom it is the viewer's to choose."""
    person = sharing.person_of(session, viewer)
    if place != HOME:
        View(place)
    if role is None:
        take_turns(session, f"views of {person.id}")
        chosen, new = ViewDefault.user_id == person.id, ViewDefault(user_id=person.id, place=place)
    else:
        viewer.require("views:default")
        if session.get(Role, role) is None:
            raise Invalid("There is no role {text}.", text=role)
        take_turns(session, f"defaults of {role}")
        chosen, new = ViewDefault.role_id == role, ViewDefault(role_id=role, place=place)
    return session.scalar(select(ViewDefault).where(chosen, ViewDefault.place == place)) or new
