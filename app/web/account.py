"""The account page: who you are here, what you may see, where you are signed in, and a new password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth import sessions
from app.auth.passwords import SHORTEST
from app.auth.policy import in_words
from app.services import preferences, signing_in
from app.services.signing_in import TooFast
from app.values.errors import Forbidden, Invalid
from app.values.words import locale_title, say
from app.web.cookies import token_session
from app.web.front import FrontDoor
from app.web.guard import safe_next, signed_in_now
from app.web.login import browser_of_request


def pages(front: FrontDoor) -> Blueprint:
    """/account and what it does."""
    account = Blueprint("account", __name__, template_folder="templates")

    @account.get("/account")
    def show() -> ResponseReturnValue:
        return _page(front)

    @account.post("/account/password")
    def change_password() -> ResponseReturnValue:
        return _change_password(front)

    @account.post("/account/language")
    def choose_language() -> ResponseReturnValue:
        return _choose_language(front)

    @account.post("/account/end-sessions")
    def end_sessions() -> ResponseReturnValue:
        signing_in.sign_out(front.database, signed_in_now()[1], front.clock(), action="sessions-ended")
        token_session().adopt()
        return redirect("/login", 302)

    @account.get("/account/prove")
    def ask_for_proof() -> ResponseReturnValue:
        return render_template("prove.html", viewer=signed_in_now()[1], target=safe_next(request.args.get("next")))

    @account.post("/account/prove")
    def prove() -> ResponseReturnValue:
        return _prove(front)

    return account


def _change_password(front: FrontDoor) -> ResponseReturnValue:
    form, browser, (signed_in, viewer) = request.form, browser_of_request(), signed_in_now()
    new = form.get("new", "")
    if new != form.get("again", ""):
        return _page(front, say("The two new passwords differ."), 400)
    try:
        token = signing_in.change_password(
            front.database, signed_in, viewer, form.get("current", ""), new, browser, front.clock()
        )
    except TooFast as wait:
        return _page(front, wait.sentence, 429, {"Retry-After": str(wait.seconds)})
    except Forbidden as refusal:
        return _page(front, refusal.sentence, 403)
    except Invalid as refusal:
        return _page(front, refusal.sentence, 400)
    token_session().adopt(token)
    return redirect("/account?done=password", 302)


def _choose_language(front: FrontDoor) -> ResponseReturnValue:
    try:
        with front.database.write() as session:
            preferences.prefer(session, signed_in_now()[1], locale=request.form.get("locale", ""), now=front.clock())
    except Invalid as refusal:
        return _page(front, refusal.sentence, 400)
    return redirect("/account?done=language", 302)


def _locales() -> list[tuple[str, str]]:
    """Every locale there is, by its own name: ("de-CH", "Deutsch (Schweiz)")."""
    return [(name, locale_title(name)) for name in preferences.LOCALES]


def _prove(front: FrontDoor) -> ResponseReturnValue:
    target, (signed_in, viewer) = safe_next(request.form.get("next")), signed_in_now()
    password = request.form.get("password", "")
    try:
        signing_in.prove(front.database, signed_in, password, browser_of_request(), front.clock())
    except (TooFast, Forbidden) as refusal:
        status = 429 if isinstance(refusal, TooFast) else 403
        return render_template("prove.html", viewer=viewer, target=target, sentence=refusal.sentence), status
    return redirect(target, 302)


def _page(
    front: FrontDoor, sentence: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    signed_in, viewer = signed_in_now()
    with front.database.read() as session:
        live = sessions.live(session, signed_in.person.id, front.clock())
    page = render_template(
        "account.html",
        viewer=viewer,
        person=signed_in.person,
        rights=in_words(signed_in.person),
        sessions=[(kept, kept.token_hash == signed_in.token_hash) for kept in live],
        sentence=sentence,
        done=request.args.get("done", ""),
        locales=_locales(),
        shortest=SHORTEST,
    )
    return page, status, headers or {}
