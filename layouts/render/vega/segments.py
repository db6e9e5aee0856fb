"""Segments: the grid of recency by frequency and money as a figure; on the screen it is a table of links."""

from __future__ import annotations

from textwrap import wrap

from app.domain.segments import CELLS
from app.values.segmentation import SCORES
from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import number
from layouts.render.plotly.parts import Figure, Part, bare, font, hidden_axis, note, plain, sentence
from layouts.render.vega.letters import width_of
from queries.frame import Frame, Member, Row

COLOURS = {
    "champions": ("shade-4",),
    "loyal": ("shade-4", "shade-3/0.7"),
    "promising": ("shade-2",),
    "new": ("shade-1",),
    "drifting": ("land",),
    "cannot_lose": ("warn",),
    "at_risk": ("warn/0.34",),
    "hibernating": ("warn-bg",),
}
"""Coats of paint by segment, the last on top."""

ON_DARK = frozenset({"champions", "loyal", "cannot_lose"})
"""Segments whose colour is so strong that its letters are those of the ground."""

GAP = 0.015
LEFT, RIGHT = 44, 6
SMALLEST, SMALL, LETTER = 7.0, 10.0, 0.56
"""Sizes of a segment's name, and how wide a letter is in them."""

NEAR = 16
"""Pixels from the middle of a cell to its figure above."""


def segment_grid(answered: AnsweredPanel, width: int) -> Figure:
    """Five by five cells with customers, share and segment; lately is at the right, often and much at the top.

    `width` is the picture's, in pixels: a name has to fit its cell.
    """
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or len(frame.rows) != len(CELLS):
        return sentence(answered, t("There is no figure to draw here."))
    layout = bare(answered, left=LEFT, right=RIGHT, top=22, bottom=24)
    ends = [SCORES[0] - 0.5, SCORES[-1] + 0.5]
    layout |= {"xaxis": hidden_axis(range=ends), "yaxis": hidden_axis(range=ends)}
    wide = (width - LEFT - RIGHT) / len(SCORES) * (1 - 2 * GAP) - 4
    for cell, row in zip(reversed(tuple(CELLS)), frame.rows, strict=True):
        recency, both = CELLS[cell]
        layout["shapes"] += _coats(recency, both, _segment(row))
        layout["annotations"] += _told(recency, both, row, frame, (answered.context.locale, wide))
    quiet = font(11, "token:muted")
    layout["annotations"] += [
        *(note(str(score), score, 1, yref="paper", yanchor="bottom", yshift=2, font=quiet) for score in SCORES),
        *(note(str(score), 0, score, xref="paper", xanchor="right", xshift=-6, font=quiet) for score in SCORES),
        note(t("Long ago"), 0, 0, xref="paper", yref="paper", xanchor="left", yanchor="top", font=quiet),
        note(f"<b>{plain(t('Recency'))}</b>", 0.5, 0, xref="paper", yref="paper", yanchor="top", font=quiet),
        note(t("Lately"), 1, 0, xref="paper", yref="paper", xanchor="right", yanchor="top", font=quiet),
        note(f"<b>{plain(t('Frequency and money'))}</b>", 0, 0.5, xref="paper", yref="paper", xshift=-32, textangle=-90,
             font=quiet),
    ]  # fmt: skip
    return {"data": [], "layout": layout}


def _segment(row: Row) -> str:
    return row[1].key if isinstance(row[1], Member) else ""


def _coats(recency: int, both: int, segment: str) -> list[Part]:
    half = 0.5 - GAP
    box = {"type": "rect", "x0": recency - half, "x1": recency + half, "y0": both - half, "y1": both + half}
    return [
        {**box, "fillcolor": f"token:{coat}", "line": {"width": 0}, "layer": "below"}
        for coat in COLOURS.get(segment, ("land",))
    ]


def _told(recency: int, both: int, row: Row, frame: Frame, room: tuple[str, float]) -> list[Part]:
    """How many customers a cell holds, what part of the sales they make, and what its segment is called."""
    locale, wide = room
    customers, share = number(row[frame.index("customers")]) or 0, number(row[frame.index("share")])
    colour = "token:surface" if _segment(row) in ON_DARK else "token:ink"
    name = row[1].name if isinstance(row[1], Member) else ""
    lines = wrap(name, max(1, int(wide / (SMALL * LETTER))), break_long_words=False) or [""]
    longest = max(width_of(line, 1) for line in lines) or 1.0
    small = {**font(colour=colour), "size": max(SMALLEST, min(SMALL, wide / longest))}
    told = [
        note(f"<b>{fmt.exact(customers, 'count', locale, '')}</b>", recency, both, yshift=NEAR, font=font(14, colour)),
        note("<br>".join(plain(line) for line in lines), recency, both, yanchor="top", yshift=-5, font=small),
    ]
    if customers and share is not None:
        told.append(note(fmt.percent(share, locale), recency, both, yshift=1, font=font(11, colour)))
    return told
