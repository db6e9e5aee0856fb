"""Publishing: a staging database merged with the state before it, in SQL that streams and spills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from app.values.calendar import Calendar, add_months
from app.values.errors import Invalid
from queries.warehouse import lines, members, plans, rates
from queries.warehouse.calendar import build_calendar
from queries.warehouse.engines.engine import Generation, Import, Progress, Published, Staging
from queries.warehouse.schema import BASIS_DATES, DIMENSIONS, sales_line
from queries.warehouse.staged import attach, create_table, judge


@dataclass(frozen=True)
class Origin:
    """Where rows come from and in which terms they are published."""

    source: str
    load_id: int
    company_currency: str
    reporting: tuple[str, ...]
    calendar: Calendar


@dataclass(frozen=True)
class Touched:
    """The months of each basis whose sums may differ from before; `whole` when those are all months there are."""

    months: Mapping[str, frozenset[date]]
    whole: bool = False

    def as_text(self) -> dict[str, tuple[str, ...]]:
        """Months by basis as ISO days."""
        return {basis: tuple(month.isoformat() for month in sorted(months)) for basis, months in self.months.items()}

    def condition(self, basis: str, column: str) -> str:
        """SQL that holds for the days of the touched months."""
        spans: list[tuple[date, date]] = []
        for month in sorted(self.months[basis]):
            end = add_months(month, 1)
            if spans and spans[-1][1] == month:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((month, end))
        parts = [f"{column} between date '{start}' and date '{end - timedelta(days=1)}'" for start, end in spans]
        return f"({' or '.join(parts) or 'false'})"


@dataclass(frozen=True)
class Merge:
    """What merging found; the rows stand in schema `now`."""

    lines: lines.Merged
    plan_rows: int
    differing: frozenset[str]  # whole tables that differ from before
    members_differ: bool  # a member, or the calendar of days already there, is another
    touched: Touched
    month_keys: frozenset[tuple[str, str]]  # (fact, ISO month) whose rows changed
    control_totals: Mapping[str, Decimal]

    @property
    def is_nothing(self) -> bool:
        """Whether the staging database brought nothing that was not there."""
        return not (self.lines.new or self.lines.changed or self.lines.moved or self.plan_rows or self.differing)


def merge(
    connection: duckdb.DuckDBPyConnection,
    staging: Staging,
    origin: Origin,
    *,
    empty: bool,
    progress: Progress,
    bring: lines.Bring = lines.all_there,
) -> Merge:
    """Merge a staging database with the tables of schema `was` into schema `now`. Raises Invalid.

    `was` holds every table of the star, and `sales_line_at`: the lines with the part and row they lie at, or the first
    and last of them by each date and those that `bring` is asked for.
    """
    connection.execute("create schema now")
    attach(connection, staging)
    progress("Checking", 0.02)
    staged_lines, staged_plans = judge(connection, keyed=not isinstance(staging, Path))
    if empty and not staged_lines and not staged_plans:
        raise Invalid("There is nothing to load: the source holds no sales lines and no plans.")
    totals = connection.execute("select currency_key, sum(net) from staged.sales_line group by 1 order by 1").fetchall()
    progress("Members", 0.08)
    differing = set(members.merge_members(connection))
    if rates.merge_published(connection):
        differing.add("published_rate")
    plan_rows, month_keys = 0, set()
    for name in plans.PLANS:
        count, months = plans.merge_plan(connection, name, origin.source, origin.load_id)
        plan_rows += count
        month_keys |= {(name, month.isoformat()) for month in months}
        if count:
            differing.add(name)
    progress("Lines", 0.12)
    if empty:
        merged = lines.merge_first(connection, origin.source, origin.load_id, staged_lines)
    else:
        merged = lines.merge_known(connection, origin.source, origin.load_id, staged_lines, bring)
    return _finish(connection, origin, merged, plan_rows, differing, month_keys, dict(totals), bring, empty=empty)


def unchanged(connection: duckdb.DuckDBPyConnection, origin: Origin, bring: lines.Bring = lines.all_there) -> Merge:
    """Schema `now` as it would be after merging nothing: for building files anew."""
    connection.execute("create schema now")
    for table in (*(table.name for table in DIMENSIONS), "published_rate", "budget", "quota"):
        connection.execute(f"create view now.{table} as select * from was.{table}")
    connection.execute(create_table(sales_line, "now.line"))
    connection.execute("create table now.superseded (part_no integer, row_no bigint)")
    for table in ("former", "flipped"):
        connection.execute(create_table(sales_line, f"now.{table}"))
    return _finish(connection, origin, lines.Merged(0, 0, 0), 0, set(), set(), {}, bring, empty=False)


def _finish(
    connection: duckdb.DuckDBPyConnection,
    origin: Origin,
    merged: lines.Merged,
    plan_rows: int,
    differing: set[str],
    month_keys: set[tuple[str, str]],
    totals: Mapping[str, Decimal],
    bring: lines.Bring,
    *,
    empty: bool,
) -> Merge:
    """Calendar and rates over the days there now are, and which months all of it touches."""
    members_differ = bool(differing & {table.name for table in DIMENSIONS})
    sources = ("staged.sales_line",) if empty else ("was.sales_line", "now.line")
    if build_calendar(connection, origin.calendar, sources):
        differing.add("calendar")
        members_differ = members_differ or _exists(connection, "from was.calendar except from now.calendar")
    touched = {basis: _touched(connection, day, empty=empty) for basis, day in BASIS_DATES.items()}
    whole = empty
    if rates.build_rates(connection, origin.company_currency, origin.reporting):
        differing.add("rate")
        if not empty:
            for basis, months in rates.months_with_other_rates(connection, bring).items():
                touched[basis] |= months
            days = rates.months_of_other_rates(connection)
            month_keys |= {(plan, month.isoformat()) for plan in plans.PLANS for month in days}
    if not empty and members_differ and members.keys_moved(connection):
        whole = True
        bring("order_date", "select day from was.calendar")
        for basis, day in BASIS_DATES.items():
            touched[basis] |= _months(connection, f"select {day} as d from was.sales_line")
    month_keys |= {("sales_line", month.isoformat()) for months in touched.values() for month in months}
    return Merge(
        merged,
        plan_rows,
        frozenset(differing),
        members_differ,
        Touched({basis: frozenset(months) for basis, months in touched.items()}, whole),
        frozenset(month_keys),
        totals,
    )


def _touched(connection: duckdb.DuckDBPyConnection, day: str, *, empty: bool) -> set[date]:
    tables = ("staged.sales_line",) if empty else ("now.line", "now.former", "now.flipped")
    return _months(connection, " union all ".join(f"select {day} as d from {table}" for table in tables))


def _months(connection: duckdb.DuckDBPyConnection, days: str) -> set[date]:
    rows: Iterable[tuple[date]] = connection.execute(
        "select distinct cast(date_trunc('month', d) as date) from"
        f" (select distinct d from ({days}) where d is not null)"
    ).fetchall()
    return {month for (month,) in rows}


def _exists(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    row = connection.execute(f"select exists ({query})").fetchone()
    return bool(row and row[0])


TOTALS = "select currency_key, sum(net), min(order_date), max(order_date), count(*)"
"""What `next_generation` wants to know about each currency's lines."""


