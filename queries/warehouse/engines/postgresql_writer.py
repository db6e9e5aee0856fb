"""The PostgreSQL writer: merges in DuckDB, copies what changed, and makes it visible in one transaction."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from app.values.errors import NotFound, Refusal, TooBig
from queries.warehouse.engines import postgresql_store as store
from queries.warehouse.engines.duckdb_parts import WHOLE_TABLES
from queries.warehouse.engines.duckdb_writer import Terms
from queries.warehouse.engines.engine import Generation, Import, Progress, Published
from queries.warehouse.engines.postgresql_store import NEVER, NOW, ROWS, SETTING, Connection
from queries.warehouse.failpoints import failpoint
from queries.warehouse.lines import COLUMNS
from queries.warehouse.publish import TOTALS, Merge, Origin, Touched, merge, next_generation, published, unchanged
from queries.warehouse.rollups import Rollup, derived_rows, in_years, rollup_name, rollup_table
from queries.warehouse.schema import BASIS_DATES, sales_line, warehouse
from queries.warehouse.staged import alone, create_table, quoted, sql_type
from queries.warehouse.summing import code_tables, converted_lines, rollup_rows, wide_rates

_BLOCK = 1 << 20
_MUCH_NEW = 0.1
"""Lines more than this share of those known make the server's statistics worth renewing at once."""


