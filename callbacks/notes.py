"""Notes: those of the customer one looks at are listed, written, changed and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dash import Input, Output, State, no_update
from dash.development.base_component import Component

from app.services import notes as service
from app.values.errors import Invalid, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from callbacks import inputs
from callbacks.registry import Registry
from layouts.screen import ids, notes
from layouts.screen.notes import Shown
from layouts.screen.written import fingerprint

if TYPE_CHECKING:
    from app.assembly import House

CUSTOMER = "customer"


def register(registry: Registry, house: House) -> None:
    """Put the list and its acts on the application."""

    def draw(at: dict[str, Any] | None, stands: Any) -> Any:
        if not inputs.view_at(at):
            return no_update, no_update
        return drawn(house, registry.current_viewer(), at, stands)

    def act(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return (no_update,) * 3
        return acted(house, registry.current_viewer(), at, asked)

    registry.callback(
        Output(ids.NOTES_LIST, "children"),
        Output(ids.NOTES_LIST, "data-print"),
        Input(ids.AT, "data"),
        State(ids.NOTES_LIST, "data-print"),
        permission=service.PERMISSION,
    )(draw)
    registry.callback(
        Output(ids.NOTES_SAID, "children"),
        Output(ids.NOTES_TEXT, "value"),
        Output(ids.AT, "data", allow_duplicate=True),
        Input(ids.NOTES_ACT, "data"),
        State(ids.AT, "data"),
        permission=service.PERMISSION,
        prevent_initial_call=True,
    )(act)


def listed(house: House, viewer: Viewer, at: dict[str, Any] | None) -> list[Shown]:
    """The notes of the one customer that the view is about, for whoever may see that customer; none otherwise."""
    customer = View.parse(inputs.view_at(at)).selection.only_member(CUSTOMER)
    if customer is None or viewer.kind != "person":
        return []
    here = ZoneInfo(viewer.context.zone)
    try:
        with house.database.read() as session:
            known = service.listed(session, viewer, customer, house.sees_customer)
    except Refusal:
        return []
    return [
        Shown(each.id, each.text, each.author, each.is_mine, each.created_at.astimezone(here), bool(each.changed_at))
        for each in known
    ]


def drawn(house: House, viewer: Viewer, at: dict[str, Any] | None, stands: object) -> tuple[Any, Any]:
    """The list and its fingerprint; nothing where it stands already, so that a note being changed stays open."""
    content: list[Component] = notes.listed(listed(house, viewer, at), viewer.context.locale)
    mark = fingerprint((content,))
    return (no_update, no_update) if mark == stands and inputs.is_again(at) else (content, mark)


def acted(house: House, viewer: Viewer, at: dict[str, Any] | None, asked: object) -> tuple[Any, Any, Any]:
    """What stands against an act, the form emptied, and the page drawn again."""
    form = inputs.fields(asked)
    text, note = inputs.field_text(form, "text"), inputs.field_text(form, "id")
    act = inputs.field_text(form, "act")
    try:
        with house.database.write() as session:
            match act:
                case "write":
                    customer = View.parse(inputs.view_at(at)).selection.only_member(CUSTOMER)
                    if customer is None:
                        raise Invalid("Choose one customer first.")
                    service.write(session, viewer, customer, text, house.sees_customer)
                case "change":
                    service.change(session, viewer, note, text, house.sees_customer)
                case "remove":
                    service.remove(session, viewer, note, house.sees_customer)
                case _:
                    raise Invalid("The page sent a form that it does not have: load it again.")
    except Refusal as refusal:
        return words(viewer.context.locale)(refusal.sentence), no_update, no_update
    return "", "" if act == "write" else no_update, {**(at or {}), "again": True}
