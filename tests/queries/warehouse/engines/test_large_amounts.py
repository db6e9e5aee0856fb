"""Amounts of a million and more, which do not fit the fast multiplication of decimals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from app.values.period import Period
from app.values.selection import Filter
from queries.asking import Asker
from queries.query import Query
from queries.warehouse.engines.engine import Engine
from tests.queries.company import KNOWN, context
from tests.queries.warehouse.conftest import Opener
from tests.queries.warehouse.staging import line, stage

ALL = Period.parse("all")


def test_a_sale_of_a_billion_is_told_to_the_cent_by_rollup_and_by_line(open_warehouse: Opener, tmp_path: Path) -> None:
    engine: Engine = open_warehouse(rollups=KNOWN.rollups)
    sales = [
        line("D1", net="1234567890.12", cost="1000000000.01"),
        line("D2", net="25000000", currency_key="JPY"),
        line("D3", net="-999999999.99"),
    ]
    rates = [{"currency_key": "JPY", "day": "2024-01-15", "rate": "0.00610000"}]
    engine.publish(stage(tmp_path / "staging.duckdb", sales_line=sales, published_rate=rates))
    wanted = Decimal("1234567890.12") - Decimal("999999999.99") + Decimal(152_500)
    for catalogue in (KNOWN, replace(KNOWN, rollups=())):
        [[net_sales]] = Asker(engine, catalogue).ask(Query(("net_sales",), period=ALL), context()).rows
        assert net_sales == wanted
    listed = Asker(engine, KNOWN).rows((Filter("document", ("D2",)),), ALL, "booked", context())
    assert [column.id for column in listed.columns].index("net_sales") > 0
    assert Decimal(152_500) in listed.rows[0]
