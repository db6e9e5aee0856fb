"""Live: as of when the figures are, and the buttons that stop and resume looking for newer ones."""

from __future__ import annotations

from datetime import date

from dash import html
from dash.development.base_component import Component

from app.values.words import words
from layouts.screen.surroundings import Stand, as_of_text


def stand_mark(generation: int, today: date) -> str:
    """What changes whenever figures may: the state of the data and the day; `stand_mark(7, …) == "7.2026-11-21"`."""
    return f"{generation}.{today.isoformat()}"


def status(stand: Stand, today: date, locale: str, *, still: bool = False) -> Component:
    """The data's stand beside the path. `still` is for a screen that nobody sits at: it cannot be paused."""
    t, told = words(locale), as_of_text(stand.as_of, locale)
    said = t("Data as of {day}", day=told) if told else t("No data yet")
    pause = _button("pause", t("Pause"), t("Pause: do not look for newer data"))
    resume = _button("resume", t("Resume"), t("Resume: look for newer data"))
    return html.Div(
        [html.Span(said, className="live-said"), *([] if still else (pause, resume))],
        className="live-status",
        **{"data-stand": stand_mark(stand.generation, today)},
    )


def _button(act: str, title: str, name: str) -> Component:
    return html.Button(title, type="button", title=name, **{"data-live": act, "aria-label": name})
