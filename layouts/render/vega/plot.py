"""Plot: where everything of a figure lies at a given size, in pixels from the top left corner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Part = Mapping[str, Any]


@dataclass(frozen=True)
class Axis:
    """One axis: the values at its ends, and the pixels that these lie at; `across` where it runs from left to right."""

    name: str
    across: bool
    low: float
    high: float
    first: float
    last: float
    layout: Part

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.first + (value - self.low) / ((self.high - self.low) or 1.0) * (self.last - self.first)

    def holds(self, value: float, room: float = 0.0) -> bool:
        """Whether a value lies between the ends, or at most `room` pixels beyond them."""
        low, high = sorted((self.first, self.last))
        return low - room <= self.at(value) <= high + room


@dataclass(frozen=True)
class Plot:
    """A figure's size, the box its axes share, and the axes by name ("x", "y2")."""

    width: float
    height: float
    left: float
    top: float
    wide: float
    tall: float
    axes: Mapping[str, Axis]
    layout: Part

    def axis(self, name: str) -> Axis:
        """An axis by its name."""
        return self.axes[name]

    def x(self, value: object, reference: str) -> float:
        """The pixel of a place across, told in parts of the whole, of one axis, or as a value."""
        axis = self.axes.get(reference.removesuffix(" domain"))
        if axis is None:
            return self.left + number_of(value) * self.wide
        if reference.endswith(" domain"):
            return axis.first + number_of(value) * (axis.last - axis.first)
        return axis.at(number_of(value))

    def y(self, value: object, reference: str) -> float:
        """The pixel of a place upwards, told in the same ways."""
        axis = self.axes.get(reference.removesuffix(" domain"))
        if axis is None:
            return self.top + (1 - number_of(value)) * self.tall
        if reference.endswith(" domain"):
            bottom, top = max(axis.first, axis.last), min(axis.first, axis.last)
            return bottom + number_of(value) * (top - bottom)
        return axis.at(number_of(value))


def number_of(value: object) -> float:
    """A value of an axis as a number; a day is counted."""
    if isinstance(value, str):
        return float(date.fromisoformat(value[:10]).toordinal())
    return float(value) if isinstance(value, int | float) else 0.0


def plot_of(layout: Part, width: float, height: float) -> Plot:
    """The layout of a figure, laid out."""
    margin = layout["margin"]
    left, top = float(margin["l"]), float(margin["t"])
    wide, tall = max(1.0, width - left - margin["r"]), max(1.0, height - top - margin["b"])
    axes = {}
    for key, part in layout.items():
        if not key.startswith(("xaxis", "yaxis")):
            continue
        across, name = key[0] == "x", key[0] + key[5:]
        start, end = part.get("domain", (0, 1))
        first, last = (
            (left + start * wide, left + end * wide) if across else (top + (1 - start) * tall, top + (1 - end) * tall)
        )
        low, high = (number_of(value) for value in part["range"])
        axes[name] = Axis(name, across, low, high, first, last, part)
    return Plot(width, height, left, top, wide, tall, axes, layout)
