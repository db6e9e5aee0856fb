"""Downloads: the same views as files, at the same addresses with an ending."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING

from flask import Blueprint, Response

from app.handing import handed
from app.rows import file_of_rows, rows_csv, rows_xlsx
from app.values.document import Document
from app.values.errors import Busy
from app.values.view import View
from app.values.viewer import Viewer
from app.web.places import asked_view
from layouts.render import csv, xlsx
from layouts.render.formats import FORMATS

if TYPE_CHECKING:
    from app.assembly import House

PIECE = 256 * 1024
"""Bytes that are read from a file at a time."""


DRAWN_AT_ONCE = 2
"""Files that one process draws at a time: the others of its threads go on answering pages."""

_drawing = BoundedSemaphore(DRAWN_AT_ONCE)


@contextmanager
def drawing() -> Iterator[None]:
    """A turn at drawing a file in this process. Raises Busy when there is none now."""
    if not _drawing.acquire(blocking=False):
        raise Busy("Many files are being made just now. Try again in a moment.")
    try:
        yield
    finally:
        _drawing.release()


def downloads(house: House, current_viewer: Callable[[], Viewer]) -> Blueprint:
    """`/d/<dashboard>.pdf` and every other ending, the same of a panel, `….rows.csv` and `.xlsx` for its lines."""
    pages = Blueprint("downloads", __name__)

    def drawn(viewer: Viewer, view: View, ending: str) -> Response:
        with drawing():
            return sent(handed(house, viewer, view, ending))

    def asked(path: str) -> tuple[Viewer, View]:
        viewer, view = current_viewer(), asked_view(path)
        if viewer.only is not None:
            view = viewer.only.admitted(view)
        return viewer, house.looked_up(viewer, view)

    def whole(dashboard: str, ending: str) -> Response:
        viewer, view = asked(f"/d/{dashboard}")
        return drawn(viewer, view, ending)

    def panel(dashboard: str, panel: str, ending: str) -> Response:
        viewer, view = asked(f"/d/{dashboard}/{panel}")
        return drawn(viewer, view, ending)

    def rows(dashboard: str, panel: str, ending: str) -> Response:
        viewer, view = asked(f"/d/{dashboard}/{panel}")
        if viewer.only is not None:
            viewer.require("rows")
        name = f"{file_of_rows(house, viewer, view)}.{ending}"
        if ending == "xlsx":
            return _streamed(_workbook(house, viewer, view), xlsx.FORMAT.media_type, name)
        return _streamed(rows_csv(house, viewer, view), csv.MEDIA_TYPE, name)

    endings = ",".join(each.id for each in FORMATS)
    pages.add_url_rule(f"/d/<dashboard>.<any({endings}):ending>", "dashboard_file", whole)
    pages.add_url_rule(f"/d/<dashboard>/<panel>.<any({endings}):ending>", "panel_file", panel)
    pages.add_url_rule("/d/<dashboard>/<panel>.rows.<any(csv,xlsx):ending>", "rows_file", rows)
    return pages


def _workbook(house: House, viewer: Viewer, view: View) -> Iterator[bytes]:
    """A workbook is written whole before its first byte is sent; its file is gone when the last one was."""
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - it is closed by whoever reads it to its end
    try:
        rows_xlsx(house, viewer, view, Path(file.name))
    except BaseException:
        file.close()
        raise
    return _pieces(file)


def sent(document: Document) -> Response:
    """A document as an answer that is saved under its name, and kept by nobody on the way."""
    return _attached(Response(document.content, content_type=document.media_type), document.name)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _streamed(parts: Iterator[bytes], media_type: str, name: str) -> Response:
    return _attached(Response(parts, content_type=media_type), name)


def _attached(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
