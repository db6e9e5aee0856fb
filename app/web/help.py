"""The help pages: for everybody who is signed in, whatever the role; they define figures and tell no sales."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.web.front import FrontDoor
from app.web.guard import signed_in_now
from layouts import help as texts

LONGEST_SEARCH = 80


def pages(_front: FrontDoor) -> Blueprint:
    """/help, its pages and its search. Needs no permission: who has no role may read why they see nothing."""
    help_pages = Blueprint("help", __name__, template_folder="templates", url_prefix="/help")

    @help_pages.get("")
    def first() -> ResponseReturnValue:
        return _found() if "q" in request.args else _page("start")

    @help_pages.get("/<name>")
    def one(name: str) -> ResponseReturnValue:
        return _page(name)

    return help_pages


def _page(name: str) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    try:
        shown = texts.page(name, viewer.context.locale)
    except KeyError:
        abort(404)
    return _rendered(shown=shown, body=Markup(shown.html))  # noqa: S704 - made from our own files, HTML in them escaped


def _found() -> ResponseReturnValue:
    text = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    return _rendered(asked=text, hits=texts.search(text, signed_in_now()[1].context.locale))


def _rendered(**given: object) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    locale = viewer.context.locale
    return render_template(
        "help.html",
        **{"shown": None, "hits": (), "asked": "", **given},
        viewer=viewer,
        contents=texts.pages(locale),
        longest=LONGEST_SEARCH,
    )
