"""Warming: after a load, the views that people begin their day with are answered before they come."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from app.assembly import House
from app.handing import opened
from app.services import habits
from app.services.contents import own_of
from app.values.context import QueryContext
from app.values.errors import NotFound, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from layouts.dashboard import answer

MOST = 200
"""People who are thought of; those with equal rights share every answer."""

log = logging.getLogger(__name__)


class Warmer:
    """Knows which generation it has warmed: one for each process of the scheduler.

    Two schedulers that warm at once ask for the same answers, which the cache computes once.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._warmed: int | None = None

    def warm(self) -> int:
        """Answer what is usually asked for, if the data are new; returns how many views that were."""
        try:
            with self._house.engine.snapshot() as snapshot:
                number = snapshot.generation.number
        except NotFound:
            return 0
        if number == self._warmed:
            return 0
        done = sum(self._answered(viewer, view) for viewer, view in _usual(self._house, datetime.now(UTC)))
        self._warmed = number
        log.info("answered %d views of generation %d beforehand", done, number)
        return done

    def _answered(self, viewer: Viewer, view: View) -> bool:
        house = self._house
        try:
            looked_up = house.looked_up(viewer, view)
            answer(opened(house, viewer, looked_up), looked_up, viewer, house.asker)
        except Refusal:
            # A view that is refused now will be refused in the morning, with its sentence.
            return False
        return True


def _usual(house: House, now: datetime) -> list[tuple[Viewer, View]]:
    """Each view once for each context in which it is usual."""
    found: dict[tuple[QueryContext, frozenset[str], View], Viewer] = {}
    with house.database.read() as session:
        people = habits.regulars(session, now, MOST)
    for email in people:
        viewer = house.viewer_named(email)
        if viewer.context.scope.is_nothing:
            continue
        seen = tuple(each.id for each in house.dashboards if each.is_open_to(viewer))
        with house.database.read() as session:
            views = habits.usual_views(session, viewer, seen)
        for view in views:
            own = house.looked_up(viewer, own_of(view, house.dashboards))
            found.setdefault((viewer.context, viewer.permissions, own), viewer)
    return [(viewer, view) for (_, _, view), viewer in found.items()]
