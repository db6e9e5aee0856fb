"""Still: what a screen that nobody sits at shows, which is the same without anything to press or to follow."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.values.viewer import Viewer
from app.values.words import words
from layouts.columns import level_name
from layouts.format import heading
from layouts.screen import live
from layouts.screen.breadcrumbs import filter_words
from layouts.screen.drawn import Plain
from layouts.screen.picks import period_title
from layouts.screen.surroundings import Surroundings
from layouts.selected import step_text


def seen_by(viewer: Viewer, content: Any) -> Any:
    """What is drawn, as it is for whoever looks: without links and buttons for one that shows one view only."""
    return still(content) if viewer.only is not None else content


def still(content: Any) -> Any:
    """The same content in which links are their words, and buttons are gone."""
    if isinstance(content, list | tuple):
        return [still(each) for each in content if not isinstance(each, html.Button | html.Details | html.Form)]
    if isinstance(content, Plain):
        return Plain(still(content.content))
    if not isinstance(content, Component):
        return content
    inside = still(getattr(content, "children", None))
    if isinstance(content, html.A):
        return html.Span(inside, className=getattr(content, "className", ""))
    if inside is not None:
        content.children = inside
    return content


def banner(around: Surroundings) -> list[Component]:
    """What the screen shows: the dashboard, the period, where it was drilled to, the filters, and as of when."""
    locale, view = around.viewer.context.locale, around.view
    t, shown = words(locale), around.dashboard
    told = [
        f"{heading(t(level_name(level)))}: {step_text(level, key, around.names, locale)}"
        for level, key in view.selection.drill
    ]
    told += [filter_words(around, each) for each in view.selection.filters]
    return [
        html.Strong(t(shown.title) if shown else "Salient", className="banner-title"),
        html.Span(period_title(str(view.selection.period), locale), className="banner-period"),
        *(html.Span(html.Span(each), className="chip") for each in told),
        live.status(around.stand, around.viewer.context.today, locale, still=True),
    ]
