"""What must not be seen on a page: figures that are none, names of the inside, words of another language, cut text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from babel.dates import get_month_names
from playwright.sync_api import Page
from sqlalchemy import String, select

from app.assembly import House
from app.values.scope import Scope
from app.values.words import PSEUDO
from layouts.narrative import count_word
from queries.warehouse.schema import DIMENSIONS
from tests import words as catalogues

READ = (Path(__file__).parent / "clean.js").read_text(encoding="utf-8")

INSIDE = {
    "a figure that is none": re.compile(r"(?<!\w)(?:nan|NaN|None|undefined|null|Infinity|NaT)(?!\w| of )|\[object"),
    "a name of the inside": re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b|\b[a-z][a-z-]*:[a-z0-9][\w-]*"),
    "a number of the inside": re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    "two full stops": re.compile(r"(?<!\.)\.\.(?!\.)"),
    "a sentence without its part": re.compile(r"\{\w*[^{}]*\}|%\(\w+\)"),
}
LETTERS = re.compile(r"[^\W\d_]{3,}")
INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
PLACE = re.compile(r"\{[^}]*\}")
PART = "•"
UNSAID = re.compile(r"⟦.*…|\w+…|\b[A-Z]{3}-\d[\d-]+", re.DOTALL)
"""A label that had no room for its end, whose mark is therefore not there; and the numbers of documents."""


def slips(page: Page, locale: str, known: frozenset[str]) -> list[str]:
    """Everything on the page that must not be there, a line each. `known`: the words of the company's own data."""
    read = page.evaluate(READ)
    found = [f"{panel} could not be answered" for panel in read["broken"]]
    found += [] if locale == PSEUDO else read["cut"]
    texts = {text: (place, sentence) for text, place, sentence in reversed(read["texts"])}
    for text, (place, sentence) in texts.items():
        shown = f'{place}: "{text[:120]}"'
        found += [f"{shown} shows {what}" for what, form in INSIDE.items() if form.search(text)]
        if locale == PSEUDO:
            found += [f'{place}: "{said}" is in no catalogue' for said in marked(sentence) if not is_known(said, known)]
        if locale == PSEUDO and (strange := unmarked(sentence) - known):
            found.append(f'{place}: "{sentence[:120]}" stands outside of the catalogues: {", ".join(sorted(strange))}')
        if locale in ("de", "fr") and (source := english(text, locale)):
            found.append(f'{shown} is English: "{source}"')
    return found


def marked(text: str) -> list[str]:
    """What was said through the catalogues: `marked("⟦Net sales, ⟦last year⟧⟧")` is "last year", "Net sales, •"."""
    found: list[str] = []
    while inner := INNERMOST.findall(text):
        found += [each[1:-1] for each in inner]
        text = INNERMOST.sub(PART, text)
    return found


def unmarked(text: str) -> set[str]:
    """The words outside of all marks of the pretended language."""
    while INNERMOST.search(text):
        text = INNERMOST.sub(PART, text)
    return set(LETTERS.findall(UNSAID.sub(" ", text)))


@cache
def is_known(text: str, known: frozenset[str]) -> bool:
    """Whether the catalogues hold the text, its parts being other texts, figures, or words of the data."""
    plain, shaped = _asked()
    if text == PART or text in plain:
        return True
    found = (form.fullmatch(text) for form in shaped)
    return any(all(unmarked(part) <= known for part in each.groups()) for each in found if each)


def english(text: str, language: str) -> str | None:
    """The English text of the catalogue that stands here although the language has its own."""
    plain, shaped = _english(language)
    if text in plain:
        return text
    return next((source for form, source in shaped if form.fullmatch(text)), None)


@lru_cache(maxsize=2)
def _english(language: str) -> tuple[frozenset[str], tuple[tuple[re.Pattern[str], str], ...]]:
    """What is said otherwise in this language: texts without parts, and the forms of sentences with parts."""
    plain: set[str] = set()
    shaped: list[tuple[re.Pattern[str], str]] = []
    own: set[str] = set()
    for sources, said in _messages(language):
        own.update(said)
        for source in sources - said:
            if "{" not in source:
                plain.add(source)
            elif len(LETTERS.findall(PLACE.sub("", source))) >= 2:
                shaped.append((_form(source), source))
    return frozenset(plain - own), tuple(shaped)


@lru_cache(maxsize=1)
def _asked() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    sources = {source for asked, _ in _messages("de") for source in asked}
    plain = frozenset(source for source in sources if "{" not in source)
    return plain, tuple(_form(source) for source in sorted(sources - plain))


def _messages(language: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for message in catalogues.read(language):
        if message.id:
            yield tuple(  # type: ignore[misc]
                frozenset(each) if isinstance(each, tuple) else frozenset((str(each),))
                for each in (message.id, message.string)
            )


def _form(source: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, PLACE.split(source))), re.DOTALL)


def words_of_the_data(house: House, names: Iterable[str]) -> frozenset[str]:
    """Every word of the company's members, the same in all languages, and those of dates, counts and people."""
    found: set[str] = set()
    with house.engine.snapshot() as snapshot:
        for table in DIMENSIONS:
            texts = [column for column in table.c if isinstance(column.type, String)]
            for row in snapshot.fetch(select(*texts), Scope.everything()):
                found.update(word for each in row if each for word in LETTERS.findall(each))
    months = [name for width in ("abbreviated", "wide") for name in get_month_names(width, locale="en").values()]
    numbers = [count_word(count) for count in range(20)]
    found.update(word for name in (*names, *months, *numbers, "Salient") for word in LETTERS.findall(name))
    return frozenset(found)
