"""The guard: stands in front of every route and lets nobody pass without a live session, but for a short list."""

from __future__ import annotations

import logging
import re
from functools import cached_property
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, Response, has_request_context, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError

from app.auth import sessions
from app.auth.policy import Trees, nobody, viewer_for
from app.auth.sessions import SignedIn
from app.values.errors import Forbidden
from app.values.viewer import Viewer
from app.values.words import say
from app.web import bearer, frames, screens
from app.web.bearer import TokenPrincipal
from app.web.cookies import TokenSessions, token_session
from app.web.errors import problem
from app.web.frames import FramePrincipal
from app.web.front import FrontDoor, Reception
from app.web.language import locale_of_request
from app.web.screens import ScreenPrincipal
from app.web.slowly import Strangers

_LOG = logging.getLogger(__name__)

OPEN_TO_ALL: dict[str, frozenset[str]] = {
    "/login": frozenset({"GET", "HEAD", "POST"}),
    "/login.css": frozenset({"GET", "HEAD"}),
    "/login.js": frozenset({"GET", "HEAD"}),
    "/healthz": frozenset({"GET", "HEAD"}),
    "/readyz": frozenset({"GET", "HEAD"}),
    "/metrics": frozenset({"GET", "HEAD"}),  # looks for the token itself
}
"""Exact paths, and methods, that answer without a principal. Every line here is reviewed by a test."""

OPEN_PLACES: dict[str, frozenset[str]] = {
    frames.PLACE: frozenset({"GET", "HEAD", "POST"}),  # the grant is looked at there, and opens panels by token alone
    "/unsubscribe/": frozenset({"GET", "HEAD", "POST"}),  # the token says what it ends, and does nothing else
    "/paper/": frozenset({"GET", "HEAD"}),  # the token is one file's, for a while
}
"""Beginnings of paths, and methods, whose remainder is a token that is looked at there."""

OPEN_FILES = ("/_dash-component-suites/", "/assets/", "/vendor/")
"""Scripts, styles and fonts, as whoever has the code has them: frames and screens come for them without a cookie."""

_FOR_PROGRAMS = ("/_", "/api", "/assets/", "/vendor/", "/graphql", "/mcp", "/stand")
_NOT_ACTIVITY = (
    "/_dash-component-suites/",
    "/_reload-hash",
    "/assets/",
    "/vendor/",
    "/login.",
    "/healthz",
    "/readyz",
    "/metrics",
)
_PLACES = (
    "/d/",
    "/v/",
    "/account",
    "/admin",
    "/alerts",
    bearer.PAGE,
    "/comments",
    "/embeds",
    "/exports",
    "/help",
    "/reports",
    "/schedules",
    "/subscriptions",
    "/webhooks",
)
_FORMS = (
    "/login",
    "/logout",
    "/account",
    "/admin",
    "/alerts",
    "/comments",
    "/embeds",
    "/exports",
    "/reports",
    "/schedules",
    "/subscriptions",
    "/unsubscribe",
    "/webhooks",
)
_LARGEST_FORM = 64 * 1024
_WITH_PICTURE = {"/admin/templates": 512 * 1024}
"""Forms that carry a picture, and how large they may be."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ANY_PAGE = "/<path:path>"
"""The rule under which Dash answers every address that is nobody else's."""

_FILE = re.compile(r"(?:\.|%2e)[^/]*\Z", re.IGNORECASE)
"""The ending of an address; the names of dashboards and panels hold no dot."""

_TIMER = "salient.timer"
_UNKNOWN = "salient.unknown"


class Principal(UserMixin):
    """What flask-login knows of the one who is signed in; the viewer is made when first asked for."""

    def __init__(self, signed_in: SignedIn, front: FrontDoor) -> None:
        self.signed_in = signed_in
        self.id = str(signed_in.person.id)
        self._front = front

    @cached_property
    def viewer(self) -> Viewer:
        """With the rights the database gave at the start of this request."""
        person = self.signed_in.person
        # Only scopes by team need the warehouse's tree.
        trees = self._front.trees() if person.role.scope_kind == "teams" else Trees()
        return viewer_for(person, trees, self._front.terms(self.signed_in.segmentation))


