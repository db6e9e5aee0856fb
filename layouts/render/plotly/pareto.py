"""Pareto: the largest members as bars, beside them the share that all down to each make together, and their class."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import member_text, number
from layouts.render.plotly.parts import (
    Figure,
    bare,
    bars,
    column_head,
    font,
    hidden_axis,
    hover_text,
    line,
    name_room,
    names_axis,
    note,
    sentence,
    side_figure,
)
from layouts.render.plotly.rows import COMPACT_LETTERS, DWARFING, letters_of
from queries.frame import Column, Frame, Member, Row

SPLIT = (0.46, 0.54)
MARK = 0.8
"""The running share at which a line is drawn: what class A makes."""


def pareto(answered: AnsweredPanel) -> Figure:
    """Two columns of bars, and the class at the right edge. The frame is one that `derive.pareto` has made."""
    frame, metric, dimension = answered.frame, answered.metric, answered.dimension
    t = words(answered.context.locale)
    if frame is None or metric is None or dimension is None or not frame.rows:
        return sentence(answered, t("There is no figure to draw here."))
    locale, scale = answered.context.locale, frame_scale(answered)
    rows = [*frame.rows, *([frame.others] if frame.others is not None else [])]
    names = [member_text(row[frame.index(dimension.id)], dimension.level, locale) for row in rows]
    keys = [row[0].key if isinstance(row[0], Member) else None for row in rows]
    values = [_figure(row, frame, metric.id) for row in rows]
    running = [_figure(row, frame, "cumulative") for row in rows]
    hover = [_hover(name, row, frame, metric, locale) for name, row in zip(names, rows, strict=True)]
    drawn = _lengths(values, keys, scale)
    places, slots = list(range(len(rows))), max(len(rows), 5)
    layout = bare(answered, left=name_room(names, letters_of(answered)), right=22, top=26, bottom=6)
    low, high = min(0.0, *drawn), max(0.0, *drawn)
    layout["xaxis"] = hidden_axis(domain=[0, SPLIT[0]], range=[low, high + (high - low or 1.0) * 0.3])
    layout["xaxis2"] = hidden_axis(domain=[SPLIT[1], 1], range=[0, 1.36], anchor="y")
    layout["yaxis"] = names_axis(names, slots, letters_of(answered))
    ruled = line(MARK, MARK, -0.5, len(rows) - 0.5, "token:outline", 1, xref="x2", style={"dash": "dot"}, layer="below")
    layout["shapes"] = [ruled]
    labels = [
        column_head(f"{metric.title}, {scale.label}" if scale.label else metric.title, 0, "left"),
        column_head(t("Running share"), SPLIT[1], "left"),
        *({**side_figure(_class(row, frame), place, "none"), "xshift": 16} for place, row in enumerate(rows)),
        *_ends(values, drawn, scale),
    ]
    layout["annotations"] = [*labels, {**column_head(t("Class"), 1, "right"), "xshift": 20}]
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS)},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS)["ticktext"]},
        "xaxis": {"range": [low, high + (high - low or 1.0) * 0.62]},
        "xaxis2": {"range": [0, 1.95]},
        "annotations": [column_head(metric.title, 0, "left"), *labels[1:]],
    }
    data = [
        bars(drawn, places, "token:actual", keys=keys, hover=hover, width=0.46),
        bars(
            [None if part is None else float(part) for part in running], places, "token:last-year", keys=keys,
            hover=hover, width=0.46, xaxis="x2", textposition="outside",
            text=[fmt.percent(part, locale, 0) for part in running],
        ),
    ]  # fmt: skip
    return {"data": data, "layout": layout}


def _figure(row: Row, frame: Frame, column_id: str) -> Decimal | None:
    value = number(row[frame.index(column_id)])
    return None if value is None else Decimal(value)


def _lengths(values: list[Decimal | None], keys: list[str | None], scale: fmt.Scale) -> list[float]:
    """How long each bar is; where rows of many members would flatten those of one, they have their figure only."""
    drawn = [scale.number(value) or 0.0 for value in values]
    single = max((size for size, key in zip(drawn, keys, strict=True) if key is not None), default=0.0)
    many = max((size for size, key in zip(drawn, keys, strict=True) if key is None), default=0.0)
    flat = many > DWARFING * single
    return [0.0 if key is None and flat else size for size, key in zip(drawn, keys, strict=True)]


def _ends(values: list[Decimal | None], drawn: list[float], scale: fmt.Scale) -> list[Figure]:
    return [
        note(
            scale.text(value), max(length, 0.0), place, xref="x", yref="y", xanchor="left", yanchor="middle",
            xshift=5, font=font(),
        )
        for place, (value, length) in enumerate(zip(values, drawn, strict=True))
    ]  # fmt: skip


def _class(row: Row, frame: Frame) -> str:
    found = row[frame.index("class")]
    return found if isinstance(found, str) else ""


def _hover(name: str, row: Row, frame: Frame, metric: Column, locale: str) -> str:
    share, running = _figure(row, frame, "share"), _figure(row, frame, "cumulative")
    return hover_text(
        name,
        (metric.title, fmt.exact(_figure(row, frame, metric.id), metric.unit or "count", locale, frame.currency)),
        (frame.column("share").title, fmt.percent(share, locale)),
        (frame.column("cumulative").title, fmt.percent(running, locale)),
    )
