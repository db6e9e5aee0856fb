"""Share lines: what each member makes of the whole, over the months, the one that moved most set off."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import Sentiment, member_text, number
from layouts.findings.shares import moves_of
from layouts.render.plotly.parts import (
    TONES,
    Figure,
    Part,
    bare,
    font,
    hover_text,
    name_room,
    note,
    plain,
    sentence,
    shortened,
    time_axis,
    value_axis,
)
from queries.frame import Frame, Member

LETTERS, COMPACT_LETTERS = 22, 13
ROOM = 200
"""Pixels that the lines have at least where their names are written out."""


def shares(answered: AnsweredPanel) -> Figure:
    """One line a member, named where it ends with its share there and how far it moved since the first month."""
    frame = answered.frame
    if frame is None or len(frame.rows) < 2:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    locale = answered.context.locale
    lines = _lines(frame)
    months = sorted({key for points in lines.values() for key, _ in points})
    moved = dict(moves_of(answered))
    most = max(moved, key=lambda member: (abs(moved[member]), member.name), default=None)
    values = [float(value) * 100 for points in lines.values() for _, value in points]
    names = [member_text(member, frame.columns[0].level, locale) for member in lines]
    layout = bare(answered, left=36, right=name_room(names, LETTERS) + 76, top=12, bottom=26)
    shown = list(range(0, len(months), 1 if len(months) < 7 else 3))
    layout["xaxis"] = time_axis(
        range=[-0.2, max(len(months) - 1, 1) + 0.05], tickvals=shown,
        ticktext=[fmt.time_name(months[at], locale, short=True) for at in shown],
    )  # fmt: skip
    low, high = min(values, default=0.0), max(values, default=1.0)
    sign = fmt.percent(Decimal(0), locale, 0).removeprefix("0")
    layout["yaxis"] = value_axis(range=[min(0.0, low), high * 1.08], nticks=5, ticksuffix=sign)
    data = [_line(answered, member, points, months, most == member) for member, points in lines.items() if points]
    height = answered.mark.height - 38
    layout["annotations"] = _labels(answered, lines, moved, months, high * 1.08 - min(0.0, low), height, LETTERS)
    compact = _labels(answered, lines, moved, months, high * 1.08 - min(0.0, low), height, COMPACT_LETTERS)
    every = shown[:: 2 if len(shown) > 6 else 1]
    layout["meta"]["compact"] = {
        "margin": {"r": name_room(names, COMPACT_LETTERS) + 66},
        "annotations": compact,
        "xaxis": {"tickvals": every, "ticktext": [fmt.time_name(months[at], locale, short=True) for at in every]},
    }
    layout["meta"]["roomy"] = layout["margin"]["l"] + layout["margin"]["r"] + ROOM
    return {"data": data, "layout": layout}


def _lines(frame: Frame) -> dict[Member, list[tuple[str, Decimal]]]:
    at = frame.index("share")
    found: dict[Member, list[tuple[str, Decimal]]] = {}
    for row in frame.rows:
        value = number(row[at])
        if isinstance(row[0], Member) and isinstance(row[1], Member) and value is not None:
            found.setdefault(row[0], []).append((row[1].key, Decimal(value)))
    return found


def _line(
    answered: AnsweredPanel, member: Member, points: list[tuple[str, Decimal]], months: list[str], strong: bool
) -> Part:
    locale = answered.context.locale
    level = answered.dimension.level if answered.dimension else None
    name = member_text(member, level, locale)
    clickable = None if member.key.startswith("(") else member.key
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [months.index(key) for key, _ in points],
        "y": [float(value) * 100 for _, value in points],
        "line": {"color": "token:actual" if strong else "token:last-year", "width": 2.8 if strong else 1.8},
        "marker": {"size": 6, "color": "token:actual" if strong else "token:last-year", "opacity": 0.001},
        "customdata": [clickable] * len(points),
        "hovertext": [
            hover_text(f"{name}, {fmt.time_name(key, locale)}", ("", fmt.percent(value, locale)))
            for key, value in points
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }


def _labels(
    answered: AnsweredPanel,
    lines: dict[Member, list[tuple[str, Decimal]]],
    moved: dict[Member, Decimal],
    months: list[str],
    top: float,
    height: int,
    letters: int,
) -> list[Part]:
    """Each member's name, last share and move beside the end of its line; those that end together pushed apart."""
    locale = answered.context.locale
    level = answered.dimension.level if answered.dimension else None
    ends = sorted(((points[-1], member) for member, points in lines.items() if points), key=lambda end: -end[0][1])
    labels: list[Part] = []
    above = float(height + 40)
    for (key, value), member in ends:
        wanted = float(value) * 100 / top * height
        place = min(wanted, above - 15)
        above = place
        name = plain(shortened(member_text(member, level, locale), letters))
        move = moved.get(member)
        tone: Sentiment = "none"
        told = "" if move is None else f" {fmt.points(move, locale)}"
        text = f"{name} <b>{fmt.percent(value, locale, 0)}</b>{told}"
        labels.append(
            note(text, months.index(key), float(value) * 100, xanchor="left", yanchor="middle", xshift=8,
                 yshift=round(place - wanted), font=font(11, TONES[tone]))
        )  # fmt: skip
    return labels
