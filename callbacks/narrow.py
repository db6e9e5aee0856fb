"""Narrow: ranges of amounts and conditions on customers' fields, typed into the filters' sheet, become an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update
from dash.development.base_component import Component

from app.values.errors import Invalid
from app.values.narrowing import BOUNDS, MOST_CONDITIONS, TESTS, AmountRange, FieldCondition, FieldRules, amount
from app.values.selection import Selection
from app.values.view import View
from app.values.viewer import Viewer
from callbacks import inputs
from callbacks.draw import opened
from callbacks.registry import SIGNED_IN, Registry
from callbacks.surroundings import granted, leading
from layouts.dashboard import context_of
from layouts.screen import ids, narrow
from layouts.screen.kept import with_saved
from queries.fields import fields

if TYPE_CHECKING:
    from app.assembly import House

Form = Mapping[str, object]


def register(registry: Registry, house: House) -> None:
    """Put the forms and what they lead to on the application."""

    def draw(due: Any, at: dict[str, Any] | None) -> Any:
        return forms(house, registry.current_viewer(), at) if due and inputs.view_at(at) else no_update

    def apply(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return no_update
        led = leading(registry.current_viewer(), narrowed(inputs.view_at(at), asked))
        return with_saved(led, inputs.saved_in(at))

    registry.callback(
        Output(ids.FILTER_MORE, "children"),
        Input(ids.NARROW_DUE, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        embeds="filter",
        prevent_initial_call=True,
    )(draw)
    # Only while the sheet stands open, and whenever the view changes then: a closed one costs no request.
    registry.clientside_callback(
        ClientsideFunction("salient", "due"),
        Output(ids.NARROW_DUE, "data"),
        Input(ids.FILTERS, "is_open"),
        Input(ids.AT, "data"),
        prevent_initial_call=True,
    )
    registry.callback(
        Output(ids.URL, "href", allow_duplicate=True),
        Input(ids.NARROW, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        embeds="filter",
        prevent_initial_call=True,
    )(apply)


def forms(house: House, viewer: Viewer, at: dict[str, Any] | None) -> list[Component]:
    """The forms for the view that stands; only fields of the viewer's own customers are offered."""
    _, view = opened(house, viewer, at)
    context = context_of(view, viewer)
    with house.engine.snapshot() as snapshot:
        found = fields(context, house.catalogue, snapshot, granted(house, viewer))
    return narrow.forms(view, found, context.currency, context.locale)


def narrowed(view_text: str, asked: object) -> str:
    """The address of the view through the amounts or conditions of a form. Invalid, with a sentence, for odd ones."""
    form, view = inputs.fields(asked), View.parse(view_text)
    match inputs.field_text(form, "narrow"):
        case "amounts":
            return str(view.with_selection(_amounts(view.selection, form)))
        case "fields":
            return str(view.with_selection(view.selection.with_fields(_rules(form))))
    raise Invalid("The page sent a form that it does not have: load it again.")


def _amounts(selection: Selection, form: Form) -> Selection:
    found = []
    for of in BOUNDS:
        low, high = (inputs.field_text(form, f"{of}-{name}").strip() for name in ("low", "high"))
        if low or high:
            found.append(AmountRange(of, amount(low) if low else None, amount(high) if high else None))
    return replace(selection, amounts=tuple(found))


def _rules(form: Form) -> FieldRules | None:
    groups: list[list[FieldCondition]] = []
    for at in range(MOST_CONDITIONS):
        field = inputs.field_text(form, f"field-{at}")
        if not field:
            continue
        condition = _condition(field, inputs.field_text(form, f"test-{at}"), inputs.field_text(form, f"value-{at}"))
        if not groups or inputs.field_text(form, f"join-{at}") == "or":
            groups.append([])
        groups[-1].append(condition)
    return FieldRules(tuple(tuple(group) for group in groups)) if groups else None


def _condition(field: str, test: str, text: str) -> FieldCondition:
    if test not in TESTS:
        raise Invalid("A field cannot be tested with {test!r}.", test=test[:40])
    if test in ("known", "unknown"):
        return FieldCondition(field, test)
    values = [text] if test == "has" else text.split(";")
    return FieldCondition(field, test, tuple(value.strip() for value in values if value.strip()))
