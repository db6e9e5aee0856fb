"""Derived rollups of the next DuckDB file: those that are summed from other rollups, not from the lines."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from queries.warehouse.engines.duckdb_parts import create_stored, rollup_parts
from queries.warehouse.engines.generations import Part
from queries.warehouse.publish import Touched
from queries.warehouse.rollups import Rollup, derived_rows, in_years, rollup_name, rollup_table
from queries.warehouse.schema import BASIS_DATES


def build_derived(
    connection: duckdb.DuckDBPyConnection,
    rollups: Sequence[Rollup],
    parts: Sequence[Part],
    databases: Sequence[str],
    touched: Touched,
) -> None:
    """Fill `next.rollup_…` of the rollups made of others, over the periods that hold a touched month."""
    for basis in BASIS_DATES:
        months = touched.months.get(basis, frozenset())
        for rollup in rollups:
            if rollup.of is None or not (touched.whole or months):
                continue
            finer = rollup.of
            rows = rollup_parts(parts, databases, rollup_name(finer, basis), finer.grain, basis)
            yearly = rollup.grain == "year"
            within = in_years(months, finer.grain) if yearly else touched.condition(basis, finer.grain)
            text = derived_rows(rollup, f"({rows})", "true" if touched.whole else within)
            name = f"next.{rollup_name(rollup, basis)}"
            connection.execute(create_stored(rollup_table(rollup, basis), name))
            connection.execute(f"insert into {name} by name {text}")
