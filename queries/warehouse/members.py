"""Members: dimension rows merged by natural key, versions kept apart by the day they begin, ids never given twice."""

from __future__ import annotations

import duckdb
from sqlalchemy import Table

from queries.warehouse.schema import DIMENSIONS, STAGED, warehouse
from queries.warehouse.staged import create_table

VERSIONED = frozenset({"team", "rep", "product"})
_ORDER = ("currency", "channel", "campaign", "place", "team", "rep", "product", "customer")
"""Members that others name come first."""

_NAMED_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "currency": tuple((table, "currency_key") for table in ("sales_line", "budget", "quota", "published_rate")),
    "channel": (("sales_line", "channel_key"),),
    "campaign": (("sales_line", "campaign_key"),),
    "place": (("sales_line", "place_key"), ("customer", "place_key")),
    "team": (("sales_line", "team_key"), ("rep", "team_key")),
    "rep": (("sales_line", "rep_key"),),
    "product": (("sales_line", "product_key"),),
    "customer": (("sales_line", "customer_key"),),
}
"""Where members are named that the dimension itself may not hold yet: they enter with their key as their name."""


def merge_members(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Build `now.<dimension>` from `was` and `staged`; returns the names of those that differ from `was`."""
    assert {table.name for table in DIMENSIONS} == set(_ORDER)
    changed = set()
    for name in _ORDER:
        if not _is_met(connection, name):
            connection.execute(f"create view now.{name} as select * from was.{name}")
            continue
        table = warehouse.tables[name]
        connection.execute(create_table(table, f"now.{name}"))
        connection.execute(_merge(table))
        if name in VERSIONED:
            connection.execute(_close_versions(name))
        names = _names(table)
        differs = connection.execute(
            f"select exists (select {names} from now.{name} except all select {names} from was.{name})"
            f" or (select count(*) from now.{name}) <> (select count(*) from was.{name})"
        ).fetchone()
        if differs and differs[0]:
            changed.add(name)
    for name in sorted(VERSIONED):
        connection.execute(_periods(name, "was"))
        same = f"create view now.{name}_period as select * from was.{name}_period"
        connection.execute(_periods(name, "now") if name in changed else same)
    return frozenset(changed)


def _is_met(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether any member of the dimension was staged, or is named that it does not hold: most loads bring neither."""
    key = f"{name}_key"
    row = connection.execute(
        f"select exists (select 1 from staged.{name} where {key} is not null)"
        f" or exists (select 1 from ({_named(name)}) n where n.{key} not in (select {key} from was.{name}))"
    ).fetchone()
    return bool(row and row[0])


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _merge(table: Table) -> str:
    """Staged rows take the place of those with the same key (and first day, where there are versions)."""
    name = table.name
    key = f"{name}_key"
    same = f"w.{key} = s.{key}" + (" and w.valid_from is not distinct from s.valid_from" if name in VERSIONED else "")
    keys = f"{key}, valid_from" if name in VERSIONED else key
    place = "(select p.place_id from now.place p where p.place_key = s.place_key)"
    columns = [
        f"{place} as place_id" if column == "place_key" and name == "customer" else f's."{column}"'
        for column in STAGED[name]
    ]
    number = (
        f"coalesce(w.{name}_id, (select coalesce(max({name}_id), 0) from was.{name})"
        f" + row_number() over (partition by w.{name}_id is null order by s.{keys.replace(', ', ', s.')} nulls first))"
    )
    identity = "" if name == "currency" else f"{number} as {name}_id, "
    every = ", ".join(f'"{column}"' for column in STAGED[name])
    staged = (
        f"select * from staged.{name} where {key} is not null"
        f" qualify row_number() over (partition by {keys} order by {every}) = 1"
    )
    return (
        f"insert into now.{name} by name"
        f" with given as ({staged}), named as ({_named(name)}),"
        f" s as (select * from given union all by name"
        f"   select n.{key}, n.{key} as {name} from named n where n.{key} not in (select {key} from given)"
        f"   and n.{key} not in (select {key} from was.{name}))"
        f" select * from was.{name} w where not exists (select 1 from s where {same})"
        f" union all by name select {identity}{', '.join(columns)} from s left join was.{name} w on {same}"
    )


def _named(name: str) -> str:
    return " union ".join(
        f"select distinct {column} as {name}_key from staged.{table} where {column} is not null"
        for table, column in _NAMED_BY[name]
    )


def _close_versions(name: str) -> str:
    """A version ends no later than the next one begins."""
    return (
        f"update now.{name} set valid_to = n.ends from (select {name}_id as id, least(valid_to, lead(valid_from) over"
        f" (partition by {name}_key order by valid_from nulls first)) as ends from now.{name}) n"
        f" where n.id = {name}_id and valid_to is distinct from n.ends"
    )


def _periods(name: str, schema: str) -> str:
    """The days each version answers for: from its first day to the next one's; the first also for all days before."""
    team = ", team_key" if name == "rep" else ""
    return (
        f"create table {schema}.{name}_period as select {name}_id, {name}_key{team},"
        f" case when row_number() over w = 1 then date '-infinity' else valid_from end as begins,"
        f" coalesce(lead(valid_from) over w, date 'infinity') as until from {schema}.{name}"
        f" window w as (partition by {name}_key order by valid_from nulls first)"
    )


_ROLLED_UP = {
    "place": ("market", "country", "region", "state", "city"),
    "team": ("department", "team"),
    "rep": ("rep",),
    "product": ("category", "subcategory", "product"),
    "customer": ("industry", "segment"),
}


def keys_moved(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a member that was there hangs elsewhere in its hierarchy now, so that sums by levels are others."""
    for name, levels in _ROLLED_UP.items():
        differs = " or ".join(f"w.{level}_key is distinct from n.{level}_key" for level in levels)
        row = connection.execute(
            f"select exists (select 1 from was.{name} w join now.{name} n on n.{name}_id = w.{name}_id where {differs})"
        ).fetchone()
        if row and row[0]:
            return True
    return False
