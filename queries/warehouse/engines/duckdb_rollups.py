"""Rollups of the next DuckDB file: all of them, or the rows of the months that changed."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from queries.warehouse.engines.engine import Progress
from queries.warehouse.publish import Touched
from queries.warehouse.rollups import Rollup, rollup_name
from queries.warehouse.schema import BASIS_DATES, MONEY_MEASURES
from queries.warehouse.summing import code_tables, converted_lines, rollup_rows, wide_rates

MOST_LINES_HELD = 30_000_000
"""More converted lines than these are not kept beside the file but computed again for every rollup."""

_NARROW, _WIDE = "decimal(18, 12)", "decimal(38, 12)"
_NARROW_HOLDS = 900_000


def build_rollups(
    connection: duckdb.DuckDBPyConnection,
    rollups: Sequence[Rollup],
    reporting: tuple[str, ...],
    touched: Touched,
    progress: Progress,
) -> None:
    """Fill `next.rollup_…` from the lines and dimensions of schema `fresh`, over the touched months of each basis."""
    if not rollups:
        return
    for statement in code_tables(rollups, "fresh", "now"):
        connection.execute(statement)
    connection.execute(wide_rates("fresh.rate", reporting, "now"))
    conditions = {
        basis: "true" if touched.whole else touched.condition(basis, f"f.{day}") for basis, day in BASIS_DATES.items()
    }
    converted = converted_lines(
        rollups,
        reporting,
        lines="fresh.sales_line",
        codes="now",
        amounts=_amounts(connection, reporting) if touched.whole else _WIDE,
        where="true" if touched.whole else f"({' or '.join(conditions.values())})",
    )
    kind = "view" if touched.whole and _count(connection) > MOST_LINES_HELD else "table"
    connection.execute(f"create {kind} now.converted as {converted}")
    for done, basis in enumerate(BASIS_DATES):
        if not touched.whole and not touched.months[basis]:
            continue
        for index, rollup in enumerate(rollups):
            progress("Rollups", 0.6 + 0.35 * (done + index / len(rollups)) / 3)
            rows = rollup_rows(
                rollup, basis, reporting, converted="now.converted", codes="now", where=conditions[basis]
            )
            connection.execute(f"create table next.{rollup_name(rollup, basis)} as {rows}")
    connection.execute(f"drop {kind} now.converted")


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select count(*) from fresh.sales_line").fetchone()
    return int(row[0]) if row else 0


def _amounts(connection: duckdb.DuckDBPyConnection, reporting: tuple[str, ...]) -> str:
    """The type of converted amounts: the narrow one is summed twice as fast and holds all but the largest."""
    largest = ", ".join(
        f"coalesce(max(f.{name}), 0), -coalesce(min(f.{name}), 0)" for name in MONEY_MEASURES if name != "costed_net"
    )
    rates = ", ".join(f"coalesce(max(rate_{index}), 0)" for index in range(len(reporting)))
    row = connection.execute(
        "select coalesce(max(l.amount::double * r.rate::double), 0) from"
        f" (select currency_key, greatest({largest}) as amount from fresh.sales_line f group by 1) l"
        f" join (select currency_key, greatest({rates}) as rate from now.wide_rate group by 1) r using (currency_key)"
    ).fetchone()
    return _NARROW if row and row[0] < _NARROW_HOLDS else _WIDE
