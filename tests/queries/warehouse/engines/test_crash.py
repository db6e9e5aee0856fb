"""kill −9 of a publication at every durable step: readers find the former state or the next one, whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.values.calendar import Calendar
from app.values.scope import Scope
from queries.warehouse.engines import open_engine
from queries.warehouse.engines.engine import Engine, Mode
from queries.warehouse.rollups import rollup_table
from queries.warehouse.schema import sales_line
from tests.conftest import SOAK, Tally
from tests.queries.warehouse.conftest import ROLLUPS, new_database
from tests.queries.warehouse.engines.crash import publish_and_die
from tests.queries.warehouse.staging import line, stage

BEFORE = (
    "file-created",
    "members-written",
    "lines-written",
    "rollups-written",
    "file-closed",
    "file-synced",
    "before-replacing-manifest",
    "manifest-written",
    "before-replacing-pointer",
)
"""Dying here leaves the former generation."""
AFTER = ("pointer-moved", "swept")
"""Dying here leaves the next one."""
ROUNDS = 12 if SOAK else 1

Figures = tuple[int, Any, Any, Any, Any]


def figures(engine: Engine) -> Figures:
    """The generation, its lines counted and added up on the fact and on a rollup: what a torn state would not share."""
    sums = rollup_table(ROLLUPS[0], "booked")
    with engine.snapshot() as snapshot:
        fact = snapshot.fetch(
            select(func.count(), func.sum(sales_line.c.net)).select_from(sales_line), Scope.everything()
        )[0]
        rolled = snapshot.fetch(
            select(func.sum(sums.c.lines), func.sum(sums.c.net)).where(sums.c.reporting == "EUR"), Scope.everything()
        )[0]
        assert fact == rolled
        assert snapshot.generation.lines == fact[0]
        return (snapshot.generation.number, *fact, *rolled)


def opened(url: str, home: Path) -> Engine:
    return open_engine(url, home, ROLLUPS, Calendar(), "EUR", ("USD",), threads=1)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose warehouse holds two generations."""
    folder = tmp_path_factory.mktemp("standing")
    engine = opened("duckdb:", folder / "home")
    sales = [line(f"M{i}", customer_key=f"C{i % 7}", order_date=f"2024-{i % 12 + 1:02d}-03") for i in range(60)]
    engine.publish(stage(folder / "s.duckdb", sales_line=sales))
    engine.publish(stage(folder / "s.duckdb", sales_line=[line("D1", rep_key="R1")]))
    engine.close()
    return folder / "home"


def batch(path: Path, round_: int) -> Path:
    """A new line, a changed one, and a customer's earlier first sale."""
    return stage(
        path,
        sales_line=[
            line(f"N{round_}", net=round_ + 1),
            line("M3", net=round_ + 7, customer_key="C3", order_date="2024-04-03"),
            line(f"E{round_}", customer_key="C5", order_date="2023-12-24"),
        ],
    )


@pytest.mark.parametrize(
    ("mode", "place"),
    [
        *(("upsert", place) for place in (*BEFORE, *AFTER)),
        *(
            ("replace", place)
            for place in ("lines-written", "file-synced", "before-replacing-pointer", "pointer-moved")
        ),
    ],
)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_killed_duckdb_publication_leaves_a_whole_state(
    standing: Path, tmp_path: Path, place: str, mode: Mode, round_: int, count: Tally
) -> None:
    home = tmp_path / "home"
    shutil.copytree(standing, home)
    engine = opened("duckdb:", home)
    before = figures(engine)
    staging = batch(tmp_path / "s.duckdb", round_)
    publish_and_die("duckdb:", home, staging, mode, place)
    count(f"kills of a DuckDB publication at {place}")
    left = figures(engine)
    assert left == figures(opened("duckdb:", home)), "this process and a new one see the same"
    if place in BEFORE:
        assert left == before
    else:
        assert left[0] == before[0] + 1
    engine.publish(staging, mode=mode)
    if place in AFTER:
        assert figures(engine)[1:] == left[1:]
    assert figures(engine)[1] == (62 + 1 if mode == "upsert" else 3)
    assert set(named_files(home)) == {path.name for path in (home / "warehouse").glob("*.duckdb*")}
    engine.close()


def named_files(home: Path) -> list[str]:
    """The files that kept generations are made of."""
    manifests = [json.loads(path.read_text()) for path in (home / "warehouse").glob("generation-*.json")]
    return [part["file"] for manifest in manifests for part in manifest["parts"]]


@pytest.mark.postgres
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_killed_postgresql_publication_leaves_a_whole_state(
    postgres_url: str, tmp_path: Path, round_: int, count: Tally
) -> None:
    url, home = new_database(postgres_url), tmp_path / "home"
    engine = opened(url, home)
    sales = [line(f"M{i}", customer_key=f"C{i % 7}") for i in range(20)]
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=sales))
    for place, survives in (
        ("members-written", False),
        ("lines-written", False),
        ("rollups-written", False),
        ("before-commit", False),
        ("committed", True),
    ):
        before = figures(engine)
        staging = stage(tmp_path / "s.duckdb", sales_line=[line(f"{place}{round_}"), line("M3", net=len(place))])
        publish_and_die(url, home, staging, "upsert", place)
        count(f"kills of a PostgreSQL publication at {place}")
        if survives:
            assert figures(engine)[0] == before[0] + 1
        else:
            assert figures(engine) == before
        engine.publish(staging)
        assert figures(engine)[1] == before[1] + 1
    engine.close()
