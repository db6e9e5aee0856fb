"""Downloads: the same views as files, at the same addresses with an ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from app.handing import PERMISSION, handed, note, opened, panel_of
from app.values.document import Document
from app.values.errors import TooBig
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from app.web.places import asked_view
from layouts.dashboard import context_of
from layouts.imprint import DataVersion, Pairs, imprint
from layouts.laid import BY_CUSTOMER, layout_of, ledger_of, order_of, presets_of, table_for
from layouts.ready import Preset
from layouts.render import csv, lines
from layouts.render.formats import FORMATS
from layouts.selected import names_of
from layouts.settle import period_of, where_of
from queries import ledger
from queries.line_columns import chosen as columns_of
from queries.line_columns import shown_to
from queries.listing import Whole, of_lines, whole
from queries.warehouse.engines.engine import Snapshot

if TYPE_CHECKING:
    from app.assembly import House

CONTROLLED = ("net", "currency")
"""What control totals are made of, whether or not it is shown."""

MOST_LINES = 1_000_000
"""Order lines in one file, as many as a sheet takes; more are refused, never cut."""

_BOM = "\ufeff"
"""Tells spreadsheets that the text is UTF-8."""


def downloads(house: House, current_viewer: Callable[[], Viewer]) -> Blueprint:
    """`/d/<dashboard>.pdf` and every other ending, the same of a panel, and `….rows.csv` for the lines behind it."""
    pages = Blueprint("downloads", __name__)

    def asked(path: str) -> tuple[Viewer, View]:
        viewer = current_viewer()
        return viewer, house.looked_up(viewer, asked_view(path))

    def whole(dashboard: str, ending: str) -> Response:
        viewer, view = asked(f"/d/{dashboard}")
        return sent(handed(house, viewer, view, ending))

    def panel(dashboard: str, panel: str, ending: str) -> Response:
        viewer, view = asked(f"/d/{dashboard}/{panel}")
        return sent(handed(house, viewer, view, ending))

    def rows(dashboard: str, panel: str) -> Response:
        viewer, view = asked(f"/d/{dashboard}/{panel}")
        preset = _preset(house, viewer, view)
        name = preset.id if preset is not None else f"{view.panel}-rows"
        return _streamed(rows_csv(house, viewer, view), f"{view.dashboard}-{name}.csv")

    endings = ",".join(each.id for each in FORMATS)
    pages.add_url_rule(f"/d/<dashboard>.<any({endings}):ending>", "dashboard_file", whole)
    pages.add_url_rule(f"/d/<dashboard>/<panel>.<any({endings}):ending>", "panel_file", panel)
    pages.add_url_rule("/d/<dashboard>/<panel>.rows.csv", "rows_csv", rows)
    return pages


def rows_csv(house: House, viewer: Viewer, view: View) -> Iterator[str]:
    """The order lines behind a panel. NotFound as for the panel itself, TooBig beyond MOST_LINES."""
    viewer.require(PERMISSION)
    viewer.require("rows")
    panel_of(opened(house, viewer, view), viewer, view)
    with house.engine.snapshot() as snapshot:
        total = _lines(house, viewer, view, snapshot)[1].total
    if total > MOST_LINES:
        raise TooBig(
            "These are {total:,} lines, and a file holds {most:,} at most: choose a shorter period or add a filter.",
            total=total,
            most=MOST_LINES,
        )
    note(house, viewer, view, "rows", "csv")
    return _written(house, viewer, view)


def _written(house: House, viewer: Viewer, view: View) -> Iterator[str]:
    """Piece after piece, all from one generation of the data; the imprint with the control totals comes last."""
    context, control = context_of(view, viewer), lines.Control()
    with house.engine.snapshot() as snapshot:
        shown, found = _lines(house, viewer, view, snapshot)
        converted = table_for(panel_of(opened(house, viewer, view), viewer, view)) is BY_CUSTOMER
        heads = found.columns[:shown]
        yield _BOM + lines.header(heads)
        for rows in found.pieces:
            control.count(found.columns, rows, context.currency if converted else None)
            yield lines.body(heads, [row[:shown] for row in rows], context.currency)
        data = DataVersion(snapshot.generation.number, snapshot.generation.as_of)
        if control.lines != found.total:
            # The answer breaks off: whoever receives it sees that the file is not whole.
            raise RuntimeError(f"{control.lines} of {found.total} lines were written")
        preset, t = _preset(house, viewer, view), words(context.locale)
        named = () if preset is None else ((t("File"), t(preset.title)),)
        yield csv.imprinted((*named, *_about(house, viewer, view, data), *control.said()))


def _preset(house: House, viewer: Viewer, view: View) -> Preset | None:
    """The named file whose columns and order the view has, if any."""
    return next((each for each, laid in presets_of(opened(house, viewer, view), view) if laid == view), None)


def _lines(house: House, viewer: Viewer, view: View, snapshot: Snapshot) -> tuple[int, Whole]:
    """The lines as they stand on the viewer's screen, and how many columns are shown: control totals need two more."""
    chosen, context, own = view.selection, context_of(view, viewer), house.layouts_of(viewer)
    panel = panel_of(opened(house, viewer, view), viewer, view)
    table = table_for(panel)
    layout = layout_of(view, own, table)
    known = shown_to(context, snapshot.generation, converted=table is BY_CUSTOMER)
    shown = [each.id for each in of_lines(columns_of(layout.shown, known))]
    if table is BY_CUSTOMER and shown[0] != "customer":
        shown = ["customer", *(each for each in shown if each != "customer")]
    columns = tuple(dict.fromkeys((*shown, *CONTROLLED)))
    if table is BY_CUSTOMER:
        found = ledger.whole(replace(ledger_of(view, viewer, own), columns=columns), context, snapshot)
    else:
        asked = where_of(chosen), period_of(chosen), chosen.basis
        order = order_of(layout, view, viewer)
        found = whole(*asked, context, snapshot, order=order, columns=columns)
    return len(shown), found


def _about(house: House, viewer: Viewer, view: View, data: DataVersion) -> Pairs:
    context = context_of(view, viewer)
    return imprint(view, viewer, context, names_of(view.selection, context, house.asker), data)


def sent(document: Document) -> Response:
    """A document as an answer that is saved under its name, and kept by nobody on the way."""
    return _attached(Response(document.content, content_type=document.media_type), document.name)


def _streamed(parts: Iterator[str], name: str) -> Response:
    return _attached(Response((part.encode() for part in parts), content_type=csv.MEDIA_TYPE), name)


def _attached(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
