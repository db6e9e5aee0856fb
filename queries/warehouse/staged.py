"""Staging databases: the natural-keyed tables that loading and the demo produce, attached and judged before use."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
from sqlalchemy import BigInteger, Boolean, Date, Integer, Numeric, SmallInteger, Table
from sqlalchemy.types import TypeEngine

from app.values.errors import Invalid
from queries.warehouse.schema import DOCUMENT_TYPES, STAGED, warehouse

DATABASE, SCHEMA = "stage", "staged"
_REQUIRED_OF_A_LINE = (
    *("line_key", "document_key", "document_type", "document_number", "line_number", "order_date", "currency_key"),
    *("quantity", "unit_price", "gross", "discount", "returned", "net", "tax", "freight", "recurring"),
)
_REQUIRED_OF_A_PLAN = ("plan_key", "version", "month", "currency_key", "amount")

_LINES_OF_A_BLOCK = 122_880  # DuckDB's row groups, which it knows the first and last day of


def sql_type(kind: TypeEngine[object]) -> str:
    """A schema type as both engines spell it."""
    match kind:
        case BigInteger():
            return "bigint"
        case SmallInteger():
            return "smallint"
        case Integer():
            return "integer"
        case Numeric():
            return f"decimal({kind.precision}, {kind.scale})"
        case Date():
            return "date"
        case Boolean():
            return "boolean"
        case _:
            return "varchar"


def create_table(table: Table, qualified: str) -> str:
    """DDL for a schema table."""
    columns = ", ".join(f'"{column.name}" {sql_type(column.type)}' for column in table.columns)
    return f"create table {qualified} ({columns})"


def attach(connection: duckdb.DuckDBPyConnection, staging: Path | duckdb.DuckDBPyConnection) -> None:
    """Attach a staging database, or take the one in this connection's memory; give `staged` one view per STAGED table.

    Missing tables are empty, missing columns are null, types are the schema's. Raises Invalid for what cannot be read.
    """
    if isinstance(staging, Path):
        try:
            connection.execute(f"attach '{quoted(str(staging))}' as {DATABASE} (read_only)")
        except duckdb.Error as error:
            raise Invalid("The staging database cannot be read.") from error
    found: dict[str, set[str]] = {}
    for name, column in connection.execute(
        f"select table_name, column_name from duckdb_columns() where database_name = '{DATABASE}'"
    ).fetchall():
        found.setdefault(name, set()).add(column)
    connection.execute(f"create schema {SCHEMA}")
    for name, columns in STAGED.items():
        connection.execute(f"create view {SCHEMA}.{name} as {_view(name, columns, found.get(name))}")


def _view(name: str, columns: tuple[str, ...], present: set[str] | None) -> str:
    types = {column.name: sql_type(column.type) for column in warehouse.tables[name].columns}
    parts = []
    for column in columns:
        value = f'"{column}"' if present and column in present else "null"
        parts.append(f'cast({value} as {types.get(column, "varchar")}) as "{column}"')
    source = f"from {DATABASE}.{name}" if present is not None else "where false"
    return f"select {', '.join(parts)} {source}"


def quoted(text: str) -> str:
    """Text as it stands between quotes in SQL."""
    return text.replace("'", "''")


def alone(file: Path) -> str:
    """The file as DuckDB's readers mean it and no other, though its folder's name may look like a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", str(file))


def lies_in_order(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the staged lines come nearly in order of days, so that skipping by days works without sorting them.

    It does where a day lies in about two of the blocks that are skipped or read as one, or in fewer.
    """
    exists = f"select 1 from duckdb_tables() where database_name = '{DATABASE}' and table_name = 'sales_line'"
    if not connection.execute(exists).fetchone():
        return True
    row = connection.execute(
        "select coalesce(sum(last - first) <= 2 * (max(last) - min(first)), true) from"
        " (select min(cast(order_date as date)) as first, max(cast(order_date as date)) as last"
        f" from {DATABASE}.sales_line group by rowid // {_LINES_OF_A_BLOCK})"
    ).fetchone()
    return bool(row and row[0])


def judge(connection: duckdb.DuckDBPyConnection, *, keyed: bool = False) -> tuple[int, int]:
    """Count the staged lines and plan rows. Raises Invalid where a needed value is missing or a key comes twice.

    `keyed`: whoever staged them has seen to it already that no key comes twice.
    """
    lines = _judge_table(connection, "sales_line", _REQUIRED_OF_A_LINE, None if keyed else "line_key")
    if lines:
        _judge_lines(connection)
    plans = sum(_judge_table(connection, name, _REQUIRED_OF_A_PLAN, "plan_key") for name in ("budget", "quota"))
    return lines, plans


def _judge_table(connection: duckdb.DuckDBPyConnection, table: str, required: tuple[str, ...], key: str | None) -> int:
    missing = ", ".join(f"count(*) - count({column})" for column in required)
    try:
        row = connection.execute(f"select count(*), {missing} from {SCHEMA}.{table}").fetchone()
    except duckdb.ConversionException as error:
        raise Invalid(
            "A staged value of {table} has the wrong type: {value}", table=table, value=str(error).splitlines()[0]
        ) from error
    assert row is not None
    for column, absent in zip(required, row[1:], strict=True):
        if absent:
            raise Invalid("{absent} staged rows of {table} lack {column}.", absent=absent, table=table, column=column)
    if key is None:
        return int(row[0])
    # Counting hashes is ten times faster than grouping texts; only if two are equal are the keys themselves compared.
    equal = connection.execute(f"select count(distinct hash({key})) < count(*) from {SCHEMA}.{table}").fetchone()
    if not (equal and equal[0]):
        return int(row[0])
    twice = connection.execute(
        f"select {key} from {SCHEMA}.{table} group by {key} having count(*) > 1 limit 1"
    ).fetchone()
    if twice:
        raise Invalid("The staging database holds {table} {twice} twice.", table=table, twice=twice[0])
    return int(row[0])


def _judge_lines(connection: duckdb.DuckDBPyConnection) -> None:
    allowed = ", ".join(f"'{kind}'" for kind in DOCUMENT_TYPES)
    row = connection.execute(
        f"select min(document_type) filter (where document_type not in ({allowed})), min(order_date), max(order_date)"
        f" from {SCHEMA}.sales_line"
    ).fetchone()
    assert row is not None
    if row[0] is not None:
        raise Invalid("The document type {row} is not one of {names}.", row=row[0], names=", ".join(DOCUMENT_TYPES))
    if row[1] < date(1900, 1, 1) or row[2] >= date(2200, 1, 1):
        raise Invalid("Order dates must lie between 1900 and 2199; found {row} to {row2}.", row=row[1], row2=row[2])
