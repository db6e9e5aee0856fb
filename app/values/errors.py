"""Refusals: every way Salient says no, each with one sentence a salesperson can read."""

from __future__ import annotations

from typing import Any

from app.values.words import Text


class Refusal(Exception):
    """Something that will not be done, and why, in one plain sentence.

    `Invalid("There is no {level} called {name}.", level="region", name=name)`: the sentence keeps its parts, so that
    each door can say it in the language of who reads it.
    """

    def __init__(self, sentence: str, **parts: Any) -> None:
        told = Text(sentence, parts) if parts else sentence
        super().__init__(told)
        self.sentence = told


class NotFound(Refusal):
    """What was asked for does not exist, or not for this viewer: the two look alike."""


class Forbidden(Refusal):
    """The viewer lacks the permission."""


class NotAskable(Refusal):
    """The question has no meaning for the facts: an unknown metric, a dimension the fact lacks."""


class Invalid(Refusal):
    """The input cannot be understood."""


class Conflict(Refusal):
    """Somebody else changed the same thing first."""


class TooBig(Refusal):
    """A limit was reached; the sentence names it."""


class Busy(Refusal):
    """It could be done, but not now: too much of its kind is under way."""
