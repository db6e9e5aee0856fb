"""Told: sentences that loads have kept in English, known again so that readers get them in their own language."""

from __future__ import annotations

import re
from functools import cache

from app.values.words import Text, say
from queries.warehouse.load import shipped_mappings

REASONS: tuple[str, ...] = (
    say("“{value}” is not an amount (expected digits with a decimal point, such as 1234.50)."),
    say("“{value}” is not a rate (expected e.g. 1.0837)."),
    say("“{value}” is not a whole number."),
    say("“{value}” is not a date (expected year-month-day; the order of others is not guessed)."),
    say("“{value}” is not a month, quarter or year (expected 2013-06, 2013-Q2 or 2013)."),
    say("“{value}” is neither yes nor no."),
    say("“{value}” is not a three-letter currency code."),
    say("“{value}” is not a document type (known: {types})."),
    say("The value is missing, and {column} needs one."),
    say("The net amount is not gross less discount less returned."),
    say("Not true: {rule}."),
    say("There is no {dimension} “{value}”, neither in this source nor in the warehouse."),
    say("“{value}” came before with other values, on line {line} of {source}."),
)
"""Why rows stand in quarantine."""


def notices() -> tuple[str, ...]:
    """What the shipped mappings tell readers of how data were read."""
    settings = (setting for mapping in shipped_mappings() for setting in mapping.settings)
    return tuple(dict.fromkeys(text for setting in settings for text in setting.shown.values()))


def told(sentence: str) -> str:
    """The sentence with its parts, where it is one of a load's; as it stands otherwise, as a company's own words do."""
    for template, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return Text(template, found.groupdict())
    return sentence


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((str(text), _pattern(str(text))) for text in (*REASONS, *notices()))


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    spelled = (f"(?P<{part}>.*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(spelled), re.DOTALL)
