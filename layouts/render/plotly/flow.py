"""Flow: who stayed, came back and came as columns above the line, who lapsed below it, quarter by quarter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from layouts.render.plotly.parts import (
    SMALL,
    Figure,
    Part,
    bare,
    font,
    hidden_axis,
    hover_text,
    line,
    name_room,
    note,
    sentence,
    shortened,
    value_axis,
)
from queries.frame import Frame

NAMES_ROOM, LETTERS = 86, 22
"""Pixels on the right that the names of the layers have at least, and the letters they have at most."""


@dataclass(frozen=True)
class Layer:
    """One part of each column: its name, colour, and counts; those that go are below zero."""

    name: str
    colour: str
    counts: list[int]


def customer_flow(answered: AnsweredPanel) -> Figure:
    """Columns of those who bought in each quarter by how they came to; the frame is of `derive.flow.customer_flow`."""
    frame, locale = answered.frame, answered.context.locale
    t = words(locale)
    if frame is None or not frame.rows:
        return sentence(answered, t("There is no figure to draw here."))
    before, new, returned, lapsed, active = (
        _counts(frame, each) for each in ("before", "new", "returned", "lapsed", "active")
    )
    stayed = [was + went for was, went in zip(before, lapsed, strict=True)]
    layers = (
        Layer(t("Stayed"), "token:actual", stayed),
        Layer(t("Returned"), "token:last-year", returned),
        Layer(t("New"), "token:pos", new),
        Layer(t("Lapsed"), "token:neg", lapsed),
    )
    names = [member_text(row[0], "quarter", locale) for row in frame.rows]
    hover = [
        hover_text(
            name,
            (t("Active before"), _text(before[at], locale)),
            *((layer.name, _text(layer.counts[at], locale, signed=layer.counts[at] < 0)) for layer in layers),
            (t("Active"), _text(active[at], locale)),
        )
        for at, name in enumerate(names)
    ]
    high, low = max(active), min(lapsed)
    layout = bare(
        answered, right=max(NAMES_ROOM, name_room([layer.name for layer in layers], LETTERS)), top=22, bottom=24
    )
    layout["barmode"] = "relative"
    layout["bargap"] = 0.35
    layout["xaxis"] = value_axis(
        showgrid=False, tickmode="array", tickvals=list(range(len(names))), ticktext=names, tickangle=0,
        range=[-0.6, len(names) - 0.4],
    )  # fmt: skip
    room = (high - low or 1) * 0.09
    layout["yaxis"] = hidden_axis(range=[low - room * 1.4, high + room * 1.4])
    layout["shapes"] = [line(-0.6, len(names) - 0.4, 0, 0, "token:ink", 1)]
    above = [_above(_text(count, locale), at, count, 9) for at, count in enumerate(active)]
    below = [_above(_text(count, locale, signed=True), at, count, -9) for at, count in enumerate(lapsed)]
    told = _layer_names(layers, high - low, low, high)
    layout["annotations"] = [*above, *below, *told]
    layout["meta"]["compact"] = {
        "xaxis": {"tickvals": list(range(0, len(names), 2)), "ticktext": names[::2]},
        "annotations": [*above[::2], *below[::2], *told],
    }
    return {"data": [_bars(layer, hover) for layer in layers], "layout": layout}


def _bars(layer: Layer, hover: list[str]) -> Part:
    return {
        "type": "bar",
        "x": list(range(len(layer.counts))),
        "y": layer.counts,
        "marker": {"color": layer.colour, "line": {"width": 0}},
        "customdata": [None] * len(layer.counts),
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _above(text: str, at: int, height: int, shift: int) -> Part:
    return note(text, at, height, yshift=shift, xanchor="center", yanchor="middle", font=font(SMALL))


def _layer_names(layers: tuple[Layer, ...], span: int, low: int, high: int) -> list[Part]:
    """The name of each layer right of the last column, at its middle, pushed apart where layers are thin."""
    ground, least = 0.0, (span or 1) * 0.085
    places: list[float] = []
    for layer in layers[:-1]:
        middle = ground + layer.counts[-1] / 2
        places.append(middle if not places else max(middle, places[-1] + least))
        ground += layer.counts[-1]
    places.append(min(layers[-1].counts[-1] / 2, -least / 2))
    return [
        note(
            shortened(layer.name, LETTERS), 1, min(max(place, low), high * 1.1), xref="paper", xanchor="left",
            xshift=6, yanchor="middle",
            font=font(SMALL, layer.colour if layer.colour != "token:last-year" else "token:muted"),
        )
        for layer, place in zip(layers, places, strict=True)
    ]  # fmt: skip


def _counts(frame: Frame, column_id: str) -> list[int]:
    return [int(number(value) or 0) for value in frame.values(column_id)]


def _text(count: int, locale: str, *, signed: bool = False) -> str:
    return fmt.exact(Decimal(count), "count", locale, "", plus=signed)
