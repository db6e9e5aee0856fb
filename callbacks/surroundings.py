"""Surroundings of a view, gathered from the house for one viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.services import defaults, keeping, named_sets, preferences, views
from app.services.views import ViewCard
from app.values.errors import NotFound
from app.values.leave import Leave
from app.values.selection import Narrowing
from app.values.view import View
from app.values.viewer import Viewer
from layouts.dashboard import Dashboard
from layouts.screen.kept import KeptView
from layouts.screen.surroundings import NOTHING_LOADED, Stand, Surroundings
from layouts.selected import names_of
from queries.told import told

if TYPE_CHECKING:
    from app.assembly import House


def visible(house: House, viewer: Viewer) -> tuple[Dashboard, ...]:
    """The dashboards a viewer may open; none for somebody who may see no row."""
    if viewer.context.scope.is_nothing:
        return ()
    return tuple(dashboard for dashboard in house.dashboards if dashboard.is_open_to(viewer))


def view_at(house: House, viewer: Viewer, href: str) -> View:
    """The view an address means; the root is where the viewer begins, a bare dashboard begins as was chosen for it.

    NotFound for another page, Invalid for a selection that means nothing.
    """
    path, _, query = _path_and_query(href).partition("?")
    if viewer.only is not None:
        return _granted(viewer.only, path, query)
    seen = visible(house, viewer)
    if path in ("", "/") and seen:
        return _own(house, viewer, _home(house, viewer, tuple(each.id for each in seen), query))
    if not path.startswith("/d/"):
        raise NotFound("There is no such page.")
    view = View.parse(f"{path}?{query}" if query else path)
    if not query and view.panel is None and viewer.kind == "person":
        with house.database.read() as session:
            card = defaults.default_for(session, viewer, view.dashboard)
        if card is not None and card.dashboard == view.dashboard:
            view = View.parse(card.view)
    return _own(house, viewer, view)


def _granted(leave: Leave, path: str, query: str) -> View:
    """What a guest's address means; Forbidden for what was not granted."""
    place = path.removeprefix(leave.place).rstrip("/")
    if leave.is_still or not place:
        return leave.view
    return leave.admitted(View.parse(f"{place}?{query}" if query else place))


def granted(house: House, viewer: Viewer) -> tuple[Narrowing, ...]:
    """What narrows everything a guest may look at: nothing of other rows is told; nothing for everybody else."""
    return () if viewer.only is None else viewer.only.stays(house.looked_up(viewer, viewer.only.view).selection)


def leading(viewer: Viewer, address: str) -> str:
    """Where a gesture leads: for an embed within its own place, and Forbidden to what was not granted."""
    leave = viewer.only
    return address if leave is None else f"{leave.place}{leave.admitted(View.parse(address))}"


def home_of(house: House, viewer: Viewer) -> str | None:
    """The address where the viewer begins; None for somebody who may open nothing."""
    if viewer.only is not None and not viewer.only.is_still:
        return viewer.only.place
    seen = tuple(each.id for each in visible(house, viewer))
    return str(_own(house, viewer, _home(house, viewer, seen, ""))) if seen else None


def _home(house: House, viewer: Viewer, offered: tuple[str, ...], query: str) -> View:
    """The view the root means: what was chosen, or with a selection in the address, its dashboard through that."""
    with house.database.read() as session:
        view = defaults.home(session, viewer, offered) or View(offered[0])
    return View.parse(f"/d/{view.dashboard}?{query}") if query else view


def _own(house: House, viewer: Viewer, view: View) -> View:
    """On a dashboard about oneself, the viewer's own rows, unless another member of that level is chosen."""
    shown = next((each for each in house.dashboards if each.id == view.dashboard), None)
    if shown is None or not shown.own or any(each.level == shown.own for each in view.selection.where):
        return view
    own = view.with_selection(view.selection.with_filter(shown.own, (), sets=(named_sets.ME,)))
    known = house.looked_up(viewer, own).selection.filter_on(shown.own)
    return own if known is not None and known.found else view


def surroundings(house: House, viewer: Viewer, view: View, saved: str = "") -> Surroundings:
    """All the frame needs; members that are not the viewer's to see keep their bare keys.

    `saved` is the id of the saved view that was opened; one that is not there for the viewer is none.
    """
    asked = view if viewer.only is None else house.looked_up(viewer, view)
    return Surroundings(
        viewer,
        visible(house, viewer),
        view,
        _stand(house, viewer),
        names_of(asked.selection, viewer, house.asker),
        **kept(house, viewer, saved),
    )


def kept(house: House, viewer: Viewer, saved: str) -> dict[str, Any]:
    """What the viewer keeps, as far as the frame shows it: the view opened, those on the rail, those begun with."""
    if viewer.kind != "person" or not viewer.may("dashboards"):
        return {}
    with house.database.read() as session:
        found: dict[str, Any] = {
            "pinned": tuple(kept_view(card) for card in views.pinned(session, viewer)),
            "click": preferences.preferences_of(session, viewer).click,
            "begins": {place: kept_view(card) for place, card in keeping.beginnings(session, viewer).items()},
        }
        try:
            return {**found, "saved": kept_view(views.find(session, viewer, saved)) if saved else None}
        except NotFound:
            return found


def kept_view(card: ViewCard) -> KeptView:
    """A saved view as the frame knows it."""
    whose: Any = "mine" if card.is_mine else card.visibility
    return KeptView(
        card.id,
        card.name,
        card.view,
        card.dashboard,
        card.owner,
        whose,
        card.version,
        card.is_pinned,
        card.visibility,
        card.roles,
    )


def _path_and_query(href: str) -> str:
    """`http://host/d/sales?period=2013#x` → `/d/sales?period=2013`."""
    text = href.partition("#")[0]
    if "://" in text:
        text = text.partition("://")[2]
        return "/" + text.partition("/")[2]
    return text


def _stand(house: House, viewer: Viewer) -> Stand:
    try:
        with house.engine.snapshot() as snapshot:
            generation = snapshot.generation
    except NotFound:
        return NOTHING_LOADED
    return Stand(
        generation=generation.number,
        as_of=generation.as_of,
        first_day=generation.first_day,
        last_day=generation.last_day,
        currencies=generation.reporting,
        # Whoever sees a part of the sales learns nothing about how many others there are, and no guest of those who do.
        quarantined=house.quarantined(generation) if viewer.only is None and viewer.context.scope.is_everything else 0,
        is_demo=generation.is_demo,
        notices=tuple(told(sentence) for said in generation.notices.values() for sentence in said),
    )
