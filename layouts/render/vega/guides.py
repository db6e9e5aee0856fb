"""Guides: hairlines, axis lines, the names along axes, and the shapes that a figure draws on its plot."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from layouts.render.vega.labels import EDGE, Label, Line
from layouts.render.vega.layers import FILL, STROKE, Layer, Row, by
from layouts.render.vega.letters import fitted, line_width, lines_of
from layouts.render.vega.paint import colour_of, filled, stroked
from layouts.render.vega.plot import Axis, Part, Plot
from layouts.render.vega.ticks import Tick, ticks_of
from layouts.render.vega.traces import DASHES

GAP = 3.0
"""Pixels between an axis and its names, where none are told."""

Named = tuple[float, tuple[Line, ...]]
"""A place on an axis and the lines of its name."""

APART = 5.0
"""Pixels that two names beside each other keep between them."""


def guides(plot: Plot, locale: str) -> tuple[list[Layer], list[Layer], list[Label]]:
    """(hairlines under the traces, lines over them, names) of every axis that is to be seen."""
    under: list[Row] = []
    over: list[Row] = []
    names: list[Label] = []
    for axis in plot.axes.values():
        own = axis.layout
        if own.get("visible") is False:
            continue
        ticks, side = ticks_of(axis, plot.layout, locale), _side(axis, plot)
        if own.get("showgrid", True):
            under += [_hairline(axis, plot, value, own["gridcolor"]) for value, _ in ticks]
        if own.get("showline"):
            over.append(_along(axis, side, own["linecolor"]))
        if own.get("ticks") == "outside":
            over += [_mark(axis, side, value, own) for value, _ in ticks]
        if own.get("showticklabels", True):
            names += _names(axis, ticks, (side, plot.width))
        if own.get("title"):
            names.append(_title(axis, own["title"], plot))
    return [_rules(under)], [_rules(over)], names


def _rules(rows: Sequence[Row]) -> Layer:
    ends = {end: by(end) for end in ("x", "y", "x2", "y2")}
    return Layer("rule", rows, {**ends, **STROKE, "strokeDash": by("dash")})


def _ruled(x: float, y: float, x2: float, y2: float, colour: str, width: float = 1, dash: Sequence[float] = ()) -> Row:
    return {"x": x, "y": y, "x2": x2, "y2": y2, "dash": list(dash) or None, **stroked(colour, width)}


def _partner(axis: Axis, plot: Plot) -> Axis | None:
    """The axis at whose end this one stands."""
    return plot.axes.get(axis.layout.get("anchor", f"{'y' if axis.across else 'x'}{axis.name[1:]}"))


def _side(axis: Axis, plot: Plot) -> float:
    """The pixel of the line that the axis stands on: below or above for one across, left for an upright one."""
    partner = _partner(axis, plot) or next(each for each in plot.axes.values() if each.across != axis.across)
    low, high = sorted((partner.first, partner.last))
    return (low if axis.layout.get("side") == "top" else high) if axis.across else low


def _hairline(axis: Axis, plot: Plot, value: float, colour: str) -> Row:
    partner, at = _partner(axis, plot), axis.at(value)
    if partner is None:
        ends = (plot.top, plot.top + plot.tall) if axis.across else (plot.left, plot.left + plot.wide)
    else:
        ends = (partner.first, partner.last)
    return _ruled(at, ends[0], at, ends[1], colour) if axis.across else _ruled(ends[0], at, ends[1], at, colour)


def _along(axis: Axis, side: float, colour: str) -> Row:
    if axis.across:
        return _ruled(axis.first, side, axis.last, side, colour)
    return _ruled(side, axis.first, side, axis.last, colour)


def _mark(axis: Axis, side: float, value: float, own: Part) -> Row:
    at, length = axis.at(value), own.get("ticklen", 5)
    if axis.across:
        return _ruled(at, side, at, side + length, own["tickcolor"])
    return _ruled(side - length, at, side, at, own["tickcolor"])


def _names(axis: Axis, ticks: Sequence[Tick], within: tuple[float, float]) -> list[Label]:
    """The names of ticks; of those across that would meet, every second, third … one is kept."""
    own, font, (side, width) = axis.layout, axis.layout["tickfont"], within
    size, colour = font["size"], font["color"]
    away = GAP + own.get("ticklabelstandoff", 0) + (own.get("ticklen", 5) if own.get("ticks") == "outside" else 0)
    told = [(axis.at(value), lines_of(text)) for value, text in ticks if text]
    if not axis.across:
        room = side - away
        # A name that is a little too long is set a little smaller; one that is much too long is cut.
        longest = max((line_width(line, size) for _, lines in told for line in lines), default=0.0)
        size = max(size - 1, min(size, size * room / longest)) if longest > room else size
        return [
            Label(tuple(fitted(line, size, room) for line in lines), side - away, at, "right", "middle", size, colour,
                  firm=True)
            for at, lines in told
        ]  # fmt: skip
    top = own.get("side") == "top"
    if own.get("tickangle") == -90:
        return [Label(lines, at, side - away, "left", "middle", size, colour, turned=True, firm=True)
                for at, lines in told]  # fmt: skip
    right = own.get("ticklabelposition") == "outside right"
    return [
        Label(
            lines, at + GAP if right else at, side - away if top else side + away, "left" if right else "center",
            "bottom" if top else "top", size, colour, firm=True,
        )
        for at, lines in _thinned(told, size, width)
    ]  # fmt: skip


def _thinned(told: Sequence[Named], size: float, width: float) -> Sequence[Named]:
    half = [max(line_width(line, size) for line in lines) / 2 for _, lines in told]
    # Names at the edge are moved inside, and so nearer to their neighbours.
    at = [min(max(x, part + EDGE), width - EDGE - part) for (x, _), part in zip(told, half, strict=True)]
    for step in range(1, len(told) + 1):
        shown = range(0, len(told), step)
        if all(abs(at[b] - at[a]) >= half[a] + half[b] + APART for a, b in pairwise(shown)):
            return told[::step]
    return told


def _title(axis: Axis, title: Part, plot: Plot) -> Label:
    font = title["font"]
    return Label(
        lines_of(title["text"]), (axis.first + axis.last) / 2, plot.height - EDGE, "center", "bottom", font["size"],
        font["color"], firm=True,
    )  # fmt: skip


def shapes(plot: Plot) -> tuple[list[Layer], list[Layer]]:
    """The figure's own lines and boxes: those under the traces, and those over them."""
    under: list[Layer] = []
    over: list[Layer] = []
    for each in plot.layout.get("shapes", ()):
        (under if each.get("layer") == "below" else over).append(_shape(each, plot))
    return _joined(under), _joined(over)


