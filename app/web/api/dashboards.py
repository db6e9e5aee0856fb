"""Dashboards and panels as data: the figures and sentences of the pages, through any selection of theirs."""

from __future__ import annotations

from typing import Any

import orjson
from flask import request
from pydantic import Field, create_model

from app.handing import handout, opened, panel_of
from app.questions import dashboards_of
from app.values.hierarchy import LEVELS
from app.values.view import CURRENCY_FILTER, View
from app.web.api.answers import DashboardTold, headers_of
from app.web.api.catalogue import DashboardNamed, named
from app.web.api.door import Answer, Call, Door
from app.web.api.shapes import Asked, Page, Paged
from app.web.api.strict import JSON
from layouts.handout import Handout
from layouts.render import csv
from layouts.render.json import told

CSV = "text/csv"


def add(door: Door) -> None:
    """/dashboards."""

    @door.operation("GET", "/dashboards", scope="read", query=Paged, answers=Page[DashboardNamed])
    def index(call: Call) -> Page[DashboardNamed]:
        """The dashboards that are for you, with their panels."""
        found = [named(call, board) for board in dashboards_of(call.house, call.viewer)]
        return call.page(found, key=lambda board: (board.id,))

    @door.operation("GET", "/dashboards/{dashboard}", scope="read", query=SELECTION, answers=DashboardTold)
    def show(call: Call, dashboard: str) -> Answer:
        """A dashboard as data.

        The query is the one of the page: copy it from the address bar.
        """
        opened(call.house, call.viewer, View(dashboard))
        return Answer(orjson.dumps(told(_handout(call, f"/d/{dashboard}"))))

    @door.operation(
        "GET",
        "/dashboards/{dashboard}/panels/{panel}",
        scope="read",
        query=SELECTION,
        answers=DashboardTold,
        media=(JSON, CSV),
    )
    def one(call: Call, dashboard: str, panel: str) -> Answer:
        """One panel as data, or its rows as CSV."""
        view = View(dashboard, panel)
        panel_of(opened(call.house, call.viewer, view), call.viewer, view)
        made = _handout(call, f"/d/{dashboard}/{panel}")
        if call.media != CSV:
            return Answer(orjson.dumps(told(made)))
        provenance = told(made)["panels"][0].get("provenance")
        frame = made.panels[0].frame
        body = b"" if frame is None else csv.written(frame, call.viewer.context.locale).encode()
        return Answer(body, {} if provenance is None else headers_of(provenance), media=CSV)


def _handout(call: Call, path: str) -> Handout:
    view = View.parse(f"{path}?{request.query_string.decode('latin-1')}")
    return handout(call.house, call.viewer, view)


def _selection() -> type[Asked]:
    """Every parameter of a view's address."""
    said = {
        "period": "A period; default: this quarter.",
        "versus": "Up to two of `previous`, `last-year`, `budget`, a period; `none`.",
        "basis": "booked, invoiced or paid.",
        "currency": "The currency that figures are shown in.",
        "grain": "day, week, month, quarter or year.",
        "drill": "`level:member/level:member`",
        "amount": "`line:100..500`",
        "fields": "Rules on the company's own fields of customers.",
    }
    levels = {CURRENCY_FILTER if level == "currency" else level for level in LEVELS}
    members = "Only these members, by key, separated by commas; `!` before them: all but these."
    said |= dict.fromkeys(sorted(levels), members)
    fields: dict[str, Any] = {
        name: (str | None, Field(default=None, max_length=4_000, description=meaning)) for name, meaning in said.items()
    }
    made: type[Asked] = create_model("SelectionAsked", __base__=Asked, **fields)
    return made


SELECTION = _selection()
