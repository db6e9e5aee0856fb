"""Laid: how the rows of a table are laid out for a reader: by the view, else as the reader likes, else as they come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.values.context import QueryContext
from app.values.row_layouts import RowLayout, RowLayouts
from app.values.view import View, parse_layout
from app.values.viewer import Viewer
from layouts.dashboard import Dashboard, context_of
from layouts.marks import Ledger
from layouts.panel import Panel
from layouts.ready import Preset
from layouts.settle import period_of, where_of
from queries import ledger
from queries.catalogue.model import Catalogue
from queries.fields import Field, fields
from queries.line_columns import DEFAULT_COLUMNS, FIELD, SHOWN
from queries.warehouse.engines.engine import Snapshot


@dataclass(frozen=True)
class TableOfRows:
    """A table of order lines: its name among a person's layouts, its columns where nobody chose any, and its order."""

    name: str
    columns: tuple[str, ...]
    order: ledger.Order = ()


LINES = TableOfRows("lines", DEFAULT_COLUMNS)
BY_CUSTOMER = TableOfRows("by-customer", ledger.DEFAULT_COLUMNS, ledger.DEFAULT_ORDER)


def table_for(panel: Panel | None) -> TableOfRows:
    """The table that a panel's rows stand in."""
    return BY_CUSTOMER if panel is not None and isinstance(panel.mark, Ledger) else LINES


def layout_of(view: View, own: RowLayouts, table: TableOfRows) -> RowLayout:
    """The layout of a table in a view: every column that is shown is named in it."""
    kept = view.layout if view.layout != RowLayout() else own.of(table.name)
    laid = RowLayout(kept.columns, kept.sort or table.order)
    return laid.or_else(table.columns)


def presets_of(dashboard: Dashboard, view: View) -> list[tuple[Preset, View]]:
    """The named files of a dashboard's lines, each as the view that stands laid out for it."""
    return [(each, replace(view, layout=parse_layout(each.layout))) for each in dashboard.presets]


def own_of(layout: RowLayout, context: QueryContext, known: Catalogue, snapshot: Snapshot) -> tuple[Field, ...]:
    """The fields of the viewer's customers; none where the layout names none, as looking for them costs."""
    named = (*(column.id for column in layout.columns), *(column for column, _ in layout.sort))
    return fields(context, known, snapshot) if any(each.startswith(FIELD) for each in named) else ()


def order_of(layout: RowLayout, view: View, viewer: Viewer, own: Iterable[Field]) -> ledger.Order:
    """What the rows are sorted by, without the columns that a mask hides from the viewer and fields that are gone."""
    masks, kept = context_of(view, viewer).masks, {f"{FIELD}{each.name}" for each in own}
    hidden = {shown.id for shown in SHOWN if shown.mask in masks}
    return tuple(by for by in layout.sort if by[0] not in hidden and (by[0] in kept or not by[0].startswith(FIELD)))


def ledger_of(view: View, viewer: Viewer, layout: RowLayout, own: tuple[Field, ...]) -> ledger.Asked:
    """The lines under their customers that a view is of, in the layout of their table."""
    selection = view.selection
    order = order_of(layout, view, viewer, own) or BY_CUSTOMER.order
    return ledger.Asked(where_of(selection), period_of(selection), selection.basis, layout.shown, order, own)
