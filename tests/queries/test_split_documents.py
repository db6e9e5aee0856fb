"""Documents whose lines belong to several people are counted once for the company and once for each of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.values.calendar import Calendar
from app.values.context import QueryContext
from app.values.period import Period
from app.values.scope import Scope
from queries.asking import Asker
from queries.catalogue import catalogue
from queries.catalogue.rollups import ROLLUPS
from queries.query import Query
from queries.warehouse.engines import open_engine
from tests.queries.warehouse.staging import line, stage

REPS = [{"rep_key": key, "rep": key.title()} for key in ("ann", "bob")]
WHOLE = [line("D1", 1, rep_key="ann"), line("D1", 2, rep_key="ann"), line("D2", 1, rep_key="bob")]
SPLIT = [line("D3", 1, rep_key="ann"), line("D3", 2, rep_key="bob")]
SECOND_HAND = [line("D2", 2, rep_key="ann")]


def orders(engine: Any, *by: str) -> dict[str, int]:
    asker = Asker(engine, catalogue())
    context = QueryContext(scope=Scope.everything(), today=date(2024, 6, 1), currency="EUR")
    frame = asker.ask(Query(("orders",), by=by, period=Period.parse("2024-01"), totals=True), context)
    return {row[0].key: row[1] for row in frame.rows} | {"all": frame.totals[-1]}


@pytest.mark.parametrize(
    ("loads", "expected"),
    [
        ([WHOLE], {"ann": 1, "bob": 1, "all": 2}),
        ([WHOLE + SPLIT], {"ann": 2, "bob": 2, "all": 3}),
        ([WHOLE, SPLIT], {"ann": 2, "bob": 2, "all": 3}),
        ([WHOLE, SECOND_HAND], {"ann": 2, "bob": 1, "all": 2}),
    ],
    ids=["each document has one rep", "one is split", "a split one comes later", "a second rep joins a known one"],
)
def test_each_rep_counts_the_orders_they_had_a_part_in(
    tmp_path: Path, loads: list[list[dict[str, Any]]], expected: dict[str, int]
) -> None:
    engine = open_engine("", tmp_path, ROLLUPS, Calendar(), "EUR", (), threads=1)
    for number, lines in enumerate(loads):
        staging = tmp_path / f"staging-{number}.duckdb"
        stage(staging, sales_line=lines, rep=REPS)
        engine.publish(staging)
    with engine.snapshot() as snapshot:
        assert snapshot.generation.uniform_documents is (loads == [WHOLE])
    assert orders(engine, "rep") == expected
    engine.close()
