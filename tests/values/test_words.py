"""Words: a text is English in the code and any other language at the door."""

from __future__ import annotations

import pytest

from app.values.errors import Invalid
from app.values.words import PSEUDO, Text, language_of, say, say_n, words


def test_a_text_is_its_english_sentence_wherever_a_string_is_wanted() -> None:
    told = say("No {level} called {name}.", level="region", name="North")
    assert told == "No region called North."
    assert told.source == "No {level} called {name}."


@pytest.mark.parametrize(("count", "sentence"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_numbers_choose_their_form(count: int, sentence: str) -> None:
    assert say_n("{n} row", "{n} rows", count) == sentence
    assert words("en")(say_n("{n} row", "{n} rows", count)) == sentence


def test_what_no_catalogue_knows_stays_english() -> None:
    assert words("de")("A sentence nobody has written yet.") == "A sentence nobody has written yet."
    assert words("tlh")("A sentence nobody has written yet.") == "A sentence nobody has written yet."


def test_the_parts_of_a_sentence_are_said_in_the_same_language() -> None:
    told = say("{what} for {whom}", what=say("Nothing"), whom="Otto")
    assert words(PSEUDO)(told) == "⟦⟦Nothing⟧ for Otto⟧"


def test_braces_in_a_name_are_no_parts() -> None:
    assert say("There is no {name}.", name="{level}") == "There is no {level}."
    assert words(PSEUDO)(say("There is no {name}.", name="{level}")) == "⟦There is no {level}.⟧"


def test_a_refusal_keeps_its_parts() -> None:
    refusal = Invalid("There is no {name}.", name="North")
    assert str(refusal) == refusal.sentence == "There is no North."
    assert isinstance(refusal.sentence, Text)
    assert words(PSEUDO)(refusal.sentence) == "⟦There is no North.⟧"


def test_a_country_speaks_its_language() -> None:
    assert [language_of(name) for name in ("de-AT", "fr_CH", "EN-gb", "tlh", "")] == ["de", "fr", "en", "en", "en"]
