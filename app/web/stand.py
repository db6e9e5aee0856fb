"""Stand: the state of the data in a few bytes, so that an open page can ask often; and what else is news."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.services import comments, jobs
from app.services.documents import PERMISSION
from app.values.errors import NotFound
from app.values.viewer import Viewer
from app.web.guard import note_timer
from layouts.screen.live import stand_mark

if TYPE_CHECKING:
    from app.assembly import House


def stand(house: House, current_viewer: Callable[[], Viewer]) -> Blueprint:
    """`/stand`: asked by a clock, so it keeps no session alive; who sees no rows learns nothing of the data."""
    pages = Blueprint("stand", __name__)

    def tell() -> ResponseReturnValue:
        note_timer()
        viewer = current_viewer()
        return jsonify(stand=_mark(house, viewer), exports=_ended(house, viewer), mentions=_named(house, viewer))

    pages.add_url_rule("/stand", "stand", tell)
    return pages


def _ended(house: House, viewer: Viewer) -> int:
    """How many of the viewer's own exports have ended since the viewer last looked."""
    if not viewer.may(PERMISSION):
        return 0
    with house.database.read() as session:
        return jobs.unseen(session, viewer)


def _named(house: House, viewer: Viewer) -> int:
    """How many comments name the viewer that the viewer has not looked at yet."""
    if not viewer.may(comments.PERMISSION) or viewer.kind != "person":
        return 0
    with house.database.read() as session:
        return comments.unseen(session, viewer)


def _mark(house: House, viewer: Viewer) -> str:
    if viewer.context.scope.is_nothing:
        return ""
    try:
        with house.engine.snapshot() as snapshot:
            return stand_mark(snapshot.generation.number, viewer.context.today)
    except NotFound:
        return stand_mark(0, viewer.context.today)
