"""Bearer: programs that come with a token, to the few places that answer them, and to no other."""

from __future__ import annotations

import logging
from functools import cached_property
from urllib.parse import unquote

from flask import Response, request
from flask_login import UserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError

from app.auth import tokens
from app.auth.policy import Trees
from app.auth.tokens import LiveToken
from app.services import tokens as keeping
from app.values.viewer import Viewer
from app.values.words import say
from app.web.errors import problem
from app.web.front import FrontDoor

_LOG = logging.getLogger(__name__)

PLACES = ("/api", "/graphql", "/mcp")
"""What answers programs with a token; a signed-in session, too."""
PAGE = "/api/docs"
"""The page about the API: for people."""

REFUSED = say("This token opens nothing here, or no longer.")
NEEDED = say("Send a token in the header Authorization, as Bearer and the token, or sign in.")
IN_ADDRESS = say("A token is never part of an address, where many can read it. Take it away and make a new one.")


class TokenPrincipal(UserMixin):
    """A program that was let in, for one request; the viewer is made when first asked for."""

    def __init__(self, token: LiveToken, front: FrontDoor) -> None:
        self.token = token
        self.id = f"token:{token.id}"
        self._front = front

    @cached_property
    def viewer(self) -> Viewer:
        """The owner's rights of now, as far as the scopes go."""
        front, token = self._front, self.token
        # Only scopes by team need the warehouse's tree.
        trees = front.trees() if token.person.role.scope_kind == "teams" else Trees()
        return tokens.viewer_of(token, trees, front.terms(token.segmentation))


def is_place(path: str) -> bool:
    """Whether a path is one of those that tokens open."""
    return path != PAGE and any(path == place or path.startswith(f"{place}/") for place in PLACES)


def claimed() -> str | None:
    """What the request says it may: the header, which then decides alone; None for one that is no program's.

    Elsewhere only Bearer counts: what stands before us may ask people for a password of its own.
    """
    header = request.headers.get("Authorization")
    if header is None or not (is_place(request.path) or _scheme(header) == "bearer"):
        return None
    return header


def let_in(front: FrontDoor, header: str) -> TokenPrincipal | None:
    """The program with this token, if it opens something at this moment and this is a place for it."""
    token = header.partition(" ")[2].strip()
    if _scheme(header) != "bearer" or not is_place(request.path):
        return None
    with front.database.glance() as reader:
        found = tokens.find(reader, token, front.clock())
    if found is None or (found.person.persona and not front.demo):
        return None
    return TokenPrincipal(found, front)


def is_program() -> bool:
    """Whether this request was let in for its token: it needs no proof that a form is ours."""
    return isinstance(current_user._get_current_object(), TokenPrincipal)


def refusal() -> Response:
    """What every request gets that no token or session lets in: the same for all reasons."""
    has_claim = "Authorization" in request.headers
    answer = problem(401, REFUSED if has_claim else NEEDED)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="Salient"' + (', error="invalid_token"' if has_claim else "")
    return answer


def is_in_address() -> bool:
    """Whether a token stands in the path or the query, where logs and other sites would learn it."""
    address = f"{request.path}?{request.query_string.decode('latin-1')}"
    return "sal_" in unquote(address) and tokens.WRITTEN.search(unquote(address)) is not None


def note_use(front: FrontDoor, principal: TokenPrincipal) -> None:
    """Remember that the token was used, at most once a minute."""
    now = front.clock()
    if not keeping.is_note_due(principal.token, now):
        return
    try:
        with front.database.write() as session:
            keeping.note_use(session, principal.token, now)
    except SQLAlchemyError:
        # The answer is ready; a busy database costs the note, not the answer.
        _LOG.warning("could not note that a token was used", exc_info=True)


def _scheme(header: str) -> str:
    return header.partition(" ")[0].casefold()
