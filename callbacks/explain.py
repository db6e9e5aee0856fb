"""Explain: how the figures of a panel come about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, no_update
from dash.development.base_component import Component

from app.values.viewer import Viewer
from callbacks import inputs
from callbacks.draw import answered_panel
from callbacks.registry import SIGNED_IN, Registry
from callbacks.surroundings import surroundings
from layouts.answered import AnsweredPanel
from layouts.screen import breadcrumbs, ids
from layouts.screen.explain import explanation
from layouts.settle import where_of
from queries.kept import kept_name

if TYPE_CHECKING:
    from app.assembly import House


def register(registry: Registry, house: House) -> None:
    """Put the explanation on the application."""

    def open_explanation(asked: dict[str, Any] | None, at: dict[str, Any] | None) -> tuple[Any, Any]:
        if asked is None or not inputs.view_at(at):
            return no_update, no_update
        return True, explained(house, registry.current_viewer(), at, inputs.panel_asked(asked))

    registry.callback(
        Output(ids.EXPLAIN, "is_open"),
        Output(ids.EXPLAIN_BODY, "children"),
        Input(ids.EXPLAIN_ASKED, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        prevent_initial_call=True,
    )(open_explanation)


def explained(house: House, viewer: Viewer, at: dict[str, Any] | None, panel: str) -> list[Component]:
    """A panel's definitions, question and data; the statements too where the viewer may see them."""
    answered = answered_panel(house, viewer, at, panel)
    around = surroundings(house, viewer, answered.view)
    words = tuple(breadcrumbs.filter_words(around, each) for each in where_of(answered.view.selection))
    sql = _statements(house, answered) if viewer.may("explain:sql") else None
    return explanation(answered, around, house.catalogue.metrics, words, sql=sql)


def _statements(house: House, answered: AnsweredPanel) -> tuple[str, ...]:
    """The SQL behind a panel's main question, written out only when somebody looks."""
    query = answered.queries.get("main")
    if answered.frame is None or query is None or kept_name(query) is not None:
        return ()
    return tuple(leg.sql for leg in house.asker.explain(query, answered.context).legs if leg.sql)
