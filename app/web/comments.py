"""The page of comments: what is said about a panel, with answers; and what was said to oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.commenting import about, point_at, point_name, seen_by, sees_open
from app.handing import opened, panel_of
from app.services import comments, preferences, sharing
from app.values.errors import Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from app.web.errors import status_of
from app.web.guard import signed_in_now
from layouts.dashboard import Dashboard, title_of

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/comments"


def pages(house: House, clock: Callable[[], datetime]) -> Blueprint:
    """/comments, with `?view=` of a panel those at that panel."""
    door = Blueprint("comments", __name__, template_folder="templates")

    @door.get(HERE)
    def show() -> ResponseReturnValue:
        told = request.args.get("view", "")
        return _page(house, clock(), told, request.args.get("at", "")) if told else _mine(house)

    @door.post(HERE)
    def change() -> ResponseReturnValue:
        form, viewer = request.form, signed_in_now()[1]
        if form.get("do") == "mails":
            return _choose_mails(house, clock(), viewer)
        view, point = about(house, viewer, form.get("view", "")), None
        try:
            point = point_at(house, viewer, form.get("at", ""))
            with house.database.write() as session:
                if form.get("do") == "delete":
                    comments.remove(session, viewer, form.get("comment", ""), now=clock())
                else:
                    sees, others = partial(house.sees_as_much, viewer), seen_by(house)
                    text, thread = form.get("text", ""), form.get("thread", "")
                    comments.say(session, viewer, view, text, sees, others, thread=thread, point=point, now=clock())
        except Refusal as refusal:
            return _page(house, clock(), str(view), form.get("at", "") if point else "", refusal)
        return redirect(f"{HERE}?{_query(view)}", 302)

    return door


def _query(view: View) -> str:
    return urlencode({"view": str(view)})


def _page(house: House, now: datetime, text: str, at: str = "", refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    view, point = about(house, viewer, text), point_at(house, viewer, at)
    # Many comments are about the same rows: each question is asked once, and before anything is written.
    with house.database.read() as session:
        said = comments.listed(session, viewer, view, cache(partial(house.sees_as_much, viewer)))
    if any(each.names_me for thread in said for each in (thread, *thread.answers)):
        with house.database.write() as session:
            comments.looked_at(session, viewer, said, now=now)
    found = opened(house, viewer, view)
    page = render_template(
        "comments.html",
        viewer=viewer,
        view=view,
        title=_title(found, viewer, view),
        board=words(viewer.context.locale)(found.title),
        said=said,
        at=at,
        point=point,
        named=partial(point_name, locale=viewer.context.locale),
        here=f"{HERE}?{_query(view)}",
        typed=request.form.get("text", "") if refusal else "",
        sentence=refusal.sentence if refusal else "",
    )
    return page, 200 if refusal is None else status_of(refusal)


def _title(found: Dashboard, viewer: Viewer, view: View) -> str:
    return title_of(panel_of(found, viewer, view), view, viewer.context, {})


def _mine(house: House) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with house.database.read() as session:
        said = comments.mentions(session, viewer, cache(partial(sees_open, house, viewer)))
        mails = preferences.preferences_of(session, viewer).mention_mails
    return render_template(
        "mentions.html",
        viewer=viewer,
        said=said,
        mails=mails,
        query=lambda text: _query(View.parse(text)),
        named=partial(point_name, locale=viewer.context.locale),
    )


def _choose_mails(house: House, now: datetime, viewer: Viewer) -> ResponseReturnValue:
    wanted = request.form.get("mails") == "yes"
    with house.database.write() as session:
        person = sharing.person_of(session, viewer)
        preferences.want_mention_mails(session, viewer, person.id, wanted=wanted, now=now)
    return redirect(HERE, 302)