class Writer:
    """One publication inside an open transaction that holds the writer's lock."""

    def __init__(self, connection: Connection, terms: Terms, progress: Progress) -> None:
        self._connection = connection
        self._terms = terms
        self._progress = progress

    def publish(self, asked: Import) -> Published:
        """Merge and write; the caller commits."""
        former, number = self._begin()
        basis = None if asked.mode == "replace" else former
        company = asked.company_currency or (basis.company_currency if basis else self._terms.company_currency)
        origin = self._origin(asked.source, number, company)
        stale = basis is not None and not self._is_built_alike(basis, origin)
        with self._workshop(basis) as (workshop, folder):
            bring = partial(self._bring, workshop, folder, basis.number if basis else 0)
            found = merge(workshop, asked.staging, origin, empty=basis is None, progress=self._progress, bring=bring)
            if basis is not None and found.is_nothing and not stale:
                return published(basis.number, found)
            self._write(workshop, folder, number, origin, found, basis=basis, stale=stale)
            totals = self._totals(workshop, basis)
        self._record(asked, origin, found, former, basis, totals)
        return published(number, found)

    def compact(self) -> Generation:
        """Build the rollups anew as the next generation; rows need no folding here. Raises NotFound."""
        former, number = self._begin()
        if former is None:
            raise NotFound("The warehouse is empty.")
        asked = Import(Path(), "compacted", former.source, "upsert", None, former.is_demo, None)
        origin = self._origin(former.source, number, former.company_currency)
        with self._workshop(former) as (workshop, folder):
            found = unchanged(workshop, origin, partial(self._bring, workshop, folder, former.number))
            self._write(workshop, folder, number, origin, found, basis=former, stale=True)
            totals = self._totals(workshop, former)
        return self._record(asked, origin, found, former, former, totals)

    def _begin(self) -> tuple[Generation | None, int]:
        store.prepare(self._connection, self._terms.rollups)
        former = store.current(self._connection)
        if former is not None:
            store.forget_after(self._connection, former.number, self._terms.rollups)
            self._show(former.number)
        return former, store.last_number(self._connection) + 1

    def _origin(self, source: str, number: int, company: str) -> Origin:
        reporting = tuple(dict.fromkeys((company, *self._terms.reporting)))
        return Origin(source, number, company, reporting, self._terms.calendar)

    def _is_built_alike(self, basis: Generation, origin: Origin) -> bool:
        return (
            store.holds_rollups(self._connection, self._terms.rollups)
            and basis.reporting == origin.reporting
            and basis.company_currency == origin.company_currency
        )

    def _show(self, number: int) -> None:
        shown = (SETTING, str(number), store.CONTACTS, store.SHOWN)
        self._connection.execute("select set_config(%s, %s, true), set_config(%s, %s, true)", shown)
        self._connection.execute(f"set local search_path = {NOW}")

    @contextlib.contextmanager
    def _workshop(self, basis: Generation | None) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
        """A DuckDB in memory with the former generation but its lines as schema `was`, and a folder to copy through."""
        self._terms.temporary.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._terms.temporary))
        workshop = duckdb.connect(
            ":memory:", config={"threads": self._terms.threads, "temp_directory": str(folder / "spill")}
        )
        try:
            workshop.execute("create schema was")
            for name in WHOLE_TABLES:
                workshop.execute(create_table(warehouse.tables[name], f"was.{name}"))
            lines = create_table(sales_line, "was.sales_line_at")[:-1] + ", part_no integer, row_no bigint)"
            workshop.execute(lines)
            workshop.execute(f"create view was.sales_line as select {', '.join(COLUMNS)} from was.sales_line_at")
            if basis is not None:
                for name in WHOLE_TABLES:
                    self._fetch(workshop, folder, f"select * from {NOW}.{name}", f"was.{name}")
                self._connection.execute("create temporary table brought (row_id bigint primary key) on commit drop")
                self._bring_edges(workshop, folder, basis.number)
            yield workshop, folder
        except duckdb.Error as error:
            text = str(error).splitlines()[0]
            if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in text:
                raise TooBig("There is not enough room for this load; nothing was changed.") from error
            raise Refusal("The load failed and nothing was changed: {text}", text=text) from error
        finally:
            workshop.close()
            shutil.rmtree(folder, ignore_errors=True)

    def _bring(
        self,
        workshop: duckdb.DuckDBPyConnection,
        folder: Path,
        number: int,
        column: str,
        values: str,
        *,
        only: str = "true",
    ) -> None:
        """Copy those lines of a generation into `was.sales_line_at` that are not there yet."""
        run = self._connection.execute
        kind = sql_type(sales_line.c[column].type)
        run(f"create temporary table wanted (value {kind}) on commit drop")
        self._send(workshop, folder, f"select distinct * from ({values}) v(value)", "pg_temp.wanted")
        run("analyze pg_temp.wanted")
        self._bring_where(workshop, folder, number, f"{column} in (select value from pg_temp.wanted) and {only}")
        run("drop table pg_temp.wanted")

    def _bring_edges(self, workshop: duckdb.DuckDBPyConnection, folder: Path, number: int) -> None:
        """Copy the first and the last line by each date: the calendar spans them."""
        alive = f"born <= {number} and died > {number}"
        edges = " union all ".join(
            f"(select row_id from {ROWS}.sales_line where {alive} and {day} is not null order by {day} {way} limit 1)"
            for day in BASIS_DATES.values()
            for way in ("asc", "desc")
        )
        self._bring_where(workshop, folder, number, f"row_id in ({edges})")

    def _bring_where(self, workshop: duckdb.DuckDBPyConnection, folder: Path, number: int, condition: str) -> None:
        found = (
            f"select {', '.join(COLUMNS)}, 0 as part_no, row_id from {ROWS}.sales_line l"
            f" where {condition} and born <= {number} and died > {number}"
            " and not exists (select from pg_temp.brought b where b.row_id = l.row_id)"
        )
        noted = "insert into pg_temp.brought select row_id from found"
        copied = f"with found as materialized ({found}), noted as ({noted}) select * from found"
        self._fetch(workshop, folder, copied, "was.sales_line_at")

    def _fetch(self, workshop: duckdb.DuckDBPyConnection, folder: Path, query: str, into: str) -> None:
        path = folder / "fetched.csv"
        copying = f"copy ({query}) to stdout (format csv)"
        with self._connection.cursor() as cursor, open(path, "wb") as stream, cursor.copy(copying) as copy:
            for block in copy:
                stream.write(block)
        described = workshop.execute(f"describe {into}").fetchall()
        types = ", ".join(f"'{row[0]}': '{row[1]}'" for row in described)
        if path.stat().st_size:
            workshop.execute(
                f"insert into {into} select * from read_csv('{quoted(alone(path))}', header = false,"
                f" columns = {{{types}}},"
                " allow_quoted_nulls = false, quote = '\"', escape = '\"', auto_detect = false, parallel = false)"
            )
        path.unlink()

    def _send(self, workshop: duckdb.DuckDBPyConnection, folder: Path, query: str, into: str) -> None:
        path = folder / "sent.csv"
        workshop.execute(f"copy ({query}) to '{quoted(str(path))}' (format csv, header false)")
        copying = f"copy {into} from stdin (format csv)"
        with self._connection.cursor() as cursor, open(path, "rb") as stream, cursor.copy(copying) as copy:
            while block := stream.read(_BLOCK):
                copy.write(block)
        path.unlink()

    def _write(
        self,
        workshop: duckdb.DuckDBPyConnection,
        folder: Path,
        number: int,
        origin: Origin,
        found: Merge,
        *,
        basis: Generation | None,
        stale: bool,
    ) -> None:
        replaces, known = basis is None, basis.lines if basis else 0
        run = self._connection.execute
        die = f"set died = {number} where died = {NEVER}"
        for name in WHOLE_TABLES:
            if not replaces and name not in found.differing:
                continue
            run(f"update {ROWS}.{name} {die}")
            columns = ", ".join(f'"{column.name}"' for column in warehouse.tables[name].columns)
            into = f"{ROWS}.{name} ({columns}, born, died)"
            self._send(workshop, folder, f"select {columns}, {number}, {NEVER} from now.{name}", into)
            # Without statistics the planner walks through rates and members once for every line.
            run(f"analyze {ROWS}.{name}")
        failpoint("members-written")
        self._progress("Lines", 0.2)
        names = ", ".join(COLUMNS)
        if replaces:
            run(f"update {ROWS}.sales_line {die}")
        else:
            run("create temporary table superseded (row_id bigint) on commit drop")
            self._send(workshop, folder, "select row_no from now.superseded", "pg_temp.superseded")
            run(
                f"update {ROWS}.sales_line l set died = {number} from pg_temp.superseded s"
                f" where s.row_id = l.row_id and died = {NEVER}"
            )
        into = f"{ROWS}.sales_line ({names}, born, died)"
        self._send(workshop, folder, f"select {names}, {number}, {NEVER} from now.line", into)
        failpoint("lines-written")
        self._show(number)
        if replaces or found.lines.new > _MUCH_NEW * known:
            run(f"analyze {ROWS}.sales_line")
        self._build_rollups(number, origin, found, whole=replaces or stale or found.touched.whole)
        failpoint("rollups-written")

    def _build_rollups(self, number: int, origin: Origin, found: Merge, *, whole: bool) -> None:
        run = self._connection.execute
        if not self._terms.rollups:
            store.remember_rollups(self._connection, ())
            return
        of_lines = [rollup for rollup in self._terms.rollups if rollup.of is None]
        for statement in code_tables(of_lines, NOW, "pg_temp"):
            run(statement)
        run(wide_rates(f"{NOW}.rate", origin.reporting, "pg_temp"))
        conditions = {
            basis: "true" if whole else found.touched.condition(basis, f"f.{day}") for basis, day in BASIS_DATES.items()
        }
        lines = converted_lines(
            of_lines,
            origin.reporting,
            lines=f"{NOW}.sales_line",
            codes="pg_temp",
            amounts="decimal(38, 12)",
            where=f"({' or '.join(conditions.values())})",
        )
        run(f"create temporary table converted on commit drop as {lines}")
        for basis, condition in conditions.items():
            if not whole and not found.touched.months[basis]:
                continue
            for rollup in self._terms.rollups:
                self._progress("Rollups", 0.6)
                name = rollup_name(rollup, basis)
                touched = "true" if whole else _touched(found.touched, rollup, basis, rollup.grain)
                run(f"update {ROWS}.{name} set died = {number} where died = {NEVER} and {touched}")
                if rollup.of is None:
                    rows = rollup_rows(
                        rollup, basis, origin.reporting, converted="pg_temp.converted", codes="pg_temp", where=condition
                    )
                else:
                    finer = f"{NOW}.{rollup_name(rollup.of, basis)}"
                    within = "true" if whole else _touched(found.touched, rollup, basis, rollup.of.grain)
                    rows = derived_rows(rollup, finer, within)
                columns = ", ".join(f'"{column.name}"' for column in rollup_table(rollup, basis).columns)
                run(
                    f"insert into {ROWS}.{name} ({columns}, born, died)"
                    f" select {columns}, {number}, {NEVER} from ({rows}) r"
                )
        store.remember_rollups(self._connection, self._terms.rollups)

    def _totals(self, workshop: duckdb.DuckDBPyConnection, basis: Generation | None) -> list[tuple[Any, ...]]:
        """TOTALS as they stand: what changed set off against the former ones where no line left its day or currency."""
        moved = (
            "select exists (select 1 from now.former f join now.line l on l.line_key = f.line_key"
            " where l.currency_key <> f.currency_key or l.order_date <> f.order_date)"
        )
        if basis is None or workshop.execute(moved).fetchone() != (False,):
            return self._connection.execute(f"{TOTALS} from {NOW}.sales_line group by 1 order by 1").fetchall()
        changes = workshop.execute(
            "select currency_key, sum(net), min(order_date), max(order_date), sum(sign) from"
            " (select currency_key, net, order_date, 1 as sign from now.line"
            "  union all select currency_key, -net, order_date, -1 from now.former"
            "  union all select currency_key, -net, order_date, -1 from now.flipped) group by 1"
        ).fetchall()
        sums = dict(basis.control_totals)
        for currency, net, *_ in changes:
            sums[currency] = sums.get(currency, Decimal(0)) + net
        first = min((day for day in (basis.first_day, *(row[2] for row in changes)) if day), default=None)
        last = max((day for day in (basis.last_day, *(row[3] for row in changes)) if day), default=None)
        lines = basis.lines + sum(row[4] for row in changes)
        # Days and lines are wanted for all currencies together.
        counts = [lines, *([0] * len(sums))]
        return [
            (currency, sums[currency], first, last, count)
            for currency, count in zip(sorted(sums), counts, strict=False)
        ]

    def _record(
        self,
        asked: Import,
        origin: Origin,
        found: Merge,
        former: Generation | None,
        basis: Generation | None,
        totals: list[tuple[Any, ...]],
    ) -> Generation:
        generation = next_generation(asked, origin, found, former, basis, totals)
        store.record(self._connection, generation, asked.load)
        store.bury(self._connection, self._terms.rollups)
        failpoint("before-commit")
        return generation


def _touched(touched: Touched, rollup: Rollup, basis: str, column: str) -> str:
    """SQL that holds for the days of a rollup's periods with a touched month."""
    if rollup.grain == "year":
        return in_years(touched.months[basis], column)
    return touched.condition(basis, column)
