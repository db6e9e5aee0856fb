"""PNG: a panel or a whole dashboard as one picture at twice the screen's resolution, in light or in dark."""

from __future__ import annotations

from app.values.document import Document
from layouts.handout import Handout
from layouts.marks import Card
from layouts.render.kind import Format
from layouts.render.pdf.content import content_of
from layouts.render.pdf.press import warm_press
from layouts.render.pdf.sheet import picture
from layouts.theme import Theme

MEDIA_TYPE = "image/png"

DOTS = 192
"""An inch of a picture: twice those of a screen."""

WIDE, NARROW, CARD = 1_172, 720, 260
"""Pixels that the panels of a dashboard share, and those of a panel or a card alone."""

MOST = 40
"""Rows of a table in a picture; it says how many more there are and where."""


def document(handout: Handout, theme: Theme = "light") -> Document:
    """One picture of everything that is handed over.

    Raises Invalid for a logo that is no picture.
    """
    alone = len(handout.panels) == 1
    width = (CARD if isinstance(handout.panels[0].mark, Card) else NARROW) if alone else WIDE
    sheet = picture(width)
    told = content_of(handout, sheet, theme, most=min(MOST, handout.template.rows))
    return Document(f"{handout.name}.png", MEDIA_TYPE, warm_press().pictured(told, DOTS))


FORMAT = Format(id="png", title="PNG", media_type=MEDIA_TYPE, write=document)
