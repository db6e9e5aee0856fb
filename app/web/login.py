"""Signing in and out: a plain form, and in demo mode one click per persona."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import sessions
from app.auth.policy import Person
from app.services import accounts, signing_in
from app.services.signing_in import Browser, TooFast
from app.values.errors import Forbidden
from app.values.words import say
from app.web.cookies import CSRF_COOKIE, token_session
from app.web.front import FrontDoor
from app.web.guard import safe_next, signed_in_now
from layouts.screen.index import ICON

_SEES = {
    "everything": say("all sales"),
    "places": say("the sales of own places"),
    "teams": say("the sales of own teams"),
    "accounts": say("the sales of the accounts they own today, and own sales"),
    "own": say("own sales"),
    "nothing": say("no sales"),
}

_STATIC = Path(__file__).parent / "static"


def pages(front: FrontDoor) -> Blueprint:
    """/login with its stylesheet and script, and /logout."""
    login = Blueprint("login", __name__, template_folder="templates")
    version = _version()

    @login.app_context_processor
    def look() -> dict[str, str]:
        return {"look_version": version, "icon": ICON}

    @login.get("/login")
    def form() -> ResponseReturnValue:
        return _form(front, safe_next(request.args.get("next")))

    @login.post("/login")
    def enter() -> ResponseReturnValue:
        target = safe_next(request.form.get("next"))
        try:
            token = _enter(front)
        except TooFast as wait:
            return _form(front, target, wait.sentence, 429, {"Retry-After": str(wait.seconds)})
        except Forbidden as refusal:
            return _form(front, target, refusal.sentence, 401)
        _leave_former(front)
        token_session().adopt(token)
        return redirect(target, 302)

    @login.get("/logout")
    def ask_to_leave() -> ResponseReturnValue:
        return render_template("logout.html", viewer=signed_in_now()[1])

    @login.post("/logout")
    def leave() -> ResponseReturnValue:
        signing_in.sign_out(front.database, signed_in_now()[1], front.clock())
        token_session().adopt()
        answer = redirect("/login", 302)
        answer.delete_cookie(CSRF_COOKIE, path="/", secure=front.is_secure, samesite="Lax")
        answer.headers["Clear-Site-Data"] = '"storage"'
        return answer

    @login.get("/login.css")
    def style() -> Response:
        return send_file(_STATIC / "login.css")

    @login.get("/login.js")
    def script() -> Response:
        return send_file(_STATIC / "login.js")

    return login


def browser_of_request() -> Browser:
    """Where this request comes from; forwarded addresses count only from configured proxies."""
    return Browser(request.remote_addr or "unknown", request.headers.get("User-Agent", "")[:200])


def _enter(front: FrontDoor) -> str:
    persona = request.form.get("persona")
    if persona is not None and "password" not in request.form:
        if not front.demo:
            raise Forbidden(signing_in.WRONG)
        return signing_in.sign_in_as_persona(front.database, persona, browser_of_request(), front.clock())
    email, password = request.form.get("email", ""), request.form.get("password", "")
    return signing_in.sign_in(front.database, email, password, browser_of_request(), front.clock(), demo=front.demo)


def _leave_former(front: FrontDoor) -> None:
    """Whoever was signed in on this browser before is not any more."""
    if current_user.is_authenticated:
        with front.database.write() as session:
            sessions.end(session, current_user.signed_in)


def _form(
    front: FrontDoor, target: str, sentence: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    people: list[Person] = []
    if front.demo:
        with front.database.read() as session:
            people = accounts.personas(session)
    page = render_template(
        "login.html",
        target=target,
        sentence=sentence,
        email=request.form.get("email", "")[:254],
        personas=[(person, _initials(person.name), _SEES[person.role.scope_kind]) for person in people],
    )
    return page, status, headers or {}


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _version() -> str:
    """Grows stale with the files, so that browsers may keep them for ever."""
    both = b"".join((_STATIC / name).read_bytes() for name in ("login.css", "login.js"))
    return hashlib.sha256(both).hexdigest()[:12]
