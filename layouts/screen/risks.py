"""Risks: one row of small tiles, each with a shape, a word, its figure and where it leads."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.values.view import View
from layouts.answered import AnsweredPanel
from queries.frame import Member

SHAPES = {"fine": ("▲", "up"), "watch": ("◆", "even"), "act": ("▼", "down")}
"""State → what it looks like without colour, and its tone."""

SHOWN_BY = {
    "budget": ("regions", "attainment"),
    "accounts": ("customers", "declining"),
    "margin": ("products", "margin-waterfall"),
    "data": ("data-quality", None),
}
"""Risk → the dashboard and the panel that show what is behind it."""


def tiles(answered: AnsweredPanel) -> Component:
    """Every risk of the answer, in its order."""
    rows = answered.frame.rows if answered.frame is not None else ()
    return html.Ul([html.Li(_tile(answered, *row[:4])) for row in rows], className="risks")


def _tile(answered: AnsweredPanel, risk: object, state: object, figure: object, trend: object) -> Component:
    if not isinstance(risk, Member) or not isinstance(state, Member):
        raise TypeError("a risk has a name and a state")
    shape, tone = SHAPES[state.key]
    content = [
        html.Span(risk.name, className="risk-name"),
        html.Span([html.Span(shape, **{"aria-hidden": "true"}), state.name], className=f"state {tone}"),
        html.Strong(str(figure)),
        html.Small(str(trend)),
    ]
    href = leads_to(answered, risk.key)
    return html.A(content, href=href, className="risk") if href else html.Div(content, className="risk")


def leads_to(answered: AnsweredPanel, risk: str) -> str:
    """The view behind a risk, through the same selection; empty where the viewer may not open it."""
    dashboard, panel = SHOWN_BY[risk]
    if risk == "data" and not answered.context.scope.is_everything:
        return ""
    return str(View(dashboard, panel, answered.view.selection))
