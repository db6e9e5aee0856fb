"""PostgreSQL's tables: every row is born in one generation and dies in a later one; views show one generation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import Column, Table

from app.values.errors import NotFound
from queries.warehouse.engines import postgresql_fence as fence
from queries.warehouse.engines.duckdb_parts import WHOLE_TABLES
from queries.warehouse.engines.engine import Generation
from queries.warehouse.engines.generations import generation_from, generation_to
from queries.warehouse.rollups import Rollup, rollup_name, rollup_table
from queries.warehouse.schema import BASIS_DATES, customer, sales_line, warehouse
from queries.warehouse.staged import sql_type

ROWS = "salient_rows"
NOW = "salient_now"
KEPT = 3
SETTING = "salient.generation"
"""The generation that the views of a transaction show."""

CONTACTS = "salient.contacts"
SHOWN = "shown"
"""Only a transaction that says so sees what a contact mask hides: the columns of `_CONTACTS` are empty to others."""
_CONTACTS = (customer.c.email, customer.c.phone)

# A subselect is computed once per statement, a bare function once per row.
_SHOWN = f"(select current_setting('{SETTING}')::integer)"
_ALIVE = f"born <= {_SHOWN} and died > {_SHOWN}"
NEVER = 2_147_483_647

Connection = psycopg.Connection[tuple[Any, ...]]


def prepare(connection: Connection, rollups: Sequence[Rollup]) -> None:
    """Create what is missing: schemas, tables, views, fence. Rollups that are no longer declared lose their tables.

    Where everything is laid out already nothing is locked, so that readers go on.
    """
    run = connection.execute
    run(f"create schema if not exists {ROWS}")
    run(f"create schema if not exists {NOW}")
    run(f"create table if not exists {ROWS}.generation (number integer primary key, content text, load text)")
    run(f"create table if not exists {ROWS}.pointer (current integer, last integer, rollups text)")
    run(f"create table if not exists {ROWS}.layout (digest text)")
    run(f"insert into {ROWS}.pointer select null, 0, '' where not exists (select 1 from {ROWS}.pointer)")
    wanted = list(_layout(rollups, fenced=fence.obtain_reader(connection)))
    digest = hashlib.sha256(";".join(wanted).encode()).hexdigest()
    if run(f"select 1 from {ROWS}.layout where digest = %s", (digest,)).fetchone():
        return
    if not holds_rollups(connection, rollups):
        present = run("select tablename from pg_tables where schemaname = %s", (ROWS,)).fetchall()
        for (name,) in present:
            if name.startswith("rollup_"):
                run(f'drop table {ROWS}."{name}" cascade')
    for statement in wanted:
        run(statement)
    run(f"delete from {ROWS}.layout")
    run(f"insert into {ROWS}.layout values (%s)", (digest,))


def _layout(rollups: Sequence[Rollup], *, fenced: bool) -> Iterable[str]:
    """DDL of everything whose rows are born and die; may be run again."""
    held = [warehouse.tables[name] for name in (*WHOLE_TABLES, sales_line.name)]
    for table in held:
        yield from _create(table)
    for column in (*BASIS_DATES.values(), "customer_id", "document_id", "line_key"):
        yield f"create index if not exists sales_line_{column} on {ROWS}.sales_line ({column})"
    # What opened a customer is asked of every customer that a load touches.
    opened = f"{ROWS}.sales_line (customer_id) where first_sale = 1"
    yield f"create index if not exists sales_line_opened on {opened}"
    for rollup in rollups:
        for basis in BASIS_DATES:
            yield from _create(rollup_table(rollup, basis))
    if fenced:
        yield from fence.fence(ROWS, NOW, held, rollups)


def remember_rollups(connection: Connection, rollups: Sequence[Rollup]) -> None:
    """Note which rollups the tables now hold."""
    connection.execute(f"update {ROWS}.pointer set rollups = %s", (json.dumps([repr(rollup) for rollup in rollups]),))


def holds_rollups(connection: Connection, rollups: Sequence[Rollup]) -> bool:
    """Whether the tables hold exactly these rollups."""
    row = connection.execute(f"select rollups from {ROWS}.pointer").fetchone()
    return row is not None and row[0] == json.dumps([repr(rollup) for rollup in rollups])


def _create(table: Table) -> Iterable[str]:
    # The collation is the one DuckDB has, so that both engines put names in the same order.
    columns = ", ".join(
        f'"{column.name}" {kind}{" collate " + chr(34) + "C" + chr(34) if kind == "varchar" else ""}'
        for column in table.columns
        for kind in (sql_type(column.type),)
    )
    names = ", ".join(_seen(column) for column in table.columns)
    yield (
        f"create table if not exists {ROWS}.{table.name} ({columns},"
        f" row_id bigint generated always as identity primary key, born integer not null, died integer not null)"
    )
    yield f"create or replace view {NOW}.{table.name} as select {names} from {ROWS}.{table.name} where {_ALIVE}"


def _seen(column: Column[Any]) -> str:
    name = f'"{column.name}"'
    if not any(column is each for each in _CONTACTS):
        return name
    return f"case when (select current_setting('{CONTACTS}', true)) = '{SHOWN}' then {name} end as {name}"


def tables(rollups: Sequence[Rollup]) -> Iterable[str]:
    """All tables whose rows are born and die."""
    yield from (*WHOLE_TABLES, sales_line.name)
    yield from (rollup_name(rollup, basis) for rollup in rollups for basis in BASIS_DATES)


def current(connection: Connection) -> Generation | None:
    """The current generation, or None before the first."""
    try:
        row = connection.execute(
            f"select g.content from {ROWS}.generation g join {ROWS}.pointer p on p.current = g.number"
        ).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        connection.rollback()
        return None
    return generation_from(json.loads(row[0])) if row else None


def kept(connection: Connection) -> list[tuple[Generation, Any]]:
    """All generations still there with their load summaries, newest first."""
    try:
        rows = connection.execute(f"select content, load from {ROWS}.generation order by number desc").fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        connection.rollback()
        return []
    return [(generation_from(json.loads(text)), json.loads(load) if load else None) for text, load in rows]


def last_number(connection: Connection) -> int:
    """The highest number ever given."""
    row = connection.execute(f"select last from {ROWS}.pointer").fetchone()
    return int(row[0]) if row else 0


def forget_after(connection: Connection, number: int, rollups: Sequence[Rollup]) -> None:
    """Undo what was born or died after a generation that was rolled back to."""
    if not connection.execute(f"select 1 from {ROWS}.generation where number > %s", (number,)).fetchone():
        return
    for table in tables(rollups):
        connection.execute(f"delete from {ROWS}.{table} where born > {number}")
        connection.execute(f"update {ROWS}.{table} set died = {NEVER} where died > {number} and died < {NEVER}")
    connection.execute(f"delete from {ROWS}.generation where number > {number}")


def bury(connection: Connection, rollups: Sequence[Rollup]) -> None:
    """Delete generations beyond the kept ones and the rows that only those showed."""
    oldest = connection.execute(
        f"select min(number) from (select number from {ROWS}.generation order by number desc limit {KEPT}) k"
    ).fetchone()
    if not oldest or oldest[0] is None:
        return
    gone = connection.execute(f"delete from {ROWS}.generation where number < {oldest[0]}")
    if gone.rowcount:
        for table in tables(rollups):
            connection.execute(f"delete from {ROWS}.{table} where died <= {oldest[0]}")


def record(connection: Connection, generation: Generation, load: Any) -> None:
    """Make a generation known and current; it becomes visible with the transaction."""
    connection.execute(
        f"insert into {ROWS}.generation values (%s, %s, %s)",
        (generation.number, json.dumps(generation_to(generation)), json.dumps(load, default=str) if load else None),
    )
    connection.execute(f"update {ROWS}.pointer set current = %s, last = %s", (generation.number, generation.number))


def point(connection: Connection, number: int) -> Generation:
    """Make a kept generation current. Raises NotFound."""
    for generation, _load in kept(connection):
        if generation.number == number:
            connection.execute(f"update {ROWS}.pointer set current = %s", (number,))
            return generation
    raise NotFound("There is no generation {number} of the warehouse any more.", number=number)
