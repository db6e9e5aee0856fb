"""Calendar rows: every day from the first year with a sale or plan to a year after the last."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from app.values.calendar import Calendar
from queries.warehouse.rates import differ
from queries.warehouse.schema import BASIS_DATES
from queries.warehouse.schema import calendar as calendar_table
from queries.warehouse.staged import create_table


def build_calendar(connection: duckdb.DuckDBPyConnection, calendar: Calendar, line_spans: tuple[str, ...]) -> bool:
    """Build `now.calendar` over the lines of the given tables and the plans; true if it differs from `was`."""
    connection.execute(create_table(calendar_table, "now.calendar"))
    spans = [
        f"select min({day}) as low, max({day}) as high from {table}"
        for table in line_spans
        for day in BASIS_DATES.values()
    ]
    spans += [f"select min(month), max(month) from now.{plan}" for plan in ("budget", "quota")]
    row = connection.execute(f"select min(low), max(high) from ({' union all '.join(spans)})").fetchone()
    if row is None or row[0] is None:
        return False
    first, last = date(row[0].year, 1, 1), date(row[1].year + 1, 12, 31)
    rows = pa.Table.from_pylist(list(calendar.rows(first, last)))
    connection.register("calendar_rows", rows)
    connection.execute("insert into now.calendar by name select * from calendar_rows")
    connection.unregister("calendar_rows")
    return differ(connection, "calendar")
