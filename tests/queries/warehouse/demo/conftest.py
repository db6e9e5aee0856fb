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
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company with all its stories."""
    return _staged(tmp_path_factory, NOTHING)


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Mapping[frozenset[str], Path]:
    """Staging databases by the stories left out."""
    return {NOTHING: demo, **{without: _staged(tmp_path_factory, without) for without in HALVES}}


def _staged(tmp_path_factory: pytest.TempPathFactory, without: frozenset[str]) -> Path:
    path = tmp_path_factory.mktemp("demo") / "staged.duckdb"
    stage_demo(path, lines=LINES, seed=1, today=TODAY, without=without)
    return path
