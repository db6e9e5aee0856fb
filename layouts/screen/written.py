"""Written: what is drawn as the text that is sent, to be sent again without drawing it anew, or not where it stands."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson
from dash.development.base_component import Component


def write(parts: tuple[Any, ...]) -> bytes:
    """Each part as a text of its own. ValueError for a number that is none: JSON has no word for it."""
    return orjson.dumps([_text(part) for part in parts])


def fingerprint(parts: tuple[Any, ...]) -> str:
    """The same for parts that are sent as the same text."""
    return hashlib.blake2b(_text(parts).encode(), digest_size=12).hexdigest()


def read(written: bytes) -> tuple[Any, ...]:
    """The parts, ready to be sent: texts that are copied as they are."""
    return tuple(orjson.Fragment(text) for text in orjson.loads(written))


def _text(part: Any) -> str:
    return json.dumps(part, default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        return value.to_plotly_json()
    for way in ("tolist", "isoformat"):
        if hasattr(value, way):
            return getattr(value, way)()
    raise TypeError(f"A {type(value).__name__} cannot be sent.")
