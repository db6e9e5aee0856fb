"""Callers: on whose behalf an assistant asks, found out anew at every call."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.auth import tokens
from app.services import tokens as keeping
from app.values.errors import Forbidden
from app.values.viewer import Viewer
from app.values.words import say

if TYPE_CHECKING:
    from app.assembly import House

_LOG = logging.getLogger(__name__)

CLOSED = say("This token opens nothing here, or no longer. Make a new one under Account, Tokens.")

Caller = Callable[[], Viewer]
"""Who asks at this moment. Raises a Refusal when nobody does any more."""


def now_utc() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class TokenCaller:
    """The owner of a token, with what owner and token may at this moment."""

    house: House
    token: str
    clock: Callable[[], datetime] = now_utc

    def __call__(self) -> Viewer:
        """Raises Forbidden for a token that opens nothing, and the same for every reason."""
        house, now = self.house, self.clock()
        with house.database.glance() as reader:
            found = tokens.find(reader, self.token, now)
        if found is None or (found.person.persona and not house.settings.demo):
            raise Forbidden(CLOSED)
        if keeping.is_note_due(found, now):
            try:
                with house.database.write() as session:
                    keeping.note_use(session, found, now)
            except SQLAlchemyError:
                # A busy database costs the note, not the answer.
                _LOG.warning("could not note that a token was used", exc_info=True)
        return tokens.viewer_of(found, house.trees(), house.terms(found.segmentation))


@dataclass(frozen=True)
class NamedCaller:
    """A person named at the workspace's own command line."""

    house: House
    email: str

    def __call__(self) -> Viewer:
        """Raises NotFound for nobody's address."""
        return self.house.viewer_named(self.email)
