"""Identity: what is known of a customer, in the language of who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.values.context import QueryContext
from app.values.selection import Selection
from app.values.words import Words, say, words
from queries.frame import Frame, Member, Row, Value
from queries.identity import FACTS, FIELD, OUTSIDE

OUTSIDE_OWNER = say("somebody whose sales you do not see")
_TICKED = {"yes": say("yes"), "no": say("no")}


def identity_in_words(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Main, with facts, yes and no, and an owner who is not to be named in words; everything else as it is."""
    main, t = frames["main"], words(context.locale)
    rows = tuple(_said(fact, value, t) for fact, value in main.rows if isinstance(fact, Member))
    return replace(main, rows=rows)


def _said(fact: Member, value: Value, t: Words) -> Row:
    if fact.key.startswith(FIELD):
        fact = Member(fact.key, fact.name.replace("_", " "))
        return fact, t(_TICKED[value]) if isinstance(value, str) and value in _TICKED else value
    if isinstance(value, Member) and value.key == OUTSIDE:
        value = t(OUTSIDE_OWNER)
    return Member(fact.key, t(FACTS[fact.key])), value
