"""Plans: budget and quota rows, kept by plan_key."""

from __future__ import annotations

from datetime import date

import duckdb

from queries.warehouse.schema import STAGED
from queries.warehouse.staged import quoted

PLANS = ("budget", "quota")


def merge_plan(
    connection: duckdb.DuckDBPyConnection, name: str, source: str, load_id: int
) -> tuple[int, frozenset[date]]:
    """Build `now.<name>` from `was` and `staged`; returns how many rows are new or changed, and in which months."""
    columns = ", ".join(STAGED[name])
    connection.execute(
        f"create table now.{name}_arrived as"
        f" select {columns} from staged.{name} except select {columns} from was.{name}"
    )
    connection.execute(
        f"create table now.{name} as select * from was.{name} w"
        f" anti join now.{name}_arrived a on a.plan_key = w.plan_key"
        f" union all by name select *, '{quoted(source)}' as source, {load_id} as load_id from now.{name}_arrived"
    )
    count = connection.execute(f"select count(*) from now.{name}_arrived").fetchone()
    months = connection.execute(
        f"select distinct cast(date_trunc('month', month) as date) from now.{name}_arrived union"
        f" select distinct cast(date_trunc('month', w.month) as date) from was.{name} w"
        f" semi join now.{name}_arrived a on a.plan_key = w.plan_key"
    ).fetchall()
    assert count is not None
    return int(count[0]), frozenset(month for (month,) in months)
