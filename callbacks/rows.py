"""Rows: the lines behind a panel, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from app.values.errors import NotFound
from app.values.row_layouts import RowLayout
from app.values.view import View
from app.values.viewer import Viewer
from callbacks import inputs
from callbacks.draw import opened
from callbacks.drill import narrowed
from callbacks.registry import Registry
from callbacks.surroundings import granted, surroundings
from layouts.dashboard import context_of
from layouts.laid import LINES, layout_of, own_of
from layouts.screen import breadcrumbs, columns, dashboard, ids, rows
from layouts.screen.still import seen_by
from layouts.settle import period_of, where_of
from queries.fields import fields
from queries.line_columns import column_of, shown_to
from queries.listing import Listing, lines

if TYPE_CHECKING:
    from app.assembly import House


def register(registry: Registry, house: House) -> None:
    """Put the sheet of rows and its grid on the application."""

    def open_rows(
        asked: Any, _due: Any, at: dict[str, Any] | None, is_open: Any, of: dict[str, Any] | None
    ) -> tuple[Any, ...]:
        if asked is None or not inputs.view_at(at):
            return (no_update,) * 4
        panel = inputs.panel_asked(asked)
        if ctx.triggered_id != ids.ROWS_ASKED and not _goes_on(at, is_open, of):
            return (no_update,) * 4
        return sheet(house, registry.current_viewer(), narrowed(at, asked), panel)

    def fetch(request: dict[str, Any] | None, of: dict[str, Any] | None) -> Any:
        if request is None or not inputs.view_at(of):
            return no_update
        return page(house, registry.current_viewer(), of, request)

    registry.callback(
        Output(ids.ROWS, "is_open"),
        Output(ids.ROWS_HEAD, "children"),
        Output(ids.ROWS_BODY, "children"),
        Output(ids.GRID_OF, "data"),
        Input(ids.ROWS_ASKED, "data"),
        Input(ids.ROWS_DUE, "data"),
        State(ids.AT, "data"),
        State(ids.ROWS, "is_open"),
        State(ids.GRID_OF, "data"),
        permission="rows",
        embeds="rows",
        prevent_initial_call=True,
    )(open_rows)
    # The browser knows whether the sheet stands open: a closed one costs no request.
    registry.clientside_callback(
        ClientsideFunction("salient", "goesOn"),
        Output(ids.ROWS_DUE, "data"),
        Input(ids.AT, "data"),
        Input(ids.KEPT, "data"),
        State(ids.ROWS, "is_open"),
        prevent_initial_call=True,
    )
    registry.callback(
        Output(ids.GRID, "getRowsResponse"),
        Input(ids.GRID, "getRowsRequest"),
        State(ids.GRID_OF, "data"),
        permission="rows",
        embeds="rows",
        prevent_initial_call=True,
    )(fetch)


def _goes_on(at: dict[str, Any] | None, is_open: Any, of: dict[str, Any] | None) -> bool:
    """Whether rows stand open while the same dashboard changes around them."""
    if not is_open or not inputs.view_at(of):
        return False
    before, now = (View.parse(inputs.view_at(each)) for each in (of, at))
    return before.dashboard == now.dashboard


def sheet(house: House, viewer: Viewer, at: dict[str, Any] | None, panel: str) -> tuple[Any, ...]:
    """The open sheet: how many lines, and the grid that will ask for them. NotFound as for the panel itself."""
    found, view = opened(house, viewer, at)
    is_granted = viewer.only is None or viewer.only.shows(panel)
    if not is_granted or not dashboard.shown(found, viewer, panel):
        raise NotFound("There is no such panel.")
    first = listing(house, viewer, view, 0, 1, ())
    layout, context = layout_of(view, house.layouts_of(viewer), LINES), context_of(view, viewer)
    with house.engine.snapshot() as snapshot:
        own = fields(context, house.catalogue, snapshot, granted(house, viewer))
        known = [
            column_of(each, context, snapshot.generation)
            for each in shown_to(context, snapshot.generation, own).values()
            if not each.only_customers
        ]
    keeps = LINES.name if viewer.kind == "person" else ""
    kept = house.layouts_of(viewer).of(LINES.name) != RowLayout()
    choose = columns.chooser(view, layout, known, context.locale, table=keeps, kept=kept)
    around = surroundings(house, viewer, view)
    words = [breadcrumbs.filter_words(around, each) for each in where_of(view.selection)]
    href = rows_href(view.of_panel(panel)) if viewer.may("export") else None
    body: Component = html.Div(rows.grid(first.columns, layout, context.locale), key=str(view), className="rows-grid")
    head = seen_by(viewer, [*rows.head(first.total, words, href, context.locale), choose])
    return True, head, body, {"view": str(view)}


def page(house: House, viewer: Viewer, of: dict[str, Any] | None, request: object) -> dict[str, Any]:
    """One block of lines for the grid, and how many there are in all."""
    _, view = opened(house, viewer, of)
    start, end, order = inputs.block(request)
    found = listing(house, viewer, view, start, min(end - start, rows.PAGE), order)
    context = context_of(view, viewer)
    data = rows.records(found.columns, found.rows, start, context.locale, context.currency)
    return {"rowData": data, "rowCount": found.total}


def listing(house: House, viewer: Viewer, view: View, offset: int, limit: int, order: inputs.Order) -> Listing:
    """The lines behind a view inside the viewer's scope."""
    selection, layout = view.selection, layout_of(view, house.layouts_of(viewer), LINES)
    context = context_of(view, viewer)
    with house.engine.snapshot() as snapshot:
        return lines(
            where_of(selection),
            period_of(selection),
            selection.basis,
            context,
            snapshot,
            offset=offset,
            limit=limit,
            order=order,
            columns=layout.shown,
            own=own_of(layout, context, house.catalogue, snapshot),
        )


def rows_href(view: View) -> str:
    """The lines behind a panel as a CSV file: `/d/sales/by-month.rows.csv?period=2013`."""
    path, _, query = str(view).partition("?")
    return f"{path}.rows.csv" + (f"?{query}" if query else "")
