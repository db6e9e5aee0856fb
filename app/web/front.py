"""FrontDoor: all that the web pages need of the house; open_front_door: hang them on a server."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.auth.policy import Terms, Trees
from app.models.database import Database
from app.values.viewer import Viewer

LARGEST_REQUEST = 8 * 1024 * 1024
"""Bytes; a route that takes more says so itself."""


def now_utc() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Readiness:
    """Whether questions can be answered now; `details` (data version, freshness) are not for everyone."""

    is_ready: bool
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class FrontDoor:
    """Handed in by the factory.

    `trees` and `terms` are asked on every request and have to be cheap; whoever knows the version of the segments that
    counts hands it to `terms`; `readiness` may take a moment.
    `external_url` None means a run on loopback, where no other host name is answered.
    """

    database: Database
    secret: str
    trees: Callable[[], Trees]
    terms: Callable[..., Terms]
    readiness: Callable[[], Readiness]
    external_url: str | None = None
    demo: bool = False
    metrics_token: str | None = None
    trusted_proxies: int = 0
    clock: Callable[[], datetime] = now_utc

    @property
    def is_secure(self) -> bool:
        """Whether people come over https."""
        return (self.external_url or "").startswith("https://")

    @property
    def session_cookie(self) -> str:
        """The session cookie's name; `__Host-` ties it to this host and to https."""
        return "__Host-salient" if self.is_secure else "salient"

    def key_for(self, purpose: str) -> str:
        """A key for one purpose, derived from the secret."""
        return hmac.digest(self.secret.encode(), f"salient {purpose}".encode(), hashlib.sha256).hex()


@dataclass(frozen=True)
class Reception:
    """What the other doors get: who is asking now, and how to say that nobody is (a timer fired).

    `current_viewer()` outside of a request, or without a principal, is a Viewer who may do and see nothing; `locale()`
    is that of the request.
    """

    current_viewer: Callable[[], Viewer]
    note_timer: Callable[[], None]
    locale: Callable[[], str] = lambda: "en"


def open_front_door(server: Flask, front: FrontDoor) -> Reception:
    """Hang guard, login, account pages, health, headers and errors on `server`, before Dash is made on it.

    Once Dash has all its callbacks, hand its script hashes to `allow_scripts`.
    """
    # Imported here because those modules take a FrontDoor.
    from app.web import account, admin, cookies, errors, guard, headers, health, language, login, permalinks, segments
    from app.web import help as help_pages
    from app.web import tokens as token_pages

    server.secret_key = front.key_for("flask")
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    if front.trusted_proxies:
        count = front.trusted_proxies
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    errors.answer_errors(server)
    headers.send_headers(server, front)
    reception = guard.stand_guard(server, front)
    language.speak(server, front)
    cookies.protect_forms(server, front)
    for door in (login, account, token_pages, admin, segments, help_pages, health, permalinks):
        server.register_blueprint(door.pages(front))
    return reception


def allow_scripts(server: Flask, hashes: Iterable[str]) -> None:
    """Let inline scripts with these CSP hashes run: `allow_scripts(server, dash_app.csp_hashes())`."""
    server.config["SALIENT_SCRIPT_HASHES"] = tuple(hashes)
