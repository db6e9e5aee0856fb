"""Tree: the rows under the members that were opened in a tree table, asked like any other step down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import MATCH, ClientsideFunction, Input, Output, State, no_update

from app.values.errors import Invalid, NotFound, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from callbacks.draw import answered_panel, is_at, opened
from callbacks.registry import SIGNED_IN, Registry
from layouts.dashboard import answer_panel
from layouts.marks import TreeTable
from layouts.render.tree import rows_of
from layouts.screen import ids

if TYPE_CHECKING:
    from app.assembly import House

MOST = 40
"""Members opened at once."""

Path = tuple[tuple[str, str], ...]


def register(registry: Registry, house: House) -> None:
    """Put the opening of rows on the application, and the browser's part that writes them."""

    def draw_branches(asked: Any, at: dict[str, Any] | None, place: dict[str, Any]) -> Any:
        if asked is None or not is_at(at, place):
            return no_update
        return branches(house, registry.current_viewer(), at, place["panel"], asked)

    found = ids.branches(MATCH, MATCH)
    registry.callback(
        Output(found, "data"),
        Input(ids.branches_asked(MATCH, MATCH), "data"),
        State(ids.AT, "data"),
        State(found, "id"),
        permission=SIGNED_IN,
        embeds="drill",
        prevent_initial_call=True,
    )(draw_branches)
    registry.clientside_callback(
        ClientsideFunction("salient", "grow"),
        Output(ids.tree(MATCH, MATCH), "className"),
        Input(ids.figure(MATCH, MATCH), "data"),
        Input(found, "data"),
        State(ids.tree(MATCH, MATCH), "id"),
    )


def branches(house: House, viewer: Viewer, at: dict[str, Any] | None, panel_id: str, asked: object) -> dict[str, Any]:
    """What is under each opened member: {"view", "branches": [{"path", "rows"}]}; nothing under those not to be seen.

    NotFound unless the panel is a tree table of the dashboard that stands.
    """
    paths = paths_of(asked)
    root = answered_panel(house, viewer, at, panel_id)
    if not isinstance(root.panel.mark, TreeTable):
        raise NotFound("There is no such panel.")
    dashboard, view = opened(house, viewer, at)
    found = []
    for path in paths:
        if not {level for level, _ in path} <= set(root.panel.mark.opens):
            raise Invalid("These rows do not open.")
        try:
            under = _under(view, path)
            if viewer.only is not None:
                viewer.only.admitted(under)
            below = answer_panel(dashboard, root.panel, under, viewer, house.asker)
            rows = rows_of(below, path, root.frame)
        except Refusal:
            rows = []
        found.append({"path": [list(step) for step in path], "rows": rows})
    return {"view": str(view), "branches": found}


def paths_of(asked: object) -> list[Path]:
    """The paths of [level, key] steps to the opened members. Invalid for anything else."""
    paths = asked.get("paths") if isinstance(asked, dict) else None
    if not isinstance(paths, list) or len(paths) > MOST:
        raise Invalid("The page does not say which rows are to be opened: load it again.")
    return [_path(path) for path in paths]


def _path(path: object) -> Path:
    steps = path if isinstance(path, list) else []
    known = tuple(tuple(step) for step in steps if isinstance(step, list) and len(step) == 2)
    if not 0 < len(known) == len(steps) or not all(isinstance(part, str) for step in known for part in step):
        raise Invalid("The page does not say which rows are to be opened: load it again.")
    return known


def _under(view: View, path: Path) -> View:
    selection = view.selection
    for level, key in path:
        selection = selection.drill_to(level, key)
    return view.with_selection(selection)
