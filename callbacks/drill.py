"""Drill: a click on a mark becomes the address one level down, or of a filter put in or taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, no_update

from app.values.errors import Invalid
from app.values.view import View
from callbacks import inputs
from callbacks.registry import SIGNED_IN, Registry
from layouts.screen import ids
from layouts.screen.kept import with_saved

if TYPE_CHECKING:
    from app.assembly import House


def register(registry: Registry, _house: House) -> None:
    """Put the click on marks on the application."""

    def click(mark: dict[str, Any] | None, at: dict[str, Any] | None) -> Any:
        if not mark or not inputs.view_at(at):
            return no_update
        return with_saved(clicked(inputs.view_at(at), mark), inputs.saved_in(at))

    registry.callback(
        Output(ids.URL, "href", allow_duplicate=True),
        Input(ids.MARK, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        prevent_initial_call=True,
    )(click)


def clicked(view_text: str, mark: dict[str, Any]) -> str:
    """The address a click leads to.

    `mark` has the `level` and the `key` of the member; its `gesture` is "drill" (one step down) or "filter" (toggle),
    and a click with the shift key held (`shift`) always toggles.
    """
    view, level, key = View.parse(view_text), mark.get("level"), mark.get("key")
    if not isinstance(level, str) or not isinstance(key, str):
        raise Invalid("This mark stands for nothing that could be opened.")
    drills = mark.get("gesture") == "drill" and not mark.get("shift")
    selection = view.selection.drill_to(level, key) if drills else view.selection.toggle(level, key)
    return str(view.with_selection(selection))
