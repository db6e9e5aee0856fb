"""Rail: the dashboards one may open, and who one is."""

from __future__ import annotations

from dataclasses import replace

from dash import html
from dash.development.base_component import Component

from app.values.selection import Selection
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import locale_title, say, words
from layouts.dashboard import Dashboard
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings

_DRAWN = frozenset(
    {"overview", "sales", "regions", "products", "customers", "customer", "team", "me", "campaigns", "data-quality"}
)

HABITS = {"drill": say("opens"), "filter": say("filters"), "highlight": say("highlights")}
"""What a click on a mark does, in a word."""


def rail(around: Surroundings) -> Component:
    """The brand, a link to each dashboard through the present selection, the viewer's menu."""
    t = words(around.viewer.context.locale)
    links = [_entry(around, dashboard) for dashboard in around.dashboards]
    home = links[0].href if links else "/"
    brand = html.A([html.I(), html.Span("Salient", className="name")], className="brand", href=home, title="Salient")
    narrow = html.Button(
        [icon("rail"), html.Span(t("Collapse"), className="name")],
        className="rail-link",
        type="button",
        title=t("Make the navigation narrow or wide"),
        **{"data-tool": "rail", "aria-label": t("Make the navigation narrow or wide")},
    )
    return html.Div(
        [
            brand,
            html.Div(links, className="rail-links"),
            *_pinned(around),
            html.Div([narrow, _me(around.viewer, around.click)], className="rail-foot"),
        ],
        className="rail-body",
    )


def _entry(around: Surroundings, dashboard: Dashboard) -> Component:
    view, title = around.view, words(around.viewer.context.locale)(dashboard.title)
    # Period, comparisons and filters are carried along; where one drilled to belongs to the page one leaves.
    selection = view.selection if view.dashboard == dashboard.id else replace(view.selection, drill=(), grain=None)
    current = {"aria-current": "page"} if view.dashboard == dashboard.id else {}
    begins = around.begins.get(dashboard.id)
    # A view that the dashboard begins with is for those who bring nothing along.
    fresh = begins is not None and (bool(current) or selection == Selection())
    return html.A(
        [icon(dashboard.id if dashboard.id in _DRAWN else "dashboard"), html.Span(title, className="name")],
        className="rail-link",
        href=begins.href if begins is not None and fresh else str(View(dashboard.id, None, selection)),
        title=title,
        **current,
    )


def _pinned(around: Surroundings) -> list[Component]:
    """The views that the viewer keeps at hand."""
    if not around.pinned:
        return []
    title = words(around.viewer.context.locale)("Pinned views")
    entries = [
        html.A(
            [icon("pin"), html.Span(card.name, className="name")],
            className="rail-link",
            href=card.href,
            title=card.name,
            **({"aria-current": "true"} if around.saved is not None and around.saved.id == card.id else {}),
        )
        for card in around.pinned
    ]
    return [
        html.Div(
            [html.H2(title, className="name"), *entries],
            className="rail-links rail-pinned",
            role="group",
            **{"aria-label": title},
        )
    ]


def initials(name: str) -> str:
    """Two letters for a name: "Erin Eze" is EE, "Ada" is AD."""
    words = [word for word in name.replace(".", " ").replace("@", " ").split() if word]
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else "".join(words)[:2]
    return letters.upper() or "?"


def role_title(role: str) -> str:
    """A role by its id: "Regional lead"."""
    return role.replace("-", " ").capitalize()


def _me(viewer: Viewer, click: str) -> Component:
    t = words(viewer.context.locale)
    role = t(role_title(viewer.role)) if viewer.role not in ("", "none") else t("No role yet")
    may_export = viewer.may("export")
    summary = html.Summary(
        [
            html.B(initials(viewer.name or viewer.email), **{"aria-hidden": "true"}),
            html.Span([viewer.name or viewer.email, html.Br(), html.Small(role)], className="name"),
        ],
        title=f"{viewer.name}, {role}",
        **{"aria-label": t("{name}, {role}: account and sign out", name=viewer.name, role=role)},
    )
    entries = [
        html.A([html.Span(t("Account")), icon("person")], href="/account"),
        *([html.A(t("Reports"), href="/reports"), html.A(t("Exports"), href="/exports")] if may_export else []),
        *([html.A(t("Schedules"), href="/schedules")] if viewer.may("schedule") else []),
        html.A(t("My subscriptions"), href="/subscriptions"),
        html.A(t("Said to you"), href="/comments"),
        html.A([html.Span(t("Help")), html.Small("?", **{"aria-hidden": "true"})], href="/help"),
        html.Button(html.Span(t("Take the tour")), className="entry", type="button", **{"data-tour": "start"}),
        html.A([html.Span(t("Language")), html.Small(locale_title(viewer.context.locale))], href="/account#language"),
        html.Button(
            [html.Span(t("A click on a chart")), html.Small(t(HABITS[click]))],
            className="entry",
            type="button",
            **{"data-keep": "click"},
        ),
        html.A([html.Span(t("Sign out")), icon("out")], href="/logout"),
    ]
    return html.Details([summary, html.Div(entries, className="menu")], className="pick me")
