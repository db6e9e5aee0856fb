"""Publishing: a staging database merged with the state before it, in SQL that streams and spills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from app.values.calendar import Calendar
from app.values.errors import Invalid
from queries.warehouse import lines, members, plans, rates
from queries.warehouse.calendar import build_calendar
from queries.warehouse.engines.engine import Progress
from queries.warehouse.schema import BASIS_DATES
from queries.warehouse.staged import attach, judge


@dataclass(frozen=True)
class Origin:
    """Where rows come from and in which terms they are published."""

    source: str
    load_id: int
    company_currency: str
    reporting: tuple[str, ...]
    calendar: Calendar


@dataclass(frozen=True)
class Merge:
    """What merging found; the rows stand in schema `now`."""

    lines: lines.Merged
    plan_rows: int
    plan_months: dict[str, frozenset[date]]
    dims_changed: frozenset[str]  # dimensions, `rate`, `published_rate` and `calendar` that differ
    touched: dict[str, frozenset[date]]  # basis → months whose lines, as they were or as they are now, changed
    control_totals: dict[str, Decimal]

    @property
    def is_nothing(self) -> bool:
        """Whether the staging database brought nothing that was not there."""
        return not (self.lines.new or self.lines.changed or self.plan_rows or self.dims_changed)


def merge(
    connection: duckdb.DuckDBPyConnection, staging: Path, origin: Origin, *, empty: bool, progress: Progress
) -> Merge:
    """Merge a staging database with the tables of schema `was` into schema `now`. Raises Invalid.

    `was` holds every table of the star, and `sales_line_at`: the lines with the part and row they lie at.
    """
    connection.execute("create schema now")
    attach(connection, staging)
    progress("Checking", 0.02)
    staged_lines, staged_plans = judge(connection)
    if empty and not staged_lines and not staged_plans:
        raise Invalid("There is nothing to load: the source holds no sales lines and no plans.")
    totals = connection.execute(
        "select currency_key, sum(net) from staged.sales_line group by 1 order by 1"
    ).fetchall()
    progress("Members", 0.08)
    dims_changed = set(members.merge_members(connection))
    if rates.merge_published(connection):
        dims_changed.add("published_rate")
    plan_rows, plan_months = 0, {}
    for name in plans.PLANS:
        count, months = plans.merge_plan(connection, name, origin.source, origin.load_id)
        plan_rows, plan_months[name] = plan_rows + count, months
    progress("Lines", 0.12)
    if empty:
        merged = lines.merge_first(connection, origin.source, origin.load_id, staged_lines)
    else:
        merged = lines.merge_known(connection, origin.source, origin.load_id, staged_lines)
    sources = ("staged.sales_line",) if empty else ("was.sales_line", "now.line")
    if build_calendar(connection, origin.calendar, sources):
        dims_changed.add("calendar")
    if rates.build_rates(connection, origin.company_currency, origin.reporting):
        dims_changed.add("rate")
    return Merge(
        lines=merged,
        plan_rows=plan_rows,
        plan_months=plan_months,
        dims_changed=frozenset(dims_changed),
        touched={basis: _touched(connection, column, empty=empty) for basis, column in BASIS_DATES.items()},
        control_totals=dict(totals),
    )


def _touched(connection: duckdb.DuckDBPyConnection, column: str, *, empty: bool) -> frozenset[date]:
    month = f"cast(date_trunc('month', {column}) as date)"
    parts = [f"select {month} as m from {'staged.sales_line' if empty else 'now.line'}"]
    if not empty:
        parts += [f"select {month} from now.{table}" for table in ("former", "flipped")]
    rows = connection.execute(
        f"select distinct m from ({' union all '.join(parts)}) where m is not null"
    ).fetchall()
    return frozenset(month for (month,) in rows)
