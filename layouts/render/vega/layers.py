"""Layers: marks with their rows, the building stones of a specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Channels = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """One mark of Vega, one item a row; `of` names the fields that channels read, `more` are its further properties."""

    kind: str
    rows: Sequence[Row]
    channels: Channels
    more: dict[str, Any] = field(default_factory=dict)


def by(field_name: str, scale: str = "") -> Channels:
    """A channel that reads a field, through a scale if one is told."""
    return {"scale": scale, "field": field_name} if scale else {"field": field_name}


FILL: Channels = {"fill": by("fill"), "fillOpacity": by("ink")}
STROKE: Channels = {"stroke": by("stroke"), "strokeWidth": by("line"), "strokeOpacity": by("strength")}


def specified(
    layers: Sequence[Layer],
    size: tuple[float, float],
    scales: Sequence[Row],
    projections: Sequence[Row],
    ground: str,
) -> dict[str, Any]:
    """The whole specification: each layer's rows as a data set of its own, nothing named by an address."""
    drawn = [layer for layer in layers if layer.rows]
    marks = [
        {
            "type": layer.kind, "from": {"data": f"rows{at}"}, "interactive": False, "aria": False,
            "encode": {"enter": layer.channels}, **layer.more,
        }
        for at, layer in enumerate(drawn)
    ]  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": size[0],
        "height": size[1],
        "padding": 0,
        "autosize": "none",
        "background": ground,
        "data": [{"name": f"rows{at}", "values": list(layer.rows)} for at, layer in enumerate(drawn)],
        "scales": list(scales),
        "projections": list(projections),
        "marks": marks,
    }
