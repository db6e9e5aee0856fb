"""Filters: members are searched on the server, inside the viewer's scope; choosing one is following a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, no_update
from dash.development.base_component import Component

from app.values.errors import Refusal
from app.values.viewer import Viewer
from callbacks import inputs
from callbacks.draw import opened
from callbacks.registry import SIGNED_IN, Registry
from callbacks.surroundings import granted
from layouts.screen import filters, ids
from layouts.screen.still import seen_by

if TYPE_CHECKING:
    from app.assembly import House

HITS = 5
"""Members of one level that the search of the top bar shows."""

SHORTEST = 2
"""Letters before the search of the top bar begins."""


def register(registry: Registry, house: House) -> None:
    """Put the filters' sheet and the search on the application."""

    def list_members(level: object, search: object, due: object, at: dict[str, Any] | None) -> Any:
        if not due or not inputs.view_at(at):
            return no_update
        return members(house, registry.current_viewer(), at, level, search)

    def find(text: object, at: dict[str, Any] | None) -> Any:
        return found(house, registry.current_viewer(), at, text) if inputs.view_at(at) else no_update

    registry.callback(
        Output(ids.FILTER_MEMBERS, "children"),
        Input(ids.FILTER_LEVEL, "value"),
        Input(ids.FILTER_SEARCH, "value"),
        Input(ids.NARROW_DUE, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        embeds="filter",
        prevent_initial_call=True,
    )(list_members)
    registry.callback(
        Output(ids.FOUND, "children"),
        Input(ids.SEARCH, "value"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        prevent_initial_call=True,
    )(find)


def members(house: House, viewer: Viewer, at: dict[str, Any] | None, level: object, search: object) -> list[Component]:
    """The members of a level that the viewer may see and that the text finds; Invalid for another level or no text."""
    _, view = opened(house, viewer, at)
    asked = filters.searchable(level)
    hits = house.asker.members(
        asked, viewer.context, inputs.searched(search), where=granted(house, viewer), limit=filters.SHOWN + 1
    )
    return list(seen_by(viewer, filters.members(view, asked, hits, viewer.context.locale)))


def found(house: House, viewer: Viewer, at: dict[str, Any] | None, text: object) -> list[Component]:
    """What the search of the top bar finds, over several levels; Invalid for what is no text."""
    _, view = opened(house, viewer, at)
    search = inputs.searched(text)
    if len(search) < SHORTEST:
        return []
    hits = {}
    for level in filters.SEARCHED:
        try:
            hits[level] = house.asker.members(level, viewer.context, search=search, limit=HITS)
        except Refusal:
            continue
    return filters.results(view, hits, viewer.context.locale)
