"""Arguments: what an assistant sends to a tool, read strictly and refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.questions import Question, Where, unknown
from app.values.errors import Invalid, TooBig
from app.values.words import say

LONGEST = 2_000
"""Characters of one text."""

MOST = 100
"""Things in one list."""


class Arguments:
    """The arguments of one call, taken one by one by name."""

    def __init__(self, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        for name in given:
            if name not in known:
                raise unknown(say("argument"), name, tuple(known))
        self._given = given

    def text(self, name: str, default: str = "") -> str:
        """A text. Raises Invalid for anything else."""
        value = self._given.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise Invalid("The argument {name} is a text.", name=name)
        return _text(name, value)

    def optional(self, name: str) -> str | None:
        """A text, or None where none is given."""
        return self.text(name) or None

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 1 to `most`, or None where none is given."""
        value = self._given.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
            raise Invalid("The argument {name} is a whole number from 1 to {most:,}.", name=name, most=most)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; one text with commas is read as a list, since many write it so."""
        return _texts(name, self._given.get(name))

    def where(self, name: str, *, exclude: bool = False) -> tuple[Where, ...]:
        """An object of dimensions with their members."""
        value = self._given.get(name)
        if value is None:
            return ()
        if not isinstance(value, dict):
            raise Invalid(
                'The argument {name} is an object of dimensions with lists of members: {{"region": ["North"]}}.',
                name=name,
            )
        # A member's own name may hold a comma: only lists are split, never texts.
        return tuple(
            Where(str(level), _texts(name, [members] if isinstance(members, str) else members), exclude)
            for level, members in value.items()
        )

    def question(self, most_rows: int) -> Question:
        """The question that the arguments of `ask` and `explain` are."""
        return Question(
            metrics=self.texts("metrics"),
            by=self.texts("by"),
            where=(*self.where("where"), *self.where("where_not", exclude=True)),
            period=self.text("period", "all"),
            versus=self.texts("versus"),
            basis=self.text("basis", "booked"),
            limit=self.number("limit", most_rows),
            currency=self.optional("currency"),
        )


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        value = [word.strip() for word in value.split(",") if word.strip()]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid("The argument {name} is a list of texts.", name=name)
    if len(value) > MOST:
        raise TooBig("The argument {name} holds at most {most} texts.", name=name, most=MOST)
    return tuple(_text(name, each) for each in value)


def _text(name: str, value: str) -> str:
    if len(value) > LONGEST:
        raise TooBig("The argument {name} has at most {most:,} characters.", name=name, most=LONGEST)
    if not value.isprintable():
        raise Invalid("The argument {name} holds characters that cannot be read.", name=name)
    return value
