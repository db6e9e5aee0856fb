"""Files: what one sees, to take away in any format."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.values.view import View
from app.values.words import say, words
from layouts.render.formats import FORMATS
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings

FURTHER = (
    (say("Send regularly…"), "/schedules/new?", "schedule", False),
    (say("Send regularly…"), "/schedules/new?", "schedule", True),
    (say("Tell me when it changes…"), "/alerts/new?", "schedule", True),
    (say("Embed…"), "/embeds/new?", "embed", False),
    (say("Embed…"), "/embeds/new?", "embed", True),
    (say("Comments"), "/comments?", "dashboards", True),
)
"""What else can be done with a view: its title, its place, what it takes, and whether it is done with one panel."""


def href(view: View, ending: str = "csv") -> str:
    """The same view as a file: `/d/sales/by-month.csv?period=2013`."""
    path, _, query = str(view).partition("?")
    return f"{path}.{ending}" + (f"?{query}" if query else "")


def export(around: Surroundings) -> list[Component]:
    """The menu of every format, for those who may take something away; the browser offers the same at each panel.

    What is done with one panel only stands in it unseen until then.
    """
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
    further = [
        html.A(html.Span(t(title)), href=place + urlencode({"view": str(around.view)}), **_shown_at(of_panel, place))
        for title, place, permission, of_panel in FURTHER
        if around.viewer.may(permission)
    ]
    entries += [html.Div(t("Share this view"), className="menu-title"), *further] if further else []
    told = t("Export")
    return [
        html.Details(
            [html.Summary(icon("download"), title=told, **{"aria-label": told}), html.Div(entries, className="menu")],
            className="pick files",
            **{"data-menu": "export"},
        )
    ]


def _shown_at(of_panel: bool, place: str) -> dict[str, Any]:
    return {"hidden": True, "data-of-panel": place} if of_panel else {}
