"""Rows: the order lines behind a figure, in a grid that fetches what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from app.values.row_layouts import RowLayout
from app.values.words import Words, say, words
from layouts import format as fmt
from layouts.columns import member_text
from layouts.screen import ids
from layouts.screen.parts import icon
from queries.frame import Column, Member
from queries.line_columns import FIELD

PAGE = 100
"""Lines fetched at a time."""

KEY = "row"
"""The field that names a row of the grid: text, because the grid compares it as such."""

GRID_TEXTS = {
    "loadingOoo": say("Loading…"),
    "noRowsToShow": say("There are no rows to show."),
    "ariaSortableColumn": say("Press ENTER to sort"),
    "ariaMenuColumn": say("Press ALT DOWN to open the column menu"),
    "ariaLabelLoading": say("Loading"),
    "ariaLabelLoadingError": say("Loading failed"),
    "page": say("Page"),
    "of": say("of"),
    "to": say("to"),
}
"""What the grid says by itself."""

_EXACT = frozenset({"money", "ratio"})


def head(count: int, filters: Sequence[str], href: str | None, locale: str = "en") -> list[Component]:
    """How many lines, under which filters, and the way to all of them as a file."""
    lines = words(locale).n("{n:,} line", "{n:,} lines", count)
    told = html.P(f"{lines}, {'; '.join(filters)}" if filters else lines)
    if href is None:
        return [told]
    return [told, html.A([icon("download"), "CSV"], className="act", href=href, download=True)]


def grid(columns: Sequence[Column], layout: RowLayout, locale: str = "en") -> Component:
    """An empty grid with these columns, in pages fetched from the server, sorted by the server."""
    return dag.AgGrid(
        id=ids.GRID,
        columnDefs=[definition(column, layout, words(locale)) for column in columns],
        rowModelType="infinite",
        getRowId=f"params.data.{KEY}",
        defaultColDef={"sortable": True, "resizable": True, "filter": False, "suppressHeaderMenuButton": True},
        eventListeners={"dragStopped": ["salientLaid(params)"], "sortChanged": ["salientLaid(params)"]},
        dashGridOptions={**options(locale), "infiniteInitialRowCount": 20},
        className="ag-theme-salient",
        style={"height": "calc(100vh - 150px)", "width": "100%"},
    )


def options(locale: str) -> dict[str, Any]:
    """How every grid of lines behaves."""
    return {
        "cacheBlockSize": PAGE,
        "maxBlocksInCache": 20,
        "rowBuffer": 0,
        "suppressCellFocus": False,
        "suppressDragLeaveHidesColumns": True,
        "ensureDomOrder": True,
        "enableCellTextSelection": True,
        "suppressFieldDotNotation": True,
        "localeText": {name: words(locale)(text) for name, text in GRID_TEXTS.items()},
    }


def is_figure(column: Column) -> bool:
    """Whether a column's cells are aligned as figures."""
    return column.role != "dimension" and column.unit not in (None, "text", "date")


_WIDTHS = {
    "order_date": 120,
    "document": 155,
    "document_type": 130,
    "product": 170,
    "customer": 180,
    "quantity": 100,
    "discount_rate": 120,
    "line_number": 80,
    "net_price": 150,
    "quantity_per_order": 150,
    "days_between": 160,
}
"""Pixels of columns whose cells, or heads, are shorter or longer than most."""


def usual_width(column: Column) -> int:
    """Pixels of a column that nobody laid out."""
    if column.id.startswith(FIELD):
        return min(max(110, 50 + 8 * len(column.title)), 260)
    wide = 150 if column.unit == "money" else 110
    return _WIDTHS.get(column.id, wide if is_figure(column) else 140)


def definition(column: Column, layout: RowLayout, t: Words) -> dict[str, Any]:
    """A column of a grid as it was laid out."""
    laid = layout.column(column.id)
    found: dict[str, Any] = {"field": column.id, "headerName": t(column.title), "minWidth": 90}
    found["width"] = laid.width if laid is not None and laid.width is not None else usual_width(column)
    found["pinned"] = laid.pin if laid is not None else None
    order = [by for by, _ in layout.sort]
    at = order.index(column.id) if column.id in order else None
    found |= {"sort": None if at is None else layout.sort[at][1], "sortIndex": at}
    if is_figure(column):
        return {**found, "type": "rightAligned", "cellClass": "num", "sortingOrder": ["desc", "asc"]}
    return {**found, "sortingOrder": ["asc", "desc"]}


def records(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]], offset: int, locale: str, currency: str
) -> list[dict[str, str]]:
    """The rows as the grid takes them, every cell written out in the viewer's locale."""
    return [
        {
            KEY: str(offset + at),
            **{
                column.id: cell_text(value, column, locale, currency)
                for column, value in zip(columns, row, strict=True)
            },
        }
        for at, row in enumerate(rows)
    ]


def cell_text(value: Any, column: Column, locale: str, currency: str) -> str:
    """A value written out in the reader's locale."""
    match value:
        case None:
            return fmt.MISSING if is_figure(column) else ""
        case str() if column.id == "document_type":
            return member_text(Member(value, value), column.id, locale)
        case Decimal() if column.unit == "days":
            return fmt.decimal_text(value, locale, 0)
        case Member():
            return member_text(value, column.level, locale)
        case date():
            return fmt.day(value, locale)
        case Decimal() | int() if column.unit in _EXACT:
            return fmt.exact(value, column.unit or "count", locale, currency)
        case Decimal():
            places = max(0, -int(value.normalize().as_tuple().exponent))
            return fmt.decimal_text(value, locale, min(places, 4))
        case int():
            return fmt.decimal_text(value, locale, 0)
    return str(value)
