"""Views: the saved ones in a sheet, the dialog that saves one, and the button in the bar that says which stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from app.values.view import View
from app.values.words import Words, say, words
from layouts.dashboard import Dashboard
from layouts.ready import ReadyMade
from layouts.screen import ids
from layouts.screen.kept import KeptView
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings

GROUPS = {"mine": say("Mine"), "team": say("My team’s"), "role": say("For my role"), "everyone": say("For everyone")}

AUDIENCES: Mapping[str, str] = {
    "private": say("Only me"),
    "team": say("My team"),
    "role": say("People of some roles"),
    "everyone": say("Everyone"),
}

LONGEST_NAME = 120


@dataclass(frozen=True)
class Offer:
    """What the dialog may offer: audiences, role id → title, and where the opened view is begun with already."""

    audiences: tuple[str, ...] = ("private",)
    roles: Mapping[str, str] = field(default_factory=dict)
    sets_defaults: bool = False
    begins: bool = False
    home: bool = False
    begins_for: tuple[str, ...] = ()


def button(around: Surroundings) -> Component:
    """Which saved view stands, whether it was changed since, and the way to all of them."""
    t, saved = words(around.viewer.context.locale), around.saved
    name = saved.name if saved else t("Not saved")
    changed = [html.Em(t("changed"), className="changed")] if around.is_changed else []
    return html.Button(
        [html.Small(t("View")), html.Span([html.Span(name, className="view-name"), *changed])],
        className="pick-button views-button",
        type="button",
        title=name,
        **{"data-tool": "views", "aria-haspopup": "dialog"},
    )


def sheet(locale: str = "en") -> Component:
    """The sheet of saved views, empty until it is opened."""
    return dbc.Offcanvas(
        html.Div(id=ids.VIEWS_BODY, className="stack"),
        id=ids.VIEWS,
        title=words(locale)("Saved views"),
        placement="end",
        is_open=False,
        scrollable=True,
    )


def dialog(locale: str = "en") -> Component:
    """The dialog that saves a view, empty until it is opened."""
    title = words(locale)("Save this view")
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(title, id="save-title")),
            dbc.ModalBody([html.Div(id=ids.SAVE_BODY), html.P(id=ids.SAVE_SAID, className="said", role="alert")]),
        ],
        id=ids.SAVE,
        is_open=False,
        labelledby="save-title",
        scrollable=True,
        fullscreen="sm-down",
    )


def listing(around: Surroundings, cards: Sequence[KeptView], gone: Sequence[KeptView]) -> list[Component]:
    """What can be done with the view that stands, then every saved view there is for the viewer, by whose it is."""
    t = words(around.viewer.context.locale)
    content = [_actions(around, t), *_ready_made(around, t)]
    for whose, title in GROUPS.items():
        group = [card for card in cards if card.whose == whose]
        if group:
            content += [html.H3(t(title)), html.Ul([_entry(around, card, t) for card in group], className="views")]
    if not cards:
        content.append(html.P(t("Nothing is saved yet. What you see now can be kept under a name."), className="who"))
    if gone:
        restore = [html.Li([html.Span(card.name), _keep("restore", t("Bring back"), card)]) for card in gone]
        content.append(html.Details([html.Summary(t("Deleted")), html.Ul(restore, className="views")]))
    return content


def _ready_made(around: Surroundings, t: Words) -> list[Component]:
    """The views that come with the dashboards."""
    entries = [
        html.Li(html.A([html.Span(t(each.title)), html.Small(f"{t(board.title)} · {t(each.audience)}")], href=href))
        for board in around.dashboards
        for each, href in ready_made(board)
    ]
    return [html.H3(t("Ready-made")), html.Ul(entries, className="views")] if entries else []


def ready_made(dashboard: Dashboard) -> list[tuple[ReadyMade, str]]:
    """The ready-made views of a dashboard, with their addresses."""
    return [(each, str(View.parse(f"/d/{dashboard.id}?{each.query}"))) for each in dashboard.views]


def _actions(around: Surroundings, t: Words) -> Component:
    save = html.Button(
        [icon("check"), t("Save…")],
        className="act pri",
        type="button",
        **{"data-tool": "save", "aria-keyshortcuts": "Control+S"},
    )
    copy = html.Button([icon("out"), t("Copy link")], className="act", type="button", **{"data-keep": "link"})
    leave = (
        html.A(t("Leave {name}", name=around.saved.name), href=f"{around.view}#", className="act")
        if around.saved
        else None
    )
    show = html.Button(
        [icon("dashboard"), t("Show on a display…")], className="act", type="button", **{"data-tool": "displays"}
    )
    shows = [show] if around.viewer.may("embed") else []
    return html.Div([save, copy, *shows, *([leave] if leave else [])], className="wrap")


def _entry(around: Surroundings, card: KeptView, t: Words) -> Component:
    current: dict[str, Any] = {"aria-current": "true"} if around.saved and around.saved.id == card.id else {}
    owner = "" if card.is_mine else card.owner
    board = next((each.title for each in around.dashboards if each.id == card.dashboard), card.dashboard)
    name = html.A(
        [html.Span(card.name), html.Small(" · ".join(filter(None, (t(board), owner))))], href=card.href, **current
    )
    pin = _keep("unpin" if card.is_pinned else "pin", "", card)
    pin.children = icon("pin")
    told = t("Unpin {name}", name=card.name) if card.is_pinned else t("Pin {name} to the navigation", name=card.name)
    for button_name, value in {"title": told, "className": "tool"}.items():
        setattr(pin, button_name, value)
    setattr(pin, "aria-label", told)
    setattr(pin, "aria-pressed", str(card.is_pinned).lower())
    remove = []
    if card.is_mine:
        gone = t("Delete {name}", name=card.name)
        attributes = {"data-keep": "remove", "data-id": card.id}
        remove = [
            html.Button(
                icon("close"), className="tool", type="button", title=gone, **{"aria-label": gone, **attributes}
            )
        ]
    return html.Li([name, pin, *remove])


def _keep(act: str, title: str, card: KeptView) -> Component:
    return html.Button(title, className="act", type="button", **{"data-keep": act, "data-id": card.id})


def form(around: Surroundings, offer: Offer) -> Component:
    """The fields of the dialog: those of the opened view when it is one's own, else a new view's."""
    t, saved = words(around.viewer.context.locale), around.saved
    own = saved if saved is not None and saved.is_mine else None
    board = t(around.dashboard.title) if around.dashboard else ""
    fields: list[Component] = [
        html.Label(
            [
                t("Name"),
                dbc.Input(
                    name="name",
                    value=own.name if own else "",
                    maxlength=LONGEST_NAME,
                    class_name="field",
                    autofocus=True,
                    autocomplete="off",
                    required=True,
                ),
            ]
        ),
        html.Label(
            [
                t("Who may use it"),
                dbc.Select(
                    name="visibility",
                    value=own.visibility if own else "private",
                    class_name="field",
                    options=[{"label": t(AUDIENCES[each]), "value": each} for each in offer.audiences],
                ),
            ]
        ),
    ]
    if "role" in offer.audiences:
        chosen = own.roles if own else ()
        fields.append(_roles(t("These roles"), "role:", offer.roles, chosen, "of-roles"))
    fields += [
        _tick("pinned", t("Pin it to the navigation"), bool(own and own.is_pinned)),
        _tick("begins", t("Begin {dashboard} with it", dashboard=board), offer.begins),
        _tick("home", t("Begin Salient with it"), offer.home),
    ]
    if offer.sets_defaults:
        title = t("Begin {dashboard} with it for", dashboard=board)
        fields.append(_roles(title, "for:", offer.roles, offer.begins_for, "for-roles"))
    return html.Form(
        [*fields, html.Div(_buttons(own, t), className="wrap end")],
        className="stack save-form",
        key=f"{around.view}#{own.version if own else ''}",
        **{"data-quiet": "true"},
    )


def _buttons(own: KeptView | None, t: Words) -> list[Component]:
    save = {"data-keep": "save"}
    if own is None:
        return [html.Button(t("Save"), className="act pri", type="submit", **save)]
    change = {"data-keep": "change", "data-id": own.id, "data-version": str(own.version)}
    return [
        html.Button(t("Save as a new view"), className="act", type="button", **save),
        html.Button(t("Save changes"), className="act pri", type="submit", **change),
    ]


def _tick(name: str, title: str, ticked: bool) -> Component:
    box: Component = dbc.Checkbox(
        id=f"tick-{name.replace(':', '-')}", name=name, label=title, value=ticked, class_name="tick"
    )
    return box


def _roles(title: str, prefix: str, roles: Mapping[str, str], chosen: Sequence[str], kind: str) -> Component:
    ticks = [_tick(f"{prefix}{role}", name, role in chosen) for role, name in roles.items()]
    return html.Fieldset([html.Legend(title), *ticks], className=kind)


def told(sentence: str, locale: str, *, undo: str = "") -> Component:
    """What was done, in a sentence, with the way back where there is one: `undo` is the id of a deleted view."""
    t = words(locale)
    back = [_undo(t("Undo"), undo)] if undo else []
    alert: Component = dbc.Alert([sentence, *back], color="light", dismissable=True, duration=15_000, class_name="told")
    return alert


def _undo(title: str, view_id: str) -> Component:
    return html.Button(title, className="act", type="button", **{"data-keep": "restore", "data-id": view_id})
