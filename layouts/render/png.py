"""PNG: a panel or a whole dashboard as one picture at twice the screen's resolution, in light or in dark."""

from __future__ import annotations

from pathlib import Path

from app.values.document import Document
from layouts.handout import Handout
from layouts.render.kind import Format
from layouts.render.pdf.content import content
from layouts.render.pdf.press import press
from layouts.render.pdf.sheet import picture
from layouts.theme import Theme

MEDIA_TYPE = "image/png"

DOTS = 192
"""An inch of a picture: twice those of a screen."""

WIDE, NARROW = 1_172, 720
"""Pixels that the panels of a dashboard share, and those of a panel alone."""

MOST = 40
"""Rows of a table in a picture; it says how many more there are and where."""


def document(handout: Handout, fonts: Path | None = None, theme: Theme = "light") -> Document:
    """One picture of everything that is handed over. `fonts` is a folder of further fonts.

    Raises Invalid for a logo that is no picture.
    """
    sheet = picture(WIDE if len(handout.panels) > 1 else NARROW)
    told = content(handout, sheet, theme, most=min(MOST, handout.template.rows), apart=False)
    return Document(f"{handout.name}.png", MEDIA_TYPE, press(fonts).pictured(told, DOTS))


FORMAT = Format(id="png", title="PNG", media_type=MEDIA_TYPE, write=document)
