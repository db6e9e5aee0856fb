"""Small multiples: a small line a member over thirteen months, all on one scale, so that sizes can be compared."""

from __future__ import annotations

from html import unescape
from textwrap import wrap

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.marks import SmallMultiples
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
from layouts.series import Series, is_running, last_complete, series_of

ACROSS, ACROSS_COMPACT = 4, 3
LETTERS, LETTERS_COMPACT = 20, 11
SMALLEST_COMPACT = 130
"""Pixels that the pictures of a phone are high at least."""

LINE_COMPACT = 46
"""Letters that a line of the note has on a phone."""


def multiples(answered: AnsweredPanel) -> Figure:
    """Complete months as a line, the running one as a hollow point after it; the last complete figure beside."""
    months, found = series_of(answered)
    if not found:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    most = answered.mark.most if isinstance(answered.mark, SmallMultiples) else len(found)
    shown = found[:most]
    scale, running = frame_scale(answered), is_running(months[-1], answered.context.today)
    numbers = [scale.number(value) or 0.0 for each in shown for value in each.values if value is not None]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    cut = len(found) > len(shown)
    layout = bare(answered, left=8, right=8, top=4, bottom=22 if cut else 6)
    data: list[Part] = []
    for at, each in enumerate(shown):
        name = "" if at == 0 else str(at + 1)
        layout[f"xaxis{name}"] = hidden_axis(range=[-0.6, len(months) - 0.2], anchor=f"y{name}")
        layout[f"yaxis{name}"] = value_axis(
            range=[low, (high or 1.0) * 1.08], anchor=f"x{name}", tickvals=[0, high], showticklabels=False
        )
        data += _lines(answered, each, months, (f"x{name}", f"y{name}"), running)
        layout["annotations"] += _labels(each, scale, (f"x{name}", f"y{name}"), running)
    _place(layout, len(shown), ACROSS)
    if cut:
        told = words(answered.context.locale)(
            "The {shown} largest of {all}: choose others in the filters; the table has everybody.",
            shown=len(shown),
            all=len(found),
        )
        layout["annotations"].append(
            note(plain(told), 1, 0, xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-6,
                 font=font(11, "token:muted"))
        )  # fmt: skip
    compact = {key: {"domain": domain} for key, domain in domains(len(shown), ACROSS_COMPACT).items()}
    small = [{**label, "font": {**label["font"], "size": 10}, "text": _cut(label)} for label in layout["annotations"]]
    if cut:
        small[-1] = {**small[-1], "text": "<br>".join(wrap(layout["annotations"][-1]["text"], LINE_COMPACT)), "x": 0}
        small[-1] |= {"xanchor": "left"}
    layout["meta"]["compact"] = {**compact, "annotations": small, "margin": {"b": 34 if cut else 6}}
    down, room = (-(-number // ACROSS_COMPACT) for number in (len(shown), most))
    if down < room:
        # A phone shows nothing beside it: what few members leave blank, the next panel takes.
        tall = max(SMALLEST_COMPACT, round(layout["height"] * down / room))
        layout["meta"]["compact"]["height"] = tall
        layout["meta"]["compact"]["margin"]["t"] = 16
        layout["meta"]["few"] = {"tall": tall, "thicker": 1}
    return {"data": data, "layout": layout}


def _lines(
    answered: AnsweredPanel, each: Series, months: list[str], axes: tuple[str, str], running: bool
) -> list[Part]:
    scale, last = frame_scale(answered), last_complete(each, running)
    style = {"xaxis": axes[0], "yaxis": axes[1], "type": "scatter", "cliponaxis": False}
    hover = [_hover(answered, each, at, months, running and at > last) for at in range(len(months))]
    values = [scale.number(value) for value in each.values]
    whole = {
        **style, "mode": "lines+markers", "x": list(range(last + 1)), "y": values[: last + 1],
        "line": {"color": "token:actual", "width": 1.8},
        "marker": {"color": "token:actual", "size": [0] * last + [5]},
        "customdata": [each.member.key] * (last + 1), "hovertext": hover[: last + 1],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip
    if last == len(months) - 1:
        return [whole]
    part = {
        **style, "mode": "lines+markers", "x": [last, last + 1], "y": values[last:],
        "line": {"color": "token:actual", "width": 1.2, "dash": "dot"},
        "marker": {"color": "token:surface", "size": [0, 6], "line": {"color": "token:actual", "width": 1.4}},
        "customdata": [each.member.key] * 2, "hovertext": hover[last:],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip
    return [part, whole]


def _labels(each: Series, scale: fmt.Scale, axes: tuple[str, str], running: bool) -> list[Part]:
    refs = {"xref": f"{axes[0]} domain", "yref": f"{axes[1]} domain", "yanchor": "bottom"}
    value = each.values[last_complete(each, running)]
    name = note(f"<b>{plain(shortened(each.name, LETTERS))}</b>", 0, 1, xanchor="left", font=font(11), **refs)
    figure = note(scale.text(value) if value is not None else fmt.MISSING, 1, 1, xanchor="right", font=font(11), **refs)
    return [name, figure]


def _cut(label: Part) -> str:
    text = str(label["text"])
    bold = text.removeprefix("<b>").removesuffix("</b>")
    return f"<b>{plain(shortened(unescape(bold), LETTERS_COMPACT))}</b>" if bold != text else text


def _place(layout: Part, count: int, across: int) -> None:
    for key, domain in domains(count, across).items():
        layout[key]["domain"] = domain


def domains(count: int, across: int) -> dict[str, list[float]]:
    """Where each small picture stands, by its axis; a few take the whole width."""
    across = min(across, count)
    down = -(-count // across)
    wide, tall = 1 / across, 1 / down
    found: dict[str, list[float]] = {}
    for at in range(count):
        column, row = at % across, at // across
        name = "" if at == 0 else str(at + 1)
        found[f"xaxis{name}"] = [column * wide + 0.012, (column + 1) * wide - 0.012]
        top = 1 - row * tall
        found[f"yaxis{name}"] = [max(0.0, top - tall + 0.02), top - min(0.06, tall * 0.3)]
    return found


def _hover(answered: AnsweredPanel, each: Series, at: int, months: list[str], running: bool) -> str:
    metric, frame, locale = answered.metric, answered.frame, answered.context.locale
    if metric is None or frame is None:
        return ""
    when = fmt.time_name(months[at], locale)
    t = words(locale)
    return hover_text(
        each.name,
        (t("{month} to date", month=when) if running else when,
         fmt.exact(each.values[at], metric.unit or "count", locale, frame.currency)),
    )  # fmt: skip
