"""Quality: what loads say of themselves, in the language of who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from app.values.context import QueryContext
from app.values.selection import Selection
from app.values.words import Text, Words, say, words
from queries.frame import Frame, Member, Value
from queries.told import told

TOLD: Mapping[str, str] = MappingProxyType(
    {
        "Sales": say("Order lines"),
        "Budget": say("Budget"),
        "Quota": say("Quota"),
        "built": say("built"),
        "demo": say("demo"),
        "loaded": say("loaded"),
        "unchanged": say("unchanged"),
        "dry run": say("dry run"),
        "interrupted": say("interrupted"),
        "unknown": say("unknown"),
    }
)
"""What facts and the states of loads are called, of which there is a closed set; names of files stay as they are."""


def in_words(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Main, with facts, states and reasons in words; everything else as it is."""
    main, t = frames["main"], words(context.locale)
    rows = tuple(tuple(_said(value, t) for value in row) for row in main.rows)
    return replace(main, rows=rows)


def _said(value: Value, t: Words) -> Value:
    if isinstance(value, Member):
        return replace(value, name=_word(value.name, t))
    return _word(value, t) if isinstance(value, str) else value


def _word(name: str, t: Words) -> str:
    known = TOLD.get(name) or told(name)
    return t(known) if isinstance(known, Text) else name
