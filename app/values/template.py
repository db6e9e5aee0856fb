"""Template: how a company's papers look: its mark and colour, what stands at the head and foot, in which order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.values.errors import Invalid

Size = Literal["a4", "letter"]
Turn = Literal["landscape", "portrait"]

LONGEST_LINE = 160
"""Characters of a header or footer."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Template:
    """One look for every format that has pages. `accent` is a colour as #rrggbb, empty for Salient's own.

    `logo` is a PNG or SVG file's bytes. `header` and `footer` are lines of plain text. `cover`: a page of its own
    before the first panel. `order` names panels that come first, in this order. `rows` is how many rows of a table
    are printed before the rest is left to the link; of one among other panels it is a tenth, but 100 where that is
    less. Raises Invalid for what cannot be printed.
    """

    name: str = ""
    accent: str = ""
    logo: bytes = b""
    header: str = ""
    footer: str = ""
    cover: bool = False
    order: tuple[str, ...] = ()
    size: Size = "a4"
    turn: Turn = "landscape"
    rows: int = 1_000

    def __post_init__(self) -> None:
        """Refuse now what would fail when it is printed."""
        if self.accent and not _COLOUR.fullmatch(self.accent):
            raise Invalid("A colour is written as # and six of 0-9 and a-f, like #0b5fa5.")
        for line in (self.name, self.header, self.footer):
            if len(line) > LONGEST_LINE or not line.isprintable():
                raise Invalid("A name, header or footer is one line of at most {most} characters.", most=LONGEST_LINE)
        if self.size not in ("a4", "letter") or self.turn not in ("landscape", "portrait"):
            raise Invalid("Paper is a4 or letter, landscape or portrait.")
        if not 1 <= self.rows <= 10_000:
            raise Invalid("A printed table has between 1 and 10,000 rows.")


PLAIN = Template()
"""Salient's own look."""
