"""Rollups of the next DuckDB file: all of them, or the rows of the months that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

import duckdb

from queries.warehouse.engines.duckdb_parts import create_stored
from queries.warehouse.engines.engine import Progress
from queries.warehouse.publish import Touched
from queries.warehouse.rollups import Rollup, rollup_name, rollup_table
from queries.warehouse.schema import BASIS_DATES, MONEY_MEASURES
from queries.warehouse.summing import Known, code_tables, converted_lines, rollup_rows, wide_rates

MOST_LINES_HELD = 30_000_000
"""More converted lines than these are not kept beside the file but computed again for every rollup."""

_NARROW, _WIDE = "decimal(18, 12)", "decimal(38, 12)"
_NARROW_HOLDS = 900_000


def build_rollups(
    connection: duckdb.DuckDBPyConnection,
    rollups: Sequence[Rollup],
    reporting: tuple[str, ...],
    touched: Touched,
    progress: Progress,
) -> None:
    """Fill `next.rollup_…` from the lines and dimensions of schema `fresh`, over the touched months of each basis."""
    rollups = [rollup for rollup in rollups if rollup.of is None]
    if not rollups:
        return
    for statement in code_tables(rollups, "fresh", "now"):
        connection.execute(statement)
    connection.execute(wide_rates("fresh.rate", reporting, "now"))
    conditions = {
        basis: "true" if touched.whole else touched.condition(basis, f"f.{day}") for basis, day in BASIS_DATES.items()
    }
    where = "true" if touched.whole else _within(connection, tuple(conditions.values()))
    amounts, known = _judged(connection, reporting, where)
    converted = converted_lines(
        rollups,
        reporting,
        lines="fresh.sales_line",
        codes="now",
        amounts=amounts,
        where=where,
        known=known,
    )
    kind = "view" if touched.whole and _count(connection) > MOST_LINES_HELD else "table"
    connection.execute(f"create {kind} now.converted as {converted}")
    statements = [
        f"{create_stored(rollup_table(rollup, basis), f'next.{rollup_name(rollup, basis)}')};"
        f" insert into next.{rollup_name(rollup, basis)} by name "
        + rollup_rows(
            rollup, basis, reporting, converted="now.converted", codes="now", where=conditions[basis], known=known
        )
        for basis in BASIS_DATES
        if touched.whole or touched.months[basis]
        for rollup in rollups
    ]
    for done in _side_by_side(connection, statements):
        progress("Rollups", 0.6 + 0.35 * done)
    connection.execute(f"drop {kind} now.converted")


def _side_by_side(connection: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> Iterator[float]:
    """Run statements that do not need each other, two at a time; yields how far the whole is, 0 to 1.

    Small tables are compressed on one core: meanwhile the other sums the next one.
    """
    threads = connection.execute("select current_setting('threads')").fetchone()
    with ThreadPoolExecutor(2 if threads and threads[0] > 1 else 1) as pool:
        running = [pool.submit(_run, connection, statement) for statement in statements]
        try:
            for number, one in enumerate(as_completed(running), 1):
                one.result()
                yield number / len(running)
        finally:
            for one in running:
                one.cancel()


def _run(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _within(connection: duckdb.DuckDBPyConnection, conditions: tuple[str, ...]) -> str:
    """The conditions, joined by or, and the booked days of the lines they hold for: all other lines are skipped."""
    anyhow = f"({' or '.join(conditions)})"
    row = connection.execute(
        f"select min(f.order_date), max(f.order_date) from fresh.sales_line f where {anyhow}"
    ).fetchone()
    return f"{anyhow} and f.order_date between date '{row[0]}' and date '{row[1]}'" if row and row[0] else "false"


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select count(*) from fresh.sales_line").fetchone()
    return int(row[0]) if row else 0


def _judged(connection: duckdb.DuckDBPyConnection, reporting: tuple[str, ...], where: str) -> tuple[str, Known]:
    """The type of converted amounts, and what is known of all lines to be summed.

    The narrow type is summed twice as fast and holds all but the largest amounts.
    """
    largest = ", ".join(
        f"coalesce(max(f.{name}), 0), -coalesce(min(f.{name}), 0)" for name in MONEY_MEASURES if name != "costed_net"
    )
    rates = ", ".join(f"rate_{index}" for index in range(len(reporting)))
    unrated = " or ".join(f"r.rate_{index} is null" for index in range(len(reporting)))
    row = connection.execute(
        f"select coalesce(max(l.amount::double * coalesce(greatest({rates}), 0)::double), 0), bool_and(l.adds_up),"
        f" bool_and(l.is_costed), not bool_or({unrated}) from"
        f" (select currency_key, order_date, greatest({largest}) as amount,"
        " bool_and(net = gross - discount - returned) as adds_up, count(cost) = count(*) as is_costed"
        f" from fresh.sales_line f where {where} group by 1, 2) l"
        " left join now.wide_rate r on r.currency_key = l.currency_key and r.day = l.order_date"
    ).fetchone()
    assert row is not None
    return _NARROW if row[0] < _NARROW_HOLDS else _WIDE, Known(*(bool(value) for value in row[1:]))
