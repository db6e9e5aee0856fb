"""Files: finished documents as answers of the API, and where they are fetched."""

from __future__ import annotations

from urllib.parse import quote

from app.one_pagers import MEDIA_TYPE as ARCHIVE_TYPE
from app.values.document import Document
from app.web.api.door import HERE, Answer
from layouts.render.formats import FORMATS

KINDS = tuple(dict.fromkeys((*(each.media_type for each in FORMATS), ARCHIVE_TYPE)))
"""Media types of the files."""

LOOK_AGAIN_S = 2
"""Seconds after which a program may ask again how far a file is."""


def as_file(document: Document) -> Answer:
    """A document as an answer that is saved under its name, and kept by nobody on the way."""
    named = f'attachment; filename="{document.name}"'
    headers = {"Content-Disposition": named, "Cache-Control": "private, no-store"}
    return Answer(document.content, headers=headers, media=document.media_type)


def place_of(*steps: str) -> str:
    """The address of something in the API: `place_of("reports", report, "runs", run)`."""
    return "/".join((HERE, *(quote(step, safe="") for step in steps)))
