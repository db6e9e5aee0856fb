"""PDF: a handout as pages, set by Typst from its answers; no browser takes part."""

from __future__ import annotations

from app.values.document import Document
from app.values.words import words
from layouts.handout import Handout
from layouts.render import vega
from layouts.render.kind import Format
from layouts.render.pdf.content import content_of
from layouts.render.pdf.press import NO_GLYPH, use_fonts, warm_press
from layouts.render.pdf.sheet import paper

__all__ = ["FORMAT", "MEDIA_TYPE", "document", "use_fonts", "warm"]

MEDIA_TYPE = "application/pdf"


def document(handout: Handout) -> Document:
    """Pages in the look of the handout's template, tagged for those who hear them.

    Equal handouts make equal bytes. A letter that no font has (`use_fonts`) stands as a box, and the first page says
    so. Raises Invalid for a logo that is no picture.
    """
    told = content_of(handout, paper(handout.template), most=handout.template.rows)
    sorry = words(handout.context.locale)("The sign {box} stands for letters that no font here has.", box=NO_GLYPH)
    made = warm_press().printed(told, handout.context.today, sorry)
    return Document(f"{handout.name}.pdf", MEDIA_TYPE, made)


def warm() -> None:
    """Read the fonts and start what draws now, so that the first document does not wait for it."""
    vega.warm()
    warm_press()


FORMAT = Format(id="pdf", title="PDF", media_type=MEDIA_TYPE, write=document)
