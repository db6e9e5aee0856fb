"""PDF: a handout as pages, set by Typst from its answers; no browser takes part."""

from __future__ import annotations

from pathlib import Path

from app.values.document import Document
from app.values.words import words
from layouts.handout import Handout
from layouts.render.kind import Format
from layouts.render.pdf.content import content
from layouts.render.pdf.press import NO_GLYPH, warm_press
from layouts.render.pdf.sheet import paper

MEDIA_TYPE = "application/pdf"


def document(handout: Handout, fonts: Path | None = None) -> Document:
    """Pages in the look of the handout's template, tagged for those who hear them. `fonts` is a folder of further ones.

    Equal handouts make equal bytes. A letter that no font has stands as a box, and the first page
    says so. Raises Invalid for a logo that is no picture.
    """
    told = content(handout, paper(handout.template), most=handout.template.rows)
    sorry = words(handout.context.locale)("The sign {box} stands for letters that no font here has.", box=NO_GLYPH)
    made = warm_press(fonts).printed(told, handout.context.today, sorry)
    return Document(f"{handout.name}.pdf", MEDIA_TYPE, made)


def warm(fonts: Path | None = None) -> None:
    """Read the fonts now, so that the first document does not wait for it."""
    warm_press(fonts)


FORMAT = Format(id="pdf", title="PDF", media_type=MEDIA_TYPE, write=document)
