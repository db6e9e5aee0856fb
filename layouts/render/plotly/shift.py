"""Shift: per buyers a small picture of bars that are all 100 %, a quarter each, cut by goods; named beside the last."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from layouts.findings.shift import Move, largest_move, season
from layouts.marks import MixShift
from layouts.render.plotly.multiples import domains
from layouts.render.plotly.parts import (
    Figure,
    Part,
    bare,
    font,
    hidden_axis,
    hover_text,
    note,
    plain,
    sentence,
    shortened,
    value_axis,
)
from queries.frame import Column, Frame, Member, Row

COLOURS = ("shade-4", "shade-3", "last-year", "shade-2", "shade-1", "land")
"""From the largest goods to the smallest."""

ACROSS = 3
LETTERS, COMPACT_LETTERS = 15, 12
ROOM = 1.0
"""Room for names beside the bars, in widths of all bars together."""

ONE_WIDE = 330
"""Pixels that the bars of one buyer and the names beside them take."""

APART = 0.05
"""What lies at least between two names, in parts of a bar as high as the panel."""


def mix_shift(answered: AnsweredPanel) -> Figure:
    """The buyers of the frame beside each other; on a phone below each other. What moved most is set off."""
    frame = answered.frame
    if frame is None or not frame.rows or not isinstance(answered.mark, MixShift):
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    quarters = [column for column in frame.columns if column.metric == "share"]
    groups: dict[Member, list[Row]] = {}
    for row in frame.rows:
        if isinstance(row[0], Member):
            groups.setdefault(row[0], []).append(row)
    shown = list(groups.items())[: answered.mark.most]
    move = largest_move(answered)
    layout = bare(answered, left=4, right=4, top=20, bottom=20)
    layout["barmode"], layout["bargap"] = "relative", 0.12
    data: list[Part] = []
    compact: list[Part] = []
    for at, (who, rows) in enumerate(shown):
        name = "" if at == 0 else str(at + 1)
        axes = (f"x{name}", f"y{name}")
        layout[f"xaxis{name}"] = hidden_axis(range=[-0.6, len(quarters) * (1 + ROOM)], anchor=axes[1])
        layout[f"yaxis{name}"] = value_axis(range=[0, 1], anchor=axes[0], showticklabels=False, showgrid=False)
        data += [_bars(answered, frame, row, quarters, axes, place, move) for place, row in enumerate(rows)]
        layout["annotations"] += _named(answered, frame, who, quarters, axes)
        layout["annotations"] += _labels(answered, frame, rows, quarters, axes, move, APART, LETTERS)
        compact += _named(answered, frame, who, quarters if at == len(shown) - 1 else [], axes)
        compact += _labels(answered, frame, rows, quarters, axes, move, APART * len(shown), COMPACT_LETTERS)
    layout |= {key: {**layout[key], "domain": domain} for key, domain in domains(len(shown), ACROSS).items()}
    below = {key: {"domain": domain} for key, domain in domains(len(shown), 1).items()}
    layout["meta"] |= {"compact": {**below, "annotations": compact}, "roomy": ONE_WIDE * min(len(shown), ACROSS)}
    return {"data": data, "layout": layout}


def _bars(
    answered: AnsweredPanel, frame: Frame, row: Row, quarters: list[Column], axes: tuple[str, str], place: int,
    move: Move | None,
) -> Part:  # fmt: skip
    locale = answered.context.locale
    who, what = (member_text(row[at], frame.columns[at].level, locale) for at in (0, 1))
    values = [number(row[frame.index(quarter.id)]) for quarter in quarters]
    strong = move is not None and (row[0], row[1]) == (move.who, move.what)
    key = row[0].key if isinstance(row[0], Member) else None
    return {
        "type": "bar", "x": list(range(len(quarters))), "y": [None if each is None else float(each) for each in values],
        "xaxis": axes[0], "yaxis": axes[1],
        "marker": {
            "color": "token:brand" if strong else f"token:{COLOURS[min(place, len(COLOURS) - 1)]}",
            "line": {"color": "token:surface", "width": 1},
        },
        "customdata": [key] * len(quarters),
        "hovertext": [
            hover_text(f"{who}, {fmt.time_name(quarter.id, locale)}", (what, fmt.percent(value, locale)))
            if value is not None else ""
            for quarter, value in zip(quarters, values, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def _named(
    answered: AnsweredPanel, frame: Frame, who: Member, quarters: list[Column], axes: tuple[str, str]
) -> list[Part]:
    """The buyers' name above the bars; below them the first and the last of the quarters, if there are any."""
    locale = answered.context.locale
    refs = {"xref": axes[0], "yref": f"{axes[1]} domain"}
    title = plain(shortened(member_text(who, frame.columns[0].level, locale), 30))
    labels = [note(f"<b>{title}</b>", -0.5, 1, xanchor="left", yanchor="bottom", font=font(12), **refs)]
    for at, anchor in ((0, "left"), (len(quarters) - 1, "right")) if quarters else ():
        said = fmt.time_name(quarters[at].id, locale)
        labels.append(
            note(said, at + (-0.5 if at == 0 else 0.5), 0, xanchor=anchor, yanchor="top", font=font(11, "token:muted"),
                 **refs)
        )  # fmt: skip
    return labels


def _labels(
    answered: AnsweredPanel, frame: Frame, rows: list[Row], quarters: list[Column], axes: tuple[str, str],
    move: Move | None, apart: float, letters: int,
) -> list[Part]:  # fmt: skip
    """Beside the last bar each goods with its share there, at least so far apart, and how far it moved."""
    locale = answered.context.locale
    refs = {"xref": axes[0], "yref": f"{axes[1]} domain"}
    labels: list[Part] = []
    last = frame.index(quarters[-1].id)
    ends = season(frame)
    first = frame.index(ends[0].id) if ends is not None else last
    below, places = Decimal(0), []
    for row in rows:
        part = Decimal(number(row[last]) or 0)
        places.append(float(below + part / 2))
        below += part
    for row, place in zip(rows, _spread(places, apart), strict=True):
        value, then = number(row[last]), number(row[first])
        name = plain(shortened(member_text(row[1], frame.columns[1].level, locale), letters))
        moved = fmt.points(Decimal(value) - Decimal(then), locale) if value is not None and then is not None else ""
        strong = move is not None and (row[0], row[1]) == (move.who, move.what)
        figure = fmt.percent(value, locale, 0) if value is not None else fmt.MISSING
        text = f"{name} <b>{figure}</b> {moved}"
        colour = "token:brand" if strong else "token:ink"
        labels.append(
            note(text, len(quarters) - 0.3, place, xanchor="left", yanchor="middle", font=font(11, colour), **refs)
        )
    return labels


def _spread(places: list[float], apart: float) -> list[float]:
    """The places of names from below, moved up where they would touch, and down again from the top."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + apart) if found else max(place, apart / 2))
    highest = 1 - apart / 2
    for at in range(len(found) - 1, -1, -1):
        found[at] = min(found[at], highest)
        highest = found[at] - apart
    return found
