"""Draw: the view becomes answers. Drawings read the address and never write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import MATCH, Input, Output, State, html, no_update
from dash.development.base_component import Component

from app.values.errors import NotFound, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from callbacks import inputs, notes, notices
from callbacks.drawn import Draw, Drawn
from callbacks.registry import LOOK, SIGNED_IN, Registry
from callbacks.surroundings import visible
from layouts.answered import AnsweredPanel
from layouts.card import card_face
from layouts.dashboard import Dashboard, answer, answer_panel
from layouts.lede import Phrase, lede
from layouts.marks import Card, Timeline, VarianceBars
from layouts.panel import Panel
from layouts.render.plotly import drawable, figure
from layouts.render.plotly.timeline import with_notes
from layouts.screen import card, dashboard, ids, panel
from layouts.screen.drawn import light
from layouts.screen.parts import unbroken
from layouts.screen.still import seen_by, seen_panel
from layouts.screen.written import fingerprint

if TYPE_CHECKING:
    from app.assembly import House


def register(registry: Registry, house: House) -> None:
    """Put the drawings on the application: one callback a panel, one for a row of cards, one for the sentence."""
    before = Drawn(house.engine)
    _register_panels(registry, house, before)
    _register_heads(registry, house, before)


def _register_panels(registry: Registry, house: House, before: Drawn) -> None:
    def draw_panel(at: dict[str, Any] | None, place: dict[str, Any], stands: Any) -> tuple[Any, Any, Any]:
        if not is_at(at, place):
            return (no_update,) * 3
        viewer = registry.current_viewer()
        # What newer data brought is compared, and drawn anew.
        plain = at is not None and not at.get("again")
        noted = notes_at(house, viewer, at, place)
        content, drawn = panel_parts(house, viewer, at, place, before if plain and not noted else None)
        drawn = with_notes(drawn, noted, words(viewer.context.locale)("Notes")) if noted else drawn
        return unless_it_stands((content, drawn), at, stands)

    def draw_twin(asked: Any, at: dict[str, Any] | None, place: dict[str, Any]) -> Any:
        return twin(house, registry.current_viewer(), at, place["panel"]) if asked and is_at(at, place) else []

    answers, figures = ids.answer(MATCH, MATCH), ids.figure(MATCH, MATCH)
    registry.callback(
        Output(answers, "children"),
        Output(figures, "data"),
        Output(answers, "data-print"),
        Input(ids.AT, "data"),
        State(answers, "id"),
        State(answers, "data-print"),
        permission=SIGNED_IN,
        screens=True,
    )(draw_panel)
    # Most tables are never looked at: the browser asks for one that is, and anew when the view changes under it.
    twins = ids.twin(MATCH, MATCH)
    registry.callback(
        Output(twins, "children"),
        Input(twins, "data-asked"),
        State(ids.AT, "data"),
        State(twins, "id"),
        permission=SIGNED_IN,
        embeds=LOOK,
        prevent_initial_call=True,
    )(draw_twin)


def _register_heads(registry: Registry, house: House, before: Drawn) -> None:
    def draw_cards(at: dict[str, Any] | None, place: dict[str, Any]) -> Any:
        viewer = registry.current_viewer()
        if not at or not is_at(at, place):
            return no_update
        return cards(house, viewer, at, place["row"], before)

    def draw_lede(at: dict[str, Any] | None) -> Any:
        viewer = registry.current_viewer()
        if at is None or not inputs.view_at(at):
            return no_update
        return sentence(house, viewer, at, before)

    at, rows = Input(ids.AT, "data"), ids.cards(MATCH, MATCH)
    registry.callback(Output(rows, "children"), at, State(rows, "id"), permission=SIGNED_IN, screens=True)(draw_cards)
    registry.callback(Output(ids.LEDE, "children"), at, permission=SIGNED_IN, screens=True)(draw_lede)


def notes_at(house: House, viewer: Viewer, at: dict[str, Any] | None, place: dict[str, Any]) -> list[tuple[str, str]]:
    """The days and beginnings of the notes of the customer whose timeline is drawn; none for any other panel."""
    board = next((each for each in house.dashboards if each.id == place["dashboard"]), None)
    asked = board.panel(place["panel"]) if board is not None else None
    if asked is None or not isinstance(asked.mark, Timeline):
        return []
    return [(each.at.date().isoformat(), f"{each.author}: {each.text}") for each in notes.listed(house, viewer, at)]


def is_at(at: dict[str, Any] | None, place: dict[str, Any]) -> bool:
    """Whether a place belongs to the dashboard that is looked at, and not to one just left."""
    text = inputs.view_at(at)
    return bool(text) and View.parse(text).dashboard == place["dashboard"]


def opened(house: House, viewer: Viewer, at: dict[str, Any] | None) -> tuple[Dashboard, View]:
    """The dashboard and view that stand, its sets looked up; NotFound when there is none that the viewer may open."""
    view = View.parse(inputs.view_at(at))
    if viewer.only is not None:
        view = viewer.only.admitted(view)
    found = next((each for each in visible(house, viewer) if each.id == view.dashboard), None)
    if found is None:
        raise NotFound("There is no such dashboard.")
    return found, house.looked_up(viewer, view)


def answered_panel(house: House, viewer: Viewer, at: dict[str, Any] | None, panel_id: str) -> AnsweredPanel:
    """One panel of the view that stands, answered."""
    found, view = opened(house, viewer, at)
    asked = found.panel(panel_id)
    if asked is None or (viewer.only is not None and not viewer.only.shows(panel_id)):
        raise NotFound("There is no such panel.")
    return answer_panel(found, asked, view, viewer, house.asker)


def panel_parts(
    house: House, viewer: Viewer, at: dict[str, Any] | None, place: dict[str, Any], before: Drawn | None = None
) -> tuple[Any, Any]:
    """A panel's answer and its figure; without a picture the table stands alone. What fails is said in its place.

    `before` gives what was drawn before.
    """

    def draw() -> tuple[tuple[Any, Any], list[AnsweredPanel]]:
        answered = answered_panel(house, viewer, at, place["panel"])
        answered = seen_panel(viewer, answered)
        drawn = figure(answered) if answered.state == "ready" and drawable(answered) else None
        content = seen_by(viewer, panel.answer(answered, pictured=drawn is not None))
        return (content, None if drawn is None else panel.painted(answered, drawn)), [answered]

    try:
        content, drawn = _drawn(house, viewer, at, ("panel", place["panel"]), draw, before)
    except Exception as error:
        title, locale = str(place["panel"]).replace("-", " ").capitalize(), viewer.context.locale
        told = notices.sentence(error, locale)
        return seen_by(viewer, panel.instead(title, _state_of(error), told, at["view"] if at else "", locale)), None
    return content, drawn


def _drawn(
    house: House,
    viewer: Viewer,
    at: dict[str, Any] | None,
    name: tuple[object, ...],
    draw: Draw,
    before: Drawn | None,
) -> tuple[Any, ...]:
    """What was drawn before where that may stand, for the view that is opened anew each time; else what is drawn."""

    def lighter() -> tuple[tuple[Any, ...], Iterable[AnsweredPanel]]:
        parts, answers = draw()
        return tuple(light(each) for each in parts), answers

    return lighter()[0] if before is None else before.parts(name, opened(house, viewer, at)[1], viewer, lighter)


def unless_it_stands(
    parts: tuple[Component, dict[str, Any] | None], at: dict[str, Any] | None, stands: object
) -> tuple[Any, Any, Any]:
    """The parts of a panel, drawn again since newer data came in, with their fingerprint; nothing where they stand.

    Who comes from another view gets all without a fingerprint: it costs as much as sending does.
    """
    if not at or not at.get("again"):
        return (*parts, None)
    mark = fingerprint(parts)
    return (no_update,) * 3 if mark == stands else (*parts, mark)


def _state_of(error: Exception) -> str:
    return "refused" if isinstance(error, Refusal) else "error"


def twin(house: House, viewer: Viewer, at: dict[str, Any] | None, panel_id: str) -> list[Component]:
    """The table behind a picture; none where the table stands already."""
    answered = answered_panel(house, viewer, at, panel_id)
    if answered.state != "ready" or not drawable(answered):
        return []
    return list(seen_by(viewer, [panel.table(seen_panel(viewer, answered))]))


def cards(house: House, viewer: Viewer, at: dict[str, Any], row: int, before: Drawn | None = None) -> Any:
    """A row of cards, their queries put together. `before` gives what was drawn before."""
    found, view = opened(house, viewer, at)
    rows = dashboard.shown(found, viewer, view.panel)
    if row not in range(len(rows)):
        raise NotFound("There is no such row of cards.")

    def draw() -> tuple[tuple[list[Component]], tuple[AnsweredPanel, ...]]:
        answers = answer(replace(found, rows=(rows[row],)), view, viewer, house.asker)
        faces = [card.card(each, card_face(each, _definition(house, each))) for each in answers]
        return (seen_by(viewer, faces),), answers

    try:
        return _drawn(house, viewer, at, ("cards", row), draw, before)[0]
    except Exception as error:
        locale = viewer.context.locale
        told = notices.sentence(error, locale)
        return seen_by(viewer, [card.instead(each, _state_of(error), told, str(view), locale) for each in rows[row]])


def _definition(house: House, answered: AnsweredPanel) -> str:
    if answered.panel.derive:
        return answered.panel.note
    metric = house.catalogue.metrics.get(answered.panel.query.metrics[0])
    return metric.definition if metric else ""


def sentence(house: House, viewer: Viewer, at: dict[str, Any], before: Drawn | None = None) -> Any:
    """The sentence at the head of the dashboard. `before` gives what was drawn before."""
    found, view = opened(house, viewer, at)
    if found.about and view.selection.only_member(found.about) is None:
        return []
    shown = replace(found, rows=_told(dashboard.shown(found, viewer, view.panel)))

    def draw() -> tuple[tuple[list[Component | str]], tuple[AnsweredPanel, ...]]:
        answers = answer(shown, view, viewer, house.asker)
        return (seen_by(viewer, [_phrase(phrase) for phrase in lede(answers)]),), answers

    return _drawn(house, viewer, at, ("lede",), draw, before)[0]


def _told(rows: tuple[tuple[Panel, ...], ...]) -> tuple[tuple[Panel, ...], ...]:
    """The panels the sentence is made of: where there are cards, they and the variance say it all."""
    if not any(isinstance(panel.mark, Card) for row in rows for panel in row):
        return rows
    return tuple(tuple(panel for panel in row if isinstance(panel.mark, Card | VarianceBars)) for row in rows)


def _phrase(phrase: Phrase) -> Component | str:
    if phrase.href:
        return html.A(phrase.text, href=phrase.href)
    if phrase.tone == "plain":
        return unbroken(phrase.text)
    return html.B(phrase.text, className="" if phrase.tone == "strong" else phrase.tone)
