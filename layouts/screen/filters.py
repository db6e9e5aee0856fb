"""Filters: the sheet in which members are searched and chosen. Options are never sent whole, only what was searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from app.values.errors import Invalid
from app.values.hierarchy import HIERARCHIES
from app.values.view import View
from app.values.words import words
from layouts.columns import level_name, member_text
from layouts.screen import ids
from layouts.screen.breadcrumbs import chip
from layouts.screen.parts import level_title, link
from layouts.screen.surroundings import Surroundings
from queries.frame import Member

SHOWN = 40
"""Members listed at once; searching finds the others."""

LEVELS: tuple[str, ...] = (
    *(level for name in ("place", "team", "goods", "customer") for level in HIERARCHIES[name]),
    "channel",
    "campaign",
    "document_type",
    "currency",
)
SEARCHED: tuple[str, ...] = ("customer", "product", "rep", "region", "country", "category", "campaign")
"""Levels that the search of the top bar looks through."""


def sheet(locale: str = "en") -> Component:
    """The sheet, empty until it is opened."""
    t = words(locale)
    return dbc.Offcanvas(
        html.Div(
            [
                html.Div(id=ids.FILTER_CHOSEN, className="wrap"),
                html.Div(id=ids.FILTER_MORE, className="stack"),
                html.Label(
                    [
                        t("Filter by"),
                        dbc.Select(
                            id=ids.FILTER_LEVEL,
                            options=[{"label": level_title(level, locale), "value": level} for level in LEVELS],
                            value="region",
                            class_name="field",
                        ),
                    ]
                ),
                html.Label(
                    [
                        t("Search"),
                        dbc.Input(
                            id=ids.FILTER_SEARCH,
                            type="search",
                            placeholder=t("Part of a name or key"),
                            debounce=250,
                            autocomplete="off",
                            maxlength=80,
                            class_name="field",
                        ),
                    ]
                ),
                html.P(id=ids.SETS_SAID, className="told-sets", role="status"),
                html.Div(id=ids.SETS),
                html.Div(id=ids.FILTER_MEMBERS, role="group", **{"aria-label": t("Members")}),
            ],
            className="stack",
        ),
        id=ids.FILTERS,
        title=html.Span(t("Filters"), id=f"{ids.FILTERS}-title"),
        labelledby=f"{ids.FILTERS}-title",
        placement="end",
        is_open=False,
        scrollable=True,
    )


def chosen(around: Surroundings) -> list[Component]:
    """The filters that are set, each with its way out."""
    return [chip(around, each) for each in (*around.view.selection.filters, *around.view.selection.narrowed)]


def members(view: View, level: str, found: Sequence[Member], locale: str = "en") -> list[Component]:
    """The members found, each a link that puts it into the filter or takes it out."""
    t = words(locale)
    if not found:
        return [html.P(t("No {level} found.", level=level_name(level)), className="who")]
    kept = view.selection.filter_on(level)
    inside = frozenset(kept.members if kept else ())
    entries = [_member(view, level, member, locale, inside=member.key in inside) for member in found[:SHOWN]]
    if len(found) > SHOWN:
        entries.append(html.P(t("The first {count}; search to find others.", count=SHOWN), className="who"))
    return entries


def _member(view: View, level: str, member: Member, locale: str, *, inside: bool) -> Component:
    href = str(view.with_selection(view.selection.toggle(level, member.key)))
    entry = link(member_text(member, level, locale), href, current=inside, stay=True)
    entry.className = "pickable"
    return entry


def results(view: View, found: Mapping[str, Sequence[Member]], locale: str = "en") -> list[Component]:
    """What the search of the top bar found, by level; each a link that filters by that member."""
    content: list[Component] = []
    for level, hits in found.items():
        if hits:
            content.append(html.Div(level_title(level, locale), className="menu-title"))
            content += [
                link(hit.name or hit.key, str(view.with_selection(view.selection.with_filter(level, (hit.key,)))))
                for hit in hits
            ]
    return content or [html.P(words(locale)("Nothing found."), className="who menu-title")]


def searchable(level: object) -> str:
    """The level that members are listed of; the first when none is chosen, Invalid for one that is not offered."""
    if level is None:
        return LEVELS[0]
    if not isinstance(level, str) or level not in LEVELS:
        raise Invalid("Members cannot be listed of this: choose what to filter by from the list.")
    return level
