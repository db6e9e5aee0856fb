"""Parts: the views that make one warehouse of a base file and the additions after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from queries.warehouse.engines.generations import Part
from queries.warehouse.lines import COLUMNS
from queries.warehouse.rollups import Rollup, rollup_name
from queries.warehouse.schema import BASIS_DATES, DIMENSIONS, calendar, published_rate, rate
from queries.warehouse.staged import quoted

WHOLE_TABLES: tuple[str, ...] = (
    *(table.name for table in DIMENSIONS),
    published_rate.name,
    rate.name,
    calendar.name,
    "budget",
    "quota",
)
"""Small tables: an addition that changes one holds it whole."""


def create_views(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    folder: Path,
    rollups: Sequence[Rollup],
    schema: str = "main",
    *,
    located: bool = False,
) -> None:
    """Attach the parts read-only and create one view per table in `schema`; `located` adds `sales_line_at`."""
    for number, part in enumerate(parts):
        connection.execute(f"attach '{quoted(str(folder / part.file))}' as part_{number} (read_only)")
    for table in WHOLE_TABLES:
        holder = max(number for number, part in enumerate(parts) if table in part.tables)
        connection.execute(f"create view {schema}.{table} as select * from part_{holder}.{table}")
    names = ", ".join(COLUMNS)
    connection.execute(f"create view {schema}.sales_line as {_lines(parts, names)}")
    if located:
        connection.execute(
            f"create view {schema}.sales_line_at as {_lines(parts, names + ', {number} as part_no, rowid as row_no')}"
        )
    for rollup in rollups:
        for basis in BASIS_DATES:
            name = rollup_name(rollup, basis)
            connection.execute(f"create view {schema}.{name} as {_rollup(parts, name, rollup.grain, basis)}")


def _lines(parts: Sequence[Part], names: str) -> str:
    """The lines of every part but those that a later part replaces."""
    selects: list[str] = []
    for number, part in enumerate(parts):
        source = f"select {names.replace('{number}', str(number))} from part_{number}.sales_line l"
        later = [(n, p) for n, p in enumerate(parts) if n > number and p.superseded]
        if not later:
            selects.append(source)
            continue
        low = min(p.replaced_from for _, p in later if p.replaced_from)
        high = max(p.replaced_to for _, p in later if p.replaced_to)
        gone = " union all ".join(
            f"select row_no from part_{n}.superseded where part_no = {number}" for n, _ in later
        )
        # Only the days that hold replaced lines pay for looking them up; the others are skipped or read as they are.
        selects += [
            f"{source} where order_date < date '{low}'",
            f"{source} where order_date > date '{high}'",
            f"{source} where order_date between date '{low}' and date '{high}'"
            f" and not exists (select 1 from ({gone}) g where g.row_no = l.rowid)",
        ]
    return " union all ".join(selects)


def _rollup(parts: Sequence[Part], name: str, grain: str, basis: str) -> str:
    selects: list[str] = []
    for number, part in enumerate(parts):
        if number and not part.rollup_months.get(basis):
            continue
        later = sorted({month for p in parts[number + 1 :] for month in p.rollup_months.get(basis, ())})
        source = f"select * from part_{number}.{name}"
        if later:
            month = "month" if grain == "month" else "cast(date_trunc('month', day) as date)"
            days = ", ".join(f"date '{day}'" for day in later)
            source += f" where {month} not in ({days})"
        selects.append(source)
    return " union all ".join(selects)
