"""Traces: bars, lines, dots and cells of a figure as layers, their places told in the figure's own values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from layouts.render.vega.labels import Label
from layouts.render.vega.layers import FILL, STROKE, Layer, Row, by
from layouts.render.vega.letters import Run, width_of
from layouts.render.vega.paint import colour_of, filled, hex_of, on_scale, stroked
from layouts.render.vega.plot import Axis, Part, Plot, number_of

DASHES = {"dot": 1, "dash": 3}
HATCH, HATCH_WIDTH = 5.0, 1.25
TEXT_GAP = 3.0
FAINT = 0.01
SMALLEST = 7.5
"""Figures in cells are never smaller."""

Grounds = dict[tuple[str, str, float], list[float]]


def axes_of(trace: Part, plot: Plot) -> tuple[Axis, Axis]:
    """The two axes of a trace."""
    return plot.axis(trace.get("xaxis", "x")), plot.axis(trace.get("yaxis", "y"))


def drawn(data: Sequence[Part], plot: Plot) -> tuple[list[Layer], list[Label]]:
    """All traces, those of one kind over those of another as the screen has them, and the labels that bars carry."""
    layers: list[Layer] = []
    labels: list[Label] = []
    for trace in data:
        if trace["type"] == "heatmap":
            found, told = cells(trace, plot)
            layers.append(found)
            labels += told
    grounds: Grounds = defaultdict(lambda: [0.0, 0.0])
    for trace in data:
        if trace["type"] == "bar":
            found_bars, told = bars(trace, plot, grounds)
            layers += found_bars
            labels += told
    for trace in data:
        if trace["type"] == "scatter":
            layers += lines(trace, plot)
    return layers, labels


def bars(trace: Part, plot: Plot, grounds: Grounds) -> tuple[list[Layer], list[Label]]:
    """Rectangles from the ground, from their own base, or from where the bar under them ends."""
    x, y = axes_of(trace, plot)
    lying = trace.get("orientation") == "h"
    along, beside = (x, y) if lying else (y, x)
    sizes, places = (trace["x"], trace["y"]) if lying else (trace["y"], trace["x"])
    own = 1 - plot.layout.get("bargap", 0.2)
    thick = trace.get("width") or own
    offset = trace.get("offset", -thick / 2)
    marker, count = trace["marker"], len(places)
    each = _each(marker, count)
    rows, labels, hatched = [], [], []
    for at, (size, place) in enumerate(zip(sizes, places, strict=True)):
        if size is None or not beside.holds(place, 0.5):
            continue
        base = trace["base"][at] if "base" in trace else 0.0
        if plot.layout.get("barmode") == "relative":
            side = grounds[(along.name, beside.name, place)]
            base = side[size < 0]
            side[size < 0] += size
        row = {
            "a": base, "b": base + size, "c": place + offset, "d": place + offset + thick,
            **filled(colour_of(each("color", at, "#000000"))),
            **stroked(each("line.color", at, "rgba(0,0,0,0)"), each("line.width", at, 0)),
            **_corners(marker.get("cornerradius", 0) if size else 0, lying, size > 0),
        }  # fmt: skip
        rows.append(row)
        if each("pattern.shape", at, "") == "/":
            hatched.append(_hatch(row, along, beside, each("pattern.fgcolor", at, "#ffffff")))
        if trace.get("text"):
            labels.append(_outside(trace, at, along.at(base + size), beside.at(place), before=size < 0))
    ends = ("x", "x2", "y", "y2") if lying else ("y", "y2", "x", "x2")
    channels = {
        end: by(name, axis.name) for end, name, axis in zip(ends, "abcd", (along, along, beside, beside), strict=True)
    }
    corners = {f"cornerRadius{name}": by(name) for name in _CORNERS}
    return [
        Layer("rect", rows, {**channels, **corners, **FILL, **STROKE}),
        Layer("path", hatched, {"path": by("path"), "stroke": by("stroke"), "strokeWidth": {"value": HATCH_WIDTH}}),
    ], labels


_CORNERS = ("TopLeft", "TopRight", "BottomLeft", "BottomRight")


def _corners(radius: float, lying: bool, forward: bool) -> Row:
    """The corners at the end of a bar are round, those at its ground are not."""
    end = ("Right" if forward else "Left") if lying else ("Top" if forward else "Bottom")
    return {name: radius if end in name else 0 for name in _CORNERS}


def _each(marker: Part, count: int) -> Callable[[str, int, Any], Any]:
    """What a marker says of one item: its own value, or that of all."""

    def found(path: str, at: int, otherwise: Any) -> Any:
        value: Any = marker
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, list | tuple):
            value = value[at] if len(value) == count else None
        return otherwise if value is None else value

    return found


def _hatch(row: Row, along: Axis, beside: Axis, colour: str) -> Row:
    """Slanting strokes across a bar, cut at its edges."""
    ends = sorted((along.at(row["a"]), along.at(row["b"]))), sorted((beside.at(row["c"]), beside.at(row["d"])))
    (left, right), (top, bottom) = ends if along.across else (ends[1], ends[0])
    path, shift = "", left + HATCH / 2
    while shift < right + bottom - top:
        x0, x1 = max(left, shift - (bottom - top)), min(shift, right)
        if x1 > x0:
            path += f"M{x0:.2f},{top + shift - x0:.2f}L{x1:.2f},{top + shift - x1:.2f}"
        shift += HATCH * 1.41
    return {"path": path, "stroke": hex_of(colour_of(colour))}


def _outside(trace: Part, at: int, end: float, middle: float, *, before: bool) -> Label:
    """A bar's figure beyond its end."""
    font = trace["textfont"]
    return Label(
        lines=((Run(str(trace["text"][at])),),),
        x=end - TEXT_GAP if before else end + TEXT_GAP,
        y=middle,
        across="right" if before else "left",
        upright="middle",
        size=font["size"],
        colour=font["color"],
    )


