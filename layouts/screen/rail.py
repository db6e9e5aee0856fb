"""Rail: the dashboards one may open, and who one is."""

from __future__ import annotations

from dataclasses import replace

from dash import html
from dash.development.base_component import Component

from app.values.view import View
from app.values.viewer import Viewer
from layouts.dashboard import Dashboard
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings

_DRAWN = frozenset({"overview", "sales", "regions"})


def rail(around: Surroundings) -> Component:
    """The brand, a link to each dashboard through the present selection, the viewer's menu."""
    links = [_entry(around.view, dashboard) for dashboard in around.dashboards]
    home = links[0].href if links else "/"
    brand = html.A([html.I(), html.Span("Salient", className="name")], className="brand", href=home, title="Salient")
    narrow = html.Button(
        [icon("rail"), html.Span("Collapse", className="name")],
        className="rail-link",
        type="button",
        title="Make the navigation narrow or wide",
        **{"data-tool": "rail", "aria-label": "Make the navigation narrow or wide"},
    )
    return html.Div(
        [brand, html.Div(links, className="rail-links"), html.Div([narrow, _me(around.viewer)], className="rail-foot")],
        className="rail-body",
    )


def _entry(view: View, dashboard: Dashboard) -> Component:
    # Period, comparisons and filters are carried along; where one drilled to belongs to the page one leaves.
    selection = view.selection if view.dashboard == dashboard.id else replace(view.selection, drill=(), grain=None)
    current = {"aria-current": "page"} if view.dashboard == dashboard.id else {}
    return html.A(
        [icon(dashboard.id if dashboard.id in _DRAWN else "dashboard"), html.Span(dashboard.title, className="name")],
        className="rail-link",
        href=str(View(dashboard.id, None, selection)),
        title=dashboard.title,
        **current,
    )


def initials(name: str) -> str:
    """Two letters for a name: "Erin Eze" is EE, "Ada" is AD."""
    words = [word for word in name.replace(".", " ").replace("@", " ").split() if word]
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else "".join(words)[:2]
    return letters.upper() or "?"


def _me(viewer: Viewer) -> Component:
    role = viewer.role.replace("-", " ").capitalize() if viewer.role not in ("", "none") else "No role yet"
    summary = html.Summary(
        [
            html.B(initials(viewer.name or viewer.email), **{"aria-hidden": "true"}),
            html.Span([viewer.name or viewer.email, html.Br(), html.Small(role)], className="name"),
        ],
        title=f"{viewer.name}, {role}",
        **{"aria-label": f"{viewer.name}, {role}: account and sign out"},
    )
    entries = [
        html.A([html.Span("Account"), icon("person")], href="/account"),
        html.A([html.Span("Sign out"), icon("out")], href="/logout"),
    ]
    return html.Details([summary, html.Div(entries, className="menu")], className="pick me")
