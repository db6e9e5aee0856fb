"""JSON from outside, read without a doubt about what was meant: no doubled names, no NaN, no half characters."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from app.values.errors import Invalid, TooBig

DEEPEST = 16
"""Levels of lists and objects inside each other."""


def read_json(raw: bytes, largest: int, deepest: int = DEEPEST) -> Any:
    """What the bytes say. Raises TooBig beyond `largest` bytes or `deepest` levels, Invalid for no plain JSON."""
    if len(raw) > largest:
        raise TooBig("What was sent has more than {most:,} bytes.", most=largest)
    try:
        read = json.loads(raw.decode(), object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
    except RecursionError:
        raise _too_deep(deepest) from None
    except ValueError:
        raise Invalid("This is no JSON.") from None
    _check(read, deepest)
    return read


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Invalid("An object names {name!r} twice.", name=name[:40])
        found[name] = value
    return found


def _constant(text: str) -> NoReturn:
    raise Invalid("{text} is not a number that can be used.", text=text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _constant(text[:40])
    return number


def _check(read: Any, deepest: int) -> None:
    level, depth = [read], 0
    while level:
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner += [*each, *each.values()]
            elif isinstance(each, list):
                inner += each
            elif isinstance(each, str) and ("\x00" in each or _is_half(each)):
                raise Invalid("A text holds characters that cannot be read.")
        depth += any(isinstance(each, dict | list) for each in level)
        if depth > deepest:
            raise _too_deep(deepest)
        level = inner


def _is_half(text: str) -> bool:
    """Whether it holds one half of a character that takes two."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _too_deep(deepest: int) -> TooBig:
    return TooBig("Lists and objects stand in each other {n} deep at most.", n=deepest)
