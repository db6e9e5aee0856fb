"""Files: what one sees, to take away in any format."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.values.view import View
from app.values.words import words
from layouts.render.formats import FORMATS
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings


def href(view: View, ending: str = "csv") -> str:
    """The same view as a file: `/d/sales/by-month.csv?period=2013`."""
    path, _, query = str(view).partition("?")
    return f"{path}.{ending}" + (f"?{query}" if query else "")


def export(around: Surroundings) -> list[Component]:
    """The menu of every format, for those who may take something away; the browser offers the same at each panel."""
    if not around.viewer.may("export") or around.dashboard is None:
        return []
    t = words(around.viewer.context.locale)
    entries = [
        html.A(
            [html.Span(t(each.title)), html.Small(f".{each.id}")],
            href=href(around.view, each.id),
            download=True,
            **{"data-format": each.id, "data-title": t(each.title)},
        )
        for each in FORMATS
    ]
    if around.viewer.may("schedule"):
        to = f"/schedules/new?{urlencode({'view': str(around.view), 'name': t(around.dashboard.title)})}"
        entries.append(html.A(html.Span(t("Send regularly…")), href=to))
    told = t("Export")
    return [
        html.Details(
            [html.Summary(icon("download"), title=told, **{"aria-label": told}), html.Div(entries, className="menu")],
            className="pick files",
            **{"data-menu": "export"},
        )
    ]
