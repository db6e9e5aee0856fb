"""Variance: the value of each member in one column of bars, its difference from a reference in the next."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference, frame_scale
from layouts.columns import member_text, number, sentiment_of
from layouts.render.plotly.parts import (
    TONES,
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
    slots,
)
from layouts.render.plotly.rows import COMPACT_LETTERS, NARROW, letters_of, ranked
from queries.frame import Column, Member

SPLIT = (0.36, 0.44)

_TWELFTH, _EDGES, _PHONE = 95, 32, 330
"""Pixels: a twelfth of the page at 1440, what a panel's edges take of it, and how wide a picture is at 390."""

_LETTER, _GAP = 6.5, 6
"""Pixels: how wide a figure of a label is, and the room before it."""

_LARGEST_PART = 0.4
"""More than this of the range on either side would leave no room for bars."""


def variance(answered: AnsweredPanel) -> Figure:
    """Two columns, the most favourable difference on top; without any reference, a plain ranking."""
    frame, metric = answered.frame, answered.metric
    reference = best_reference(frame, metric.id) if frame is not None and metric is not None else None
    rows = _rows(answered, reference) if reference is not None else []
    if reference is None or metric is None or not rows:
        return ranked(answered)
    locale, scale = answered.context.locale, frame_scale(answered)
    limit = int(getattr(answered.mark, "rows", 8))
    names, places = [row[0] for row in rows], list(range(len(rows)))
    keys, hover = [row[1] for row in rows], [row[4] for row in rows]
    values = [scale.number(row[2]) or 0.0 for row in rows]
    deltas = [scale.number(row[3]) or 0.0 for row in rows]
    tones = [TONES[sentiment_of(row[3], metric.better)] for row in rows]
    texts = [scale.text(row[3], plus=True, more=1) for row in rows]
    shown = slots(len(rows), limit)
    thick = shown / limit
    data = [
        bars(values, places, "token:actual", keys=keys, hover=hover, width=0.46 * thick,
             text=[scale.text(row[2]) for row in rows], textposition="outside"),
        bars(deltas, places, tones, keys=keys, hover=hover, width=0.38 * thick, xaxis="x2",
             text=texts, textposition="outside"),
    ]  # fmt: skip
    left, narrow = name_room(names, letters_of(answered)), name_room(names, COMPACT_LETTERS)
    across = _TWELFTH * answered.panel.width - _EDGES
    layout = bare(answered, left=left, right=10, top=30, bottom=6)
    tight = answered.panel.width <= NARROW
    layout["xaxis"] = hidden_axis(domain=[0, SPLIT[0]], range=_room(values, 0.8 if tight else 0.5))
    layout["xaxis2"] = hidden_axis(
        domain=[SPLIT[1], 1], range=_room(deltas, _label_share(texts, across - left)), anchor="y"
    )
    layout["yaxis"] = names_axis(names, shown, letters_of(answered))
    bottom = 1 - (len(rows) - 0.4) / shown
    layout["shapes"] = [line(0, 0, max(0.0, bottom - 0.03), 1, "token:ink", 1, xref="x2", yref="paper", layer="above")]
    reference_told = fmt.reference_name(reference, locale)
    head = f"Δ {reference_told}, {scale.label}" if scale.label else f"Δ {reference_told}"
    layout["annotations"] = [
        column_head(metric.title, 0, "left"),
        column_head(head, 0, _side(deltas), xref="x2"),
    ]
    if answered.frame is not None and len(answered.frame.rows) > len(rows):
        told = {"count": len(rows), "all": len(answered.frame.rows)}
        text = words(locale)("the {count} largest differences of {all}", **told)
        layout["margin"]["b"] = 20
        layout["annotations"].append(
            note(text, 1, 0, xref="paper", yref="paper", xanchor="right", yanchor="top", font=font(11, "token:muted"))
        )
    layout["meta"]["compact"] = {
        "xaxis": {"range": _room(values, 0.8)},
        "xaxis2": {"range": _room(deltas, _label_share(texts, _PHONE - narrow))},
        "margin": {"l": narrow, "r": 16},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS)["ticktext"]},
    }
    return {"data": data, "layout": layout}


Line = tuple[str, str | None, Decimal | None, Decimal, str]


def _rows(answered: AnsweredPanel, reference: str) -> list[Line]:
    """(name, key, value, difference, hover), the largest differences if there are too many, sorted by difference."""
    frame, metric, dimension = answered.frame, answered.metric, answered.dimension
    if frame is None or metric is None or dimension is None:
        return []
    locale, unit = answered.context.locale, metric.unit or "count"
    prefix = f"{metric.id}@{reference}"
    found: list[Line] = []
    for record in frame.records():
        delta = number(record.get(f"{prefix}:delta"))
        if delta is None:
            continue
        member, value = record[dimension.id], number(record[metric.id])
        name = member_text(member, dimension.level, locale)
        hover = hover_text(name, *_facts(record_of=record, metric=metric, prefix=prefix, reference=reference,
                                         texts=(locale, unit, frame.currency)))  # fmt: skip
        key = member.key if isinstance(member, Member) else None
        found.append((name, key, None if value is None else Decimal(value), Decimal(delta), hover))
    limit = int(getattr(answered.mark, "rows", 8))
    largest = sorted(found, key=lambda row: (-abs(row[3]), row[0]))[:limit]
    return sorted(largest, key=lambda row: (-row[3], row[0]))


def _facts(
    record_of: Mapping[str, object], metric: Column, prefix: str, reference: str, texts: tuple[str, str, str]
) -> tuple[tuple[str, str], ...]:
    locale, unit, currency = texts

    def figure(column: str) -> Decimal | int | None:
        value = record_of.get(column)
        return value if isinstance(value, Decimal | int) else None

    return (
        (metric.title, fmt.exact(figure(metric.id), unit, locale, currency)),
        (fmt.heading(fmt.reference_name(reference, locale)), fmt.exact(figure(prefix), unit, locale, currency)),
        ("Δ", fmt.exact(figure(f"{prefix}:delta"), unit, locale, currency, plus=True)),
        ("Δ %", fmt.percent(figure(f"{prefix}:change"), locale, plus=True)),
    )


def _label_share(texts: list[str], across: float) -> float:
    """How much of the differences' range has to be kept free on each side, so that no label is cut.

    `across` is how many pixels both columns of bars have.
    """
    part = min(_LARGEST_PART, (max(map(len, texts)) * _LETTER + _GAP) / max(across * (1 - SPLIT[1]), 1.0))
    return part / (1 - 2 * part)


def _side(deltas: list[float]) -> Literal["left", "center", "right"]:
    """Which way the heading over the line between gain and loss runs: into the column, whose edge that line may be."""
    return "left" if min(deltas) >= 0 else "right" if max(deltas) <= 0 else "center"


def _room(values: list[float], share: float) -> list[float]:
    """A range that leaves this share of itself for the labels at the bars' ends."""
    low, high = min(0.0, *values), max(0.0, *values)
    room = (high - low or 1.0) * share
    return [low - (room if low < 0 else 0.02 * room), high + (room if high > 0 else 0.02 * room)]
