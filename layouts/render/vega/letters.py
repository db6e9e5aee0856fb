"""Letters: how wide text is in the fonts of paper, and the little markup of labels read as lines of runs."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import unescape

from layouts.render.vega.engine import FONTS

FAMILY = "Inter, sans-serif"
STRONG = 600
LINE = 1.3
"""From one line to the next, in sizes."""

_FILES = {False: "Inter-Regular.ttf", True: "Inter-SemiBold.ttf"}
_PART = re.compile(r"(<br\s*/?>|</?b>)")
_FORBIDDEN = re.compile("[^ -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNKNOWN = {"W": 1.0, "F": 1.0}
_SIGNS = str.maketrans({"⋮": "…"})
"""A sign that the fonts lack, and the one that says the same."""


@dataclass(frozen=True)
class Run:
    """A piece of one line in one weight."""

    text: str
    strong: bool = False


Line = tuple[Run, ...]


def lines_of(text: str) -> tuple[Line, ...]:
    """A label's lines; all but line breaks and bold is text as it stands."""
    lines: list[list[Run]] = [[]]
    strong = False
    for part in _PART.split(text):
        if part.startswith("<br"):
            lines.append([])
        elif part in ("<b>", "</b>"):
            strong = part == "<b>"
        elif part:
            lines[-1].append(Run(shown(unescape(part)), strong))
    return tuple(tuple(line) for line in lines)


def shown(text: str) -> str:
    """Without what no picture can hold: control characters, which no XML may have, become spaces."""
    return _FORBIDDEN.sub(" ", text).translate(_SIGNS)


def line_width(line: Line, size: float) -> float:
    """Pixels across."""
    return sum(width_of(run.text, size, strong=run.strong) for run in line)


def width_of(text: str, size: float, *, strong: bool = False) -> float:
    """Pixels across; signs that the fonts lack are taken to be as wide as such are."""
    widths = _widths(strong)
    return size * sum(widths[sign] if sign in widths else _guess(sign) for sign in text)


def fitted(line: Line, size: float, room: float) -> Line:
    """The line, cut and the cut marked if it is wider than `room` pixels."""
    if line_width(line, size) <= room:
        return line
    kept: list[Run] = []
    left = room - width_of("…", size, strong=bool(line) and line[-1].strong)
    for run in line:
        text = ""
        for sign in run.text:
            left -= width_of(sign, size, strong=run.strong)
            if left < 0:
                return (*kept, Run(f"{text.rstrip()}…", run.strong))
            text += sign
        kept.append(run)
    return tuple(kept)


def _guess(sign: str) -> float:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Cf", "Mn", "Me"):
        return 0.0
    return _UNKNOWN.get(unicodedata.east_asian_width(sign), 1.0 if ord(sign) > 0xFFFF else 0.65)


@cache
def _widths(strong: bool) -> Mapping[str, float]:
    """Character → width in sizes, as the font file has it."""
    data = (FONTS / _FILES[strong]).read_bytes()
    tables = {
        data[at : at + 4].decode("ascii"): struct.unpack(">II", data[at + 8 : at + 16])
        for at in range(12, 12 + 16 * struct.unpack(">H", data[4:6])[0], 16)
    }
    per_size = struct.unpack(">H", data[tables["head"][0] + 18 : tables["head"][0] + 20])[0]
    count = struct.unpack(">H", data[tables["hhea"][0] + 34 : tables["hhea"][0] + 36])[0]
    start = tables["hmtx"][0]
    advances = [pair[0] for pair in struct.iter_unpack(">HH", data[start : start + 4 * count])]
    return {chr(code): advances[min(glyph, count - 1)] / per_size for code, glyph in _glyphs(data, tables["cmap"][0])}


def _glyphs(data: bytes, start: int) -> list[tuple[int, int]]:
    """(character, glyph) of the font's tables, in groups (format 12) or in segments (format 4)."""
    found: list[tuple[int, int]] = []
    for at in range(start + 4, start + 4 + 8 * struct.unpack(">H", data[start + 2 : start + 4])[0], 8):
        table = start + struct.unpack(">I", data[at + 4 : at + 8])[0]
        match struct.unpack(">H", data[table : table + 2])[0]:
            case 12:
                groups = struct.unpack(">I", data[table + 12 : table + 16])[0]
                for first, last, glyph in struct.iter_unpack(">III", data[table + 16 : table + 16 + 12 * groups]):
                    found += [(code, glyph + code - first) for code in range(first, last + 1)]
            case 4:
                found += _segments(data, table)
    return found


def _segments(data: bytes, table: int) -> list[tuple[int, int]]:
    half = struct.unpack(">H", data[table + 6 : table + 8])[0]

    def column(number: int, form: str) -> tuple[int, ...]:
        at = table + 14 + number * half + (2 if number else 0)
        return struct.unpack(f">{half // 2}{form}", data[at : at + half])

    found: list[tuple[int, int]] = []
    offsets = table + 16 + 3 * half
    rows = zip(column(0, "H"), column(1, "H"), column(2, "h"), column(3, "H"), strict=True)
    for place, (last, first, delta, offset) in enumerate(rows):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offset:
                at = offsets + 2 * place + offset + 2 * (code - first)
                glyph = struct.unpack(">H", data[at : at + 2])[0]
            if glyph or not offset:
                found.append((code, (glyph + delta) & 0xFFFF))
    return found
