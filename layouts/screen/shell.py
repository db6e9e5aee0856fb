"""The shell: the frame every dashboard stands in, the same for everybody until the viewer's parts are drawn into it."""

from __future__ import annotations

from collections.abc import Callable

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from app.values.words import Words, words
from layouts.screen import displays, filters, ids, tour, views
from layouts.screen.drawn import light
from layouts.screen.parts import icon


def mount(dash_app: dash.Dash, locale: Callable[[], str], is_screen: Callable[[], bool]) -> None:
    """Give the application its layout; it knows of the viewer the language, and whether one sits there at all."""
    dash_app.layout = lambda: light(shell(locale(), still=is_screen()))


def shell(locale: str = "en", *, still: bool = False) -> Component:
    """The empty frame; for a screen that nobody sits at, `still`, without what one presses."""
    t = words(locale)
    return html.Div(
        [
            html.A(t("Skip to the dashboard"), className="skip", href="#main"),
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            *(dcc.Store(id=name) for name in _STORES),
            html.Nav(id=ids.RAIL, className="rail", **{"aria-label": t("Dashboards")}),
            html.Div(
                [
                    html.Header(
                        [
                            html.Div(id=ids.PICKS, className="picks"),
                            html.Div([] if still else [_search(t), _help(t), _theme(t)], className="tail"),
                        ],
                        className="bar",
                    ),
                    html.Div(
                        [html.Div(id=ids.CRUMBS, className="crumbs"), html.Div(id=ids.TOUR)],
                        className="under-bar",
                        role="region",
                        **{"aria-label": t("Path and filters")},
                    ),
                    html.Main(id=ids.MAIN, tabIndex=-1, **{"data-ready": "false", "data-dashboard": ""}),
                    html.Footer(id=ids.FOOTER, className="stand"),
                ],
                className="page",
            ),
            html.Div(id=ids.LIVE, className="visually-hidden", role="status", **{"aria-live": "polite"}),
            html.Div(id=ids.NOTICES),
            filters.sheet(locale),
            views.sheet(locale),
            views.dialog(locale),
            displays.dialog(locale),
            tour.dialog(locale),
            _sheet(ids.ROWS, t("Rows behind this"), html.Div(_rows(), className="rows-body"), "rows"),
            _sheet(ids.EXPLAIN, t("How this is computed"), html.Div(id=ids.EXPLAIN_BODY), ""),
        ],
        className="app",
    )


_STORES = (
    ids.AT,
    ids.MARK,
    ids.RANGE_ASKED,
    ids.ROWS_ASKED,
    ids.ROWS_DUE,
    ids.EXPLAIN_ASKED,
    ids.FILTERS_ASKED,
    ids.GRID_OF,
    ids.LEDGER_OPEN,
    ids.LAID,
    ids.NARROW,
    ids.NARROW_DUE,
    ids.TOUR_SEEN,
    ids.VIEWS_ASKED,
    ids.SAVE_ASKED,
    ids.KEEP,
    ids.KEPT,
    ids.COPIED,
    ids.OPENED,
    ids.NEWER,
    ids.DISPLAYS_ASKED,
    ids.DISPLAYS_ACT,
    ids.SETS_ACT,
    ids.NOTES_ACT,
)


def _search(t: Words) -> Component:
    return html.Div(
        [
            icon("search"),
            html.Label(t("Search a customer, product or rep"), htmlFor=ids.SEARCH, className="visually-hidden"),
            dbc.Input(
                id=ids.SEARCH,
                type="search",
                class_name="field",
                placeholder=t("Search a customer, product, rep…"),
                debounce=250,
                autocomplete="off",
                maxlength=80,
            ),
            html.Div(id=ids.FOUND, className="menu", role="region", **{"aria-label": t("Search results")}),
        ],
        className="search",
        role="search",
    )


def _help(t: Words) -> Component:
    return html.A(
        "?", className="square", href="/help", title=t("Help"), **{"aria-label": t("Help"), "data-help": "true"}
    )


def _theme(t: Words) -> Component:
    return html.Button(
        [html.Span(icon("moon"), className="when-light"), html.Span(icon("sun"), className="when-dark")],
        className="square",
        type="button",
        title=t("Light or dark"),
        **{"aria-label": t("Switch between light and dark"), "data-tool": "theme"},
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
