"""Columns: the chooser of a table's columns. Every choice is a link to the view that is laid out so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.values.row_layouts import RowLayout
from app.values.view import View
from app.values.words import Words, words
from layouts.screen.parts import icon
from queries.frame import Column


def chooser(
    view: View,
    layout: RowLayout,
    known: Sequence[Column],
    locale: str,
    *,
    fixed: str = "",
    table: str = "",
    kept: bool = False,
) -> Component:
    """The columns that stand, each to be moved, pinned or hidden, then the others; `fixed` stays where it is.

    `table` is the name under which the person keeps a layout, without one nothing can be; `kept` whether there is one.
    """
    t, titles = words(locale), {column.id: column.title for column in known}
    shown = [column for column in layout.shown if column in titles]
    left = [column.id for column in known if column.id not in shown]
    entries = [_standing(view, layout, column, titles[column], t, shown, fixed) for column in shown]
    others = [_hidden(view, layout, column, titles[column], t) for column in left]
    return html.Details(
        [
            html.Summary([icon("columns"), t("Columns"), html.Small(str(len(shown)))], className="act"),
            html.Div(
                [
                    html.Ul(entries, className="columns-list"),
                    *([html.Div(t("Hidden"), className="menu-title")] if others else []),
                    html.Ul(others, className="columns-list"),
                    html.Div(_ends(view, table, kept, t), className="wrap columns-ends"),
                ],
                className="menu columns-menu",
            ),
        ],
        className="pick columns-pick",
        **{"data-menu": "columns"},
    )


def _standing(
    view: View, layout: RowLayout, column: str, title: str, t: Words, shown: list[str], fixed: str
) -> Component:
    name = t(title)
    if column == fixed:
        return html.Li([html.Span(icon("check"), className="tick"), html.Span(name, className="name")])
    laid, at = layout.column(column), shown.index(column)
    pinned = laid is not None and laid.pin is not None
    tools = []
    if at > (1 if fixed in shown else 0):
        tools.append(_tool(view, layout.moved(column, -1), "up", t("Move {column} up", column=name)))
    if at < len(shown) - 1:
        tools.append(_tool(view, layout.moved(column, 1), "down", t("Move {column} down", column=name)))
    said = t("Let {column} scroll", column=name) if pinned else t("Pin {column} to the left", column=name)
    pin = layout.pinned(column, None if pinned else "left")
    tools.append(_tool(view, pin, "pin", said, **({"aria-current": "true"} if pinned else {})))
    return html.Li([_switch(view, layout, column, name, t("Hide {column}", column=name), on=True), *tools])


def _hidden(view: View, layout: RowLayout, column: str, title: str, t: Words) -> Component:
    return html.Li(_switch(view, layout, column, t(title), t("Show {column}", column=t(title)), on=False))


def _switch(view: View, layout: RowLayout, column: str, name: str, said: str, *, on: bool) -> Component:
    only = on and len(layout.shown) == 1
    content = [html.Span(icon("check") if on else None, className="tick"), html.Span(name, className="name")]
    if only:
        return html.Span(content, className="switch")
    href = str(replace(view, layout=layout.toggled(column)))
    return html.A(content, href=href, className="switch", title=said, **_stays(said))


def _tool(view: View, layout: RowLayout, drawing: str, said: str, **attributes: Any) -> Component:
    href = str(replace(view, layout=layout))
    return html.A(icon(drawing), href=href, className="tool", title=said, **_stays(said), **attributes)


def _stays(said: str) -> dict[str, str]:
    return {"data-stay": "true", "aria-label": said}


def _ends(view: View, table: str, kept: bool, t: Words) -> list[Component]:
    ends: list[Component] = []
    changed = view.layout != RowLayout()
    if changed:
        usual = str(replace(view, layout=RowLayout()))
        ends.append(html.A(t("As usual"), href=usual, className="act", **{"data-stay": "true"}))
    if table and (changed or kept):
        title = t("Keep as my own") if changed else t("Forget my own")
        keep = {"data-keep": "columns", "data-id": table}
        ends.append(html.Button(title, className="act", type="button", **keep))
    return ends
