"""Warehouse engines: one schema, several databases, opened by URL."""

from __future__ import annotations

import os
from pathlib import Path

from app.values.calendar import Calendar
from app.values.errors import Invalid
from queries.warehouse.engines.engine import TIMEOUT_S, Engine
from queries.warehouse.rollups import Rollup


def open_engine(
    url: str,
    home: Path,
    rollups: tuple[Rollup, ...],
    calendar: Calendar,
    company_currency: str = "EUR",
    reporting: tuple[str, ...] = (),
    *,
    threads: int = 0,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
    query_s: float = TIMEOUT_S,
) -> Engine:
    """The engine that a warehouse URL names; `duckdb` (the default) keeps its files in `<home>/warehouse/`.

    `reporting` are the currencies that figures can be asked in, besides the company's; of 0 `threads` there is one
    for each core; a question is stopped after `query_s` seconds. Raises Invalid.
    """
    threads = threads or os.cpu_count() or 2
    scheme = url.partition(":")[0]
    if url == "" or scheme == "duckdb":
        from queries.warehouse.engines.duckdb import DuckDBEngine

        _, _, path = url.partition("///")
        folder = Path(path) if path else home / "warehouse"
        return DuckDBEngine(
            folder,
            rollups,
            calendar,
            company_currency,
            reporting,
            threads=threads,
            memory_limit=memory_limit,
            temp_directory=temp_directory,
            query_s=query_s,
        )
    if scheme.partition("+")[0] in ("postgresql", "postgres"):
        from queries.warehouse.engines.duckdb_writer import Terms
        from queries.warehouse.engines.postgresql import PostgreSQLEngine

        temporary = temp_directory or home / "warehouse" / "temporary"
        terms = Terms(rollups, calendar, company_currency, reporting, threads, memory_limit, temporary, query_s)
        return PostgreSQLEngine("postgresql:" + url.partition(":")[2], terms)
    raise Invalid("SALIENT_WAREHOUSE_URL must begin with duckdb: or postgresql:.")
