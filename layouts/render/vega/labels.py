"""Labels: every text of a picture at its place: inside its edges, cut where it is too long, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import escape

from layouts.render.vega.layers import FILL, Layer, by
from layouts.render.vega.letters import FAMILY, LINE, STRONG, Line, Run, fitted, line_width, lines_of
from layouts.render.vega.paint import colour_of, filled
from layouts.render.vega.plot import Part, Plot

Across = Literal["left", "center", "right"]
Upright = Literal["top", "middle", "bottom"]
Box = tuple[float, float, float, float]

PAD = 2.0
"""Pixels around an annotation's text on the screen."""

EDGE = 2.0
"""Pixels that stay free at the picture's edge."""

CAPITALS = 0.364
"""From a line's middle down to where its letters stand, in sizes."""

SMALLEST = 9.0

BESIDE = 3.0
"""Pixels that any two texts on one line keep between them."""

APART = 4.0
"""Pixels between a name and the figure behind it."""

LEAST = 0.4
"""The part of a name that is still one."""


@dataclass(frozen=True)
class Label:
    """Lines of text at a point, to the right of it (`across` "left") or otherwise, below it ("top") or otherwise."""

    lines: tuple[Line, ...]
    x: float
    y: float
    across: Across = "left"
    upright: Upright = "middle"
    size: float = 12
    colour: str = "#000000"
    ground: str = ""
    turned: bool = False
    firm: bool = False

    @property
    def width(self) -> float:
        """Pixels across."""
        return max((line_width(line, self.size) for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """Pixels from its top to its bottom."""
        return self.size * (1 + LINE * (len(self.lines) - 1))

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        left = self.x - self.width * {"left": 0.0, "center": 0.5, "right": 1.0}[self.across]
        top = self.y - self.height * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[self.upright]
        if self.turned:
            # Read from below: it runs up from its point, one line.
            return self.x - self.size / 2, self.y - self.width, self.x + self.size / 2, self.y
        pad = PAD if self.ground else 0.0
        return left - pad, top - pad, left + self.width + pad, top + self.height + pad


def noted(plot: Plot) -> list[Label]:
    """The labels that the figure's layout tells."""
    return [_annotation(each, plot) for each in plot.layout.get("annotations", ()) if str(each.get("text", "")).strip()]


def _annotation(told: Part, plot: Plot) -> Label:
    across, upright = told.get("xanchor", "center"), told.get("yanchor", "middle")
    side = {"left": PAD, "right": -PAD}.get(across, 0.0)
    over = {"top": PAD, "bottom": -PAD}.get(upright, 0.0)
    label = Label(
        lines=lines_of(str(told["text"])),
        x=plot.x(told["x"], told.get("xref", "x")) + told.get("xshift", 0) + side,
        y=plot.y(told["y"], told.get("yref", "y")) - told.get("yshift", 0) + over,
        across=across,
        upright=upright,
        size=told["font"]["size"],
        colour=told["font"]["color"],
        ground=told.get("bgcolor", ""),
        turned=told.get("textangle") == -90,
    )
    return replace(label, across="left", y=label.y + label.width / 2) if label.turned else label


def settled(labels: Sequence[Label], width: float, height: float) -> list[Label]:
    """The labels inside the picture; of two that would touch the later gives way: it gets smaller, or is left out.

    What is firm stays as it is; it has its own place, such as a cell. A name before a figure is cut instead.
    """
    kept: list[Label] = []
    taken: list[Box] = []
    for label in labels:
        placed = _inside(label, width, height)
        box = placed.box
        while not placed.firm and (met := [at for at, other in enumerate(taken) if _touch(box, other)]):
            shorter = _cut_before(kept[met[0]], placed) if len(met) == 1 else None
            if shorter is not None:
                kept[met[0]], taken[met[0]] = shorter, shorter.box
                continue
            if placed.size <= SMALLEST:
                break
            placed = _inside(replace(label, size=max(SMALLEST, placed.size - 1)), width, height)
            box = placed.box
        else:
            kept.append(placed)
            taken.append(box)
    return kept


def _cut_before(name: Label, figure: Label) -> Label | None:
    """The name that ends before the figure at the other end of its line; None where that is no such pair."""
    room = figure.box[0] - name.box[0] - APART
    pair = (name.across, figure.across, name.y) == ("left", "right", figure.y) and len(name.lines) == 1
    if not pair or room < LEAST * name.width:
        return None
    shorter = replace(name, lines=(fitted(name.lines[0], name.size, room),))
    return None if _touch(shorter.box, figure.box) else shorter


def _inside(label: Label, width: float, height: float) -> Label:
    """The label, moved or else cut so that it ends before the picture does."""
    room = label.y - EDGE if label.turned else width - 2 * EDGE
    whole = replace(label, lines=tuple(fitted(line, label.size, room) for line in label.lines))
    if label.turned:
        return whole
    left, top, right, bottom = whole.box
    x = whole.x + max(0.0, EDGE - left) - max(0.0, right - (width - EDGE))
    y = whole.y + max(0.0, EDGE - top) - max(0.0, bottom - (height - EDGE))
    return whole if (x, y) == (whole.x, whole.y) else replace(whole, x=x, y=y)


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] + BESIDE and b[0] < a[2] + BESIDE and a[1] < b[3] - 1 and b[1] < a[3] - 1


def grounds(labels: Sequence[Label]) -> Layer:
    """What lies behind those labels that have a ground of their own."""
    rows = []
    for label in labels:
        if label.ground:
            left, top, right, bottom = label.box
            edges = {"x": left, "y": top, "x2": right, "y2": bottom}
            rows.append({**edges, **filled(colour_of(label.ground))})
    return Layer("rect", rows, {"x": by("x"), "y": by("y"), "x2": by("x2"), "y2": by("y2"), **FILL})


def written(labels: Sequence[Label]) -> str:
    """The labels as elements of SVG. Vega would measure each text once more, which costs four fifths of its time."""
    lines = [line for label in labels for line in _lines(label)]
    return f'<g font-family="{FAMILY}" xml:space="preserve">{"".join(lines)}</g>' if lines else ""


def _lines(label: Label) -> list[str]:
    """One element a line, its bold runs inside it, so that whoever marks text marks the whole line."""
    top = label.box[1] + (PAD if label.ground else 0.0)
    found = []
    for at, line in enumerate(label.lines):
        text = "".join(_run(run) for run in line)
        x, y = label.x, top + label.size * (0.5 + CAPITALS + LINE * at)
        place = f'x="{x:.2f}" y="{y:.2f}"'
        if label.turned:
            place = f'transform="translate({x + CAPITALS * label.size:.2f},{label.y:.2f}) rotate(-90)"'
        found.append(
            f'<text {place} font-size="{label.size:g}" {_paint(label.colour)}{_ANCHORS[label.across]}>{text}</text>'
        )
    return found


_ANCHORS = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}


def _paint(colour: str) -> str:
    painted = filled(colour_of(colour))
    strength = "" if painted["ink"] == 1 else f' fill-opacity="{painted["ink"]}"'
    return f'fill="{painted["fill"]}"{strength}'


def _run(run: Run) -> str:
    text = escape(run.text)
    return f'<tspan font-weight="{STRONG}">{text}</tspan>' if run.strong else text
