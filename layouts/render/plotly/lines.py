"""Lines: a line a member over time, each in its own stroke and named where it ends."""

from __future__ import annotations

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import member_text
from layouts.render.plotly.parts import (
    Figure,
    Part,
    bare,
    font,
    hover_text,
    note,
    plain,
    sentence,
    shortened,
    time_axis,
    value_axis,
)
from layouts.series import by_member

STROKES = (
    ("token:actual", "solid", 2.6),
    ("token:brand", "solid", 2.0),
    ("token:muted", "solid", 2.0),
    ("token:actual", "dash", 1.6),
    ("token:brand", "dash", 1.6),
    ("token:muted", "dash", 1.6),
)
"""Strokes that differ without their colour too."""

APART = 15
"""Pixels between two names at the right edge."""

LETTERS = 16


def lines(answered: AnsweredPanel) -> Figure:
    """The first figure of the answer by member and step of time."""
    frame, metric, locale = answered.frame, answered.metric, answered.context.locale
    found = by_member(answered)
    if frame is None or metric is None or not found:
        return sentence(answered, words(locale)("There is no figure to draw here."))
    scale = frame_scale(answered)
    steps = sorted({key for values in found.values() for key in values})
    top = max([scale.number(value) or 0.0 for values in found.values() for value in values.values()]) or 1.0
    low = min([0.0, *(scale.number(value) or 0.0 for values in found.values() for value in values.values())])
    layout = bare(answered, left=42, right=142, top=10, bottom=28)
    thin = -(-len(steps) // 8)
    layout["xaxis"] = time_axis(
        range=[-0.2, max(len(steps) - 1, 1)], tickvals=list(range(0, len(steps), thin)),
        ticktext=[fmt.time_name(key, locale, short=True) for key in steps[::thin]],
    )  # fmt: skip
    layout["yaxis"] = value_axis(range=[low, top * 1.06], nticks=5)
    data: list[Part] = []
    ends: list[tuple[float, str, str]] = []
    for (member, values), (colour, dash, width) in zip(found.items(), STROKES, strict=False):
        name = member_text(member, frame.columns[0].level, locale)
        points = [scale.number(values[key]) if key in values else None for key in steps]
        hover = [
            hover_text(name, (fmt.time_name(key, locale), fmt.exact(values.get(key), metric.unit or "count", locale,
                                                                   frame.currency)))
            for key in steps
        ]  # fmt: skip
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": list(range(len(steps))), "y": points,
                "line": {"color": colour, "dash": dash, "width": width}, "customdata": [member.key] * len(steps),
                "hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>", "cliponaxis": False,
            }
        )  # fmt: skip
        ends.append((points[-1] or 0.0, f"{shortened(name, LETTERS)} {scale.text(values.get(steps[-1]))}", colour))
    layout["annotations"] = _named(ends, top * 1.06 - low, len(steps) - 1, answered.mark.height - 38)
    few = -(-len(steps) // 4)
    layout["meta"]["compact"] = {
        "margin": {"l": 30, "r": 136},
        "xaxis": {
            "tickvals": list(range(0, len(steps), few)),
            "ticktext": [fmt.time_name(key, locale, short=True) for key in steps[::few]],
        },
    }
    return {"data": data, "layout": layout}


def _named(ends: list[tuple[float, str, str]], top: float, last: int, plot: int) -> list[Part]:
    """The names beside the ends of their lines, pushed apart where they would touch."""
    labels, above = [], None
    for height, text, colour in sorted(ends, reverse=True):
        wanted = height / top * plot
        place = wanted if above is None else min(wanted, above - APART)
        above = place
        labels.append(
            note(plain(text), last, height, xanchor="left", yanchor="middle", xshift=6, yshift=round(place - wanted),
                 font=font(11, colour))
        )  # fmt: skip
    return labels
