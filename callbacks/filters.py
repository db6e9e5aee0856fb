"""Filters: members are searched on the server, inside the viewer's scope; choosing one is following a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, no_update
from dash.development.base_component import Component

from app.values.errors import Refusal
from app.values.viewer import Viewer
from callbacks.draw import opened
from callbacks.registry import SIGNED_IN, Registry
from layouts.screen import filters, ids

if TYPE_CHECKING:
    from app.assembly import House

HITS = 5
"""Members of one level that the search of the top bar shows."""

SHORTEST = 2
"""Letters before the search of the top bar begins."""


def register(registry: Registry, house: House) -> None:
    """Put the filters' sheet and the search on the application."""

    def list_members(level: str | None, search: str | None, is_open: bool, at: dict[str, Any] | None) -> Any:
        return (
            members(house, registry.current_viewer(), at, level, search or "")
            if is_open and at and at["view"]
            else no_update
        )

    def find(text: str | None, at: dict[str, Any] | None) -> Any:
        return found(house, registry.current_viewer(), at, text or "") if at and at["view"] else no_update

    registry.callback(
        Output(ids.FILTER_MEMBERS, "children"),
        Input(ids.FILTER_LEVEL, "value"),
        Input(ids.FILTER_SEARCH, "value"),
        Input(ids.FILTERS, "is_open"),
        Input(ids.AT, "data"),
        permission=SIGNED_IN,
        prevent_initial_call=True,
    )(list_members)
    registry.callback(
        Output(ids.FOUND, "children"),
        Input(ids.SEARCH, "value"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        prevent_initial_call=True,
    )(find)


def members(house: House, viewer: Viewer, at: dict[str, Any] | None, level: str | None, search: str) -> list[Component]:
    """The members of a level that the viewer may see and that the text finds."""
    _, view = opened(house, viewer, at)
    asked = filters.searchable(level)
    hits = house.asker.members(asked, viewer.context, search=search.strip()[:80], limit=filters.SHOWN + 1)
    return filters.members(view, asked, hits)


def found(house: House, viewer: Viewer, at: dict[str, Any] | None, text: str) -> list[Component]:
    """What the search of the top bar finds, over several levels."""
    _, view = opened(house, viewer, at)
    search = text.strip()[:80]
    if len(search) < SHORTEST:
        return []
    hits = {}
    for level in filters.SEARCHED:
        try:
            hits[level] = house.asker.members(level, viewer.context, search=search, limit=HITS)
        except Refusal:
            continue
    return filters.results(view, hits)
