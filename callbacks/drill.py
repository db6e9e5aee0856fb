"""Drill: a click on a mark becomes the address one level down, or of a filter put in or taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from dash import Input, Output, State, no_update

from app.values.errors import Invalid
from app.values.hierarchy import TIME_LEVELS
from app.values.period import Period
from app.values.selection import Selection
from app.values.view import View
from callbacks import inputs
from callbacks.registry import LOOK, SIGNED_IN, Registry
from callbacks.surroundings import leading
from layouts.screen import ids
from layouts.screen.kept import with_saved

if TYPE_CHECKING:
    from app.assembly import House

MOST = 500
"""Marks that are filtered by in one gesture."""


def register(registry: Registry, _house: House) -> None:
    """Put the click on marks on the application."""

    def click(mark: dict[str, Any] | None, at: dict[str, Any] | None) -> Any:
        if not mark or not inputs.view_at(at):
            return no_update
        led = leading(registry.current_viewer(), clicked(inputs.view_at(at), mark))
        return with_saved(led, inputs.saved_in(at))

    registry.callback(
        Output(ids.URL, "href", allow_duplicate=True),
        Input(ids.MARK, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        embeds=LOOK,
        prevent_initial_call=True,
    )(click)


def clicked(view_text: str, mark: dict[str, Any]) -> str:
    """The address a gesture on marks leads to.

    `mark` has the `level` and the `key` of the member; its `gesture` is "drill" (one step down), "filter" (toggle),
    "only" and "exclude" (filter to it, or all but it), or "versus" (compare with that time); and a click with the shift
    key held (`shift`) always toggles. `keys` are several, which are filtered by together.
    """
    gesture = mark.get("gesture")
    view, level, key = View.parse(view_text), mark.get("level"), mark.get("key")
    keys = mark.get("keys") or [key]
    if not isinstance(level, str) or not isinstance(key, str) or not _are_texts(keys):
        raise Invalid("This mark stands for nothing that could be opened.")
    if gesture == "drill" and not mark.get("shift"):
        return str(view.with_selection(view.selection.drill_to(level, key)))
    if gesture in ("only", "exclude"):
        return str(view.with_selection(view.selection.with_filter(level, keys, exclude=gesture == "exclude")))
    if gesture == "versus":
        return str(view.with_selection(_against(view.selection, level, key)))
    return str(view.with_selection(_filtered(view.selection, level, keys)))


def narrowed(at: dict[str, Any] | None, asked: dict[str, Any]) -> dict[str, Any] | None:
    """Where one stands, narrowed to the marks that were asked about; as it is where a whole panel was."""
    keys = asked.get("keys")
    if at is None or keys is None:
        return at
    if not _are_texts(keys):
        raise Invalid("These marks stand for nothing that has rows.")
    mark = {"level": asked.get("level"), "key": keys[0], "keys": keys, "gesture": "only"}
    return {**at, "view": clicked(inputs.view_at(at), mark)}


def _against(selection: Selection, level: str, key: str) -> Selection:
    """Held against a stretch of time that was clicked, beside the last comparison; Invalid for what is no time."""
    if level not in TIME_LEVELS:
        raise Invalid("Only a stretch of time can be compared with.")
    period = str(Period.parse(key))
    others = tuple(each for each in selection.versus if each != period)
    return selection.with_versus(*others[-1:], period)


def _filtered(selection: Selection, level: str, keys: list[str]) -> Selection:
    """One member is put in or taken out; of several those that are missing are put in, and all taken out if none is."""
    chosen = selection.filter_on(level)
    inside = frozenset(chosen.members if chosen else ())
    missing = [key for key in keys if key not in inside]
    for key in missing or keys:
        selection = selection.toggle(level, key)
    return selection


def _are_texts(keys: object) -> TypeGuard[list[str]]:
    return isinstance(keys, list) and 0 < len(keys) <= MOST and all(isinstance(key, str) for key in keys)