def stand_guard(server: Flask, front: FrontDoor) -> Reception:
    """Put the guard in front of everything that `server` has or will have."""
    _recognise(server, front)
    strangers = Strangers()

    @server.before_request
    def challenge() -> ResponseReturnValue | None:
        # Decides by path, method, headers and the session alone, never by the body.
        if request.path.startswith(_FORMS):
            request.max_content_length = _WITH_PICTURE.get(request.path, _LARGEST_FORM)
        if refusal := _refuse_strangers(front):
            return refusal
        if request.method in OPEN_TO_ALL.get(request.path, ()) or _is_open_place():
            return strangers.heard(_LARGEST_FORM) if request.method == "POST" else None
        if not current_user.is_authenticated:
            if request.environ.get(_UNKNOWN):
                return problem(503, say("Nobody can be recognised just now. Try again in a moment."))
            if frames.HEADER in request.headers:
                return frames.refusal()
            if bearer.is_place(request.path) or bearer.claimed() is not None:
                return bearer.refusal()
            return problem(404, screens.OVER) if request.path.startswith(screens.PLACE) else _turn_away()
        if isinstance(current_user._get_current_object(), ScreenPrincipal):
            return None if screens.may() else problem(403, screens.NOT_HERE)
        if frames.is_frame():
            if not frames.may(current_user.viewer):
                return problem(403, frames.NOT_HERE)
            return strangers.heard() if request.method == "POST" else None
        if not bearer.is_program():
            _renew_if_outdated(front, current_user.signed_in)
        if not _is_page(request.path) and str(request.url_rule) == ANY_PAGE:
            # Dash would answer with its page; programs and browsers asking for a file learn more from the truth.
            return problem(404, say("There is nothing at this address."))
        if str(request.url_rule) == ANY_PAGE and _file_ending(request.path):
            return problem(404, say("A view is a .pdf, .xlsx, .pptx, .csv, .json or .png, and no other file."))
        return None

    @server.after_request
    def note_activity(response: Response) -> Response:
        if not current_user.is_authenticated:
            return response
        principal = current_user._get_current_object()
        if isinstance(principal, ScreenPrincipal):
            screens.leave_note(front, principal)
        elif isinstance(principal, TokenPrincipal):
            bearer.note_use(front, principal)
        elif not frames.is_frame() and _is_activity():
            _touch(front, current_user.signed_in)
        return response

    def current_viewer() -> Viewer:
        if has_request_context() and current_user.is_authenticated:
            viewer: Viewer = current_user.viewer
            return viewer
        return nobody(front.terms())

    return Reception(current_viewer, note_timer, lambda: locale_of_request(front))


def _recognise(server: Flask, front: FrontDoor) -> None:
    """Tell flask-login how to find out who a request comes from: one indexed read."""
    server.session_interface = TokenSessions(front)
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(server)

    @manager.request_loader
    def load(_request: object) -> Principal | ScreenPrincipal | TokenPrincipal | FramePrincipal | None:
        state, claimed = token_session(), screens.token_claimed()
        try:
            if (header := bearer.claimed()) is not None:
                return bearer.let_in(front, header)
            if frames.is_frames():
                return frames.let_in(front)
            if claimed is not None:
                # Whoever is signed in, too, is the screen there and nobody else.
                return screens.let_in(front, claimed)
            signed_in = None
            if not state.is_new:
                with front.database.glance() as reader:
                    signed_in = sessions.find(reader, state.token, front.clock())
        except Exception:
            # Nobody can be recognised now, whatever broke; the guard says so instead of sending people to sign in.
            _LOG.exception("sessions cannot be read")
            request.environ[_UNKNOWN] = True
            return None
        if signed_in is None or (signed_in.person.persona and not front.demo):
            return None
        return Principal(signed_in, front)


def signed_in_now() -> tuple[SignedIn, Viewer]:
    """The session and viewer of this request. Raises Forbidden without one."""
    if not current_user.is_authenticated or not hasattr(current_user, "signed_in"):
        raise Forbidden("Sign in first.")
    return current_user.signed_in, current_user.viewer


def note_timer() -> None:
    """This request was sent by a clock in the browser, not by a person: it does not keep the session alive."""
    if has_request_context():
        request.environ[_TIMER] = True


