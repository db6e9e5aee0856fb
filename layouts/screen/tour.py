"""Tour: five steps through the page for somebody new, offered once beside the path and never in the way."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.values.words import Words, say, words
from layouts.screen import ids
from layouts.screen.parts import icon

_STEPS = (
    (
        "#lede, main h1",
        say("The most important thing, in words"),
        say("Each dashboard begins with a sentence. Its names are links to what they name."),
    ),
    (
        "#picks",
        say("What you look through"),
        say("Choose period, comparisons, currency, basis and filters here. Every choice is kept in the address."),
    ),
    (
        "[data-panel] h2",
        say("One question at a time"),
        say("Every card and panel answers one question. Open a name or a mark in it to go one step deeper."),
    ),
    (
        "#crumbs",
        say("Where you stand"),
        say("The path leads back up, step by step. The browser's Back undoes whatever you did last."),
    ),
    (
        "[data-help]",
        say("How it is computed"),
        say("Each figure explains itself. The help defines them all, and lists every key and gesture."),
    ),
)
"""What a step points at, its heading and its sentence."""


def invitation(locale: str) -> list[Component]:
    """The offer, and the way to be rid of it."""
    t = words(locale)
    return [
        html.Button(t("Take the tour"), className="act", type="button", **{"data-tour": "start"}),
        html.Button(
            icon("close"),
            className="tour-away",
            type="button",
            title=t("No tour, thank you"),
            **{"aria-label": t("No tour, thank you"), "data-tour": "never"},
        ),
    ]


def dialog(locale: str) -> Component:
    """The steps, closed until somebody wants them; the browser shows one at a time and a ring around its place."""
    t = words(locale)
    steps = [_step(t, at, *step) for at, step in enumerate(_STEPS, start=1)]
    buttons = [
        html.Button(t("End the tour"), className="act", type="button", **{"data-tour": "end"}),
        html.Span(className="sp"),
        html.Button(t("Back"), className="act", type="button", **{"data-tour": "back"}),
        html.Button(t("Next"), className="act pri", type="button", **{"data-tour": "next"}),
    ]
    return html.Dialog(
        [
            html.Div(className="tour-ring", **{"aria-hidden": "true"}),
            html.Div(
                [
                    html.H2(t("A tour of the page"), id=f"{ids.TOUR}-title"),
                    html.Div(steps, role="status"),
                    html.Div(buttons, className="tour-buttons"),
                ],
                className="tour-card",
            ),
        ],
        id=f"{ids.TOUR}-dialog",
        className="tour",
        **{"aria-labelledby": f"{ids.TOUR}-title"},
    )


def _step(t: Words, at: int, target: str, title: str, sentence: str) -> Component:
    return html.Div(
        [
            html.P(t("Step {n} of {all}", n=at, all=len(_STEPS)), className="who"),
            html.H3(t(title)),
            html.P(t(sentence)),
        ],
        hidden=at > 1,
        **{"data-target": target},
    )
