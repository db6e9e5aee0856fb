"""Ledger: the lines under their customers, block by block; a column that was dragged becomes an address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update

from app.values.errors import Invalid, NotFound
from app.values.row_layouts import LaidColumn, RowLayout
from app.values.view import View
from app.values.viewer import Viewer
from callbacks import inputs
from callbacks.draw import opened
from callbacks.registry import Registry
from callbacks.rows import rows_href
from callbacks.surroundings import granted
from layouts.dashboard import Dashboard, context_of
from layouts.laid import BY_CUSTOMER, LINES, TableOfRows, layout_of, ledger_of, own_of, presets_of
from layouts.marks import Ledger
from layouts.panel import Panel
from layouts.screen import columns, dashboard, ids, ledger
from layouts.screen.kept import with_saved
from layouts.screen.rows import PAGE, usual_width
from layouts.screen.still import seen_by
from queries import ledger as ledgers
from queries.fields import fields as fields_of
from queries.line_columns import column_of, shown_to

if TYPE_CHECKING:
    from app.assembly import House

LONGEST_BLOCK = 200
"""Rows that a grid may ask for at once."""


def register(registry: Registry, house: House) -> None:
    """Put the ledger and the laying out of columns on the application."""

    def draw(at: dict[str, Any] | None, _kept: Any, standing: Any) -> tuple[Any, ...]:
        if not inputs.view_at(at) or not has_ledger(house, at):
            return (no_update,) * 3
        head, body, of = parts(house, registry.current_viewer(), at)
        return head, no_update if stands(standing, of) else body, of

    def fetch(request: Any, of: dict[str, Any] | None, open_now: Any) -> Any:
        if request is None or not inputs.view_at(of):
            return no_update
        return block(house, registry.current_viewer(), of, request, open_now)

    def lay(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return no_update
        href = laid(house, registry.current_viewer(), at, asked)
        return no_update if href is None else with_saved(href, inputs.saved_in(at))

    registry.callback(
        Output(ids.LEDGER_HEAD, "children"),
        Output(ids.LEDGER_BODY, "children"),
        Output(ids.LEDGER_OF, "data"),
        Input(ids.AT, "data"),
        Input(ids.KEPT, "data"),
        State(ids.LEDGER_OF, "data"),
        permission="rows",
        embeds="rows",
    )(draw)
    registry.callback(
        Output(ids.LEDGER, "getRowsResponse"),
        Input(ids.LEDGER, "getRowsRequest"),
        State(ids.LEDGER_OF, "data"),
        State(ids.LEDGER_OPEN, "data"),
        permission="rows",
        embeds="rows",
        prevent_initial_call=True,
    )(fetch)
    registry.callback(
        Output(ids.URL, "href", allow_duplicate=True),
        Input(ids.LAID, "data"),
        State(ids.AT, "data"),
        permission="rows",
        prevent_initial_call=True,
    )(lay)
    registry.clientside_callback(
        ClientsideFunction("salient", "refetch"),
        Output(ids.LEDGER_BODY, "data-of"),
        Input(ids.LEDGER_OF, "data"),
        permission="rows",
    )


def has_ledger(house: House, at: dict[str, Any] | None) -> bool:
    """Whether the dashboard that stands has a ledger; a callback runs before the page of another is gone."""
    dashboard_id = View.parse(inputs.view_at(at)).dashboard
    return any(
        each.id == dashboard_id and any(isinstance(panel.mark, Ledger) for panel in each.panels())
        for each in house.dashboards
    )


def ledger_panel(found: Dashboard, viewer: Viewer, view: View) -> Panel:
    """The ledger of a dashboard. NotFound where it has none for the viewer."""
    panels = (each for row in dashboard.shown(found, viewer, view.panel) for each in row)
    panel = next((each for each in panels if isinstance(each.mark, Ledger)), None)
    if panel is None:
        raise NotFound("There is no such panel.")
    return panel


def stands(standing: object, of: dict[str, Any]) -> bool:
    """Whether the grid on the page is of the same view in the same columns: newer data come into it where it is."""
    return isinstance(standing, dict) and all(standing.get(name) == of[name] for name in ("view", "columns"))


def parts(house: House, viewer: Viewer, at: dict[str, Any] | None) -> tuple[Any, Any, dict[str, Any]]:
    """How many lines, the chooser and the grid of the view that stands, and what the grid will ask for.

    The last tells, beside the view and its columns, of which state of the data it is, with the totals below them.
    """
    found, view = opened(house, viewer, at)
    panel = ledger_panel(found, viewer, view)
    context, own = context_of(view, viewer), house.layouts_of(viewer)
    layout = layout_of(view, own, BY_CUSTOMER)
    with house.engine.snapshot() as snapshot:
        fields = fields_of(context, house.catalogue, snapshot, granted(house, viewer))
        summed = ledgers.total(ledger_of(view, viewer, layout, fields), context, snapshot)
        shown = shown_to(context, snapshot.generation, fields, converted=True).values()
        known = [column_of(each, context, snapshot.generation, converted=True) for each in shown]
    types = house.asker.members("document_type", context)
    locale = context.locale
    keeps = BY_CUSTOMER.name if viewer.kind == "person" else ""
    head = ledger.head(
        summed,
        (ledger.ways(found, view, locale) if view.panel is None else None, ledger.types_of(view, types, locale)),
        columns.chooser(
            view, layout, known, locale, fixed=ledger.FIRST, table=keeps, kept=own.of(BY_CUSTOMER.name) != RowLayout()
        ),
        rows_href(view.of_panel(panel.id)) if viewer.may("export") else None,
        locale,
        [(each, rows_href(laid.of_panel(panel.id))) for each, laid in presets_of(found, view)],
    )
    of = {
        "view": str(view),
        "columns": [*layout.shown, *(f"{by}:{way}" for by, way in layout.sort)],
        "stand": (at or {}).get("stand"),
        "totals": ledger.totals(summed, locale, context.currency),
    }
    return seen_by(viewer, head), ledger.grid(summed, layout, locale, context.currency), of


def block(house: House, viewer: Viewer, of: dict[str, Any] | None, request: object, open_now: object) -> dict[str, Any]:
    """One block of the ledger for the grid, and how many rows there are while these customers are open."""
    found, view = opened(house, viewer, of)
    ledger_panel(found, viewer, view)
    start, end, _ = inputs.block(request)
    context, layout = context_of(view, viewer), layout_of(view, house.layouts_of(viewer), BY_CUSTOMER)
    span = range(start, min(end, start + max(PAGE, LONGEST_BLOCK)))
    with house.engine.snapshot() as snapshot:
        asked = ledger_of(view, viewer, layout, own_of(layout, context, house.catalogue, snapshot))
        page = ledgers.page(asked, inputs.opened_keys(open_now), span, context, snapshot)
    rows = ledger.records(page.columns, page.rows, start, view, context.locale, context.currency)
    return {"rowData": rows, "rowCount": page.total}


def laid(house: House, viewer: Viewer, at: dict[str, Any] | None, asked: object) -> str | None:
    """The address of the view with the columns as they were dragged, or None when they stand so already."""
    found, view = opened(house, viewer, at)
    grid, state = inputs.dragged(asked)
    table = BY_CUSTOMER if grid == ids.LEDGER else LINES
    before = layout_of(view, house.layouts_of(viewer), table)
    after = _laid(house, viewer, view, state, before, table)
    if table is BY_CUSTOMER:
        ledger_panel(found, viewer, view)
    return None if _same(before, after) else str(replace(view, layout=after))


def _laid(
    house: House, viewer: Viewer, view: View, state: list[dict[str, Any]], before: RowLayout, table: TableOfRows
) -> RowLayout:
    context = context_of(view, viewer)
    with house.engine.snapshot() as snapshot:
        own = own_of(before, context, house.catalogue, snapshot)
        shown = shown_to(context, snapshot.generation, own, converted=table is BY_CUSTOMER)
        known = {
            name: column_of(each, context, snapshot.generation, converted=table is BY_CUSTOMER)
            for name, each in shown.items()
        }
    kept, order = [], []
    for each in state:
        column = known.get(each["colId"])
        if column is None:
            raise Invalid("The lines have no column {column!r}.", column=each["colId"][:40])
        width = each["width"]
        former = before.column(column.id)
        usual = former.width if former is not None else None
        fixed = column.id == ledger.FIRST and table is BY_CUSTOMER
        wide = usual if width == (ledger.FIRST_WIDTH if fixed else usual_width(column)) else width
        kept.append(LaidColumn(column.id, wide, None if fixed else each["pinned"]))
        if each["sort"]:
            order.append((each["sortIndex"], (column.id, each["sort"])))
    return RowLayout(tuple(kept), tuple(by for _, by in sorted(order, key=lambda entry: entry[0])))


def _same(before: RowLayout, after: RowLayout) -> bool:
    shown = tuple(each for each in before.columns if not each.hidden)
    return shown == after.columns and before.sort == after.sort