def lines(trace: Part, plot: Plot) -> list[Layer]:
    """A line through the points that are known, and a dot on each that has a size."""
    x, y = axes_of(trace, plot)
    points = [
        {"x": number_of(a), "y": 0 if b is None else number_of(b), "known": b is not None}
        for a, b in zip(trace["x"], trace["y"], strict=True)
    ]
    mode, layers = trace.get("mode", "lines"), []
    place = {"x": by("x", x.name), "y": by("y", y.name)}
    if "lines" in mode:
        layers.append(Layer("line", points, {**place, "defined": by("known"), **_stroke(trace.get("line", {}))}))
    marker = trace.get("marker", {})
    if "markers" in mode and marker.get("opacity", 1) > FAINT:
        each = _each(marker, len(points))
        rows = [
            {**point, "size": each("size", at, 6) ** 2, **filled(colour_of(each("color", at, "#000000"))),
             **stroked(each("line.color", at, "rgba(0,0,0,0)"), each("line.width", at, 0))}
            for at, point in enumerate(points)
            if point["known"] and each("size", at, 6) > 0
        ]  # fmt: skip
        shape = {"shape": {"value": str(marker.get("symbol", "circle"))}, "size": by("size")}
        layers.append(Layer("symbol", rows, {**place, **shape, **FILL, **STROKE}))
    return layers


def _stroke(line: Part) -> Row:
    colour, width = colour_of(line.get("color", "#000000")), float(line.get("width", 2))
    found: Row = {
        "stroke": {"value": hex_of(colour)},
        "strokeOpacity": {"value": colour[3]},
        "strokeWidth": {"value": width},
        "strokeJoin": {"value": "round"},
        "interpolate": {"value": "step-after" if line.get("shape") == "hv" else "linear"},
    }
    return {**found, **dash(line)}


def dash(line: Part) -> Row:
    """The channel of a line's dashes, as long as the screen's."""
    part = DASHES.get(str(line.get("dash", "solid")))
    length = max(3.0, float(line.get("width", 2))) * (part or 0)
    return {"strokeDash": {"value": [length, length]}} if part else {}


def cells(trace: Part, plot: Plot) -> tuple[Layer, list[Label]]:
    """A rectangle for each cell with a figure, its colour by its figure; and the figures, as large as all have room."""
    x, y = axes_of(trace, plot)
    wide = abs(x.at(1) - x.at(0)) * _apart(trace["x"]) - trace.get("xgap", 0)
    tall = abs(y.at(1) - y.at(0)) * _apart(trace["y"]) - trace.get("ygap", 0)
    low, high, rows = trace["zmin"], trace["zmax"], []
    told: list[tuple[str, float, float]] = []
    for at, line in enumerate(trace["z"]):
        for place, value in enumerate(line):
            if value is None or not x.holds(trace["x"][place]) or not y.holds(trace["y"][at]):
                continue
            part = min(max((value - low) / ((high - low) or 1.0), 0.0), 1.0)
            left, top = x.at(trace["x"][place]) - wide / 2, y.at(trace["y"][at]) - tall / 2
            rows.append({"x": left, "y": top, **filled(on_scale(trace["colorscale"], part))})
            told.append((str(trace["text"][at][place]), left + wide / 2, top + tall / 2))
    font = trace["textfont"]
    size = _size_for([text for text, _, _ in told], font.get("size", 11), wide - 4)
    labels = [
        Label(((Run(text),),), a, b, "center", "middle", size, font["color"], firm=True)
        for text, a, b in told
        if text and width_of(text, size) <= wide
    ]
    box = {"width": {"value": max(wide, 1)}, "height": {"value": max(tall, 1)}}
    return Layer("rect", rows, {"x": by("x"), "y": by("y"), **box, **FILL}), labels


def fits(trace: Part, plot: Plot) -> bool:
    """Whether the figures of cells can be read at this size; of anything else, that they can."""
    if trace["type"] != "heatmap":
        return True
    x, _ = axes_of(trace, plot)
    wide = abs(x.at(1) - x.at(0)) * _apart(trace["x"]) - trace.get("xgap", 0)
    return all(width_of(text, SMALLEST) <= wide for line in trace["text"] for text in line)


def _apart(places: Sequence[float]) -> float:
    return min((abs(b - a) for a, b in pairwise(places)), default=1.0)


def _size_for(texts: Sequence[str], size: float, room: float) -> float:
    widest = max((width_of(text, 1) for text in texts), default=0.0)
    return max(SMALLEST, min(size, room / widest)) if widest else size
