"""Displays: the dialog that puts the view that stands on a screen without a session, and takes screens away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from app.values.words import Words, say, words
from layouts import format as fmt
from layouts.screen import ids
from layouts.screen.parts import icon
from layouts.screen.surroundings import Surroundings, as_of_text

LONGEST_NAME = 120

SPANS: Mapping[str, str] = {
    "7": say("A week"),
    "30": say("A month"),
    "90": say("Three months"),
    "365": say("A year"),
}
"""For how many days a screen is let in."""

USUAL = "90"


@dataclass(frozen=True)
class Shown:
    """A screen as its creator sees it; `ended` is None while it shows something, else "expired" or "revoked"."""

    id: str
    name: str
    view: str
    dashboard: str
    creator: str
    until: datetime
    seen: datetime | None
    ended: str | None


def dialog(locale: str = "en") -> Component:
    """The dialog, empty until it is opened."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(words(locale)("Show on a display"), id="displays-title")),
            dbc.ModalBody(
                [
                    html.Div(id=ids.DISPLAYS_BODY, className="stack"),
                    html.P(id=ids.DISPLAYS_SAID, className="said", role="alert"),
                ]
            ),
        ],
        id=ids.DISPLAYS,
        is_open=False,
        labelledby="displays-title",
        scrollable=True,
        fullscreen="sm-down",
        size="lg",
    )


def body(around: Surroundings, shown: Sequence[Shown], address: str = "") -> list[Component]:
    """The form, above it the address that was just made, below it the screens there are."""
    t = words(around.viewer.context.locale)
    content = [*_made(address, t), _form(around, t)]
    if shown:
        entries = [_entry(each, t, around.viewer.context.locale) for each in shown]
        content += [html.H3(t("Screens")), html.Ul(entries, className="views displays")]
    return content


def _made(address: str, t: Words) -> list[Component]:
    if not address:
        return []
    told = t(
        "Open this address on the display. It is told this once: whoever has it sees the view, without signing in."
    )
    field = dbc.Input(value=address, readonly=True, class_name="field", id="display-address")
    copy = html.Button(t("Copy"), className="act pri", type="button", **{"data-copy": address})
    return [
        html.Div(
            [html.Label(told, htmlFor="display-address"), html.Div([field, copy], className="beside")], className="made"
        )
    ]


def _form(around: Surroundings, t: Words) -> Component:
    board = t(around.dashboard.title) if around.dashboard else ""
    name = dbc.Input(
        name="name", value=board, maxlength=LONGEST_NAME, class_name="field", autocomplete="off", required=True
    )
    span = dbc.Select(
        name="days",
        value=USUAL,
        class_name="field",
        options=[{"label": t(SPANS[each]), "value": each} for each in SPANS],
    )
    grant = {"data-keep": "grant", "data-to": ids.DISPLAYS_ACT}
    about = t("The display shows what you see now, with your rights of the day, and nothing else.")
    return html.Form(
        [
            html.P(about, className="who"),
            html.Label([t("Where it hangs"), name]),
            html.Label([t("For how long"), span]),
            html.Div(
                html.Button(t("Make an address"), className="act pri", type="submit", **grant), className="wrap end"
            ),
        ],
        className="stack save-form",
        **{"data-quiet": "true"},
    )


def _entry(shown: Shown, t: Words, locale: str) -> Component:
    day = fmt.day(shown.until.date(), locale)
    ends = {"expired": t("ended on {day}", day=day), "revoked": t("taken away")}
    stands = ends[shown.ended] if shown.ended else t("until {day}", day=day)
    seen = t("last seen {when}", when=as_of_text(shown.seen, locale)) if shown.seen else t("not seen yet")
    told = " · ".join(filter(None, (t(shown.dashboard), shown.creator, stands, seen)))
    name = html.A([html.Span(shown.name), html.Small(told)], href=shown.view)
    if shown.ended:
        return html.Li(name, className="over")
    title = t("Take {name} away", name=shown.name)
    revoke = {"data-keep": "revoke", "data-to": ids.DISPLAYS_ACT, "data-id": shown.id, "aria-label": title}
    return html.Li([name, html.Button([icon("close"), t("Take away")], className="act", type="button", **revoke)])
