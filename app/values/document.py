"""Document: a finished thing to hand over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A file's name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes
