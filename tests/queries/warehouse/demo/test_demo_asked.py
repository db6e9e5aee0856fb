"""The stories as Salient itself tells them: published, asked, and gone where they were switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from app.values.calendar import Calendar
from app.values.context import QueryContext
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.catalogue import catalogue
from queries.frame import Frame, Member
from queries.query import Query
from queries.warehouse.demo import Answer, Question, build_demo, stories
from queries.warehouse.engines import open_engine
from tests.queries.warehouse.demo.conftest import HALVES, LINES, NOTHING, TODAY

# Rollups answer as the lines do, which other tests prove; without them companies are built in a third of the time.
KNOWN = replace(catalogue(), rollups=())


def _answer(frame: Frame) -> Answer:
    """A frame by its members' keys."""
    found: dict[tuple[str, ...], dict[str, Decimal | None]] = {}
    for row in frame.rows:
        key = tuple(value.key for value in row if isinstance(value, Member))
        figures = [(column.id, value) for column, value in zip(frame.columns, row, strict=True)]
        found[key] = {
            name: None if value is None else Decimal(value)
            for name, value in figures
            if value is None or isinstance(value, Decimal | int)
        }
    return found


def _query(question: Question) -> Query:
    return Query(
        question.metrics,
        question.by,
        tuple(Filter(level, members) for level, members in question.where),
        Period.parse(question.period),
        question.versus,
    )


@contextmanager
def _demo(home: Path, without: frozenset[str]) -> Iterator[Asker]:
    engine = open_engine("", home, KNOWN.rollups, Calendar(), "EUR", ("EUR",))
    try:
        report = build_demo(engine, lines=LINES, today=TODAY, scratch=home / "scratch", without=without)
        assert report.published.new == report.lines
        assert list((home / "scratch").iterdir()) == []
        yield Asker(engine, KNOWN)
    finally:
        engine.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[frozenset[str], frozenset[str]]:
    """What the figures show, by the stories left out."""
    context = QueryContext(scope=Scope.everything(), today=TODAY, currency="EUR")
    found = {}
    for without in (NOTHING, *HALVES):
        with _demo(tmp_path_factory.mktemp("asked"), without) as asker:
            found[without] = frozenset(
                story.id
                for story in stories(TODAY)
                if story.holds([_answer(asker.ask(_query(question), context)) for question in story.questions])
            )
    return found


@pytest.mark.parametrize("story", [story.id for story in stories(TODAY)])
def test_asking_tells_a_story_unless_it_was_left_out(story: str, told: Mapping[frozenset[str], frozenset[str]]) -> None:
    assert {without: story in shown for without, shown in told.items()} == {
        without: story not in without for without in told
    }