def safe_next(target: str | None) -> str:
    """`target` if it is a page of ours, else the home page: `safe_next("https://evil.example") == "/"`.

    A file of a view leads to the view: whoever has just signed in wants to see something.
    """
    if not target or not target.startswith("/") or len(target) > 4000:
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    path = unquote(parts.path)
    odd = "\\" in target or "//" in path or "\\" in path or not (target + path).isprintable()
    if odd or parts.scheme or parts.netloc or any(step in {".", ".."} for step in path.split("/")):
        return "/"
    if not any(path == place.rstrip("/") or path.startswith(place.rstrip("/") + "/") for place in _PLACES):
        return "/"
    page = parts.path.removesuffix(_file_ending(parts.path))
    return quote(page, safe="/%:,~!@+-._'()*$;=&") + (f"?{parts.query}" if parts.query else "")


def _file_ending(path: str) -> str:
    """What makes a view's address that of a file, `.rows.csv` in `/d/sales/by-month.rows.csv`; empty for any other."""
    found = _FILE.search(path) if unquote(path).startswith("/d/") else None
    return found.group() if found else ""


def _is_open_place() -> bool:
    if request.url_rule is None or str(request.url_rule) == ANY_PAGE:
        # What is nobody's would be answered with the page of the application.
        return False
    if request.path.startswith(OPEN_FILES) and request.method in {"GET", "HEAD"}:
        return True
    return any(request.path.startswith(place) and request.method in how for place, how in OPEN_PLACES.items())


def _refuse_strangers(front: FrontDoor) -> ResponseReturnValue | None:
    if front.external_url is None and _host_name(request.environ.get("HTTP_HOST", "localhost")) not in _LOOPBACK:
        # A page elsewhere that points its name at this machine would otherwise be "our own origin".
        return _plain("This address is not known here.", 400)
    if bearer.is_in_address():
        return problem(400, bearer.IN_ADDRESS)
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return None
    origin = request.headers.get("Origin")
    foreign = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
    if foreign or (origin is not None and not _is_own(origin, front)):
        return _plain("This was sent from another site.", 403)
    return None


def _is_own(origin: str, front: FrontDoor) -> bool:
    if front.external_url is None:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc == request.environ.get("HTTP_HOST")
    own = urlsplit(front.external_url)
    return origin == f"{own.scheme}://{own.netloc}"


def _host_name(host: str) -> str:
    """The name in a Host header, which is a name and at most a port; empty for anything else."""
    try:
        parts = urlsplit(f"//{host}")
        # Reading the port is what finds out that it is no number.
        is_host = parts.netloc == host and "@" not in host and (parts.port is not None or not host.endswith(":"))
        return parts.hostname or "" if is_host else ""
    except ValueError:
        return ""


def _turn_away() -> ResponseReturnValue:
    if _is_page(request.path) and request.method in {"GET", "HEAD"}:
        target = safe_next(request.full_path.removesuffix("?"))
        return redirect("/login" if target == "/" else f"/login?next={quote(target, safe='/')}", 302)
    answer = jsonify(type="about:blank", title="Sign in first.", status=401)
    answer.status_code = 401
    answer.mimetype = "application/json"
    return answer


def _is_page(path: str) -> bool:
    return path == bearer.PAGE or not path.startswith(_FOR_PROGRAMS)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")


def _is_activity() -> bool:
    if request.environ.get(_TIMER) or "X-Salient-Timer" in request.headers:
        return False
    return not request.path.startswith(_NOT_ACTIVITY)


def _renew_if_outdated(front: FrontDoor, signed_in: SignedIn) -> None:
    if not (signed_in.is_outdated and _is_page(request.path) and request.method == "GET"):
        return
    with front.database.write() as session:
        token = sessions.replace(session, signed_in, front.clock())
    if token is not None:
        token_session().adopt(token)


def _touch(front: FrontDoor, signed_in: SignedIn) -> None:
    now = front.clock()
    if not sessions.is_touch_due(signed_in, now):
        return
    try:
        with front.database.write() as session:
            sessions.touch(session, signed_in, now)
    except SQLAlchemyError:
        # The answer is ready; a busy database costs the note, not the answer.
        _LOG.warning("could not note that a session is active", exc_info=True)
