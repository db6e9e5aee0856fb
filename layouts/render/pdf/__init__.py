"""PDF: a handout as pages, set by Typst from its answers; no browser takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.values.document import Document
from app.values.words import words
from layouts.handout import Handout, bound_name
from layouts.render import vega
from layouts.render.kind import Format
from layouts.render.pdf.content import bound_of, content_of
from layouts.render.pdf.press import NO_GLYPH, use_fonts, warm_press
from layouts.render.pdf.sheet import paper

__all__ = ["FORMAT", "MEDIA_TYPE", "bound", "document", "use_fonts", "warm"]

MEDIA_TYPE = "application/pdf"


def document(handout: Handout) -> Document:
    """Pages in the look of the handout's template, tagged for those who hear them.

    Equal handouts make equal bytes. A letter that no font has (`use_fonts`) stands as a box, and the first page says
    so. Raises Invalid for a logo that is no picture.
    """
    told = content_of(handout, paper(handout.template), most=handout.template.rows)
    made = warm_press().printed(told, handout.context.today, _sorry(handout))
    return Document(f"{handout.name}.pdf", MEDIA_TYPE, made)


def bound(title: str, handouts: Sequence[Handout]) -> Document:
    """Several handouts as the sections of one document, in the look of the first, behind a page of what it holds.

    Raises Invalid for a logo that is no picture.
    """
    first = handouts[0]
    alike = [replace(each, template=first.template) for each in handouts]
    told = bound_of(title, alike, paper(first.template), most=first.template.rows)
    made = warm_press().printed(told, first.context.today, _sorry(first))
    return Document(f"{bound_name(title)}.pdf", MEDIA_TYPE, made)


def _sorry(handout: Handout) -> str:
    return words(handout.context.locale)("The sign {box} stands for letters that no font here has.", box=NO_GLYPH)


def warm() -> None:
    """Read the fonts and start what draws now, so that the first document does not wait for it."""
    vega.warm()
    warm_press()


FORMAT = Format(id="pdf", title="PDF", media_type=MEDIA_TYPE, write=document, bind=bound)
