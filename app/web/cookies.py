"""Cookies: one random token per browser; what a signed-in session is lies in the database, never in the cookie."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect, generate_csrf

from app.auth.sessions import new_token
from app.web import bearer, frames
from app.web.front import FrontDoor

CSRF_COOKIE = "_csrf_token"
"""Dash sends this cookie back as the header X-CSRFToken by itself."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class TokenSession(dict[str, Any], SessionMixin):
    """Flask's session of one request: the browser's token, and the CSRF secret that follows from it."""

    def __init__(self, token: str, key: bytes, *, is_new: bool) -> None:
        super().__init__()
        self._key = key
        self.is_new = is_new
        self.is_wanted = False
        self._take(token)

    def _take(self, token: str) -> None:
        self.token = token
        super().__setitem__("csrf_token", hmac.digest(self._key, token.encode(), hashlib.sha256).hex())

    def __getitem__(self, name: str) -> Any:
        self.is_wanted = True
        return super().__getitem__(name)

    def adopt(self, token: str | None = None) -> None:
        """Give the browser another token (one that stands for nobody if None); forms of the old one are void."""
        self._take(token or new_token())
        self.is_new = self.is_wanted = True
        g.pop("csrf_token", None)


class TokenSessions(SessionInterface):
    """Reads and writes the session cookie."""

    def __init__(self, front: FrontDoor) -> None:
        self._name = front.session_cookie
        self._secure = front.is_secure
        self._key = front.key_for("csrf").encode()

    def open_session(self, app: Flask, request: Request) -> TokenSession:  # noqa: ARG002
        """The token the browser sent, if it looks like one of ours; else a new one."""
        token = "" if frames.is_frames() else request.cookies.get(self._name, "")
        if _TOKEN.fullmatch(token):
            return TokenSession(token, self._key, is_new=False)
        return TokenSession(new_token(), self._key, is_new=True)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Set the cookie if the token is new and something (a form, a sign-in) hangs on it."""
        if isinstance(session, TokenSession) and session.is_new and session.is_wanted:
            response.set_cookie(self._name, session.token, path="/", secure=self._secure, httponly=True, samesite="Lax")


class Forms(CSRFProtect):
    """Proof for whatever a browser adds its cookies to by itself; a token is added by nobody but who holds it."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a write without proof."""
        if not (bearer.is_program() or frames.is_frame() or request.path.startswith(frames.PLACE)):
            super().protect(apply_exemptions)


def protect_forms(server: Flask, front: FrontDoor) -> None:
    """Refuse every write that does not carry the browser's own CSRF token (form field or X-CSRFToken header)."""
    server.config.update(
        WTF_CSRF_SECRET_KEY=front.key_for("csrf signature"),
        # A token lives as long as its session does.
        WTF_CSRF_TIME_LIMIT=None,
        # The guard compares Origin with the configured address; flask-wtf would compare with the Host header.
        WTF_CSRF_SSL_STRICT=False,
    )
    Forms(server)

    @server.after_request
    def hand_out(response: Response) -> Response:
        is_page = response.mimetype == "text/html" and response.status_code == 200 and request.method == "GET"
        if is_page and current_user.is_authenticated and not (bearer.is_program() or frames.is_frames()):
            response.set_cookie(
                CSRF_COOKIE, generate_csrf(), path="/", secure=front.is_secure, httponly=False, samesite="Lax"
            )
        return response


def token_session() -> TokenSession:
    """The session of this request."""
    state = session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(state, TokenSession):
        raise TypeError("the server has another kind of session")
    return state
