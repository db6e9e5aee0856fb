"""Sparks: the small line of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from layouts.render.vega.layers import Layer, by, specified
from layouts.render.vega.paint import colour_of, filled

EDGE = 3.0
DOT = 4.5


def spark_spec(points: Sequence[float | None], size: tuple[int, int], colours: Mapping[str, str]) -> dict[str, Any]:
    """The specification: the lowest point at the bottom, steps without a figure passed over."""
    known = [(at, value) for at, value in enumerate(points) if value is not None]
    low, high = min((v for _, v in known), default=0.0), max((v for _, v in known), default=0.0)
    step = (size[0] - 2 * EDGE) / max(len(points) - 1, 1)
    stretch = (size[1] - 2 * EDGE) / (high - low) if high > low else 0.0
    rows = [
        {"x": EDGE + at * step, "y": size[1] - EDGE - (value - low) * stretch if stretch else size[1] / 2}
        for at, value in known
    ]
    place = {"x": by("x"), "y": by("y")}
    line = {"stroke": {"value": colours["actual"]}, "strokeWidth": {"value": 1.6}, "strokeJoin": {"value": "round"}}
    dot = [{**row, **filled(colour_of(colours["actual"]))} for row in rows[-1:]]
    layers = [
        Layer("line", rows if len(rows) > 1 else [], {**place, **line}),
        Layer("symbol", dot, {**place, "size": {"value": DOT**2}, "fill": by("fill")}),
    ]
    return specified(layers, size, [], [], "transparent")
