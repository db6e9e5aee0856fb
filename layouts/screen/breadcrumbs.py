"""Breadcrumb and chips: the drill path, each step a link, and the filters, each with its way out."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.values.selection import Filter
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings
from layouts.selected import filter_text, step_text


def crumbs(around: Surroundings) -> list[Component]:
    """The way from the company to where one stands, then the filters' chips."""
    view = around.view
    steps = [("Company", str(view.with_selection(view.selection.drill_up())))]
    steps += [
        (
            step_text(level, key, around.names, around.viewer.context.locale),
            str(view.with_selection(view.selection.drill_up(level))),
        )
        for level, key in view.selection.drill
    ]
    trail = [
        html.Li(html.Span(name, **{"aria-current": "location"}) if at == len(steps) - 1 else html.A(name, href=href))
        for at, (name, href) in enumerate(steps)
    ]
    chips = [chip(around, each) for each in view.selection.filters]
    return [html.Nav(html.Ol(trail), **{"aria-label": "Drill path"}), *chips, *_alone(around)]


def filter_words(around: Surroundings, chosen: Filter) -> str:
    """A filter in words: "Category: Bikes, Parts"."""
    return filter_text(chosen, around.names, around.viewer.context.locale)


def chip(around: Surroundings, chosen: Filter) -> Component:
    """A filter with the link that removes it."""
    words = filter_words(around, chosen)
    without = around.view.with_selection(around.view.selection.without_filter(chosen.level))
    remove = html.A(
        icon("close"),
        className="x",
        href=str(without),
        title="Remove filter",
        **{"aria-label": f"Remove filter {words}"},
    )
    return html.Span([html.Span(words, title=words), remove], className="chip")


def _alone(around: Surroundings) -> list[Component]:
    """Seen alone, a panel leads back to its dashboard."""
    if around.view.panel is None or around.dashboard is None:
        return []
    whole = str(around.view.of_panel(None))
    return [html.Span(className="sp"), html.A(f"Back to {around.dashboard.title}", href=whole, className="act")]
