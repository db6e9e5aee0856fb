"""Notes: what people wrote down about a customer, the newest first, and the form for one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from app.values.words import Words, words
from layouts import format as fmt
from layouts.screen import ids
from layouts.screen.parts import icon

LONGEST = 1000


@dataclass(frozen=True)
class Shown:
    """A note as it is read: moments are those of the reader's zone."""

    id: str
    text: str
    author: str
    is_mine: bool
    at: datetime
    changed: bool


def place(locale: str = "en") -> Component:
    """Where the notes of the customer stand; the form keeps what is typed while the list is drawn anew."""
    t = words(locale)
    write = {"data-keep": "write", "data-to": ids.NOTES_ACT}
    text = dbc.Textarea(
        id=ids.NOTES_TEXT, name="text", maxlength=LONGEST, rows=2, class_name="field", required=True, value=""
    )
    form = html.Form(
        [
            html.Label([html.Span(t("A new note")), text]),
            html.Button(t("Write it down"), className="act pri", type="submit", **write),
        ],
        className="note-form",
        **{"data-quiet": "true"},
    )
    about = t("Read by everybody who may see this customer.")
    head = html.Header(html.Div([html.H2(t("Notes")), html.P(about, className="unit")]))
    said = html.P(id=ids.NOTES_SAID, className="said", role="alert")
    return html.Section(
        [head, html.Div(id=ids.NOTES_LIST, className="notes-list"), form, said],
        className="panel w12 customer-notes",
        **{"aria-label": t("Notes")},
    )


def listed(shown: Sequence[Shown], locale: str = "en") -> list[Component]:
    """The notes, or that there are none; one's own with what changes and deletes them."""
    t = words(locale)
    if not shown:
        return [html.P(t("Nobody has written anything down yet."), className="who")]
    return [html.Ol([_entry(each, t, locale) for each in shown], className="noted")]


def _entry(note: Shown, t: Words, locale: str) -> Component:
    day = fmt.day(note.at.date(), locale)
    changed = [f" · {t('changed')}"] if note.changed else []
    head = html.P([html.Strong(note.author), f" · {day}", *changed], className="who")
    own = [_own(note, t, day)] if note.is_mine else []
    return html.Li([head, html.P(note.text, className="note-text"), *own])


def _own(note: Shown, t: Words, day: str) -> Component:
    change = {"data-keep": "change", "data-to": ids.NOTES_ACT, "data-id": note.id}
    remove = {"data-keep": "remove", "data-to": ids.NOTES_ACT, "data-id": note.id}
    named = {"aria-label": t("Your note of {day}", day=day)}
    text = dbc.Textarea(name="text", value=note.text, maxlength=LONGEST, rows=2, class_name="field", required=True)
    form = html.Form(
        [
            html.Label([html.Span(t("Your note of {day}", day=day), className="visually-hidden"), text]),
            html.Div(
                [
                    html.Button(t("Save"), className="act pri", type="submit", **change),
                    html.Button([icon("close"), t("Delete")], className="act", type="button", **remove),
                ],
                className="wrap",
            ),
        ],
        className="note-form",
        **{"data-quiet": "true"},
    )
    return html.Details([html.Summary(t("Change this note"), **named), form])
