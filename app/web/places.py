"""Places: the dashboards and panels that a viewer may open, and the honest status of a page that is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from app.handing import opened, panel_of
from app.values.errors import Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.web.errors import status_of
from app.web.guard import ANY_PAGE

if TYPE_CHECKING:
    from app.assembly import House

_OF_A_VIEW = re.compile(r"/d/[^/]+(/[^/]+)?/?")


def asked_view(path: str) -> View:
    """The view that a path and the query of this request mean. Raises Invalid or TooBig."""
    query = request.query_string.decode("ascii", "replace")
    return View.parse(f"{path}?{query}" if query else path)


def tell_status(server: Flask, house: House, current_viewer: Callable[[], Viewer]) -> None:
    """Let Dash's page, which is the same at every address, carry the status of what will be drawn into it."""

    @server.after_request
    def tell(response: Response) -> Response:
        # Whoever the guard turned away has another answer already.
        if response.status_code == 200 and str(request.url_rule) == ANY_PAGE:
            response.status_code = _status(house, current_viewer(), request.path)
        return response


def _status(house: House, viewer: Viewer, path: str) -> int:
    if viewer.only is None and not _OF_A_VIEW.fullmatch(path):
        return 404
    if viewer.context.scope.is_nothing:
        # Every dashboard tells them why nothing is there.
        return 200
    try:
        view = viewer.only.view if viewer.only else asked_view(path)
        found = opened(house, viewer, view)
        if view.panel is not None:
            panel_of(found, viewer, view)
    except Refusal as refusal:
        return status_of(refusal)
    return 200
