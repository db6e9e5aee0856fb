"""Table: the accessible twin of a picture. Members are links that drill, so drilling needs no mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dash import html
from dash.development.base_component import Component

from app.values.words import Words, say, words
from layouts.columns import Cell, Table, TableColumn

LONGEST = 60
"""Rows drawn into the page; the CSV and the rows behind it have all."""

Href = Callable[[str, str], str | None]
"""Level and member key → where a click on the member leads, or None."""

REASONS = {
    "zero_base": say("nothing to divide by"),
    "no_base": say("nothing to compare with"),
    "before_first_sale": say("the comparison lies before the first sale"),
    "missing_fx_rate": say("no exchange rate"),
    "negative_base": say("what it is compared with is negative"),
    "quota_met": say("the quota is met"),
    "quota_zero": say("there is no quota"),
}


def twin(table: Table, caption: str, href: Href, longest: int = LONGEST, locale: str = "en") -> Component:
    """A table with a caption, column and row headings; figures right-aligned."""
    shown = table.rows[:longest]
    t, more = words(locale), ""
    if len(table.rows) > longest:
        more = t("The first {count} of {all:,} rows; the CSV has all.", count=longest, all=len(table.rows))
    parts: list[Component] = [
        html.Caption([html.Span(caption, className="visually-hidden"), more]),
        html.Thead(html.Tr([_heading(column) for column in table.columns])),
        html.Tbody([_row(cells, table.columns, href, t) for cells in shown]),
    ]
    if table.totals is not None:
        parts.append(html.Tfoot(_row(table.totals, table.columns, href, t)))
    return html.Div(html.Table(parts), className="twin", tabIndex=0, role="region", **{"aria-label": caption})


def _heading(column: TableColumn) -> Component:
    return html.Th(column.title, scope="col", className="" if column.numeric else "t")


def _row(cells: Sequence[Cell], columns: Sequence[TableColumn], href: Href, t: Words) -> Component:
    return html.Tr(
        [_cell(cell, column, at == 0, href, t) for at, (cell, column) in enumerate(zip(cells, columns, strict=True))]
    )


def _cell(cell: Cell, column: TableColumn, first: bool, href: Href, t: Words) -> Component:
    if not column.numeric:
        target = href(column.level, cell.key) if column.level and cell.key is not None else None
        content: Component | str = html.A(cell.text, href=target) if target else cell.text
        return html.Th(content, scope="row") if first else html.Td(content, className="t")
    reason = t(REASONS.get(cell.reason, cell.reason.replace("_", " ")))
    named = {"title": reason, "className": "gone"} if reason else {"className": cell.sentiment, "title": cell.exact}
    return html.Td(cell.text, **{name: value for name, value in named.items() if value not in ("none", "")})
