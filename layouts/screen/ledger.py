"""Ledger: order lines under their customers, in a grid that fetches what it shows, and the totals below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from app.values.row_layouts import RowLayout
from app.values.view import View
from app.values.words import Words, words
from layouts.columns import member_text
from layouts.dashboard import Dashboard
from layouts.ready import Preset
from layouts.screen import ids
from layouts.screen.choose import address
from layouts.screen.parts import icon
from layouts.screen.rows import PAGE, cell_text, definition, options
from layouts.screen.views import ready_made
from queries.frame import Column, Member
from queries.ledger import LedgerRow, Sum
from queries.line_columns import SHOWN

FIRST = "customer"
"""The column in which customers stand and are opened."""

FIRST_WIDTH = 290

ONLY_LINES = frozenset(shown.id for shown in SHOWN if shown.told == "nothing" and not shown.only_customers) - {FIRST}
"""Columns that say nothing of a customer."""

ONLY_CUSTOMERS = frozenset(shown.id for shown in SHOWN if shown.only_customers)
"""Columns that say nothing of a line."""


def places() -> list[Component]:
    """Where the number of lines, the chooser and the grid will stand."""
    return [
        html.Div(id=ids.LEDGER_HEAD, className="rows-head ledger-head"),
        html.Div(id=ids.LEDGER_BODY, className="ledger-body"),
        dcc.Store(id=ids.LEDGER_OF),
    ]


def head(
    summed: Sum,
    chosen: Sequence[Component | None],
    columns: Component,
    href: str | None,
    locale: str,
    presets: Sequence[tuple[Preset, str]] = (),
) -> list[Component]:
    """How many lines, documents and customers, then what can be chosen, and all lines as a file.

    `presets` are the same lines as files with a name, and where each is to be had.
    """
    t = words(locale)
    told = t(
        "{lines} in {documents} of {customers}",
        lines=t.n("{n:,} line", "{n:,} lines", summed.lines),
        documents=t.n("{n:,} document", "{n:,} documents", summed.documents),
        customers=t.n("{n:,} customer", "{n:,} customers", summed.customers),
    )
    file = t.n("Export {n:,} line", "Export all {n:,} lines", summed.lines)
    parts: list[Component] = [html.P(told, className="ledger-count"), *(each for each in chosen if each), columns]
    if href is not None and summed.lines:
        parts.append(html.A([icon("download"), file], className="act", href=href, download=True))
        parts += [
            html.A([icon("download"), t(each.title)], className="act", href=to, download=True, title=t(each.audience))
            for each, to in presets
        ]
    return parts


def ways(dashboard: Dashboard, view: View, locale: str) -> Component | None:
    """The ready-made views of the page, the one that stands marked; None where it has none."""
    t = words(locale)
    links = [
        html.A(
            t(each.title),
            href=href,
            title=t(each.audience),
            className="box",
            **{"data-stay": "true", **({"aria-current": "true"} if href == str(view) else {})},
        )
        for each, href in ready_made(dashboard)
    ]
    name = t("Ready-made")
    return html.Nav([html.Span(name), *links], className="boxes", **{"aria-label": name}) if links else None


def types_of(view: View, types: Sequence[Member], locale: str) -> Component | None:
    """The kinds of documents as boxes to tick; none ticked means all of them."""
    if len(types) < 2:
        return None
    t = words(locale)
    kept = view.selection.filter_on("document_type")
    inside = frozenset(kept.members if kept else ())
    boxes = [
        html.A(
            [
                html.Span(icon("check") if each.key in inside else None, className="tick"),
                member_text(each, "document_type", locale),
            ],
            href=str(view.with_selection(view.selection.toggle("document_type", each.key))),
            className="box",
            role="checkbox",
            **{"data-stay": "true", "aria-checked": str(each.key in inside).lower()},
        )
        for each in types
    ]
    more = html.Button([icon("filter"), t("More filters")], className="act", type="button", **{"data-tool": "filters"})
    name = t("Document type")
    group = html.Div([html.Span(name), *boxes], className="boxes", role="group", **{"aria-label": name})
    return html.Div([group, more], className="wrap")


def grid(summed: Sum, layout: RowLayout, locale: str, currency: str) -> Component:
    """The grid: customers first, their lines fetched once they are opened, the totals pinned below."""
    t = words(locale)
    return dag.AgGrid(
        id=ids.LEDGER,
        columnDefs=[_column(column, layout, t) for column in summed.columns],
        rowModelType="infinite",
        getRowId="params.data.row",
        defaultColDef={"sortable": True, "resizable": True, "filter": False, "suppressHeaderMenuButton": True},
        rowClassRules={
            "is-line": "params.data && params.data.kind == 'line'",
            "is-total": "params.data && params.data.kind == 'total'",
        },
        eventListeners={
            "dragStopped": ["salientLaid(params)"],
            "sortChanged": ["salientLaid(params)"],
            "gridSizeChanged": ["salientNarrow(params)"],
            "firstDataRendered": ["salientNarrow(params)"],
        },
        dashGridOptions={
            **options(locale),
            "infiniteInitialRowCount": min(summed.customers, PAGE),
            "pinnedBottomRowData": totals(summed, locale, currency),
            "suppressMovableColumns": False,
        },
        className="ag-theme-salient",
        style={"height": "100%", "width": "100%"},
    )


def totals(summed: Sum, locale: str, currency: str) -> list[dict[str, Any]]:
    """The one row below all others."""
    t = words(locale)
    record = _record("total", summed.columns, summed.values, locale, currency, t)
    return [{**record, "kind": "total", FIRST: t("Total")}]


def _column(column: Column, layout: RowLayout, t: Words) -> dict[str, Any]:
    made = definition(column, layout, t)
    if column.id != FIRST:
        return made
    laid = layout.column(FIRST)
    width = laid.width if laid is not None and laid.width is not None else FIRST_WIDTH
    fixed = {"pinned": "left", "lockPinned": True, "lockPosition": "left", "width": width, "minWidth": 150}
    return {**made, **fixed, "cellRenderer": "Opener"}


def records(
    columns: Sequence[Column], rows: Sequence[LedgerRow], first: int, view: View, locale: str, currency: str
) -> list[dict[str, Any]]:
    """The rows as the grid takes them, every cell written out in the viewer's locale."""
    t = words(locale)
    found = []
    for at, row in enumerate(rows, start=first):
        record = _record(str(at), columns, row.values, locale, currency, t, of_line=row.kind == "line")
        record |= {"kind": row.kind, "key": row.customer.key}
        if row.kind == "customer":
            record |= {
                "open": row.is_open,
                "lines": t.n("{n:,} line", "{n:,} lines", row.lines),
                "href": address(view, "customer", "customer", row.customer.key),
            }
        found.append(record)
    return found


def _record(
    row: str,
    columns: Sequence[Column],
    values: Sequence[Any],
    locale: str,
    currency: str,
    t: Words,
    *,
    of_line: bool = False,
) -> dict[str, Any]:
    cells = {}
    for column, value in zip(columns, values, strict=True):
        told = "" if of_line and column.id == FIRST else cell_text(value, column, locale, currency)
        if column.id in (ONLY_CUSTOMERS if of_line else ONLY_LINES):
            told = ""
        elif isinstance(value, int) and not of_line:
            told = _counted(column.id, value, t) or told
        cells[column.id] = told
    return {"row": row, **cells}


def _counted(column: str, count: int, t: Words) -> str:
    """What the row of a customer counts in a column; empty where it counts nothing."""
    match column:
        case "document":
            return t.n("{n:,} document", "{n:,} documents", count)
        case "line_number":
            return t.n("{n:,} line", "{n:,} lines", count)
        case "product":
            return t.n("{n:,} product", "{n:,} products", count)
    return ""
