"""PPTX: a handout as a deck of slides whose charts and tables can be edited, in a theme of our own."""

from __future__ import annotations

from app.values.document import Document
from layouts.handout import Handout
from layouts.render.kind import Format

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def document(handout: Handout) -> Document:
    """An opening, the key figures together, then a slide a panel. Raises Invalid for a logo that is no picture.

    Equal handouts make equal bytes.
    """
    # Imported late: whoever only looks at a screen never needs the library.
    from layouts.render.pptx.deck import deck_of

    return Document(f"{handout.name}.pptx", MEDIA_TYPE, deck_of(handout))


FORMAT = Format(id="pptx", title="PowerPoint", media_type=MEDIA_TYPE, write=document)
