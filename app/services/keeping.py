"""Keeping: what one dialog asks for, in one transaction: a view saved or changed, pinned, and begun with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.models.view import HOME
from app.services import defaults, sharing, views
from app.services.views import ViewCard
from app.values.viewer import Viewer


@dataclass(frozen=True)
class Wish:
    """How a view is to be kept. `begins` and `home` are for oneself, `begins_for` are roles; `view` is an address."""

    name: str
    view: str
    layout: str = ""
    visibility: str = "private"
    roles: tuple[str, ...] = ()
    is_pinned: bool = False
    begins: bool = False
    home: bool = False
    begins_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stands:
    """Where a view is begun with: by the viewer on its dashboard, at home, and by roles on its dashboard."""

    begins: bool = False
    home: bool = False
    begins_for: tuple[str, ...] = ()


def keep(
    session: Session,
    viewer: Viewer,
    wish: Wish,
    *,
    view_id: str = "",
    version: int = 0,
    now: datetime | None = None,
) -> ViewCard:
    """Save a view, or with `view_id` change one's own that had this version. Raises as the services it calls do."""
    shared = {"name": wish.name, "view": wish.view, "layout": wish.layout, "now": now}
    given = {"visibility": wish.visibility, "roles": wish.roles}
    if view_id:
        card = views.change(session, viewer, view_id, version=version, **shared, **given)  # type: ignore[arg-type]
    else:
        card = views.save(session, viewer, **shared, **given)  # type: ignore[arg-type]
    views.pin(session, viewer, card.id, to_rail=wish.is_pinned, now=now)
    stands = stands_of(session, viewer, card.id, card.dashboard)
    _begin(session, viewer, card, None, stands.begins, wish.begins, home=False, now=now)
    _begin(session, viewer, card, None, stands.home, wish.home, home=True, now=now)
    if viewer.may("views:default"):
        for role in _either(stands.begins_for, wish.begins_for):
            was, wanted = role in stands.begins_for, role in wish.begins_for
            _begin(session, viewer, card, role, was, wanted, home=False, now=now)
    elif wish.begins_for:
        viewer.require("views:default")
    return views.find(session, viewer, card.id)


def stands_of(session: Session, viewer: Viewer, view_id: str, dashboard: str) -> Stands:
    """Where a view is begun with now; nothing is told of roles without the permission to choose for them."""
    own = defaults.own_defaults(session, viewer)
    roles: tuple[str, ...] = ()
    if viewer.may("views:default"):
        roles = tuple(
            role
            for role in defaults.roles_that_choose(session, dashboard)
            if defaults.defaults_of_role(session, viewer, role).get(dashboard) == view_id
        )
    return Stands(own.get(dashboard) == view_id, own.get(HOME) == view_id, roles)


def beginnings(session: Session, viewer: Viewer) -> dict[str, ViewCard]:
    """Dashboard → the view that it begins with for the viewer; those that begin as they come are missing."""
    person = sharing.known_person(session, viewer)
    if person is None or not viewer.may("dashboards"):
        return {}
    places = defaults.places_of(session, person.id, viewer.role)
    found = {place: defaults.default_for(session, viewer, place) for place in places if place != HOME}
    return {place: card for place, card in found.items() if card is not None}


def _either(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other}))


def _begin(
    session: Session,
    viewer: Viewer,
    card: ViewCard,
    role: str | None,
    was: bool,
    wanted: bool,
    *,
    home: bool,
    now: datetime | None,
) -> None:
    if wanted and not was:
        defaults.set_default(session, viewer, card.id, home=home, role=role, now=now)
    elif was and not wanted:
        defaults.clear_default(session, viewer, HOME if home else card.dashboard, role=role, now=now)
