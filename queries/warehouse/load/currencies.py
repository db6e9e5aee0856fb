"""Currencies: whether a load's amounts can be told in the currency that the warehouse is kept in."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from app.values.errors import Invalid
from app.values.scope import Scope
from queries.warehouse.engines.engine import Engine, Mode
from queries.warehouse.load.mappings import SourceMapping
from queries.warehouse.rates import STALE_AFTER_DAYS
from queries.warehouse.schema import BASIS_DATES, published_rate

_DAYS = {"sales_line": tuple(BASIS_DATES.values()), "budget": ("month",), "quota": ("month",)}
"""The days at which a table's amounts are converted."""


def code_of(text: str) -> str:
    """A company currency as a mapping names it. Raises Invalid where it is no code."""
    if not re.fullmatch("[A-Z]{3}", text):
        raise Invalid(f"“{text}” is not a three-letter currency code, such as EUR.")
    return text


def settle(
    connection: duckdb.DuckDBPyConnection,
    engine: Engine | None,
    mode: Mode,
    mapping: SourceMapping,
    currency: str,
    staged: Sequence[str],
) -> str:
    """The company currency after this load: the warehouse's own once real data is in it, else the mapping's.

    `staged` are the tables in `stage`. Raises Invalid where the mapping is in another currency and brings rates in
    it, or amounts for which the warehouse has no rate: they would be left out of every figure.
    """
    if engine is None or mode == "replace":
        return currency
    with engine.snapshot() as snapshot:
        kept = snapshot.generation.company_currency
        if kept == currency:
            return kept
        columns = published_rate.c
        rates = snapshot.fetch(sa.select(columns.currency_key, columns.day), Scope.everything(), timeout_s=600)
    begun = f"This warehouse is kept in {kept}; the mapping {mapping.name} is in {currency}"
    own = " or say --set currency=" + kept if any(s.name == "currency" for s in mapping.settings) else ""
    remedy = f"use another workspace (SALIENT_HOME){own}; nothing was changed."
    if "published_rate" in staged and _any(connection, "select 1 from stage.published_rate"):
        raise Invalid(f"{begun} and brings rates in it, which cannot stand beside rates in {kept}: {remedy}")
    missing = _without_rate(connection, kept, rates, staged)
    if missing is not None:
        raise Invalid(
            f"{begun} and there is no rate of {missing[0]} in {kept} for {missing[1]}:"
            f" load rates first (rates.csv of the mapping template), or {remedy}"
        )
    return kept


def _without_rate(
    connection: duckdb.DuckDBPyConnection, kept: str, rates: list[tuple[object, ...]], staged: Sequence[str]
) -> tuple[str, str] | None:
    """The first currency and day of a staged amount that no rate of the ten days before covers."""
    parts = [
        f"select currency_key, cast({day} as date) as day from stage.{table} where {day} is not null"
        for table, days in _DAYS.items()
        if table in staged
        for day in days
    ]
    if not parts:
        return None
    known = {"currency_key": pa.array([r[0] for r in rates], pa.string()), "day": pa.array([r[1] for r in rates])}
    connection.register("known_rates", pa.table(known).cast(pa.schema([("currency_key", "string"), ("day", "date32")])))
    try:
        row = connection.execute(
            f"select a.currency_key, a.day from (select distinct * from ({' union all '.join(parts)})) a"
            " asof left join known_rates r on r.currency_key = a.currency_key and r.day <= a.day"
            " where a.currency_key <> ? and (r.day is null or date_diff('day', r.day, a.day) > ?)"
            " order by all limit 1",
            [kept, STALE_AFTER_DAYS],
        ).fetchone()
    finally:
        connection.unregister("known_rates")
    return None if row is None else (str(row[0]), str(row[1]))


def _any(connection: duckdb.DuckDBPyConnection, statement: str) -> bool:
    return connection.execute(f"{statement} limit 1").fetchone() is not None
