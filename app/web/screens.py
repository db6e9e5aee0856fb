"""Screens: `/screen/<token>`, where a screen without a session shows one view, and the little else it is let to."""

from __future__ import annotations

import logging
import re
from functools import cached_property

from flask import request
from flask_login import UserMixin
from sqlalchemy.exc import SQLAlchemyError

from app.services import displays
from app.services.displays import Screen
from app.values.errors import NotFound
from app.values.viewer import Viewer
from app.values.words import say
from app.web.front import FrontDoor

_LOG = logging.getLogger(__name__)

PLACE = "/screen/"
HEADER = "X-Salient-Screen"
"""Carries the token with what the page of a screen asks for by script: such a request is the screen's alone."""

NOT_HERE = say("This screen shows one view, and nothing else.")
OVER = say("This screen may not show anything, or no longer. Ask whoever set it up for a new address.")

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

_ASKED = frozenset({"/_dash-layout", "/_dash-dependencies", "/stand"})
_SENT = "/_dash-update-component"


class ScreenPrincipal(UserMixin):
    """A screen that was let in, for one request."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.id = screen.viewer.id

    @cached_property
    def viewer(self) -> Viewer:
        """One that may look at one view and do nothing else."""
        return self.screen.viewer


def token_claimed() -> str | None:
    """The token that this request comes with by address or header, well-formed or not; None when it is no screen's."""
    if request.path.startswith(PLACE):
        return request.path.removeprefix(PLACE)
    return request.headers.get(HEADER)


def let_in(front: FrontDoor, token: str) -> ScreenPrincipal | None:
    """The screen with this token, if it may show something at this moment."""
    if not _TOKEN.fullmatch(token):
        return None
    with front.database.read() as session:
        try:
            found = displays.enter(
                session, token, trees=front.trees, terms=front.terms, now=front.clock(), demo=front.demo
            )
        except NotFound:
            return None
    return ScreenPrincipal(found)


def may() -> bool:
    """Whether a screen may ask what this request asks: its page, and what its page asks for by script."""
    if request.method in {"GET", "HEAD"}:
        return request.path in _ASKED or request.path.startswith(PLACE)
    return request.method == "POST" and request.path == _SENT


def leave_note(front: FrontDoor, principal: ScreenPrincipal) -> None:
    """Remember that the screen is alive."""
    if request.path.startswith(PLACE) or request.path == "/stand":
        try:
            with front.database.write() as session:
                displays.note_seen(session, principal.screen.id, front.clock())
        except SQLAlchemyError:
            # The answer is ready; a busy database costs the note, not the answer.
            _LOG.warning("could not note that a screen is alive", exc_info=True)
