"""Rates: for every day the last published rate not older than ten days, exact, rounded once to eight places."""

from __future__ import annotations

from datetime import date

import duckdb

from queries.warehouse.lines import Bring
from queries.warehouse.schema import BASIS_DATES
from queries.warehouse.staged import quoted

STALE_AFTER_DAYS = 10


def merge_published(connection: duckdb.DuckDBPyConnection) -> bool:
    """Build `now.published_rate` from `was` and `staged`; true if it differs from `was`."""
    row = connection.execute("select exists (from staged.published_rate)").fetchone()
    if not (row and row[0]):
        connection.execute("create view now.published_rate as select * from was.published_rate")
        return False
    connection.execute(
        "create table now.published_rate as select * from staged.published_rate where currency_key is not null"
        " and day is not null and rate > 0"
        " qualify row_number() over (partition by currency_key, day order by rate) = 1"
        " union all select w.* from was.published_rate w"
        " anti join staged.published_rate s on s.currency_key = w.currency_key and s.day = w.day"
    )
    return differ(connection, "published_rate")


def differ(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether `now.<table>` and `was.<table>` hold different rows."""
    row = connection.execute(
        f"select (select count(*) from now.{table}) <> (select count(*) from was.{table})"
        f" or exists (select * from now.{table} except all select * from was.{table})"
    ).fetchone()
    return bool(row and row[0])


def build_rates(connection: duckdb.DuckDBPyConnection, company: str, reporting: tuple[str, ...]) -> bool:
    """Build the dense `now.rate` over the days of `now.calendar`; true if it differs from `was`.

    Both currencies' rates are units of the company currency; the company's own is 1. Their quotient is taken in
    whole numbers and rounded half up, once. Where either is missing or stale there is no row.
    """
    targets = ", ".join(f"('{quoted(code)}')" for code in reporting)
    connection.execute(
        "create table now.known_rate as"
        f" select '{quoted(company)}' as currency_key, day, cast(1 as decimal(18, 8)) as rate from now.calendar"
        " union all select d.currency_key, d.day, p.rate from"
        " (select c.currency_key, k.day from (select distinct currency_key from now.published_rate) c"
        "  cross join now.calendar k) d"
        " asof join now.published_rate p on p.currency_key = d.currency_key and p.day <= d.day"
        f" where d.currency_key <> '{quoted(company)}' and date_diff('day', p.day, d.day) <= {STALE_AFTER_DAYS}"
    )
    connection.execute(
        "create table now.rate as"
        f" with target as (select * from (values {targets}) t(reporting_key)),"
        # A decimal of 18 digits times a whole number has 18 digits, too, unless it is made wider before.
        " whole as (select currency_key, day, cast(cast(rate as decimal(38, 8)) * 100000000 as hugeint) as units"
        "  from now.known_rate)"
        " select a.currency_key, t.reporting_key, a.day,"
        " cast(cast((2 * a.units * 100000000 + b.units) // (2 * b.units) as decimal(30, 0))"
        " * cast(0.00000001 as decimal(8, 8)) as decimal(18, 8)) as rate"
        " from target t join whole b on b.currency_key = t.reporting_key"
        " join whole a on a.day = b.day and a.currency_key <> t.reporting_key"
        " union all select c.currency_key, c.currency_key, k.day, 1 from now.currency c"
        f" join (values {targets}) t(reporting_key) on t.reporting_key = c.currency_key cross join now.calendar k"
    )
    return differ(connection, "rate")


def months_with_other_rates(connection: duckdb.DuckDBPyConnection, bring: Bring) -> dict[str, set[date]]:
    """Basis → months of lines there were whose order date has another rate now, or one at last, or none any more."""
    connection.execute(
        "create table now.other_rate as select distinct currency_key, day from"
        " ((from was.rate except from now.rate) union all (from now.rate except from was.rate))"
    )
    bring("order_date", "select distinct day from now.other_rate")
    months = ", ".join(f"cast(date_trunc('month', {day}) as date)" for day in BASIS_DATES.values())
    rows = connection.execute(
        f"select distinct {months} from was.sales_line f"
        " semi join now.other_rate o on o.currency_key = f.currency_key and o.day = f.order_date"
        " where f.order_date between (select min(day) from now.other_rate) and (select max(day) from now.other_rate)"
    ).fetchall()
    return {basis: {row[index] for row in rows if row[index] is not None} for index, basis in enumerate(BASIS_DATES)}


def months_of_other_rates(connection: duckdb.DuckDBPyConnection) -> set[date]:
    """The months of `now.other_rate`."""
    rows = connection.execute("select distinct cast(date_trunc('month', day) as date) from now.other_rate").fetchall()
    return {month for (month,) in rows}
