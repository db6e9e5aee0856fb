"""Permalinks: /v/<id> leads to the view it stands for."""

from __future__ import annotations

import logging
import re

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from app.services import permalinks, views
from app.values.errors import NotFound
from app.values.viewer import Viewer
from app.web.front import FrontDoor
from app.web.guard import signed_in_now

_LOG = logging.getLogger(__name__)

_LINK = re.compile(r"[A-Za-z0-9_-]{1,16}", re.ASCII)


def pages(front: FrontDoor) -> Blueprint:
    """The one route; the guard has asked who is there."""
    routes = Blueprint("permalinks", __name__)

    @routes.get("/v/<link>")
    def follow(link: str) -> ResponseReturnValue:
        _, viewer = signed_in_now()
        # What cannot be a link is not looked for; the answer is the same.
        asked = link if _LINK.fullmatch(link) else ""
        with front.database.read() as session:
            target = permalinks.target_of(session, viewer, asked)
        if "#" in target:
            _note(front, viewer, asked)
        # The address is made by View's own codec: a path on this site and nothing else.
        return redirect(target, 302)

    return routes


def _note(front: FrontDoor, viewer: Viewer, view_id: str) -> None:
    try:
        with front.database.write() as session:
            views.note_opened(session, viewer, view_id, now=front.clock())
    except (NotFound, SQLAlchemyError):
        # The way is known; a busy database, or a view deleted this moment, costs the note alone.
        _LOG.warning("could not note that a view was opened", exc_info=True)
