"""Cursors: a place in a list, signed, so that a page after it begins where the last one ended whatever came between."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import orjson

from app.values.words import say
from app.web.api.rejected import Rejected

_MARK = 12
"""Bytes of the signature."""


def cursor(secret: str, of: str, position: Sequence[Any]) -> str:
    """The place after the row whose order is told by `position` (texts and numbers), in the list called `of`."""
    told = orjson.dumps(list(position))
    return base64.urlsafe_b64encode(_signature(secret, of, told) + told).decode().rstrip("=")


def position(secret: str, of: str, text: str) -> tuple[Any, ...]:
    """What `cursor` was given. Rejected (400) for what is no cursor of this list."""
    try:
        held = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        held = b""
    mark, told = held[:_MARK], held[_MARK:]
    if not told or not hmac.compare_digest(mark, _signature(secret, of, told)):
        raise Rejected(400, say("This is no cursor of this list: begin again without one."))
    return tuple(orjson.loads(told))


def _signature(secret: str, of: str, told: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"salient cursor " + of.encode() + b"\n" + told, hashlib.sha256)[:_MARK]
