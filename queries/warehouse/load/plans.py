"""Plans: quarters and years spread over their months to the cent, and the keys above a set level filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from app.values.money import exponent
from queries.warehouse.load.mappings import MONTHS
from queries.warehouse.load.staging import literal, staged_types
from queries.warehouse.schema import STAGED, warehouse
from queries.warehouse.staged import sql_type

LOOKED_UP = ("place", "team", "rep", "product", "channel")
"""Dimensions that plans name members of."""

_ABOVE: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("place", "city_key", ("market_key", "country_key", "region_key", "state_key")),
    ("place", "state_key", ("market_key", "country_key", "region_key")),
    ("place", "region_key", ("market_key", "country_key")),
    ("place", "country_key", ("market_key",)),
    ("rep", "rep_key", ("team_key",)),
    ("team", "team_key", ("department_key",)),
    ("product", "product_key", ("category_key", "subcategory_key")),
    ("product", "subcategory_key", ("category_key",)),
)


def know_dimension(
    connection: duckdb.DuckDBPyConnection, name: str, existing: Sequence[tuple[Any, ...]], *, staged: bool
) -> None:
    """`all_<dimension>`: the rows of this load and those of the warehouse (in the order of STAGED)."""
    columns = STAGED[name]
    types = {column.name: sql_type(column.type) for column in warehouse.tables[name].columns}
    spelled = ", ".join(f'"{column}" {types.get(column, "varchar")}' for column in columns)
    connection.execute(f"create or replace temp table all_{name} ({spelled})")
    chosen = ", ".join(f'"{column}"' for column in columns)
    if staged:
        connection.execute(f"insert into all_{name} select {chosen} from stage.{name} where _fail = 0")
    if existing:
        values = {
            column: pa.array([None if row[index] is None else str(row[index]) for row in existing], pa.string())
            for index, column in enumerate(columns)
        }
        connection.register("existing", pa.table(values))
        connection.execute(f"insert into all_{name} select {chosen} from existing")
        connection.unregister("existing")


def spread(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """One row a month: each amount split by largest remainder, in minor units (finer where the amount itself is).

    280.00 over three months gives 93.34, 93.33, 93.33.
    """
    names = list(staged_types(table))
    kept = ", ".join(f'"{name}"' for name in names if name not in {"plan_key", "month", "amount"})
    currencies = [row[0] for row in connection.execute(f"select distinct currency_key from stage.{table}").fetchall()]
    units = " ".join(f"when {literal(code)} then {10 ** (4 - exponent(code))}" for code in currencies)
    if not currencies:
        return
    size = "cast(abs(cast(amount as decimal(38, 4))) * 10000 as hugeint)"
    whole = f"select *, {size} as size, case currency_key {units} end as minor"
    month = "month + to_months(cast(step as integer))"
    connection.execute(
        f"create or replace temp table spread_out as with whole as ({whole} from stage.{table}),"
        f" unit as (select *, case when size % minor = 0 then minor else 1 end as unit from whole),"
        f" part as (select *, (size // (unit * {MONTHS})) * unit as base, unnest(range({MONTHS})) as step from unit)"
        f" select {kept},"
        f" plan_key || case when {MONTHS} > 1 then '/' || strftime({month}, '%Y-%m') else '' end as plan_key,"
        f" cast({month} as date) as month,"
        f" cast(sign(amount) * (base + case when step < (size - base * {MONTHS}) // unit then unit else 0 end)"
        f" as decimal(22, 0)) * 0.0001::decimal(5, 4) as amount, _row, _feed, _fail from part"
    )
    chosen = ", ".join([*(f'"{name}"' for name in names), "_row", "_feed", "_fail"])
    connection.execute(f"delete from stage.{table}")
    connection.execute(f"insert into stage.{table} ({chosen}) select {chosen} from spread_out")


def fill_above(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Give each plan row the keys above the level it is set at; a rep's team is the one of that month."""
    for dimension, level, above in _ABOVE:
        missing = " or ".join(f"t.{column} is null" for column in above)
        begins = "coalesce(d.valid_from, date '0001-01-01')"
        if dimension not in {"rep", "team", "product"}:
            begins = "date '0001-01-01'"
        # The version of that month is the last one begun by its end; before the first, the first.
        age = f"{begins} - date '0001-01-01'"
        version = f"case when {begins} <= last_day(s.month) then {age} else -({age}) end"
        keys = ", ".join(f"arg_max(d.{column}, {version}) as {column}" for column in above)
        found = (
            f"select s.plan_key, s.month, {keys}"
            f" from stage.{table} s join all_{dimension} d on d.{level} = s.{level} group by all"
        )
        given = ", ".join(f"{column} = coalesce(t.{column}, f.{column})" for column in above)
        connection.execute(
            f"update stage.{table} as t set {given} from ({found}) f"
            f" where f.plan_key = t.plan_key and f.month = t.month and ({missing})"
        )
