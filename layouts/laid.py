"""Laid: how the rows of a table are laid out for a reader: by the view, else as the reader likes, else as they come."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.values.row_layouts import RowLayout, RowLayouts
from app.values.view import View, parse_layout
from app.values.viewer import Viewer
from layouts.dashboard import Dashboard, context_of
from layouts.marks import Ledger
from layouts.panel import Panel
from layouts.ready import Preset
from layouts.settle import period_of, where_of
from queries import ledger
from queries.line_columns import DEFAULT_COLUMNS, SHOWN


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


def order_of(layout: RowLayout, view: View, viewer: Viewer) -> ledger.Order:
    """What the rows are sorted by, without the columns that a mask hides from the viewer."""
    masks = context_of(view, viewer).masks
    hidden = {shown.id for shown in SHOWN if shown.mask in masks}
    return tuple(by for by in layout.sort if by[0] not in hidden)


def ledger_of(view: View, viewer: Viewer, own: RowLayouts) -> ledger.Asked:
    """The lines under their customers that a view is of, laid out for the viewer."""
    layout, selection = layout_of(view, own, BY_CUSTOMER), view.selection
    order = order_of(layout, view, viewer) or BY_CUSTOMER.order
    return ledger.Asked(where_of(selection), period_of(selection), selection.basis, layout.shown, order)
