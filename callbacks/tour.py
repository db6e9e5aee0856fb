"""Tour: offered to a person who has not seen it, and remembered once it was taken or declined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output
from dash.development.base_component import Component

from app.services.preferences import prefer, preferences_of
from app.values.viewer import Viewer
from callbacks.registry import SIGNED_IN, Registry
from layouts.screen import ids, tour

if TYPE_CHECKING:
    from app.assembly import House


def register(registry: Registry, house: House) -> None:
    """Put the offer on the application: it is made when a page is loaded, and withdrawn when the browser says so."""

    def offer(_place: Any, seen: Any) -> list[Component]:
        return offered(house, registry.current_viewer(), seen=bool(seen))

    registry.callback(
        Output(ids.TOUR, "children"), Input(ids.TOUR, "id"), Input(ids.TOUR_SEEN, "data"), permission=SIGNED_IN
    )(offer)


def offered(house: House, viewer: Viewer, *, seen: bool) -> list[Component]:
    """The offer, or nothing: for who saw it, for who sees no row, and on a screen that nobody sits at."""
    if viewer.kind != "person" or viewer.context.scope.is_nothing:
        return []
    if seen:
        with house.database.write() as session:
            prefer(session, viewer, tour_seen=True)
        return []
    with house.database.read() as session:
        known = preferences_of(session, viewer)
    return [] if known.tour_seen else tour.invitation(viewer.context.locale)
