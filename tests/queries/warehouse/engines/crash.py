"""A publication in a process of its own, for tests that kill it."""

from __future__ import annotations

from pathlib import Path

from app.values.calendar import Calendar
from queries.warehouse.engines import open_engine
from queries.warehouse.engines.engine import Mode
from tests.dying import dies_at
from tests.queries.warehouse.conftest import ROLLUPS


def publish_and_die(url: str, home: Path, staging: Path, mode: Mode, place: str) -> None:
    """Publish in a child that is killed at a failpoint."""
    dies_at(place, home.parent / "died-at", _publish, url, home, staging, mode)


def _publish(url: str, home: Path, staging: Path, mode: Mode) -> None:
    open_engine(url, home, ROLLUPS, Calendar(), "EUR", ("USD",), threads=1).publish(staging, mode=mode)