def _joined(layers: Sequence[Layer]) -> list[Layer]:
    """Neighbours of one kind as one layer."""
    found: list[Layer] = []
    for layer in layers:
        if found and found[-1].kind == layer.kind:
            found[-1] = Layer(layer.kind, [*found[-1].rows, *layer.rows], layer.channels)
        else:
            found.append(layer)
    return found


def _shape(each: Part, plot: Plot) -> Layer:
    across, up = each.get("xref", "x"), each.get("yref", "y")
    x, x2 = plot.x(each["x0"], across), plot.x(each["x1"], across)
    y, y2 = plot.y(each["y0"], up), plot.y(each["y1"], up)
    line = each.get("line", {})
    width, colour = line.get("width", 1), line.get("color", "rgba(0,0,0,0)")
    if each["type"] == "line":
        part = DASHES.get(line.get("dash", "solid"), 0)
        return _rules([_ruled(x, y, x2, y2, colour, width, [max(3, width) * part] * 2 if part else ())])
    box = {"x": min(x, x2), "y": min(y, y2), "x2": max(x, x2), "y2": max(y, y2)}
    row = {**box, **filled(colour_of(each.get("fillcolor", "rgba(0,0,0,0)"))), **stroked(colour, width)}
    return Layer("rect", [row], {**{end: by(end) for end in box}, **FILL, **STROKE})
