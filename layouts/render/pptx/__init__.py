"""PPTX: a handout as a deck of slides whose charts and tables can be edited, in a theme of our own."""

from __future__ import annotations

from collections.abc import Sequence

from app.values.document import Document
from layouts.handout import Handout, bound_name
from layouts.render.kind import Format

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def document(handout: Handout) -> Document:
    """An opening, the key figures together, then a slide a panel. Raises Invalid for a logo that is no picture.

    Equal handouts make equal bytes.
    """
    # Imported late: whoever only looks at a screen never needs the library.
    from layouts.render.pptx.deck import deck_of

    return Document(f"{handout.name}.pptx", MEDIA_TYPE, deck_of((handout,), handout.title))


def bound(title: str, handouts: Sequence[Handout]) -> Document:
    """Several handouts as one deck, each behind an opening of its own. Raises Invalid for a logo that is no picture."""
    from layouts.render.pptx.deck import deck_of

    return Document(f"{bound_name(title)}.pptx", MEDIA_TYPE, deck_of(handouts, title))


FORMAT = Format(id="pptx", title="PowerPoint", media_type=MEDIA_TYPE, write=document, bind=bound)
