"""Breadcrumb and chips: the drill path, each step a link, and the filters, each with its way out."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.values.selection import Narrowing
from app.values.words import words
from layouts.columns import level_name
from layouts.screen.choose import address
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings
from layouts.selected import filter_text, step_text


def crumbs(around: Surroundings) -> list[Component]:
    """The way from the company to where one stands, then the filters' chips."""
    view, t = around.view, words(around.viewer.context.locale)
    steps = [(t("Company"), str(view.with_selection(view.selection.drill_up())))]
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
    chips = [chip(around, each) for each in (*view.selection.filters, *view.selection.narrowed)]
    return [html.Nav(html.Ol(trail), **{"aria-label": t("Drill path")}), *chips, *_about(around), *_alone(around)]


def filter_words(around: Surroundings, chosen: Narrowing) -> str:
    """A filter in words: "Category: Bikes, Parts"."""
    return filter_text(chosen, around.names, around.viewer.context.locale)


def chip(around: Surroundings, chosen: Narrowing) -> Component:
    """A filter with the link that removes it."""
    t, told = words(around.viewer.context.locale), filter_words(around, chosen)
    without = around.view.with_selection(around.view.selection.without(chosen))
    remove = html.A(
        icon("close"),
        className="x",
        href=str(without),
        title=t("Remove filter"),
        **{"aria-label": t("Remove filter {filter}", filter=told)},
    )
    return html.Span([html.Span(told, title=told), remove], className="chip")


def _about(around: Surroundings) -> list[Component]:
    """Where one customer is looked at, the way to the dashboard about it."""
    t = words(around.viewer.context.locale)
    ways = []
    for each in around.dashboards:
        key = around.view.selection.only_member(each.about) if each.about else None
        if key is not None and each.id != around.view.dashboard and (each.about, key) in around.names:
            title = t("Open the page of this {level}", level=level_name(each.about))
            ways.append(html.A(title, href=address(around.view, each.id, each.about, key), className="act"))
    return ways


def _alone(around: Surroundings) -> list[Component]:
    """Seen alone, a panel leads back to its dashboard."""
    if around.view.panel is None or around.dashboard is None:
        return []
    t, whole = words(around.viewer.context.locale), str(around.view.of_panel(None))
    back = t("Back to {dashboard}", dashboard=t(around.dashboard.title))
    return [html.Span(className="sp"), html.A(back, href=whole, className="act")]
