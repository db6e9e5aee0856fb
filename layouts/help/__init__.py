"""Help: the pages a reader may look things up in, written as text in each language or told from the declarations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.values.words import language_of, words
from layouts.help import glossary

_HERE = Path(__file__).parent
_PAGES = ("start", "charts", "gestures", "periods", "paper", "doors", "roles", "glossary", "settings")
_TOLD = {"glossary": glossary.glossary, "settings": glossary.settings}
"""Pages that the declarations tell; the others are files, one folder a language."""

SHOWN = 30
"""Passages that a search lists."""


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it: `anchor` is its place in the page, `text` is plain."""

    page: str
    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Page:
    """A page of the help in one language; `html` is made from our own text and safe to be sent as it is."""

    id: str
    title: str
    html: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Hit:
    """A passage that has all the words searched for, with the stretch of text around the first."""

    page: str
    page_title: str
    anchor: str
    title: str
    excerpt: str


def pages(locale: str) -> tuple[Page, ...]:
    """Every page in the reader's language, in reading order; English where no other is written."""
    return tuple(page(name, locale) for name in _PAGES)


def page(name: str, locale: str) -> Page:
    """One page by its id. Raises KeyError for one that there is not."""
    if name not in _PAGES:
        raise KeyError(name)
    return _page(name, locale if name in _TOLD else language_of(locale))


def search(text: str, locale: str) -> tuple[Hit, ...]:
    """Passages in which every word of `text` begins some word, those with it in the heading first."""
    wanted = _plain(text).split()
    if not wanted:
        return ()
    found = [
        (not all(_begins(word, section.title) for word in wanted), at, each, section)
        for each in pages(locale)
        for at, section in enumerate(each.sections)
        if all(_begins(word, f"{section.title} {section.text}") for word in wanted)
    ]
    ranked = sorted(found, key=lambda hit: (hit[0], _PAGES.index(hit[2].id), hit[1]))
    return tuple(
        Hit(each.id, each.title, section.anchor, section.title, _excerpt(section.text, wanted[0]))
        for _, _, each, section in ranked[:SHOWN]
    )


@lru_cache(maxsize=64)
def _page(name: str, locale: str) -> Page:
    source = _TOLD[name](words(locale)) if name in _TOLD else _read(name, locale)
    # Raw HTML stays switched off: what is written in angle brackets is shown, never obeyed.
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(source)
    sections = tuple(_sections(name, tokens))
    for token, section in zip((token for token in tokens if token.type == "heading_open"), sections, strict=True):
        token.attrSet("id", section.anchor)
    body = reader.renderer.render(tokens, reader.options, {})
    # A table or an example may be wider than a phone: it scrolls by itself, and the keyboard reaches it.
    body = body.replace("<table>", '<div class="scroll" tabindex="0" role="group"><table>').replace(
        "</table>", "</table></div>"
    )
    body = body.replace("<pre>", '<pre tabindex="0">')
    return Page(name, sections[0].title, body.replace("<th>", '<th scope="col">'), sections)


def _read(name: str, language: str) -> str:
    path = _HERE / language / f"{name}.md"
    return (path if path.exists() else _HERE / "en" / f"{name}.md").read_text(encoding="utf-8")


def _sections(name: str, tokens: Sequence[Token]) -> Iterator[Section]:
    """The headings with the text up to the next one; anchors are unique within the page."""
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open"]
    taken: set[str] = set()
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        title = _said(tokens[start + 1])
        anchor = "-".join(_plain(title).split()) or "section"
        while anchor in taken:
            anchor += "-2"
        taken.add(anchor)
        text = " ".join(_said(token) for token in tokens[start + 3 : end] if token.type in ("inline", "fence"))
        yield Section(name, anchor, title, text)


def _said(token: Token) -> str:
    """A block's words without its marks."""
    if not token.children:
        return str(token.content)
    return "".join(child.content if child.content else " " if "break" in child.type else "" for child in token.children)


def _plain(text: str) -> str:
    """Lower case, without accents, words apart by one space: `_plain("Où — Été?") == "ou ete"`."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9_]+", "".join(each for each in bare if not unicodedata.combining(each))))


def _begins(word: str, text: str) -> bool:
    return any(each.startswith(word) for each in _plain(text).split())


def _excerpt(text: str, word: str, around: int = 90) -> str:
    at = next((found.start() for found in re.finditer(r"\w+", text) if _plain(found.group()).startswith(word)), 0)
    first, last = max(0, at - around), min(len(text), at + 2 * around)
    return ("…" if first else "") + text[first:last].strip() + ("…" if last < len(text) else "")
