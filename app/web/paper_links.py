"""The door of paper links: one file for whoever holds its link, without a session, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from app.services import paper_links
from app.web.downloads import sent

if TYPE_CHECKING:
    from app.assembly import House


def door(house: House, clock: Callable[[], datetime]) -> Blueprint:
    """/paper/<token>."""
    blueprint = Blueprint("paper_links", __name__)

    @blueprint.get(f"{paper_links.PLACE}<token>")
    def fetch(token: str) -> Response:
        home = house.settings.home.resolve()
        with house.database.write() as session:
            document = paper_links.fetch(session, home, token, handed=request.method == "GET", now=clock())
        answer = sent(document)
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    return blueprint
