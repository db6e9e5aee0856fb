"""Bands: sales by week as a line, each campaign a band over the weeks it ran, named above."""

from __future__ import annotations

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import number
from layouts.render.plotly.parts import (
    LETTER,
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
from queries.frame import Frame, Member

LANE = 17
"""Pixels from one band's name to the next."""

TWELFTH = 92
"""Pixels across on a wide screen, to tell which names would meet."""


def bands(answered: AnsweredPanel) -> Figure:
    """Weeks across; bands that overlap have their names in lanes one above the other."""
    frame, metric = answered.frame, answered.metric
    weeks = [] if frame is None else [row for row in frame.rows if isinstance(row[0], Member)]
    if frame is None or metric is None or len(weeks) < 2:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    scale, locale = frame_scale(answered), answered.context.locale
    values = [scale.number(number(row[1])) for row in weeks]
    keys = [row[0].key for row in weeks if isinstance(row[0], Member)]
    ran = _ran(frame)
    lanes = _lanes(ran, len(keys), TWELFTH * answered.panel.width)
    top = 12 + LANE * (max(lanes.values(), default=-1) + 1)
    layout = bare(answered, left=40, right=16, top=top, bottom=26)
    shown = list(range(0, len(keys), max(1, len(keys) // 9)))
    layout["xaxis"] = time_axis(
        range=[-0.5, len(keys) - 0.5], tickvals=shown,
        ticktext=[fmt.time_name(keys[at], locale, short=True) for at in shown],
    )  # fmt: skip
    high = max((value for value in values if value is not None), default=1.0)
    layout["yaxis"] = value_axis(range=[0, high * 1.08], nticks=5)
    layout["shapes"] = [
        {"type": "rect", "xref": "x", "yref": "paper", "x0": first - 0.5, "x1": last + 0.5, "y0": 0, "y1": 1,
         "fillcolor": "token:shade-2/0.22", "line": {"width": 0}, "layer": "below"}
        for first, last in ran.values()
    ]  # fmt: skip
    labels = [
        note(plain(shortened(name, 26)), first - 0.5, 1, xref="x", yref="paper", xanchor="left", yanchor="bottom",
             yshift=4 + LANE * lanes[name], font=font(11, "token:muted"))
        for name, (first, _) in ran.items()
    ]  # fmt: skip
    layout["annotations"] = labels
    few = shown[::3]
    layout["meta"]["compact"] = {
        "margin": {"l": 34, "r": 8, "t": 12},
        "annotations": [],
        "xaxis": {"tickvals": few, "ticktext": [fmt.time_name(keys[at], locale, short=True) for at in few]},
    }
    return {"data": [_line(answered, weeks_values=list(zip(keys, values, strict=True)))], "layout": layout}


def _line(answered: AnsweredPanel, weeks_values: list[tuple[str, float | None]]) -> Part:
    frame, metric, locale = answered.frame, answered.metric, answered.context.locale
    hover = []
    for row in frame.rows if frame is not None and metric is not None else ():
        if isinstance(row[0], Member) and frame is not None and metric is not None:
            figure = fmt.exact(number(row[1]), metric.unit or "money", locale, frame.currency)
            hover.append(hover_text(fmt.time_name(row[0].key, locale), (metric.title, figure), ("", str(row[2] or ""))))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(range(len(weeks_values))),
        "y": [value for _, value in weeks_values],
        "line": {"color": "token:actual", "width": 2},
        "customdata": [key for key, _ in weeks_values],
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _ran(frame: Frame) -> dict[str, tuple[int, int]]:
    """Each campaign's first and last week, by its place, the earliest first."""
    found: dict[str, tuple[int, int]] = {}
    for at, row in enumerate(frame.rows):
        for name in str(row[2]).split(" · ") if row[2] is not None else ():
            found[name] = (found.get(name, (at, at))[0], at)
    return found


def _lanes(ran: dict[str, tuple[int, int]], weeks: int, across: int) -> dict[str, int]:
    """The lowest lane in which a name does not meet another one."""
    ends: list[float] = []
    lanes: dict[str, int] = {}
    for name, (first, _) in ran.items():
        wide = (min(len(name), 26) * LETTER + 12) / across * weeks
        lane = next((at for at, end in enumerate(ends) if end <= first), len(ends))
        if lane == len(ends):
            ends.append(0.0)
        ends[lane] = first + wide
        lanes[name] = lane
    return lanes
