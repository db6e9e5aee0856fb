"""Globe: countries and states as shapes, shaded by their figures, with the key under them.

The outlines are the files that the screen's map uses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from layouts.render.vega.labels import Label
from layouts.render.vega.layers import FILL, STROKE, Layer, Row, by
from layouts.render.vega.letters import line_width, lines_of
from layouts.render.vega.paint import colour_of, filled, on_scale, stroked
from layouts.render.vega.plot import Part, Plot

OUTLINES = Path(__file__).resolve().parents[3] / "assets" / "vendor" / "topojson"
PROJECTION = "globe"
PROJECTIONS = {"natural earth": "naturalEarth1", "mercator": "mercator"}
"""What the screen calls a projection, and what Vega does."""

FAR_SOUTH = frozenset({"ATA"})
"""Nobody buys there, and it would take a fifth of the map."""

STEPS = 24
"""Points on each side of the part of the world that is shown, to find how large it is when projected."""

KEY_GAP, KEY_NAMES = 6.0, 4.0
"""Pixels between the map and its key, and between the key and its figures."""


def globe(data: Sequence[Part], plot: Plot) -> tuple[list[Layer], list[Row], list[Label]]:
    """(shapes and their key, the projection they need, the figures of the key) of a figure that is a map."""
    trace = next((each for each in data if each["type"] == "choropleth"), None)
    if trace is None:
        return [], [], []
    geo = plot.layout["geo"]
    states = trace["locationmode"] == "USA-states"
    known = outlines("usa_110m", "subunits") if states else outlines("world_110m", "countries")
    values = dict(zip(trace["locations"], trace["z"], strict=True))
    rows = [
        {"type": "Feature", "geometry": shape, "name": code, **_paint(values.get(code), trace, geo)}
        for code, shape in known.items()
        if code in values or code not in FAR_SOUTH
    ]
    # A country with a figure lies over its neighbours' edges.
    rows.sort(key=lambda row: row["name"] in values)
    layer = Layer(
        "shape", rows, {**FILL, **STROKE},
        {"transform": [{"type": "geoshape", "projection": PROJECTION}], "clip": {"path": _box(plot)}},
    )  # fmt: skip
    key, names = _key(trace, plot)
    return [layer, key], [_projection(geo, plot, states, known)], names


def _paint(value: float | None, trace: Part, geo: Part) -> Row:
    if value is None:
        return {**filled(colour_of(geo["landcolor"])), **stroked(geo["countrycolor"], geo["countrywidth"])}
    low, high = trace["zmin"], trace["zmax"]
    part = min(max((value - low) / ((high - low) or 1.0), 0.0), 1.0)
    edge = trace["marker"]["line"]
    return {**filled(on_scale(trace["colorscale"], part)), **stroked(edge["color"], edge["width"])}


def _box(plot: Plot) -> str:
    right, bottom = plot.left + plot.wide, plot.top + plot.tall
    return f"M{plot.left},{plot.top}H{right}V{bottom}H{plot.left}Z"


def _projection(geo: Part, plot: Plot, states: bool, known: Mapping[str, Row]) -> Row:
    """The projection that shows the part of the world of the figure as large as there is room."""
    form = "albersUsa" if states else PROJECTIONS[geo["projection"]["type"]]
    shown: Row = (
        {"type": "GeometryCollection", "geometries": list(known.values())}
        if states
        else {"type": "MultiPoint", "coordinates": _frame(geo["lonaxis"]["range"], geo["lataxis"]["range"])}
    )
    extent = [[plot.left, plot.top], [plot.left + plot.wide, plot.top + plot.tall]]
    return {
        "name": PROJECTION, "type": form, "extent": extent,
        "fit": {"type": "Feature", "geometry": shown, "properties": {}},
    }  # fmt: skip


def _frame(across: Sequence[float], up: Sequence[float]) -> list[list[float]]:
    """Points on the edges of a part of the world."""
    found = []
    for step in range(STEPS + 1):
        x, y = (low + (high - low) * step / STEPS for low, high in (across, up))
        found += [[x, up[0]], [x, up[1]], [across[0], y], [across[1], y]]
    return found


def _key(trace: Part, plot: Plot) -> tuple[Layer, list[Label]]:
    """The shades from little to much as one strip under the map, with what its ends and its middle stand for."""
    bar = trace["colorbar"]
    length, thick = float(bar["len"]), float(bar["thickness"])
    left, top = plot.left, plot.top + plot.tall + KEY_GAP
    stops = [{"offset": at, "color": colour} for at, colour in trace["colorscale"]]
    font, labels = bar["tickfont"], []
    widths = [line_width(lines_of(text)[0], font["size"]) for text in bar["ticktext"]]
    start = left + widths[0] / 2 + 2
    for value, text in zip(bar["tickvals"], bar["ticktext"], strict=True):
        x = start + (value - trace["zmin"]) / ((trace["zmax"] - trace["zmin"]) or 1.0) * length
        labels.append(
            Label(lines_of(text), x, top + thick + KEY_NAMES, "center", "top", font["size"], font["color"], firm=True)
        )
    strip = {"x": start, "y": top, "x2": start + length, "y2": top + thick}
    gradient = {"value": {"gradient": "linear", "x1": 0, "y1": 0, "x2": 1, "y2": 0, "stops": stops}}
    return Layer("rect", [strip], {**{end: by(end) for end in strip}, "fill": gradient}), labels


@cache
def outlines(name: str, group: str) -> Mapping[str, Row]:
    """Code → GeoJSON geometry of each outline of a file; of a code with several, one geometry of all their parts."""
    topology = json.loads((OUTLINES / f"{name}.json").read_text(encoding="utf-8"))
    arcs = [_line(arc, topology["transform"]) for arc in topology["arcs"]]
    found: dict[str, list[Any]] = {}
    for each in topology["objects"][group]["geometries"]:
        parts = each.get("arcs", [])
        polygons = parts if each["type"] == "MultiPolygon" else [parts]
        found.setdefault(each["id"], []).extend([[_ring(ring, arcs) for ring in polygon] for polygon in polygons])
    return {code: {"type": "MultiPolygon", "coordinates": polygons} for code, polygons in found.items()}


def _line(arc: Sequence[Sequence[int]], transform: Mapping[str, Sequence[float]]) -> list[list[float]]:
    """An arc's places, which are told as steps from one to the next."""
    (wide, tall), (left, bottom) = transform["scale"], transform["translate"]
    x = y = 0
    found = []
    for across, up in arc:
        x, y = x + across, y + up
        found.append([round(x * wide + left, 3), round(y * tall + bottom, 3)])
    return found


def _ring(ring: Sequence[int], arcs: Sequence[list[list[float]]]) -> list[list[float]]:
    """A closed line, of arcs that are told by their number, by -1 - number where they run the other way."""
    found: list[list[float]] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[-1 - number][::-1]
        found += arc[1:] if found else arc
    return found
