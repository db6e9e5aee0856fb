"""The page of one's tokens: made for programs and shown once, listed with their last use, taken away."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.sessions import SignedIn
from app.auth.tokens import PERMISSION, SCOPES
from app.services import tokens
from app.services.tokens import MOST_DAYS, USUAL_DAYS
from app.values.errors import Invalid, Refusal
from app.values.words import Text
from app.web.errors import status_of
from app.web.front import FrontDoor
from app.web.guard import signed_in_now

HERE = "/account/tokens"


def pages(front: FrontDoor) -> Blueprint:
    """/account/tokens, for those with the permission; changes need the password given within five minutes."""
    door = Blueprint("tokens", __name__, template_folder="templates")

    @door.before_request
    def check() -> ResponseReturnValue | None:
        signed_in, viewer = signed_in_now()
        viewer.require(PERMISSION)
        if request.method == "POST" and not signed_in.is_fresh(front.clock()):
            return redirect(f"/account/prove?next={HERE}", 302)
        return None

    @door.get(HERE)
    def show() -> ResponseReturnValue:
        return _page(front)

    @door.post(HERE)
    def change() -> ResponseReturnValue:
        try:
            made = _change(front)
        except Refusal as refusal:
            return _page(front, refusal=refusal)
        # A token is shown by the answer itself: nothing keeps it for a page that comes later.
        return redirect(f"{HERE}?done=1", 302) if made is None else _page(front, made=made)

    return door


def _change(front: FrontDoor) -> str | None:
    """The token, where one is made."""
    form, viewer, now = request.form, signed_in_now()[1], front.clock()
    with front.database.write() as session:
        if form.get("do") == "revoke":
            tokens.revoke(session, viewer, form.get("id", ""), now=now)
            return None
        days = form.get("days", "").strip()
        if not days.isdecimal():
            raise Invalid("A token lasts from 1 to {most} days.", most=MOST_DAYS)
        return tokens.make(
            session, viewer, name=form.get("name", ""), scopes=form.getlist("scope"), days=int(days[:4]), now=now
        )[1]


def _page(front: FrontDoor, *, made: str = "", refusal: Refusal | None = None) -> ResponseReturnValue:
    signed_in, viewer = signed_in_now()
    with front.database.read() as session:
        found = tokens.listed(session, viewer)
    page = render_template(
        "tokens.html",
        viewer=viewer,
        found=[(card, card.is_live(front.clock())) for card in found],
        made=made,
        address=(front.external_url or request.host_url).rstrip("/"),
        is_fresh=signed_in.is_fresh(front.clock()),
        offered=_offered(signed_in),
        days=USUAL_DAYS,
        most=MOST_DAYS,
        said=request.form if refusal else None,
        ticked=request.form.getlist("scope") if refusal else ["read"],
        sentence=refusal.sentence if refusal else "",
        done=bool(request.args.get("done")),
    )
    return page, 200 if refusal is None else status_of(refusal)


def _offered(signed_in: SignedIn) -> list[tuple[str, Text]]:
    return [(name, SCOPES[name].meaning) for name in tokens.offered(signed_in.person)]
