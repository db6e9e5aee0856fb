"""Recalled: what derivations made of answers, kept with them, so that a page seen again reads no long answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

from app import domain
from app.values.context import QueryContext
from app.values.segmentation import Segmentation
from app.values.selection import Filter
from app.values.view import View
from layouts import derive
from layouts.panel import Panel
from layouts.settle import settle
from queries.cache import key_of
from queries.frame import Frame, Member
from queries.query import Query

DRAWN = frozenset({"main", "trail", "rest", "plan"})
"""Answers that pictures are drawn of; of the others, which only derivations read, what they say in words is kept."""


class Memory(Protocol):
    """Whoever keeps what was made of answers."""

    def recall(self, made: object, queries: Mapping[str, Query], context: QueryContext) -> dict[str, Frame] | None: ...

    def remember(
        self, made: object, queries: Mapping[str, Query], context: QueryContext, frames: Mapping[str, Frame]
    ) -> None: ...


def recall(
    panel: Panel, queries: Mapping[str, Query], view: View, context: QueryContext, memory: Memory
) -> dict[str, Frame] | None:
    """The frames of a panel as its derivation left them; None where it was not seen before, or derives nothing."""
    return memory.recall(_made(panel, view, context), queries, context) if panel.derive and queries else None


def remember(
    panel: Panel,
    queries: Mapping[str, Query],
    view: View,
    context: QueryContext,
    frames: Mapping[str, Frame],
    memory: Memory,
) -> None:
    """Keep a panel's frames, "main" being what its derivation made of them."""
    own = {name: query for name, query in queries.items() if name == "main" or not panel.beside[name].among}
    kept = {name: frame if name in DRAWN else replace(frame, rows=(), reasons={}) for name, frame in frames.items()}
    memory.remember(_made(panel, view, context), own, context, kept)


def unmet(panel: Panel, view: View, context: QueryContext) -> dict[str, Query]:
    """The questions about the members of another answer, before these are known."""
    settled = {
        name: settle(question, panel, view.selection, context)
        for name, question in panel.beside.items()
        if question.among
    }
    return {name: query for name, query in settled.items() if query is not None}


def among(
    panel: Panel, view: View, context: QueryContext, named: Mapping[str, Query], answers: Mapping[Query, object]
) -> dict[str, Query]:
    """The same, now that the members are known."""
    found = {}
    for name, question in panel.beside.items():
        answer = answers.get(named[question.among]) if question.among in named else None
        query = settle(question, panel, view.selection, context) if isinstance(answer, Frame) else None
        if query is not None and isinstance(answer, Frame) and answer.rows and answer.columns[0].level:
            keys = tuple(sorted({row[0].key for row in answer.rows if isinstance(row[0], Member)}))
            found[name] = replace(query, where=(*query.where, Filter(answer.columns[0].level, keys)))
    return found


@dataclass(frozen=True)
class Found:
    """What stands to a panel's questions, by name; `derived`: the main one is what was made of it before."""

    answers: Mapping[str, Frame | Exception]
    derived: bool

    def frames(self) -> dict[str, Frame]:
        """The answers that are none of those refused."""
        return {name: each for name, each in self.answers.items() if isinstance(each, Frame)}


def found_for(
    named: Mapping[str, Query], answers: Mapping[Query, Frame | Exception], seen: Mapping[str, Frame] | None
) -> Found:
    """What was `seen` before, or else the answers."""
    return Found({name: answers[query] for name, query in named.items()} if seen is None else seen, seen is not None)


def _made(panel: Panel, view: View, context: QueryContext) -> object:
    among = {name: question.among for name, question in panel.beside.items()}
    return _code(), panel.derive, view.selection, _told(context.segmentation), among, unmet(panel, view, context)


@lru_cache(maxsize=64)
def _told(segmentation: Segmentation) -> str:
    """A segmentation in one word: it is long, and told for every panel."""
    return key_of(segmentation)


@cache
def _code() -> str:
    """The derivations and their sums as they are written: what older ones made may not be what these would make."""
    digest = hashlib.sha256()
    for package in (derive, domain):
        for path in sorted(path for folder in package.__path__ for path in Path(folder).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
