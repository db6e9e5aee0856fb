"""Cards: key figures side by side, each with its comparisons, its state and a small line that can be edited."""

from __future__ import annotations

from collections.abc import Sequence

from layouts.answered import AnsweredPanel
from layouts.card import card_face
from layouts.native import native_chart
from layouts.render.pptx.charts import ready_to_draw
from layouts.render.pptx.fitting import fitted, plain
from layouts.render.pptx.page import CONTENT, Page
from layouts.render.pptx.shapes import Line, Run

ACROSS, MOST = 4, 8
"""Cards beside each other, and on one slide."""

GAP, TALLEST, INSET, LINE = 0.2, 2.4, 0.16, 0.5
"""Inches between cards, of a card's height, within its edges, and of its small line."""

SHAPES = {"up": "▲", "diamond": "◆", "down": "▼"}
"""States without colour."""


def place_cards(page: Page, cards: Sequence[AnsweredPanel]) -> None:
    """At most eight cards in rows of at most four."""
    left, top, wide, tall = CONTENT
    across = min(ACROSS, max(len(cards), 2))
    down = -(-len(cards) // across)
    width = (wide - (across - 1) * GAP) / across
    height = min(TALLEST, (tall - (down - 1) * GAP) / down)
    for at, answered in enumerate(cards):
        box = (left + at % across * (width + GAP), top + at // across * (height + GAP), width, height)
        _card(page, answered, box)


def _card(page: Page, answered: AnsweredPanel, box: tuple[float, float, float, float]) -> None:
    face = card_face(answered)
    inner = box[2] - 2 * INSET
    title, size = fitted(plain(face.title), inner, 0.24, (12, 11, 10), bold=True)
    lines = [Line((Run(title, size, "muted", bold=True),))]
    if answered.state != "ready":
        said, small = fitted(plain(answered.sentence), inner, box[3] - 0.75, (13, 12, 11, 10))
        lines.append(Line((Run(said, small, "muted"),), before=4))
    else:
        value, large = fitted(plain(face.value_text), inner, 0.55, (28, 24, 20, 16), bold=True)
        lines.append(Line((Run(value, large, bold=True),), before=1))
        if face.state is not None:
            word, shape, mood = face.state
            lines.append(Line((Run(f"{SHAPES[shape]} {plain(word)}", 11, "muted" if mood == "none" else mood, True),)))
        for label, text, sentiment in face.rows[:3]:
            colour = "ink" if sentiment == "none" else sentiment
            what, fine = fitted(plain(f" {label}"), inner - 0.8, 0.2, (11, 10))
            lines.append(Line((Run(plain(text), 11, colour, True), Run(what, fine, "muted")), before=1))
    leads = page.link(page.handout.link_of(answered))
    page.write("Key figure", box, lines, fill="bg", round_by=60, inset=INSET, link=leads)
    chart = native_chart(answered)
    if chart is not None:
        where = (box[0] + INSET, box[1] + box[3] - LINE - 0.1, inner, LINE)
        page.draw(ready_to_draw(chart, answered), face.title, face.spoken, where, bare=True)
