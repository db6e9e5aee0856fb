"""Columns over time: actual solid, last year lighter behind, budget outlined; below them the variance."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference, frame_scale
from layouts.columns import number, sentiment_of
from layouts.render.plotly.parts import (
    CLEAR,
    TONES,
    Figure,
    Part,
    bare,
    font,
    hover_text,
    line,
    note,
    plain,
    sentence,
    value_axis,
)
from queries.frame import Frame, Member, Value

ROOMY = 14
"""More columns than this have no room for figures above them."""


def columns(answered: AnsweredPanel) -> Figure:
    """One column a member of time, in its order; the running one is hatched."""
    frame, metric, dimension = answered.frame, answered.metric, answered.dimension
    if frame is None or metric is None or dimension is None:
        return sentence(answered, "")
    rows = sorted(
        (r for r in frame.records() if isinstance(r[dimension.id], Member)), key=lambda r: _key(r[dimension.id])
    )
    if not rows:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    locale, scale = answered.context.locale, frame_scale(answered)
    keys = [_key(row[dimension.id]) for row in rows]
    names = [fmt.time_name(key, locale) for key in keys]
    hover = [_hover(answered, frame, row, name) for row, name in zip(rows, names, strict=True)]
    values = [_figure(row.get(metric.id)) for row in rows]
    data = []
    for reference, style in (("last-year", _light()), ("budget", _outline())):
        if frame.has(f"{metric.id}@{reference}"):
            before = [scale.number(_figure(row.get(f"{metric.id}@{reference}"))) for row in rows]
            data.append(_bars(before, keys, hover, **style))
    data.append(_bars([scale.number(v) for v in values], keys, hover, **_solid(keys, answered)))
    against = best_reference(frame, metric.id)
    layout = bare(answered, left=8, right=8, top=30, bottom=24)
    layout["barmode"] = "overlay"
    layout["xaxis"] = _times(keys, locale, 12) | {"anchor": "y2" if against else "y"}
    layout["yaxis"] = value_axis(domain=[0.34 if against else 0, 1], showgrid=False, showticklabels=False)
    layout["yaxis"]["range"] = _range(data)
    layout["shapes"] = [line(-0.5, len(keys) - 0.5, 0, 0, "token:ink", 1)]
    layout["annotations"] = _key_line(frame, metric.id, locale)
    if len(keys) <= ROOMY:
        layout["annotations"] += _figures(data, values, scale)
    compact = list(layout["annotations"])
    if against is not None:
        deltas = [_figure(row.get(f"{metric.id}@{against}:delta")) for row in rows]
        tones = [TONES[sentiment_of(delta, metric.better)] for delta in deltas]
        data.append(_delta_bars([scale.number(delta) for delta in deltas], keys, hover, tones))
        layout["yaxis2"] = _delta_axis([scale.number(delta) or 0.0 for delta in deltas])
        layout["shapes"].append(line(-0.5, len(keys) - 0.5, 0, 0, "token:ink", 1, yref="y2"))
        head = _delta_head(
            f"Δ {fmt.reference_name(against, locale)}, {scale.label or fmt.within(metric.title, locale)}"
        )
        layout["annotations"].append(head)
        compact.append(head)
        if len(keys) <= ROOMY:
            layout["annotations"] += _delta_figures(deltas, tones, scale, 1)
            compact += _delta_figures(deltas, tones, scale, 0, size=9)
    layout["meta"]["compact"] = {
        "annotations": [_smaller(label) for label in compact],
        "xaxis": {"ticktext": _times(keys, locale, 6)["ticktext"], "tickvals": _times(keys, locale, 6)["tickvals"]},
    }
    return {"data": data, "layout": layout}


def _key(value: Value) -> str:
    return value.key if isinstance(value, Member) else ""


def _figure(value: Value) -> Decimal | None:
    figure = number(value)
    return None if figure is None else Decimal(figure)


def _light() -> Part:
    return {"width": 0.5, "offset": -0.42, "marker": {"color": "token:last-year", "cornerradius": 2}}


def _outline() -> Part:
    return {
        "width": 0.5,
        "offset": -0.1,
        "marker": {"color": CLEAR, "line": {"color": "token:outline", "width": 1.2}, "cornerradius": 2},
    }


def _solid(keys: list[str], answered: AnsweredPanel) -> Part:
    """The actual; a member of time that is still running is hatched."""
    span = answered.frame.provenance.span if answered.frame is not None else None
    running = span is not None and span.running
    last = max(keys)
    shapes = ["/" if running and key == last else "" for key in keys]
    return {
        "width": 0.52,
        "offset": -0.28,
        "marker": {
            "color": "token:actual",
            "cornerradius": 2,
            "pattern": {
                "shape": shapes,
                "fgcolor": "token:surface",
                "fillmode": "overlay",
                "size": 5,
                "solidity": 0.25,
            },
        },
    }


def _bars(values: list[float | None], keys: list[str], hover: list[str], **style: object) -> Part:
    return {
        "type": "bar",
        "x": list(range(len(keys))),
        "y": values,
        "customdata": keys,
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
        **style,
    }


def _times(keys: list[str], locale: str, most: int) -> Part:
    """Names under the columns, thinned out to `most`, the year where it changes."""
    step = -(-len(keys) // most) if len(keys) > ROOMY or (most < 12 and len(keys) > most) else 1
    places = list(range(0, len(keys), step))
    names = []
    for place in places:
        key = keys[place]
        name = fmt.time_name(key, locale, short=True)
        first = place == 0 or keys[place][:4] != keys[max(0, place - step)][:4]
        names.append(
            f"{name}<br>{key.removeprefix('FY')[:4]}"
            if first and len(key) == len("2026-11") and len(keys) > 12
            else name
        )
    return value_axis(
        range=[-0.55, len(keys) - 0.45], tickmode="array", tickvals=places, ticktext=names, showgrid=False,
        tickangle=0, tickfont=font(11, "token:muted"),
    )  # fmt: skip


def _range(data: list[Part]) -> list[float]:
    numbers = [value for trace in data for value in trace["y"] if value is not None]
    low, high = min(0.0, *numbers, 0.0), max(0.0, *numbers, 0.0)
    return [low - (high - low) * (0.1 if low < 0 else 0), high + ((high - low) or 1.0) * 0.13]


def _figures(data: list[Part], values: list[Decimal | None], scale: fmt.Scale) -> list[Part]:
    """The actual above its column, clear of what stands beside it."""
    found = []
    for place, value in enumerate(values):
        if value is not None:
            top = max(trace["y"][place] or 0.0 for trace in data)
            found.append(note(scale.text(value), place, max(top, 0.0), yanchor="bottom", yshift=1, font=font(11)))
    return found


def _delta_bars(values: list[float | None], keys: list[str], hover: list[str], tones: list[str]) -> Part:
    marker = {"color": tones, "cornerradius": 1}
    return _bars(values, keys, hover, width=0.44, offset=-0.22, yaxis="y2", marker=marker)


def _delta_axis(values: list[float]) -> Part:
    """The lower axis, with room for figures above and below its bars."""
    low, high = min(*values, 0.0, 0.0), max(*values, 0.0, 0.0)
    room = (high - low or 1.0) * 0.62
    return value_axis(domain=[0, 0.24], showgrid=False, showticklabels=False, range=[low - room, high + room])


def _delta_head(text: str) -> Part:
    return note(
        plain(text), 0, 0.22, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=4,
        font=font(11, "token:muted"),
    )  # fmt: skip


def _delta_figures(
    deltas: list[Decimal | None], tones: list[str], scale: fmt.Scale, more: int, size: int = 11
) -> list[Part]:
    return [
        note(
            scale.text(delta, plus=True, more=more), place, scale.number(delta) or 0.0, yref="y2",
            yanchor="bottom" if delta >= 0 else "top", yshift=1 if delta >= 0 else -1, font=font(size, tone),
        )
        for place, (delta, tone) in enumerate(zip(deltas, tones, strict=True))
        if delta is not None
    ]  # fmt: skip


def _smaller(label: Part) -> Part:
    """The same label where there is little room."""
    return {**label, "font": {**label["font"], "size": min(label["font"]["size"], 10)}}


def _key_line(frame: Frame, metric: str, locale: str) -> list[Part]:
    """What the colours mean, in one line above the picture, each word beside its sample."""
    keys = [("■", "token:actual", words(locale)("actual"))]
    if frame.has(f"{metric}@last-year"):
        keys.append(("■", "token:last-year", fmt.reference_name("last-year", locale)))
    if frame.has(f"{metric}@budget") and any(value is not None for value in frame.values(f"{metric}@budget")):
        keys.append(("□", "token:outline", fmt.reference_name("budget", locale)))
    labels, shift = [], 0
    for sample, colour, word in keys:
        for piece, paint, room in ((sample, colour, 14), (word, "token:muted", round(len(word) * 6) + 14)):
            labels.append(
                note(piece, 0, 1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", xshift=shift, yshift=8,
                     font=font(11, paint))
            )  # fmt: skip
            shift += room
    return labels


def _hover(answered: AnsweredPanel, frame: Frame, row: dict[str, Value], name: str) -> str:
    metric, locale = answered.metric, answered.context.locale
    if metric is None:
        return ""
    facts = [(metric.title, fmt.exact(_figure(row[metric.id]), metric.unit or "count", locale, frame.currency))]
    for column in frame.columns:
        if column.role == "reference" and column.versus is not None and column.metric == metric.id:
            change = _figure(row.get(f"{column.id}:change"))
            amount = fmt.exact(_figure(row[column.id]), metric.unit or "count", locale, frame.currency)
            told = f"{amount} ({fmt.percent(change, locale, plus=True)})" if change is not None else amount
            facts.append((fmt.heading(fmt.reference_name(column.versus, locale)), told))
    return hover_text(name, *facts)
