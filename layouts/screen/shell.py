"""The shell: the frame every dashboard stands in, the same for everybody until the viewer's parts are drawn into it."""

from __future__ import annotations

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.screen import filters, ids
from layouts.screen.parts import icon


def mount(dash_app: dash.Dash) -> None:
    """Give the application its layout; it knows no viewer and asks nothing."""
    dash_app.layout = shell()


def shell() -> Component:
    """The empty frame."""
    return html.Div(
        [
            html.A("Skip to the dashboard", className="skip", href="#main"),
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            *(dcc.Store(id=name) for name in _STORES),
            html.Nav(id=ids.RAIL, className="rail", **{"aria-label": "Dashboards"}),
            html.Div(
                [
                    html.Header(
                        [html.Div(id=ids.PICKS, className="picks"), html.Div([_search(), _theme()], className="tail")],
                        className="bar",
                    ),
                    html.Div(id=ids.CRUMBS, className="crumbs", role="region", **{"aria-label": "Path and filters"}),
                    html.Main(id=ids.MAIN, tabIndex=-1, **{"data-ready": "false", "data-dashboard": ""}),
                    html.Footer(id=ids.FOOTER, className="stand"),
                ],
                className="page",
            ),
            html.Div(id=ids.LIVE, className="visually-hidden", role="status", **{"aria-live": "polite"}),
            html.Div(id=ids.NOTICES),
            filters.sheet(),
            _sheet(ids.ROWS, "Rows behind this", html.Div(_rows(), className="rows-body"), "rows"),
            _sheet(ids.EXPLAIN, "How this is computed", html.Div(id=ids.EXPLAIN_BODY), ""),
        ],
        className="app",
    )


_STORES = (
    ids.AT,
    ids.LOOK,
    ids.MARK,
    ids.RANGE_ASKED,
    ids.ROWS_ASKED,
    ids.EXPLAIN_ASKED,
    ids.FILTERS_ASKED,
    ids.GRID_OF,
)


def _search() -> Component:
    return html.Div(
        [
            icon("search"),
            html.Label("Search a customer, product or rep", htmlFor=ids.SEARCH, className="visually-hidden"),
            dbc.Input(
                id=ids.SEARCH,
                type="search",
                class_name="field",
                placeholder="Search a customer, product, rep…",
                debounce=250,
                autocomplete="off",
                maxlength=80,
            ),
            html.Div(id=ids.FOUND, className="menu", role="region", **{"aria-label": "Search results"}),
        ],
        className="search",
        role="search",
    )


def _theme() -> Component:
    return html.Button(
        [html.Span(icon("moon"), className="when-light"), html.Span(icon("sun"), className="when-dark")],
        className="square",
        type="button",
        title="Light or dark",
        **{"aria-label": "Switch between light and dark", "data-tool": "theme"},
    )


def _rows() -> list[Component]:
    return [html.Div(id=ids.ROWS_HEAD, className="rows-head"), html.Div(id=ids.ROWS_BODY, style={"flex": "1"})]


def _sheet(name: str, title: str, content: Component, kind: str) -> Component:
    return dbc.Offcanvas(
        content,
        id=name,
        title=html.Span(title, id=f"{name}-title"),
        labelledby=f"{name}-title",
        placement="end",
        is_open=False,
        class_name=kind,
        scrollable=True,
    )
