"""Labels: every text of a picture at its place: inside its edges, cut where it is too long, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from layouts.render.vega.layers import FILL, Layer, Row, by
from layouts.render.vega.letters import FAMILY, LINE, STRONG, Line, Run, fitted, line_width, lines_of
from layouts.render.vega.paint import colour_of, filled
from layouts.render.vega.plot import Part, Plot

Across = Literal["left", "center", "right"]
Upright = Literal["top", "middle", "bottom"]

PAD = 2.0
"""Pixels around an annotation's text on the screen."""

EDGE = 2.0
"""Pixels that stay free at the picture's edge."""

CAPITALS = 0.364
"""From a line's middle down to where its letters stand, in sizes."""

SMALLEST = 9.0


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
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        left = self.x - self.width * {"left": 0.0, "center": 0.5, "right": 1.0}[self.across]
        top = self.y - self.height * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[self.upright]
        if self.turned:
            # Read from below: it runs up from its point, one line.
            return self.x - self.size / 2, self.y - self.width, self.x + self.size / 2, self.y
        return left, top, left + self.width, top + self.height


def noted(plot: Plot) -> list[Label]:
    """The labels that the figure's layout tells."""
    return [_annotation(each, plot) for each in plot.layout.get("annotations", ()) if str(each.get("text", "")).strip()]


def _annotation(told: Part, plot: Plot) -> Label:
    across, upright = told.get("xanchor", "center"), told.get("yanchor", "middle")
    side = {"left": PAD, "right": -PAD}.get(across, 0.0)
    over = {"top": PAD, "bottom": -PAD}.get(upright, 0.0)
    return Label(
        lines=lines_of(str(told["text"])),
        x=plot.x(told["x"], told.get("xref", "x")) + told.get("xshift", 0) + side,
        y=plot.y(told["y"], told.get("yref", "y")) - told.get("yshift", 0) + over,
        across=across,
        upright=upright,
        size=told["font"]["size"],
        colour=told["font"]["color"],
        ground=told.get("bgcolor", ""),
    )


def settled(labels: Sequence[Label], width: float, height: float) -> list[Label]:
    """The labels inside the picture; of two that would touch the later gives way: it gets smaller, or is left out."""
    kept: list[Label] = []
    for label in labels:
        placed = _inside(label, width, height)
        while not placed.firm and any(_touch(placed, other) for other in kept):
            if placed.size <= SMALLEST:
                break
            placed = _inside(replace(label, size=max(SMALLEST, placed.size - 1)), width, height)
        else:
            kept.append(placed)
    return kept


def _inside(label: Label, width: float, height: float) -> Label:
    """The label, moved or else cut so that it ends before the picture does."""
    if label.turned:
        room = label.y - EDGE
        return replace(label, lines=tuple(fitted(line, label.size, room) for line in label.lines))
    whole = replace(label, lines=tuple(fitted(line, label.size, width - 2 * EDGE) for line in label.lines))
    left, top, right, bottom = whole.box
    x = whole.x + max(0.0, EDGE - left) - max(0.0, right - (width - EDGE))
    y = whole.y + max(0.0, EDGE - top) - max(0.0, bottom - (height - EDGE))
    return replace(whole, x=x, y=y)


def _touch(one: Label, other: Label) -> bool:
    a, b = one.box, other.box
    return a[0] < b[2] + 1 and b[0] < a[2] + 1 and a[1] < b[3] - 1 and b[1] < a[3] - 1


def written(labels: Sequence[Label]) -> list[Layer]:
    """The labels as layers: what lies behind them, and each run of letters."""
    grounds = [_ground(label) for label in labels if label.ground]
    rows = [row for label in labels for row in _rows(label)]
    channels = {
        "x": by("x"), "y": by("y"), "text": by("text"), "fontSize": by("size"), "fontWeight": by("weight"),
        "align": by("align"), "angle": by("angle"), "baseline": {"value": "alphabetic"}, "font": {"value": FAMILY},
        **FILL,
    }  # fmt: skip
    box = {"x": by("x"), "y": by("y"), "x2": by("x2"), "y2": by("y2"), **FILL}
    return [Layer("rect", grounds, box), Layer("text", rows, channels)]


def _ground(label: Label) -> Row:
    left, top, right, bottom = label.box
    return {
        "x": left - PAD, "y": top - PAD, "x2": right + PAD, "y2": bottom + PAD, **filled(colour_of(label.ground)),
    }  # fmt: skip


def _rows(label: Label) -> list[Row]:
    found: list[Row] = []
    _, top, _, _ = label.box
    common = {"size": label.size, "angle": -90 if label.turned else 0, **filled(colour_of(label.colour))}
    if label.turned:
        for line in label.lines:
            text = "".join(run.text for run in line)
            found.append({"x": label.x + CAPITALS * label.size, "y": label.y, "text": text, "align": "left",
                          "weight": 400, **common})  # fmt: skip
        return found
    for at, line in enumerate(label.lines):
        y = top + label.size * (0.5 + CAPITALS + LINE * at)
        if len(line) == 1:
            found.append({"x": label.x, "y": y, "text": line[0].text, "align": label.across,
                          "weight": _weight(line[0]), **common})  # fmt: skip
            continue
        whole = line_width(line, label.size)
        x = label.x - whole * {"left": 0.0, "center": 0.5, "right": 1.0}[label.across]
        for run in line:
            found.append({"x": x, "y": y, "text": run.text, "align": "left", "weight": _weight(run), **common})
            x += line_width((run,), label.size)
    return found


def _weight(run: Run) -> int:
    return STRONG if run.strong else 400
