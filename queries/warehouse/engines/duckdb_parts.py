"""Parts: the views that make one warehouse of a base file and the additions after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
from sqlalchemy import Table

from queries.warehouse.engines.generations import Part
from queries.warehouse.lines import COLUMNS, DOCUMENT_ID
from queries.warehouse.rollups import Grain, Rollup, derived_rows, rollup_name
from queries.warehouse.schema import BASIS_DATES, DIMENSIONS, calendar, published_rate, rate
from queries.warehouse.staged import quoted, sql_type
from queries.warehouse.summing import code_tables, converted_lines, rollup_rows, wide_rates

WHOLE_TABLES: tuple[str, ...] = (
    *(table.name for table in DIMENSIONS),
    published_rate.name,
    rate.name,
    calendar.name,
    "budget",
    "quota",
)
"""Small tables: an addition that changes one holds it whole."""

_COMPRESSION = {"line_key": "zstd", "chain_id": "zstd", "document_id": "rle"}
"""How columns are compressed that are not as others of their type: text that hardly repeats, numbers that do."""


def create_stored(table: Table, qualified: str) -> str:
    """DDL of a table of lines or sums in a part, saying how each column is compressed.

    Letting DuckDB try every way takes a fifth of writing. Sums of 38 digits stay as they are: packing them takes half
    of writing a rollup, and unpacking them half of reading it.
    """
    columns = []
    for column in table.columns:
        kind = sql_type(column.type)
        way = "uncompressed" if kind.startswith("decimal(38") else "dict_fsst" if kind == "varchar" else "bitpacking"
        way = "auto" if kind == "boolean" else _COMPRESSION.get(column.name, way)
        columns.append(f'"{column.name}" {kind}' + ("" if way == "auto" else f" using compression {way}"))
    return f"create table {qualified} ({', '.join(columns)})"


def stored(name: str) -> str:
    """SQL of a column of the lines as a part holds it: numbers that are their document's key are left out."""
    return "nullif(document_number, document_key)" if name == "document_number" else name


def _read(name: str) -> str:
    """SQL of a column of the lines of a part, as it was before it was `stored`."""
    return f"coalesce({name}, document_key) as {name}" if name == "document_number" else name


def attach_parts(connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], folder: Path) -> list[str]:
    """Attach the parts read-only; returns their names as databases."""
    names = []
    for number, part in enumerate(parts):
        connection.execute(f"attach '{quoted(str((folder / part.file).absolute()))}' as part_{number} (read_only)")
        names.append(f"part_{number}")
    return names


def create_views(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    databases: Sequence[str],
    schema: str,
    *,
    located: bool = False,
    rehash: bool = False,
) -> None:
    """Create one view per table in `schema`; `located` adds `sales_line_at`, lines with the part and row they lie at.

    `rehash` gives documents their ids anew in it, for files that another release of DuckDB wrote.
    """
    for table in WHOLE_TABLES:
        holder = max(number for number, part in enumerate(parts) if table in part.tables)
        connection.execute(f"create view {schema}.{table} as select * from {databases[holder]}.{table}")
    connection.execute(
        f"create view {schema}.sales_line as {_lines(parts, databases, [_read(name) for name in COLUMNS])}"
    )
    if located:
        columns = [
            f"{DOCUMENT_ID.format('l')} as {name}" if rehash and name == "document_id" else _read(name)
            for name in COLUMNS
        ]
        view = _lines(parts, databases, [*columns, "{number} as part_no", "rowid as row_no"])
        connection.execute(f"create view {schema}.sales_line_at as {view}")


def create_rollup_views(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    databases: Sequence[str],
    rollups: Sequence[Rollup],
    stored: frozenset[str],
    reporting: Sequence[str],
) -> None:
    """Create one view per rollup and basis. One that is not `stored` is summed from the lines whenever it is asked."""
    absent = [rollup for rollup in rollups if repr(rollup) not in stored]
    of_lines = [rollup for rollup in absent if rollup.of is None]
    if of_lines:
        connection.execute("create schema codes")
        for statement in code_tables(of_lines, "main", "codes"):
            connection.execute(statement)
        connection.execute(wide_rates("main.rate", reporting, "codes"))
        lines = converted_lines(of_lines, reporting, lines="main.sales_line", codes="codes", amounts="decimal(38, 12)")
        connection.execute(f"create view codes.converted as {lines}")
    for rollup in rollups:
        for basis in BASIS_DATES:
            name = rollup_name(rollup, basis)
            if rollup in absent and rollup.of:
                text = derived_rows(rollup, f"main.{rollup_name(rollup.of, basis)}")
            elif rollup in absent:
                text = rollup_rows(rollup, basis, reporting, converted="codes.converted", codes="codes")
            else:
                text = rollup_parts(parts, databases, name, rollup.grain, basis)
            connection.execute(f"create view main.{name} as {text}")


def _lines(parts: Sequence[Part], databases: Sequence[str], columns: Sequence[str]) -> str:
    """The lines of every part but those that a later part replaces."""
    selects: list[str] = []
    for number in range(len(parts)):
        names = ", ".join(columns).replace("{number}", str(number))
        source = f"select {names} from {databases[number]}.sales_line l"
        later = [(n, p) for n, p in enumerate(parts) if n > number and p.superseded]
        if not later:
            selects.append(source)
            continue
        low = min(p.replaced_from for _, p in later if p.replaced_from)
        high = max(p.replaced_to for _, p in later if p.replaced_to)
        gone = " union all ".join(
            f"select row_no from {databases[n]}.superseded where part_no = {number}" for n, _ in later
        )
        kept = f"not exists (select 1 from ({gone}) g where g.row_no = l.rowid)"
        # Only the days that hold replaced lines pay for looking them up; the others are skipped or read as they are.
        selects += [
            f"{source} where order_date < date '{low}'",
            f"{source} where order_date > date '{high}'",
            f"{source} where order_date between date '{low}' and date '{high}' and {kept}",
        ]
    return " union all ".join(selects)


def rollup_parts(parts: Sequence[Part], databases: Sequence[str], name: str, grain: Grain, basis: str) -> str:
    """SQL of a rollup's rows of every part but those of periods that a later part holds anew."""
    selects: list[str] = []
    for number, part in enumerate(parts):
        if number and not part.rollup_months.get(basis):
            continue
        months = {month for p in parts[number + 1 :] for month in p.rollup_months.get(basis, ())}
        later = sorted({f"{month[:4]}-01-01" for month in months} if grain == "year" else months)
        source = f"select * from {databases[number]}.{name}"
        if later:
            period = grain if grain != "day" else "cast(date_trunc('month', day) as date)"
            days = ", ".join(f"date '{day}'" for day in later)
            source += f" where {period} not in ({days})"
        selects.append(source)
    return " union all by name ".join(selects)
