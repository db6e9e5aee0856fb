"""Demo companies that the tests share: as it is, and with every other story switched off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from queries.warehouse.demo import STORY_IDS, stage_demo

TODAY = date(2026, 11, 20)
LINES = 150_000
NOTHING: frozenset[str] = frozenset()
HALVES = (frozenset(STORY_IDS[::2]), frozenset(STORY_IDS[1::2]))


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Mapping[frozenset[str], Path]:
    """Staging databases by the stories left out."""
    folder = tmp_path_factory.mktemp("demo")
    built = {}
    for number, without in enumerate((NOTHING, *HALVES)):
        built[without] = folder / f"{number}.duckdb"
        stage_demo(built[without], lines=LINES, seed=1, today=TODAY, without=without)
    return built


@pytest.fixture(scope="session")
def demo(demos: Mapping[frozenset[str], Path]) -> Path:
    """The company with all its stories."""
    return demos[NOTHING]
