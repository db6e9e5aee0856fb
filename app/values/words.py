"""Words: every text a person reads, in English in the code and in other languages from the catalogues beside it."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_day_names, get_month_names
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "locales"

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "fr": "Français"}
"""The languages that ship, each by its own name."""

PSEUDO = "en-XA"
"""A pretended language that sets every text in ⟦brackets⟧, so that a text no catalogue knows stands out."""


class Text(str):
    """An English text that still knows its parts, so that it can be said in another language later.

    It is the English sentence wherever a plain string is wanted. `source` is what the catalogues know it by. Parts are
    texts, numbers, days (`{first:%b %Y}` is their month) and tuples of names, which are listed with an "and".
    """

    source: str
    other: str
    parts: Mapping[str, Any]

    def __new__(cls, source: str, parts: Mapping[str, Any], other: str = "") -> Text:
        template = other if other and parts.get("n") != 1 else source
        told = {name: _told(part, _english()) for name, part in parts.items()}
        made = super().__new__(cls, template.format_map(told) if parts else template)
        made.source, made.other, made.parts = source, other, dict(parts)
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.source, self.parts, self.other


def say(source: str, **parts: Any) -> Text:
    """A sentence with named parts: `say("No {level} called {name}.", level="region", name="North")`."""
    return Text(source, parts)


def say_n(one: str, other: str, n: int, **parts: Any) -> Text:
    """A sentence that depends on a number: `say_n("{n} row", "{n} rows", 3)` is "3 rows"."""
    return Text(one, {"n": n, **parts}, other)


@dataclass(frozen=True)
class Words:
    """A language as a function from English: `words("de")("Net sales")` is "Nettoumsatz".

    A text without a translation stays English: a page is never without words.
    """

    locale: str
    catalogue: gettext.NullTranslations

    def __call__(self, text: str, **parts: Any) -> str:
        """The text in this language; a `Text` brings its parts along, which are said in this language too."""
        source, other = str(text), ""
        if isinstance(text, Text):
            source, other, parts = text.source, text.other, {**text.parts, **parts}
        if not source:
            return ""
        found = self.catalogue.ngettext(source, other, int(parts["n"])) if other else self.catalogue.gettext(source)
        if not parts:
            return found
        return found.format_map({name: self._part(part) for name, part in parts.items()})

    def n(self, one: str, other: str, n: int, **parts: Any) -> str:
        """A text that depends on a number: `words.n("{n} row", "{n} rows", 3)`."""
        return self(Text(one, {"n": n, **parts}, other))

    def of_scripts(self) -> dict[str, str]:
        """The texts that the browser's scripts say themselves: English → this language."""
        return {text: said for text in _script_texts() if (said := self(text)) != text}

    def _part(self, part: Any) -> Any:
        if isinstance(part, Text):
            return self(part)
        if isinstance(part, tuple):
            part = tuple(self._part(each) for each in part)
        return _told(part, _babel(self.locale))


@dataclass(frozen=True)
class _Part:
    """A number or day inside a sentence, written the way of its locale."""

    value: Any
    locale: Locale

    def __str__(self) -> str:
        return format(self, "")

    def __format__(self, spec: str) -> str:
        if isinstance(self.value, date):
            if spec:
                return str(format_skeleton("yMMM", self.value, locale=self.locale))
            return str(format_date(self.value, format="medium", locale=self.locale))
        symbols = self.locale.number_symbols["latn"]
        marks = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})
        return format(self.value, spec).translate(marks)


def _told(part: Any, locale: Locale) -> Any:
    if isinstance(part, tuple):
        return format_list([str(each) for each in part], locale=locale)
    return _Part(part, locale) if isinstance(part, int | float | Decimal | date) else part


@lru_cache(maxsize=64)
def _babel(locale: str) -> Locale:
    try:
        return _english() if locale in ("en", PSEUDO) else Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return _english()


@lru_cache(maxsize=1)
def _english() -> Locale:
    # Plain English writes the day before the month and no comma before the last "and".
    return Locale.parse("en_GB")


class _Pseudo(gettext.NullTranslations):
    """Every text in brackets, its parts untouched."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@lru_cache(maxsize=64)
def words(locale: str) -> Words:
    """The language of a locale such as "de" or "de-CH"; English where no catalogue is."""
    if locale == PSEUDO:
        return Words(locale, _Pseudo())
    return Words(locale, _read(language_of(locale)))


def language_of(locale: str) -> str:
    """The language that ships for a locale: "de" for "de-AT"; "en" where none does."""
    language = re.split("[-_]", locale, maxsplit=1)[0].lower()
    return language if language in LANGUAGES else "en"


@lru_cache(maxsize=1)
def _script_texts() -> tuple[str, ...]:
    with (CATALOGUES / "de.po").open("rb") as file:
        found = [each for each in read_po(file) if any(at.startswith("assets/") for at, _ in each.locations)]
    return tuple(str(each.id) for each in found)


def locale_title(locale: str) -> str:
    """A locale by its own name: "Deutsch (Schweiz)"."""
    name = str(_babel(locale).display_name) if locale != "en" else LANGUAGES["en"]
    return name[:1].upper() + name[1:]


def weekday_name(locale: str, number: int) -> str:
    """A day of the week as it is written inside a sentence; 0 and 7 are Sunday."""
    return str(get_day_names("wide", context="format", locale=_babel(locale))[(number - 1) % 7])


def month_name(locale: str, number: int) -> str:
    """A month, 1 to 12, as it is written inside a sentence."""
    return str(get_month_names("wide", context="format", locale=_babel(locale))[number])


@lru_cache(maxsize=len(LANGUAGES))
def _read(language: str) -> gettext.NullTranslations:
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
