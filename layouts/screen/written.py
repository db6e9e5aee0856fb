"""Written: what is drawn as the text that is sent, to be sent again without drawing it anew."""

from __future__ import annotations

import json
from typing import Any

import orjson
from dash.development.base_component import Component


def write(parts: tuple[Any, ...]) -> bytes:
    """Each part as a text of its own. ValueError for a number that is none: JSON has no word for it."""
    texts = [
        json.dumps(part, default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":")) for part in parts
    ]
    return orjson.dumps(texts)


def read(written: bytes) -> tuple[Any, ...]:
    """The parts, ready to be sent: texts that are copied as they are."""
    return tuple(orjson.Fragment(text) for text in orjson.loads(written))


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        return value.to_plotly_json()
    for way in ("tolist", "isoformat"):
        if hasattr(value, way):
            return getattr(value, way)()
    raise TypeError(f"A {type(value).__name__} cannot be sent.")
