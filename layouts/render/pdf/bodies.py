"""Bodies: what stands inside a panel on paper, as plain data for the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.segments import CELLS
from app.values.segmentation import SCORES
from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.card import Mood, Shape, card_face
from layouts.columns import Cell, Table, member_text, number
from layouts.marks import Card, Identity, Risks, SegmentGrid, TreeTable
from layouts.render.pdf.weighing import weighed
from layouts.render.tree import tree
from layouts.render.vega import picture
from layouts.theme import Theme, tokens
from queries.frame import Frame, Member, Row

Body = dict[str, Any]

FACTS_IN_A_ROW = 5

STATES: Mapping[str, tuple[Shape, Mood]] = {
    "fine": ("up", "pos"),
    "watch": ("diamond", "warn"),
    "act": ("down", "neg"),
}
"""How a risk stands, as a shape and a mood."""

SEGMENT_COLOURS: Mapping[str, tuple[tuple[str, str, float], str]] = {
    "champions": (("shade-4", "shade-4", 1), "surface"),
    "loyal": (("shade-3", "shade-4", 0.7), "surface"),
    "promising": (("shade-2", "shade-2", 1), "ink"),
    "new": (("shade-1", "shade-1", 1), "ink"),
    "drifting": (("land", "land", 1), "ink"),
    "cannot-lose": (("warn", "warn", 1), "surface"),
    "at-risk": (("warn", "surface", 0.34), "ink"),
    "hibernating": (("warn-bg", "warn-bg", 1), "ink"),
}
"""Segment → the two tokens its cell is mixed of and the part of the first, then the token of what is written on it."""


def card(answered: AnsweredPanel) -> Body:
    """A figure with its comparisons, thirteen points of trend and its state."""
    face = card_face(answered)
    return {
        "kind": "card",
        "value": face.value_text,
        "rows": [list(row) for row in face.rows],
        "spark": spots_of(face.spark),
        "state": None if face.state is None else list(face.state),
    }


def body(answered: AnsweredPanel, width: float, theme: Theme, accent: str, most: int) -> Body:
    """What an answered panel shows in `width` pixels; of a table the first `most` rows."""
    if answered.state != "ready":
        return {"kind": "sorry", "sentence": answered.sentence}
    match answered.mark:
        case Card():
            return card(answered)
        case Risks():
            return _tiles(answered)
        case Identity():
            return _facts(answered)
        case SegmentGrid():
            return _segments(answered, theme)
        case TreeTable():
            return _tree(answered, width, most)
    return _picture(answered, width, theme, accent) or table(answered.table, width, most)


def _picture(answered: AnsweredPanel, width: float, theme: Theme, accent: str) -> Body | None:
    drawn = picture(answered, int(width), theme, accent)
    if drawn is None:
        return None
    return {"kind": "picture", "svg": drawn.svg, "alt": drawn.alt or answered.finding or answered.title}


def table(told: Table, width: float, most: int) -> Body:
    """The first rows of a table, and its totals, in columns as wide as what stands in them needs."""
    shown = told.rows[:most]
    size, weights = weighed(
        [column.title for column in told.columns],
        [[cell.text for cell in row] for row in (*shown[:200], *([told.totals] if told.totals else []))],
        [column.numeric for column in told.columns],
        width,
    )
    return {
        "kind": "table",
        "columns": [column.title for column in told.columns],
        "right": [column.numeric for column in told.columns],
        "weights": weights,
        "size": size,
        "cells": [_cell(cell) for row in shown for cell in row],
        "totals": None if told.totals is None else [_cell(cell) for cell in told.totals],
    }


def _cell(cell: Cell) -> list[str]:
    return [cell.text, cell.sentiment]


def _tree(answered: AnsweredPanel, width: float, most: int) -> Body:
    """The rows of the first level with their trends; what they open into is on the screen."""
    drawn = tree(answered).get("tree", {"columns": [], "rows": [], "total": []})
    numeric = [column["kind"] == "figure" for column in drawn["columns"]]
    titles = [column["title"] for column in drawn["columns"]]
    rows = [_branch(row) for row in (*drawn["rows"][:most], *drawn["total"])]
    texts = [["0" * 11 if isinstance(cell, dict) else cell[0] for cell in row] for row in rows]
    size, weights = weighed(titles, texts, numeric, width)
    total = rows[len(rows) - len(drawn["total"]) :]
    return {
        "kind": "table",
        "columns": titles,
        "right": numeric,
        "weights": weights,
        "size": size,
        "cells": [cell for row in rows[: len(rows) - len(total)] for cell in row],
        "totals": total[0] if total else None,
    }


def _branch(row: Mapping[str, Any]) -> list[Any]:
    spark = {"spark": spots_of(row["spark"])}
    return [[row["name"], "none"], spark, *([cell["text"], cell["tone"]] for cell in row["cells"])]


def _tiles(answered: AnsweredPanel) -> Body:
    rows = answered.frame.rows if answered.frame is not None else ()
    return {"kind": "tiles", "tiles": [_tile(*row[:4]) for row in rows]}


def _tile(risk: object, state: object, figure: object, trend: object) -> Body:
    if not isinstance(risk, Member) or not isinstance(state, Member):
        raise TypeError("a risk has a name and a state")
    return {
        "name": risk.name,
        "state": [state.name, *STATES[state.key]],
        "figure": str(figure),
        "trend": str(trend),
    }


def _facts(answered: AnsweredPanel) -> Body:
    rows = answered.frame.rows if answered.frame is not None else ()
    locale = answered.context.locale
    facts = [[fact.name, member_text(value, None, locale)] for fact, value in rows if isinstance(fact, Member)]
    return {"kind": "facts", "facts": facts, "columns": min(FACTS_IN_A_ROW, max(len(facts), 1))}


def _segments(answered: AnsweredPanel, theme: Theme) -> Body:
    """Five by five; lately is at the right, often and much at the top."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None:
        return {"kind": "sorry", "sentence": answered.sentence}
    found = dict(zip(reversed(tuple(CELLS)), frame.rows, strict=True))
    colours = tokens(theme)
    rows = [
        {
            "score": str(both),
            "cells": [
                _segment(found[f"{recency}-{both}"], frame, answered.context.locale, colours) for recency in SCORES
            ],
        }
        for both in reversed(SCORES)
    ]
    axes = t("Across: recency, from long ago to lately. Upwards: frequency and money, from little to much.")
    return {"kind": "segments", "scores": [str(score) for score in SCORES], "rows": rows, "axes": axes}


