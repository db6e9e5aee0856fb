"""Rows: the order lines behind a view, whole, as a file of text or as a workbook."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.handing import PERMISSION, note, opened, panel_of
from app.values.errors import TooBig
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts import format as fmt
from layouts.dashboard import context_of
from layouts.imprint import DataVersion, Pairs, imprint
from layouts.laid import BY_CUSTOMER, layout_of, ledger_of, order_of, own_of, presets_of, table_for
from layouts.ready import Preset
from layouts.render import csv, lines
from layouts.render.xlsx.rows import Head, rows_workbook
from layouts.selected import names_of
from layouts.settle import period_of, span_of, where_of
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
"""Order lines in one file; more are refused, never cut."""

_BOM = codecs.BOM_UTF8
"""Tells spreadsheets that the text is UTF-8."""


def file_of_rows(house: House, viewer: Viewer, view: View) -> str:
    """The name of the file, without its ending."""
    preset = _preset(house, viewer, view)
    return f"{view.dashboard}-{preset.id if preset is not None else f'{view.panel}-rows'}"


def rows_csv(house: House, viewer: Viewer, view: View) -> Iterator[bytes]:
    """The order lines behind a panel, as UTF-8. NotFound as for the panel itself, TooBig beyond MOST_LINES."""
    _count(house, viewer, view)
    note(house, viewer, view, "rows", "csv")
    return _written(house, viewer, view)


def rows_xlsx(house: House, viewer: Viewer, view: View, path: Path) -> int:
    """The same lines as a workbook at `path`; returns how many. Raises as `rows_csv`."""
    _count(house, viewer, view)
    note(house, viewer, view, "rows", "xlsx")
    context, control, template = context_of(view, viewer), lines.Control(), house.template()
    span = span_of(view.selection, context)
    with house.engine.snapshot() as snapshot:
        shown, found = _lines(house, viewer, view, snapshot)
        converted = table_for(panel_of(opened(house, viewer, view), viewer, view)) is BY_CUSTOMER
        newest = snapshot.generation.as_of

        def pieces() -> Iterator[Sequence[Sequence[Any]]]:
            for block in found.blocks:
                control.count(found.columns, block, context.currency if converted else None)
                yield block.rows()

        head = Head(
            title=words(context.locale)(opened(house, viewer, view).title),
            made=newest if isinstance(newest, date) else context.today,
            subtitle=fmt.period_name(str(period_of(view.selection)), span, context.locale),
            made_for=viewer.name,
            accent=template.accent,
        )
        columns = found.columns[:shown]

        def said() -> Pairs:
            data = DataVersion(snapshot.generation.number, newest)
            return (*_named(house, viewer, view), *_about(house, viewer, view, data), *control.said())

        total = rows_workbook(
            str(path), columns, pieces(), said, head, currency=context.currency, locale=context.locale
        )
    if total != found.total:
        raise RuntimeError(f"{total} of {found.total} lines were written")
    return total


def _count(house: House, viewer: Viewer, view: View) -> None:
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


def _written(house: House, viewer: Viewer, view: View) -> Iterator[bytes]:
    """Piece after piece, all from one generation of the data; the imprint with the control totals comes last."""
    context, control = context_of(view, viewer), lines.Control()
    with house.engine.snapshot() as snapshot:
        shown, found = _lines(house, viewer, view, snapshot)
        converted = table_for(panel_of(opened(house, viewer, view), viewer, view)) is BY_CUSTOMER
        heads = found.columns[:shown]
        yield _BOM + lines.header(heads)
        for block in found.blocks:
            control.count(found.columns, block, context.currency if converted else None)
            yield lines.body(heads, block, context.currency)
        data = DataVersion(snapshot.generation.number, snapshot.generation.as_of)
        if control.lines != found.total:
            # The answer breaks off: whoever receives it sees that the file is not whole.
            raise RuntimeError(f"{control.lines} of {found.total} lines were written")
        about = (*_named(house, viewer, view), *_about(house, viewer, view, data), *control.said())
        yield csv.imprinted(about).encode()


def _preset(house: House, viewer: Viewer, view: View) -> Preset | None:
    """The named file whose columns and order the view has, if any."""
    return next((each for each, laid in presets_of(opened(house, viewer, view), view) if laid == view), None)


def _named(house: House, viewer: Viewer, view: View) -> Pairs:
    preset, t = _preset(house, viewer, view), words(viewer.context.locale)
    return () if preset is None else ((t("File"), t(preset.title)),)


def _lines(house: House, viewer: Viewer, view: View, snapshot: Snapshot) -> tuple[int, Whole]:
    """The lines as they stand on the viewer's screen, and how many columns are shown: control totals need two more."""
    chosen, context = view.selection, context_of(view, viewer)
    panel = panel_of(opened(house, viewer, view), viewer, view)
    table = table_for(panel)
    layout = layout_of(view, house.layouts_of(viewer), table)
    own = own_of(layout, context, house.catalogue, snapshot)
    known = shown_to(context, snapshot.generation, own, converted=table is BY_CUSTOMER)
    shown = [each.id for each in of_lines(columns_of(layout.shown, known))]
    if table is BY_CUSTOMER and shown[0] != "customer":
        shown = ["customer", *(each for each in shown if each != "customer")]
    columns = tuple(dict.fromkeys((*shown, *CONTROLLED)))
    if table is BY_CUSTOMER:
        found = ledger.whole(replace(ledger_of(view, viewer, layout, own), columns=columns), context, snapshot)
    else:
        asked = where_of(chosen), period_of(chosen), chosen.basis
        order = order_of(layout, view, viewer, own)
        found = whole(*asked, context, snapshot, order=order, columns=columns, own=own)
    return len(shown), found


def _about(house: House, viewer: Viewer, view: View, data: DataVersion) -> Pairs:
    context = context_of(view, viewer)
    return imprint(view, viewer, context, names_of(view.selection, viewer, house.asker), data)
