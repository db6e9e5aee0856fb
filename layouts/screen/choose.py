"""Choose: what stands in place of a dashboard about one member before one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dash import dcc, html
from dash.development.base_component import Component

from app.values.context import QueryContext
from app.values.hierarchy import NO_MEMBER
from app.values.view import View
from app.values.words import words
from layouts.columns import level_name
from layouts.screen.parts import icon
from queries.frame import Member

FIRST = 24
"""Members offered as links, the largest first."""


def address(view: View, dashboard: str, level: str, key: str) -> str:
    """The dashboard about one member, through the same period, comparisons and basis and no other filter."""
    bare = replace(view.selection, filters=(), drill=(), grain=None)
    return str(View(dashboard, None, bare.toggle(level, key)))


def page(view: View, level: str, members: Sequence[Member], asked: str | None, context: QueryContext) -> Component:
    """A form for a key, and the largest members as links. `asked` is a key that is nobody's the viewer may see."""
    t = words(context.locale)
    name = level_name(level)
    told = (
        t("There is no {level} {key} among the rows that you may see.", level=name, key=repr(asked[:60]))
        if asked is not None
        else t("This page is about one {level}: take one of the largest, or type a number.", level=name)
    )
    field = dcc.Input(
        name=level,
        id="choose-key",
        type="text",
        maxLength=80,
        required=True,
        autoComplete="off",
        className="choose-key",
    )
    form = html.Form(
        [
            html.Label(t("Number of the {level}", level=name), htmlFor="choose-key"),
            field,
            html.Button(t("Open"), type="submit", className="act pri"),
        ],
        action=f"/d/{view.dashboard}",
        method="get",
        className="choose-form",
    )
    links = [
        html.Li(
            html.A([html.Span(each.name), html.Small(each.key)], href=address(view, view.dashboard, level, each.key))
        )
        for each in members
        if each.key != NO_MEMBER
    ]
    return html.Div(
        [
            icon("search"),
            html.H1(t("Choose a {level}", level=name)),
            html.P(told),
            form,
            html.Ul(links, className="choose-list"),
        ],
        className="state-page choose",
    )
