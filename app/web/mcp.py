"""MCP: AI assistants ask the web process, too, where it is switched on; a token with every request, one answer each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.values.errors import Forbidden
from app.values.viewer import Viewer
from app.web.errors import problem
from app.web.pace import Spent

HERE = "/mcp"
LARGEST_BODY = 256 * 1024

Reply = Callable[[Viewer, Mapping[str, str], bytes], tuple[int, Iterable[tuple[str, str]], bytes]]
"""Answers one message of an assistant for a viewer: status, headers, body."""


def assistants(
    reply: Reply, current_viewer: Callable[[], Viewer], spend: Callable[[str, datetime], Spent]
) -> Blueprint:
    """`POST /mcp`, behind the guard; a session of a browser is not enough. `spend` counts what somebody asks."""
    pages = Blueprint("mcp", __name__)

    @pages.route(HERE, methods=["POST"], provide_automatic_options=False)
    def answer() -> Response:
        viewer = current_viewer()
        if viewer.kind != "token":
            raise Forbidden("Assistants come with a token.")
        spent = spend(f"{viewer.kind}:{viewer.id}", datetime.now(UTC))
        if spent.wait_s:
            refused = problem(429, spent.sentence)
            refused.headers.update(spent.headers)
            return refused
        request.max_content_length = LARGEST_BODY
        status, headers, body = reply(viewer, dict(request.headers), request.get_data())
        answered = Response(body, status, headers=[each for each in headers if each[0].lower() != "content-length"])
        answered.headers.update(spent.headers)
        return answered

    return pages
