"""Every planted story can be seen in plain figures, and not where it was switched off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from app.values.errors import Invalid
from app.values.period import Period
from queries.warehouse.demo import STORY_IDS, Story, stage_demo, stories
from tests.queries.warehouse.demo.conftest import HALVES, NOTHING, TODAY
from tests.queries.warehouse.demo.staged_answers import answer, open_sales

STORIES = {story.id: story for story in stories(TODAY)}


@cache
def _told(path: Path, today: date) -> frozenset[str]:
    """The stories that the figures of a staging database show."""
    with open_sales(path) as sales:
        return frozenset(
            story.id
            for story in stories(today)
            if story.holds([answer(sales, question) for question in story.questions])
        )


def test_the_stories_promised_are_told() -> None:
    assert tuple(STORIES) == STORY_IDS


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_shows_in_the_figures(story: Story, demos: Mapping[frozenset[str], Path]) -> None:
    assert story.id in _told(demos[NOTHING], TODAY)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_left_out_does_not_show_while_others_do(story: Story, demos: Mapping[frozenset[str], Path]) -> None:
    for without in HALVES:
        assert (story.id in _told(demos[without], TODAY)) == (story.id not in without)


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2027, 1, 1)])
def test_the_stories_hold_whatever_day_it_is(today: date, tmp_path: Path) -> None:
    path = tmp_path / "demo.duckdb"
    stage_demo(path, lines=100_000, seed=1, today=today)
    assert _told(path, today) == frozenset(STORY_IDS)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_says_what_to_ask(story: Story) -> None:
    for question in story.questions:
        assert question.command().startswith("salient ask ")
        assert str(Period.parse(question.period)) == question.period


def test_an_unknown_story_cannot_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no story"):
        stage_demo(tmp_path / "demo.duckdb", lines=1_000, seed=1, today=TODAY, without=frozenset({"gold-rush"}))
