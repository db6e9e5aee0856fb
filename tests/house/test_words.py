"""Words: every text a person reads is said in every language, and nothing is glued together past the catalogues."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from dash.development.base_component import Component

from app.values.context import QueryContext
from app.values.scope import Scope
from app.values.viewer import Viewer
from app.values.words import CATALOGUES, LANGUAGES, PSEUDO, say, say_n, words
from layouts.dashboards import dashboards
from layouts.screen import states
from layouts.screen.dashboard import page
from layouts.screen.shell import shell
from tests import words as texts

OTHERS = tuple(language for language in LANGUAGES if language != "en")
PLACE = re.compile(r"\{(\w+)[^}]*\}")


def messages(language: str) -> list[Message]:
    """What a catalogue says, its header left out."""
    return [message for message in texts.read(language) if message.id]


def said_by(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (str(message.string),)


def asked_by(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (str(message.id),)


@pytest.mark.parametrize("language", OTHERS)
def test_nobody_meets_a_text_without_a_translation(language: str) -> None:
    found = {asked_by(message)[0] for message in messages(language)}
    wanted = {text[0] if isinstance(text, tuple) else text for text, _ in texts.texts()}
    assert sorted(wanted - found) == []
    empty = [message.id for message in messages(language) if not all(said_by(message)) or message.fuzzy]
    assert empty == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_holds_the_parts_of_its_text(language: str) -> None:
    odd = []
    for message in messages(language):
        parts = {name for text in asked_by(message) for name in PLACE.findall(text)}
        if isinstance(message.id, tuple):
            odd += [said for said in said_by(message) if not set(PLACE.findall(said)) <= parts]
        else:
            odd += [said for said in said_by(message) if set(PLACE.findall(said)) != parts]
    assert odd == []


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english_but_what_is_the_same_word(language: str) -> None:
    listed = (CATALOGUES / "same.txt").read_text(encoding="utf-8").splitlines()
    same = {line.partition(": ")[2] for line in listed if line.startswith(f"{language}: ")}
    left = {asked_by(m)[0] for m in messages(language) if asked_by(m)[0] == said_by(m)[0]}
    assert sorted(left - same) == []
    assert sorted(same - left) == [], "listed as the same word, and is none any more"


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogues_are_what_the_texts_make_of_them(language: str) -> None:
    path = CATALOGUES / f"{language}.po"
    assert path.read_text(encoding="utf-8") == texts.written(language), "run `python -m tests.words`"


def test_sentences_are_templates_and_never_put_together_beforehand() -> None:
    glued = [
        f"{path.relative_to(texts.ROOT)}:{call.lineno}"
        for path in spoken_modules()
        for call in texts.said_calls(path)
        if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    # A level's plural is made of its name; both forms of every level are declared texts.
    assert [place for place in glued if not place.startswith("layouts/columns.py")] == []


def spoken_modules() -> list[Path]:
    found = [path for package in texts.PACKAGES for path in sorted((texts.ROOT / package).rglob("*.py"))]
    return [path for path in found if not str(path.relative_to(texts.ROOT)).startswith(texts.UNREAD)]


def test_a_sentence_is_said_with_its_parts_in_each_language() -> None:
    told = say("No plan at this level: {plan} is not set by {level}.", plan=say("budget"), level=say("region"))
    assert told == "No plan at this level: budget is not set by region."
    assert words("de")(told) == "Auf dieser Ebene gibt es keinen Plan: Budget ist nicht nach Region festgelegt."


def test_a_count_chooses_its_form_in_each_language() -> None:
    rows = [say_n("{n:,} line", "{n:,} lines", count) for count in (1, 0, 12345)]
    assert [words("de")(row) for row in rows] == ["1 Position", "0 Positionen", "12.345 Positionen"]
    # In French nothing is singular.
    assert [words("fr")(row) for row in rows[:2]] == ["1 ligne", "0 ligne"]


def test_names_are_listed_the_way_of_each_language() -> None:
    who = say("{who} only", who=("North", "South", "West"))
    assert who == "North, South and West only"
    assert words("de")(who) == "Nur North, South und West"


def strings(tree: object) -> list[str]:
    """Every text of a tree of components that somebody sees or hears."""
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, list | tuple):
        return [text for each in tree for text in strings(each)]
    if not isinstance(tree, Component):
        return []
    own = [getattr(tree, name, None) for name in ("title", "placeholder", "label", "aria-label")]
    return [text for each in (*own, getattr(tree, "children", None)) if each is not None for text in strings(each)]


def test_in_the_pretended_language_every_text_of_the_frame_stands_in_brackets() -> None:
    scope = QueryContext(Scope.everything(), today=date(2026, 11, 21), currency="EUR", locale=PSEUDO)
    viewer = Viewer("person", "1", "Erin", "erin@x.example", "executive", frozenset({"dashboards"}), scope)
    shown = [shell(PSEUDO), *(page(board, viewer) for board in dashboards())]
    shown += [states.nothing_loaded(PSEUDO), states.unknown("/", PSEUDO), states.nothing_assigned("rep", PSEUDO)]
    bare = {text for text in strings(shown) if re.search(r"[A-Za-z]{2}", text) and "⟦" not in text}
    assert bare == set()
