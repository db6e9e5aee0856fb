"""The DuckDB writer: builds the next generation's file beside the others and moves the pointer to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from app.values.calendar import Calendar
from app.values.errors import NotFound, Refusal, TooBig
from queries.warehouse.engines.duckdb_parts import WHOLE_TABLES, create_views
from queries.warehouse.engines.engine import Generation, Mode, Progress, Published
from queries.warehouse.engines.generations import Manifest, Part, Shelf
from queries.warehouse.failpoints import failpoint
from queries.warehouse.lines import COLUMNS
from queries.warehouse.publish import Merge, Origin, merge
from queries.warehouse.rollups import Rollup, rollup_name
from queries.warehouse.schema import BASIS_DATES, sales_line, warehouse
from queries.warehouse.staged import create_table, quoted
from queries.warehouse.summing import code_tables, rollup_rows, wide_rates


@dataclass(frozen=True)
class Terms:
    """What a warehouse is built with."""

    rollups: tuple[Rollup, ...]
    calendar: Calendar
    company_currency: str
    reporting: tuple[str, ...]
    threads: int
    memory_limit: str | None
    temporary: Path


class Writer:
    """One publication; the caller holds the writer's lock."""

    def __init__(self, shelf: Shelf, terms: Terms, progress: Progress) -> None:
        self._shelf = shelf
        self._terms = terms
        self._progress = progress

    def publish(
        self,
        staging: Path,
        note: str,
        source: str,
        mode: Mode,
        load: Mapping[str, Any] | None,
        is_demo: bool,
        company_currency: str | None,
    ) -> Published:
        """See DuckDBEngine.publish."""
        self._shelf.sweep()
        former = self._shelf.current()
        basis = None if mode == "replace" else former
        company = company_currency or (basis.generation.company_currency if basis else self._terms.company_currency)
        number = self._shelf.last_number() + 1
        origin = Origin(source, number, company, self._reporting(company), self._terms.calendar)
        connection = self._connect()
        try:
            self._open_former(connection, basis)
            found = merge(connection, staging, origin, empty=basis is None, progress=self._progress)
            if basis is not None and found.is_nothing:
                return Published(
                    basis.generation.number, 0, 0, found.lines.unchanged, 0, (), found.control_totals
                )
            part = self._build(connection, number, origin, found, basis)
            self._progress("Publishing", 0.97)
            generation = self._generation(connection, number, origin, found, former, basis, note, is_demo)
        except duckdb.Error as error:
            raise _refusal(error) from error
        finally:
            connection.close()
            shutil.rmtree(self._terms.temporary, ignore_errors=True)
        self._shelf.publish(Manifest(generation, (part,), self._fingerprint(), load))
        self._shelf.sweep()
        failpoint("swept")
        self._progress("Done", 1.0)
        return Published(
            number,
            found.lines.new,
            found.lines.changed,
            found.lines.unchanged,
            found.plan_rows,
            tuple(sorted(found.touched["booked"])),
            found.control_totals,
        )

    def compact(self) -> Generation:
        """Build one base of the current generation's parts."""
        raise NotImplementedError

    def _reporting(self, company: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((company, *self._terms.reporting)))

    def _fingerprint(self) -> str:
        return repr(self._terms.rollups)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        self._terms.temporary.mkdir(parents=True, exist_ok=True)
        config: dict[str, Any] = {
            "threads": self._terms.threads,
            "temp_directory": str(self._terms.temporary),
        }
        if self._terms.memory_limit:
            config["memory_limit"] = self._terms.memory_limit
        return duckdb.connect(":memory:", config=config)

    def _open_former(self, connection: duckdb.DuckDBPyConnection, former: Manifest | None) -> None:
        connection.execute("create schema was")
        if former is not None:
            create_views(connection, former.parts, self._shelf.folder, (), "was", located=True)
            return
        for table in (*WHOLE_TABLES, "sales_line"):
            connection.execute(create_table(warehouse.tables[table], f"was.{table}"))

    def _build(
        self,
        connection: duckdb.DuckDBPyConnection,
        number: int,
        origin: Origin,
        found: Merge,
        former: Manifest | None,
    ) -> Part:
        name = f"base-{number}.duckdb"
        path = self._shelf.folder / name
        path.unlink(missing_ok=True)
        connection.execute(f"attach '{quoted(str(path))}' as next")
        failpoint("file-created")
        for table in WHOLE_TABLES:
            connection.execute(f"create table next.{table} as select * from now.{table}")
        connection.execute(create_table(sales_line, "next.sales_line"))
        names = ", ".join(COLUMNS)
        kept = (
            ""
            if former is None
            else f"select {names} from was.sales_line_at w where not exists (select 1 from now.superseded s"
            " where s.part_no = w.part_no and s.row_no = w.row_no) union all "
        )
        self._progress("Lines", 0.2)
        connection.execute(f"insert into next.sales_line select * from ({kept}select {names} from now.line) order by order_date")
        failpoint("lines-written")
        self._progress("Rollups", 0.6)
        self._build_rollups(connection, origin)
        failpoint("rollups-written")
        count = connection.execute("select count(*) from next.sales_line").fetchone()
        connection.execute("detach next")
        failpoint("file-closed")
        _sync(path)
        self._shelf.sync()
        failpoint("file-synced")
        assert count is not None
        return Part(name, WHOLE_TABLES, count[0], 0, None, None, {})

    def _build_rollups(self, connection: duckdb.DuckDBPyConnection, origin: Origin) -> None:
        row = connection.execute("select count(distinct currency_key), min(currency_key) from next.sales_line").fetchone()
        assert row is not None
        single = row[0] == 1 and origin.reporting == (row[1],)
        for statement in code_tables(self._terms.rollups, "now", "now"):
            connection.execute(statement)
        connection.execute(wide_rates("now.rate", origin.reporting, "now"))
        for rollup in self._terms.rollups:
            for basis in BASIS_DATES:
                rows = rollup_rows(
                    rollup, basis, origin.reporting, lines="next.sales_line", codes="now", single_currency=single
                )
                connection.execute(
                    f"create table next.{rollup_name(rollup, basis)} as select * from ({rows})"
                    f" order by reporting, {rollup.grain}"
                )
                self._progress(rollup_name(rollup, basis), 0.6)

    def _generation(
        self,
        connection: duckdb.DuckDBPyConnection,
        number: int,
        origin: Origin,
        found: Merge,
        former: Manifest | None,
        basis: Manifest | None,
        note: str,
        is_demo: bool,
    ) -> Generation:
        connection.execute(f"attach '{quoted(str(self._shelf.folder / f'base-{number}.duckdb'))}' as written (read_only)")
        row = connection.execute("select min(order_date), max(order_date), count(*) from written.sales_line").fetchone()
        totals = connection.execute(
            "select currency_key, sum(net) from written.sales_line group by 1 order by 1"
        ).fetchall()
        assert row is not None
        versions = dict(former.generation.month_versions) if former else {}
        if basis is None:
            versions = dict.fromkeys(versions, number)
        touched: dict[str, set[date]] = {"sales_line": set().union(*found.touched.values())}
        touched |= {name: set(months) for name, months in found.plan_months.items()}
        for fact, months in touched.items():
            versions.update({(fact, month.isoformat()): number for month in months})
        return Generation(
            number=number,
            created_at=datetime.now(UTC),
            as_of=row[1],
            note=note,
            source=origin.source,
            company_currency=origin.company_currency,
            currencies=tuple(code for code, _ in totals),
            reporting=origin.reporting,
            first_day=row[0],
            last_day=row[1],
            lines=row[2],
            dims_version=number if found.dims_changed or basis is None else basis.generation.dims_version,
            month_versions=versions,
            control_totals=dict(totals),
            is_demo=is_demo or bool(basis and basis.generation.is_demo),
        )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refusal(error: duckdb.Error) -> Refusal:
    text = str(error).splitlines()[0]
    if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in text or "ENOSPC" in text:
        return TooBig("There is not enough room on the disk or in memory for this load; nothing was changed.")
    return Refusal(f"The load failed and nothing was changed: {text}")
