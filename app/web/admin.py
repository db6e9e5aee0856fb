"""The users page: people listed, added, given another role or keys, switched off and on."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.passwords import SHORTEST
from app.services import accounts
from app.values.errors import Refusal
from app.web.errors import status_of
from app.web.front import FrontDoor
from app.web.guard import signed_in_now


def pages(front: FrontDoor) -> Blueprint:
    """/admin/users, for those with the permission; changes need the password given within five minutes."""
    admin = Blueprint("admin", __name__, template_folder="templates", url_prefix="/admin")

    @admin.before_request
    def check() -> ResponseReturnValue | None:
        signed_in, viewer = signed_in_now()
        viewer.require("admin:users")
        if request.method == "POST" and not signed_in.is_fresh(front.clock()):
            return redirect("/account/prove?next=/admin/users", 302)
        return None

    @admin.get("")
    @admin.get("/")
    def home() -> ResponseReturnValue:
        return redirect("/admin/users", 302)

    @admin.get("/users")
    def users() -> ResponseReturnValue:
        return _page(front)

    @admin.post("/users")
    def change() -> ResponseReturnValue:
        try:
            _change(front)
        except Refusal as refusal:
            return _page(front, refusal.sentence, status_of(refusal))
        return redirect("/admin/users", 302)

    return admin


def _change(front: FrontDoor) -> None:
    form, viewer, now = request.form, signed_in_now()[1], front.clock()
    email = form.get("email", "")
    teams, places = _listed(form.get("team_keys", "")), _listed(form.get("place_keys", ""))
    with front.database.write() as session:
        match form.get("do"):
            case "add":
                accounts.add_user(
                    session,
                    viewer,
                    email=email,
                    name=form.get("name", ""),
                    role=form.get("role", "none"),
                    password=form.get("password") or None,
                    rep_key=form.get("rep_key"),
                    team_keys=teams,
                    place_keys=places,
                    now=now,
                )
            case "rights":
                accounts.change_rights(
                    session,
                    viewer,
                    email,
                    role=form.get("role"),
                    rep_key=form.get("rep_key", ""),
                    team_keys=teams,
                    place_keys=places,
                    now=now,
                )
            case "password":
                accounts.set_password(session, viewer, email, form.get("password", ""), now=now)
            case "disable":
                accounts.disable_user(session, viewer, email, now=now)
            case "enable":
                accounts.enable_user(session, viewer, email, now=now)
            case _:
                raise Refusal("There is no such change.")


def _listed(text: str) -> list[str]:
    return [key for key in (part.strip() for part in text.split(",")) if key]


def _page(front: FrontDoor, sentence: str = "", status: int = 200) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with front.database.read() as session:
        people = accounts.list_users(session, viewer)
        roles = accounts.list_roles(session, viewer)
    page = render_template(
        "users.html", viewer=viewer, people=people, roles=roles, sentence=sentence, shortest=SHORTEST
    )
    return page, status