def _segment(row: Row, frame: Frame, locale: str, colours: Mapping[str, str]) -> Body:
    segment = row[1]
    customers, share = number(row[frame.index("customers")]) or 0, number(row[frame.index("share")])
    known = isinstance(segment, Member)
    ground, front = SEGMENT_COLOURS.get(
        segment.key.replace("_", "-") if isinstance(segment, Member) else "", (("land", "land", 1), "ink")
    )
    return {
        "count": fmt.exact(customers, "count", locale, ""),
        "share": fmt.percent(share, locale) if customers and share is not None else "",
        "name": segment.name if known and isinstance(segment, Member) else "",
        "fill": _mixed(colours[ground[0]], colours[ground[1]], ground[2]),
        "ink": colours[front],
    }


def _mixed(first: str, second: str, part: float) -> str:
    """A colour between two others, `part` of the way from the second to the first."""
    channels = (
        round(int(first[at : at + 2], 16) * part + int(second[at : at + 2], 16) * (1 - part)) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def spots_of(points: Sequence[float | None]) -> list[list[float]]:
    """The points of a trend in a box of one by one, the largest at the top; steps without a figure are left out."""
    known = [(at, value) for at, value in enumerate(points) if value is not None]
    if len(known) < 2:
        return []
    low, high = min(value for _, value in known), max(value for _, value in known)
    last = max(len(points) - 1, 1)
    if high <= low:
        return [[round(at / last, 4), 0.5] for at, _ in known]
    return [[round(at / last, 4), round(0.92 - 0.84 * (value - low) / (high - low), 4)] for at, value in known]
