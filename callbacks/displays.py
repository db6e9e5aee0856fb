"""Displays: a view is put on a screen without a session, and screens are taken away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dash import Input, Output, State, no_update
from dash.development.base_component import Component

from app.services import displays as service
from app.services.displays import DisplayCard
from app.values.errors import Invalid, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from callbacks import inputs
from callbacks.registry import Registry
from callbacks.surroundings import surroundings
from layouts.screen import displays, ids
from layouts.screen.displays import SPANS, Shown

if TYPE_CHECKING:
    from app.assembly import House

ENDED = 5
"""Screens that show nothing any more which are listed all the same, the latest first."""


def register(registry: Registry, house: House) -> None:
    """Put the dialog and its acts on the application."""

    def open_dialog(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return (no_update,) * 3
        return True, listed(house, registry.current_viewer(), at), ""

    def act(asked: Any, at: dict[str, Any] | None, href: Any) -> Any:
        if asked is None or not inputs.view_at(at):
            return (no_update,) * 2
        return acted(house, registry.current_viewer(), at, asked, href)

    registry.callback(
        Output(ids.DISPLAYS, "is_open"),
        Output(ids.DISPLAYS_BODY, "children"),
        Output(ids.DISPLAYS_SAID, "children"),
        Input(ids.DISPLAYS_ASKED, "data"),
        State(ids.AT, "data"),
        permission=service.PERMISSION,
        prevent_initial_call=True,
    )(open_dialog)
    registry.callback(
        Output(ids.DISPLAYS_BODY, "children", allow_duplicate=True),
        Output(ids.DISPLAYS_SAID, "children", allow_duplicate=True),
        Input(ids.DISPLAYS_ACT, "data"),
        State(ids.AT, "data"),
        State(ids.URL, "href"),
        permission=service.PERMISSION,
        prevent_initial_call=True,
    )(act)


def listed(house: House, viewer: Viewer, at: dict[str, Any] | None, address: str = "") -> list[Component]:
    """The form for the view that stands, and the viewer's screens; to administrators everybody's."""
    around = surroundings(house, viewer, View.parse(inputs.view_at(at)))
    now = datetime.now(UTC)
    with house.database.read() as session:
        cards = service.listed(session, viewer)
    titles = {each.id: each.title for each in house.dashboards}
    shown = [_shown(card, viewer, titles, now) for card in cards]
    gone = [each for each in shown if each.ended][:ENDED]
    return displays.body(around, [*(each for each in shown if not each.ended), *gone], address)


def acted(house: House, viewer: Viewer, at: dict[str, Any] | None, asked: object, href: object) -> tuple[Any, Any]:
    """The dialog after an act, with the new address in it; or what stands against it."""
    form = inputs.fields(asked)
    address = ""
    try:
        with house.database.write() as session:
            match inputs.field_text(form, "act"):
                case "grant":
                    days = inputs.field_text(form, "days")
                    if days not in SPANS:
                        raise Invalid("Choose from the list for how long the display is let in.")
                    name, lasts = inputs.field_text(form, "name"), timedelta(days=int(days))
                    _, token = service.grant(session, viewer, name=name, view=inputs.view_at(at), lasts=lasts)
                    address = f"{_origin(href)}/screen/{token}"
                case "revoke":
                    service.revoke(session, viewer, inputs.field_text(form, "id"))
                case _:
                    raise Invalid("The page sent a form that it does not have: load it again.")
    except Refusal as refusal:
        return no_update, words(viewer.context.locale)(refusal.sentence)
    return listed(house, viewer, at, address), ""


def _origin(href: object) -> str:
    """`http://host:8050/d/sales` → `http://host:8050`; empty for what is no address."""
    try:
        parts = urlsplit(href) if isinstance(href, str) else None
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts is not None and parts.scheme in ("http", "https") else ""


def _shown(card: DisplayCard, viewer: Viewer, titles: dict[str, str], now: datetime) -> Shown:
    ended = "revoked" if card.revoked_at else "expired" if card.expires_at <= now else None
    board = View.parse(card.view).dashboard
    creator = card.creator if card.creator != viewer.name else ""
    title = titles.get(board, board)
    here = ZoneInfo(viewer.context.zone)
    seen = card.seen_at.astimezone(here) if card.seen_at else None
    return Shown(card.id, card.name, card.view, title, creator, card.expires_at.astimezone(here), seen, ended)
