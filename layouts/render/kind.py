"""Format: a kind of file that a handout can be: its id, its ending, its media type, and what makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.values.document import Document
from layouts.handout import Handout


@dataclass(frozen=True)
class Format:
    """`id` is also the ending of the file's name; `title` is what people call it; `write` raises Refusal.

    `bind` makes one file of several handouts, under a title, where a file of this kind can have sections.
    """

    id: str
    title: str
    media_type: str
    write: Callable[[Handout], Document]
    bind: Callable[[str, Sequence[Handout]], Document] | None = None
