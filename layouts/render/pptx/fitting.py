"""Fitting: how wide a text is, roughly and rather too wide than too narrow, and what of it fits into a box."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

POINTS = 72
"""Points of an inch."""

LEADING = 1.22
"""The height of a line as a part of its size."""

ELLIPSIS = "…"

_NARROW = frozenset("iljtfrI.,;:'’!|()[]/-· ")
_BROAD = frozenset("mwMWQO@%€＋−+=…—")
_BREAKS = re.compile(r"[\t\n\r]+")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """The text on one line, without what XML forbids."""
    return _BREAKS.sub(" ", _FORBIDDEN.sub("", text))


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Inches of a text of `size` points on one line."""
    ems = sum(map(_em, text))
    return ems * size / POINTS * (1.06 if bold else 1.0)


def _em(letter: str) -> float:
    if letter in _NARROW:
        return 0.34
    if letter in _BROAD:
        return 0.86
    if letter > "\u2e7f" and unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    return 0.68 if letter.isupper() else 0.58


def lines_of(text: str, wide: float, size: float, *, bold: bool = False) -> int:
    """Lines that a text takes when it is broken between words, and words that are too long anywhere."""
    space, used, lines = width_of(" ", size, bold=bold), 0.0, 1
    for word in text.split(" "):
        width = width_of(word, size, bold=bold)
        if used and used + space + width <= wide:
            used += space + width
            continue
        if used:
            lines += 1
        more = int(width // wide) if width > wide else 0
        lines += more
        used = width - more * wide
    return lines


def height_of(lines: int, size: float) -> float:
    """Inches of so many lines."""
    return lines * size * LEADING / POINTS


def fitted(text: str, wide: float, tall: float, sizes: Sequence[float], *, bold: bool = False) -> tuple[str, float]:
    """The text and the largest of `sizes`, largest first, in which it fits; shortened where none does."""
    for size in sizes:
        if height_of(lines_of(text, wide, size, bold=bold), size) <= tall:
            return text, size
    return shortened(text, wide, tall, sizes[-1], bold=bold), sizes[-1]


def shortened(text: str, wide: float, tall: float, size: float, *, bold: bool = False) -> str:
    """As much of the text as fits, with an ellipsis where some is left out; never less than a letter."""

    def fits(count: int) -> bool:
        said = text if count == len(text) else text[:count].rstrip() + ELLIPSIS
        return height_of(lines_of(said, wide, size, bold=bold), size) <= tall + 1e-6

    if fits(len(text)):
        return text
    low, high = 1, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS
