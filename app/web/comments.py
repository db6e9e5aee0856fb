"""The page of comments: what is said about a panel, with answers; and what was said to oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.handing import opened, panel_of
from app.services import comments, preferences, sharing
from app.values.errors import Forbidden, Invalid, NotFound, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from app.web.errors import status_of
from app.web.guard import signed_in_now
from layouts.dashboard import Dashboard, title_of
from layouts.settle import span_of, view_of_period

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/comments"


def pages(house: House, clock: Callable[[], datetime]) -> Blueprint:
    """/comments, with `?view=` of a panel those at that panel."""
    door = Blueprint("comments", __name__, template_folder="templates")

    @door.get(HERE)
    def show() -> ResponseReturnValue:
        told = request.args.get("view", "")
        return _page(house, clock(), told) if told else _mine(house)

    @door.post(HERE)
    def change() -> ResponseReturnValue:
        form, viewer = request.form, signed_in_now()[1]
        if form.get("do") == "mails":
            return _choose_mails(house, clock(), viewer)
        view = _view(house, viewer, form.get("view", ""))
        try:
            with house.database.write() as session:
                if form.get("do") == "delete":
                    comments.remove(session, viewer, form.get("comment", ""), now=clock())
                else:
                    sees, seen_by = partial(house.sees_as_much, viewer), _seen_by(house)
                    text, thread = form.get("text", ""), form.get("thread", "")
                    comments.say(session, viewer, view, text, sees, seen_by, thread=thread, now=clock())
        except Refusal as refusal:
            return _page(house, clock(), str(view), refusal)
        return redirect(f"{HERE}?{_query(view)}", 302)

    return door


def _query(view: View) -> str:
    return urlencode({"view": str(view)})


def _seen_by(house: House) -> comments.SeenBy:
    def sees(email: str) -> comments.Sees:
        return partial(house.sees_as_much, house.viewer_named(email))

    return sees


def _view(house: House, viewer: Viewer, text: str) -> View:
    """The panel that a text names, in days instead of words that mean others tomorrow. Raises NotFound, Invalid."""
    viewer.require(comments.PERMISSION)
    if viewer.kind != "person" or viewer.context.scope.is_nothing:
        raise Forbidden("Comments are for people who see something.")
    view = View.parse(text)
    if view.panel is None:
        raise Invalid("Comments stand at one panel of a dashboard.")
    panel_of(opened(house, viewer, view), viewer, view)
    span = span_of(view.selection, viewer.context)
    text = str(view.selection.period)
    if span is None or text[:1].isdigit() or text.startswith("FY"):
        return view
    return view_of_period(view, f"{span.start.isoformat()}..{span.last_day.isoformat()}")


def _page(house: House, now: datetime, text: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    view = _view(house, viewer, text)
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
        typed=request.form.get("text", "") if refusal else "",
        sentence=refusal.sentence if refusal else "",
    )
    return page, 200 if refusal is None else status_of(refusal)


def _title(found: Dashboard, viewer: Viewer, view: View) -> str:
    return title_of(panel_of(found, viewer, view), view, viewer.context, {})


def _mine(house: House) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with house.database.read() as session:
        said = comments.mentions(session, viewer, cache(partial(_sees_open, house, viewer)))
        mails = preferences.preferences_of(session, viewer).mention_mails
    return render_template(
        "mentions.html", viewer=viewer, said=said, mails=mails, query=lambda text: _query(View.parse(text))
    )


def _choose_mails(house: House, now: datetime, viewer: Viewer) -> ResponseReturnValue:
    wanted = request.form.get("mails") == "yes"
    with house.database.write() as session:
        person = sharing.person_of(session, viewer)
        preferences.want_mention_mails(session, viewer, person.id, wanted=wanted, now=now)
    return redirect(HERE, 302)


def _sees_open(house: House, viewer: Viewer, view: View, *told: object) -> bool:
    """As far as the panel is still there for the viewer."""
    try:
        panel_of(opened(house, viewer, view), viewer, view)
    except NotFound:
        return False
    return house.sees_as_much(viewer, view, *told)  # type: ignore[arg-type]
