"""Warehouses to test on: the same tests run on every engine."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.values.calendar import Calendar
from queries.warehouse.engines import open_engine
from queries.warehouse.engines.engine import Engine
from queries.warehouse.rollups import Rollup

ROLLUPS = (
    Rollup("place_team", "month", ("region", "rep", "channel", "document_type")),
    Rollup("goods", "day", ("product",)),
    Rollup("customer", "month", ("customer", "segment", "currency")),
)

Opener = Callable[..., Engine]


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.postgres)])
def open_warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """A function that opens engines on one warehouse of this test's own: `open_warehouse(reporting=("USD",))`."""
    url = "duckdb:" if request.param == "duckdb" else new_database(request.getfixturevalue("postgres_url"))
    opened: list[Engine] = []

    def opener(folder: str = "home", **given: Any) -> Engine:
        terms = {"rollups": ROLLUPS, "calendar": Calendar(), "company_currency": "EUR", "threads": 1} | given
        opened.append(open_engine(url, tmp_path / folder, **terms))
        return opened[-1]

    yield opener
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(open_warehouse: Opener) -> Engine:
    """An empty warehouse of a company in euros that also reports in dollars."""
    return open_warehouse(reporting=("USD",))


def new_database(server: str) -> str:
    """Create an empty database on a PostgreSQL server; returns its URL."""
    name = f"warehouse_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return f"{server.rsplit('/', 1)[0]}/{name}"