def next_generation(
    asked: Import,
    origin: Origin,
    found: Merge,
    former: Generation | None,
    basis: Generation | None,
    totals: Iterable[tuple[Any, ...]],
) -> Generation:
    """The generation after `former`, built on `basis` (none when everything is replaced), with TOTALS as they stand."""
    number, rows = origin.load_id, list(totals)
    versions = dict(former.month_versions) if former else {}
    if basis is None:
        versions = dict.fromkeys(versions, number)
    versions.update(dict.fromkeys(found.month_keys, number))
    return Generation(
        number=number,
        created_at=datetime.now(UTC),
        as_of=max((row[3] for row in rows), default=None),
        note=asked.note,
        source=asked.source,
        company_currency=origin.company_currency,
        currencies=tuple(row[0] for row in rows),
        reporting=origin.reporting,
        first_day=min((row[2] for row in rows), default=None),
        last_day=max((row[3] for row in rows), default=None),
        lines=sum(row[4] for row in rows),
        dims_version=number if found.members_differ or basis is None else basis.dims_version,
        month_versions=versions,
        control_totals={row[0]: row[1] for row in rows},
        is_demo=asked.is_demo or bool(basis and basis.is_demo),
        uniform_documents=found.lines.uniform and (basis is None or basis.uniform_documents),
        notices=_notices(asked, basis),
    )


def _notices(asked: Import, basis: Generation | None) -> Mapping[str, tuple[str, ...]]:
    """What people should know of how the data were read: of each source what its newest load says."""
    kept = dict(basis.notices) if basis else {}
    if asked.load is not None:
        kept.pop(asked.source, None)
        said = tuple(asked.load.get("notices", ()))
        if said:
            kept[asked.source] = said
    return kept


def published(number: int, found: Merge) -> Published:
    """What is told to whoever asked for a publication."""
    return Published(
        number,
        found.lines.new,
        found.lines.changed,
        found.lines.unchanged,
        found.plan_rows,
        tuple(sorted(found.touched.months.get("booked", ()))),
        found.control_totals,
    )
