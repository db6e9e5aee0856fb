"""Fields: what a form's field says, where it is more than a text."""

from __future__ import annotations

from collections.abc import Mapping


def number_in(form: Mapping[str, str], name: str) -> int:
    """The whole number of a field, as of a version; 0 where it says none that can be."""
    text = form.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else 0
