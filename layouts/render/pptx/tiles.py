"""Tiles: risks side by side, each a state as a shape and a word, its figure and where it comes from."""

from __future__ import annotations

from layouts.answered import AnsweredPanel
from layouts.render.pptx.fitting import fitted, plain
from layouts.render.pptx.page import CONTENT, Page
from layouts.render.pptx.shapes import Line, Run
from queries.frame import Member

ACROSS, GAP, TALL, INSET = 4, 0.2, 1.9, 0.18
"""Tiles beside each other; inches between them, of their height, and within their edges."""

STATES = {"fine": ("▲", "pos", "pos-bg"), "watch": ("◆", "warn", "warn-bg"), "act": ("▼", "neg", "neg-bg")}
"""State → its shape, and the tokens of its letters and its ground."""


def place_tiles(page: Page, answered: AnsweredPanel) -> None:
    """A tile a row: name, state, figure and trend in words."""
    rows = answered.frame.rows if answered.frame is not None else ()
    left, top, wide, _ = CONTENT
    across = max(min(ACROSS, len(rows)), 2)
    width = (wide - (across - 1) * GAP) / across
    inner = width - 2 * INSET
    for at, (risk, state, figure, trend, *_) in enumerate(rows):
        if not isinstance(risk, Member) or not isinstance(state, Member):
            continue
        shape, colour, ground = STATES[state.key]
        name, size = fitted(plain(risk.name), inner, 0.25, (13, 12, 11, 10), bold=True)
        large, big = fitted(plain(str(figure)), inner, 0.45, (26, 22, 18, 15, 12), bold=True)
        said, small = fitted(plain(str(trend)), inner, 0.42, (12, 11, 10))
        lines = (
            Line((Run(name, size, "muted", bold=True),)),
            Line((Run(f"{shape} {plain(state.name)}", 12, colour, bold=True),), before=3),
            Line((Run(large, big, bold=True),), before=4),
            Line((Run(said, small, "muted"),), before=2),
        )
        box = (left + at % across * (width + GAP), top + at // across * (TALL + GAP), width, TALL)
        page.write("Risk", box, lines, fill=ground, round_by=60, inset=INSET)
