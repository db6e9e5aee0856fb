"""Paint: the colours of a theme as the values of marks, a template's accent in the place of Salient's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from layouts.theme import Theme, tokens

Colour = tuple[float, float, float, float]
"""Red, green and blue to 255, and the strength to 1."""

OWN = ("actual", "brand", "focus", "shade-4")
"""Tokens that an accent stands for."""

_PALER = {"shade-3": 0.7, "shade-2": 0.4, "shade-1": 0.18}
"""The shades of a map under an accent: how much of it each has."""

_NUMBERS = re.compile(r"[\d.]+")


def palette(theme: Theme, accent: str = "") -> Mapping[str, str]:
    """Token → colour, with `accent` (#rrggbb) where it is given."""
    known = dict(tokens(theme))
    if accent:
        ground = colour_of(known["surface"])
        known |= dict.fromkeys(OWN, accent)
        known |= {name: hex_of(between(ground, colour_of(accent), part)) for name, part in _PALER.items()}
    return known


def colour_of(text: str) -> Colour:
    """#rgb, #rrggbb or rgba(…) in numbers."""
    if text.startswith("#"):
        long = text if len(text) == 7 else "#" + "".join(2 * sign for sign in text[1:])
        channels = [float(int(long[at : at + 2], 16)) for at in (1, 3, 5)]
        return channels[0], channels[1], channels[2], 1.0
    found = [float(number) for number in _NUMBERS.findall(text)]
    red, green, blue, *rest = found if len(found) >= 3 else (0.0, 0.0, 0.0, 0.0)
    return red, green, blue, rest[0] if rest else 1.0


def hex_of(colour: Colour) -> str:
    """#rrggbb, the strength left out."""
    return "#" + "".join(f"{round(part):02x}" for part in colour[:3])


def between(low: Colour, high: Colour, part: float) -> Colour:
    """The colour so far on the way from one to the other."""
    red, green, blue, strength = (a + (b - a) * part for a, b in zip(low, high, strict=True))
    return red, green, blue, strength


def on_scale(scale: Sequence[Sequence[Any]], part: float) -> Colour:
    """The colour at a place, from 0 to 1, of a scale of [place, colour] stops."""
    stops = [(float(at), colour_of(text)) for at, text in scale]
    for (low, first), (high, last) in pairwise(stops):
        if part <= high:
            return between(first, last, max(0.0, (part - low) / ((high - low) or 1.0)))
    return stops[-1][1]


def filled(colour: Colour) -> dict[str, Any]:
    """What a mark's row says of its fill."""
    return {"fill": hex_of(colour), "ink": round(colour[3], 4)}


def stroked(text: str, width: float) -> dict[str, Any]:
    """What a mark's row says of its outline; none where it is clear or without width."""
    colour = colour_of(text)
    shown = width > 0 and colour[3] > 0
    return {"stroke": hex_of(colour) if shown else None, "line": width if shown else 0, "strength": colour[3]}
