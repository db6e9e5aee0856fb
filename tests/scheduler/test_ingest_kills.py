"""Whatever takes rows in may be killed: each acknowledged row is there once, any other batch whole or not at all."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from app.config import Settings
from tests.conftest import SOAK, Tally
from tests.dying import dies_at
from tests.queries.warehouse.conftest import new_database
from tests.scheduler.sending import (
    SENDERS,
    assert_all_is_there_once,
    begin,
    send_and_publish_until_killed,
    send_until_killed,
)
from tests.services.salient import workspace

INTAKE = ("rows-inspected", "rows-written", "rows-kept")
"""Every step of a request: checked; written but not committed; committed but not answered."""

PUBLISHER = (
    "sheaves-taken",
    "file-created",
    "lines-written",
    "before-replacing-manifest",
    "before-replacing-pointer",
    "pointer-moved",
    "sheaves-published",
    "sheaves-told",
    "sheaves-loaded",
)
"""Every durable step from the inbox to the warehouse."""

ON_A_SERVER = ("sheaves-taken", "rollups-written", "before-commit", "sheaves-published", "sheaves-told")

TIMES = {"rows-inspected": 20, "rows-written": 20, "rows-kept": 20}
SEEDS = range(14 if SOAK else 1)
FEW_SEEDS = range(6 if SOAK else 1)


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a few real lines."""
    home = tmp_path_factory.mktemp("sending") / "home"
    begin(workspace(home, secret_key="one key for all the houses of the test"))
    return home


@pytest.fixture
def settings(beginning: Path, tmp_path: Path) -> Settings:
    """A workspace of its own."""
    shutil.copytree(beginning, tmp_path / "home")
    return workspace(tmp_path / "home", secret_key="one key for all the houses of the test")


@pytest.fixture
def on_a_server(postgres_url: str, tmp_path: Path) -> Settings:
    """A workspace whose two databases are on PostgreSQL."""
    given = {name: new_database(postgres_url) for name in ("database_url", "warehouse_url")}
    settings = workspace(tmp_path / "home", secret_key="one key for all the houses of the test", **given)
    begin(settings)
    return settings


def place_for(place: str, seed: int) -> str:
    """Which time the place is reached: with some luck another one each time."""
    return f"{place}:{random.Random(f'{place} {seed}').randint(1, TIMES.get(place, 3))}"


@pytest.mark.parametrize("seed", range(27 if SOAK else 2))
@pytest.mark.parametrize("place", INTAKE)
def test_what_was_acknowledged_outlives_the_process_that_took_it_in(
    place: str, seed: int, settings: Settings, tmp_path: Path, count: Tally
) -> None:
    log = tmp_path / "acknowledged"
    dies_at(place_for(place, seed), tmp_path / "died", send_until_killed, settings, seed, str(log))
    count(f"intakes killed at {place}")
    assert_all_is_there_once(settings, seed, log, range(SENDERS))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("place", PUBLISHER)
def test_a_publisher_may_die_at_any_step(
    place: str, seed: int, settings: Settings, tmp_path: Path, count: Tally
) -> None:
    log = tmp_path / "acknowledged"
    dies_at(place_for(place, seed), tmp_path / "died", send_and_publish_until_killed, settings, seed, str(log))
    count(f"publishers killed at {place}")
    assert_all_is_there_once(settings, seed, log, (0,))


@pytest.mark.postgres
@pytest.mark.parametrize("seed", FEW_SEEDS)
@pytest.mark.parametrize("place", ON_A_SERVER)
def test_a_publisher_may_die_at_any_step_on_a_server(
    place: str, seed: int, on_a_server: Settings, tmp_path: Path, count: Tally
) -> None:
    log = tmp_path / "acknowledged"
    dies_at(place_for(place, seed), tmp_path / "died", send_and_publish_until_killed, on_a_server, seed, str(log))
    count(f"publishers killed at {place} on PostgreSQL")
    assert_all_is_there_once(on_a_server, seed, log, (0,))


@pytest.mark.postgres
@pytest.mark.parametrize("seed", FEW_SEEDS)
@pytest.mark.parametrize("place", INTAKE)
def test_what_was_acknowledged_outlives_the_process_on_a_server(
    place: str, seed: int, on_a_server: Settings, tmp_path: Path, count: Tally
) -> None:
    log = tmp_path / "acknowledged"
    dies_at(place_for(place, seed), tmp_path / "died", send_until_killed, on_a_server, seed, str(log))
    count(f"intakes killed at {place} on PostgreSQL")
    assert_all_is_there_once(on_a_server, seed, log, range(SENDERS))
