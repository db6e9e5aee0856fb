"""Rollups of the next DuckDB file: all of them, or the rows of the months that changed."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from queries.warehouse.engines.engine import Progress
from queries.warehouse.publish import Touched
from queries.warehouse.rollups import Rollup, rollup_name
from queries.warehouse.schema import BASIS_DATES
from queries.warehouse.summing import LINE_COLUMNS, code_tables, rollup_rows, wide_rates


def build_rollups(
    connection: duckdb.DuckDBPyConnection,
    rollups: Sequence[Rollup],
    reporting: tuple[str, ...],
    touched: Touched,
    progress: Progress,
) -> None:
    """Fill `next.rollup_…` from the lines and dimensions of schema `fresh`, over the touched months of each basis."""
    for statement in code_tables(rollups, "fresh", "now"):
        connection.execute(statement)
    connection.execute(wide_rates("fresh.rate", reporting, "now"))
    single = _is_single_currency(connection, reporting)
    for done, (basis, day) in enumerate(BASIS_DATES.items()):
        if not touched.whole and not touched.months[basis]:
            continue
        lines = "fresh.sales_line"
        if not touched.whole:
            lines = f"now.touched_{basis}"
            connection.execute(
                f"create table {lines} as select {', '.join(LINE_COLUMNS)} from fresh.sales_line"
                f" where {touched.condition(basis, day)}"
            )
        for index, rollup in enumerate(rollups):
            progress("Rollups", 0.6 + 0.35 * (done + index / len(rollups)) / 3)
            rows = rollup_rows(rollup, basis, reporting, lines=lines, codes="now", single_currency=single)
            connection.execute(
                f"create table next.{rollup_name(rollup, basis)} as select * from ({rows})"
                f" order by reporting, {rollup.grain}"
            )


def _is_single_currency(connection: duckdb.DuckDBPyConnection, reporting: tuple[str, ...]) -> bool:
    """Whether every rate is 1, so that amounts need no converting."""
    row = connection.execute("select count(distinct currency_key), min(currency_key) from fresh.sales_line").fetchone()
    return row is not None and row[0] == 1 and reporting == (row[1],)
