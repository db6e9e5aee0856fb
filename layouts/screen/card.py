"""Card: one figure with its comparisons, its trend and its state."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from app.values.view import View
from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.card import CardFace
from layouts.panel import Panel
from layouts.screen import states
from layouts.screen.parts import icon

LONG = 8
"""Letters from which on a figure is written smaller, as in languages whose units are words."""

_SHAPES = {"up": "▲", "diamond": "◆", "down": "▼"}
_MOODS = {"pos": "up", "warn": "even", "neg": "down", "none": "flat"}
_WIDE, _TALL, _EDGE = 120, 28, 3


def card(answered: AnsweredPanel, face: CardFace) -> Component:
    """An answered card."""
    locale = answered.context.locale
    if answered.state != "ready":
        sorry = states.sorry(answered.state, answered.sentence, answered.view, answered.newest_sale, locale)
        body: list[Component] = [sorry]
    else:
        body = [
            html.Div(
                face.value_text, className="val long" if len(face.value_text) > LONG else "val", title=face.exact_text
            ),
            html.Dl([_comparison(*row) for row in face.rows]),
            _spark(face.spark),
            *_state(face),
        ]
    return html.Article(
        [_title(face.title, locale), *body],
        className="kpi",
        **{
            "data-panel": answered.panel.id,
            "data-state": "loading",
            "data-outcome": answered.state,
            "data-view": str(answered.view),
        },
    )


def instead(panel: Panel, state: str, sentence: str, view: str, locale: str = "en") -> Component:
    """A card that could not even be answered."""
    content = [
        _title(words(locale)(panel.title), locale),
        states.sorry(state, sentence, View.parse(view), locale=locale),
    ]
    return html.Article(
        content,
        className="kpi",
        **{"data-panel": panel.id, "data-state": "loading", "data-outcome": state, "data-view": view},
    )


def placeholder(panel: Panel, locale: str = "en") -> Component:
    """The card before its answer: the same size, so that nothing moves."""
    content = [_title(words(locale)(panel.title), locale), html.Div(className="skeleton")]
    return html.Article(content, className="kpi", **{"data-panel": panel.id, "data-state": "loading"})


def _title(title: str, locale: str) -> Component:
    name = words(locale)("How {title} is computed", title=title)
    explain = html.Button(
        icon("explain"), className="i", type="button", title=name, **{"aria-label": name, "data-tool": "explain"}
    )
    return html.H2([html.Span(title, title=title), explain])


def _comparison(label: str, text: str, sentiment: str) -> Component:
    return html.Div([html.Dt(label), html.Dd(text, className=sentiment if sentiment != "none" else "")])


def _state(face: CardFace) -> list[Component]:
    if face.state is None:
        return []
    word, shape, mood = face.state
    sign = html.Span(_SHAPES[shape], **{"aria-hidden": "true"})
    return [html.Div([sign, word], className=f"state {_MOODS[mood]}")]


def _spark(points: Sequence[float | None]) -> Component:
    """The trend as a line with its last point, drawn as a mask so that it takes the theme's colour."""
    spots = spots_of(points)
    if len(spots) < 2:
        return html.Div(className="spark", **{"aria-hidden": "true"})
    line = " ".join(f"{'M' if at == 0 else 'L'}{x:.1f},{y:.1f}" for at, (x, y) in enumerate(spots))
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDE} {_TALL}' preserveAspectRatio='none'>"
        f"<path d='{line}' fill='none' stroke='black' stroke-width='1.6' stroke-linejoin='round' "
        "vector-effect='non-scaling-stroke'/></svg>"
    )
    mask = f'url("data:image/svg+xml,{quote(drawing)}") 0 0/100% 100% no-repeat'
    x, y = spots[-1]
    dot = html.I(style={"left": f"{x / _WIDE:.2%}", "top": f"{y / _TALL:.2%}"})
    return html.Div(
        [html.Span(style={"mask": mask, "WebkitMask": mask}), dot], className="spark", **{"aria-hidden": "true"}
    )


def spots_of(points: Sequence[float | None]) -> list[tuple[float, float]]:
    """The points inside a 120 × 28 box, the lowest at the bottom; steps without a figure are left out."""
    known = [(at, value) for at, value in enumerate(points) if value is not None]
    if not known:
        return []
    values = [value for _, value in known]
    low, high = min(values), max(values)
    stretch = (_TALL - 2 * _EDGE) / (high - low) if high > low else 0.0
    step = (_WIDE - 2 * _EDGE) / max(len(points) - 1, 1)
    middle = _TALL / 2 if stretch == 0 else 0.0
    return [(_EDGE + at * step, middle or _TALL - _EDGE - (value - low) * stretch) for at, value in known]
