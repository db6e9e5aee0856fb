"""The DuckDB writer: builds the next generation's file beside the others and moves the pointer to it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from app.values.calendar import Calendar
from app.values.errors import NotFound, Refusal, TooBig
from queries.warehouse.engines.duckdb_derived import build_derived
from queries.warehouse.engines.duckdb_parts import WHOLE_TABLES, attach_parts, create_stored, create_views, stored
from queries.warehouse.engines.duckdb_rollups import build_rollups
from queries.warehouse.engines.engine import TIMEOUT_S, Generation, Import, Progress, Published, Staging
from queries.warehouse.engines.generations import Manifest, Part, Shelf
from queries.warehouse.failpoints import failpoint
from queries.warehouse.lines import COLUMNS
from queries.warehouse.publish import TOTALS, Merge, Origin, Touched, merge, next_generation, published, unchanged
from queries.warehouse.rollups import Rollup
from queries.warehouse.schema import sales_line, warehouse
from queries.warehouse.staged import create_table, lies_in_order, quoted

MOST_ADDITIONS = 8
"""Where there are so many, the next one takes the last of them in: those that are not much larger than what follows."""

MUCH_LARGER = 4
MOST_ADDED_SHARE = 0.2
MOST_QUICKLY_ADDED_SHARE = 2.0
"""An import that would exceed it (a quick one: the second) writes a new base instead of another addition."""


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
    query_s: float = TIMEOUT_S


class Writer:
    """One publication; the caller holds the writer's lock."""

    def __init__(self, shelf: Shelf, terms: Terms, progress: Progress) -> None:
        self._shelf = shelf
        self._terms = terms
        self._progress = progress

    def publish(self, asked: Import) -> Published:
        """Merge, build the file, move the pointer."""
        self._shelf.sweep()
        former = self._shelf.current()
        basis = None if asked.mode == "replace" else former
        number = self._shelf.last_number() + 1
        origin = self._origin(asked, basis, number)
        with self._connection(basis, asked.staging) as connection:
            found = merge(connection, asked.staging, origin, empty=basis is None, progress=self._progress)
            stale = basis is not None and not self._is_built_alike(basis, origin)
            if basis is not None and found.is_nothing and not stale:
                return published(basis.generation.number, found)
            parts = self._write(connection, number, origin, found, basis, stale=stale, quick=asked.quick)
            self._progress("Publishing", 0.97)
            totals = _totals(connection, parts, self._shelf.folder)
            was = former.generation if former else None
            built_on = basis.generation if basis else None
            generation = next_generation(asked, origin, found, was, built_on, totals)
            self._shelf.publish(Manifest(generation, parts, self._rollups(), _hash_probe(), asked.load))
        self._shelf.sweep()
        failpoint("swept")
        self._progress("Done", 1.0)
        return published(number, found)

    def compact(self) -> Generation:
        """One base of the current generation's parts; nothing else changes. Raises NotFound."""
        self._shelf.sweep()
        former = self._shelf.current()
        if former is None:
            raise NotFound("The warehouse is empty.")
        number = self._shelf.last_number() + 1
        was = former.generation
        origin = Origin(was.source, number, was.company_currency, self._reporting(was), self._terms.calendar)
        asked = Import(Path(), "compacted", was.source, "upsert", None, was.is_demo, None)
        with self._connection(former, asked.staging) as connection:
            found = unchanged(connection, origin)
            parts = self._write(connection, number, origin, found, former, stale=True)
            totals = _totals(connection, parts, self._shelf.folder)
            generation = next_generation(asked, origin, found, was, was, totals)
            self._shelf.publish(Manifest(generation, parts, self._rollups(), _hash_probe(), None))
        self._shelf.sweep()
        return generation

    def _origin(self, asked: Import, basis: Manifest | None, number: int) -> Origin:
        company = asked.company_currency or (
            basis.generation.company_currency if basis else self._terms.company_currency
        )
        reporting = tuple(dict.fromkeys((company, *self._terms.reporting)))
        return Origin(asked.source, number, company, reporting, self._terms.calendar)

    def _reporting(self, was: Generation) -> tuple[str, ...]:
        return tuple(dict.fromkeys((was.company_currency, *self._terms.reporting)))

    def _rollups(self) -> tuple[str, ...]:
        return tuple(repr(rollup) for rollup in self._terms.rollups)

    def _is_built_alike(self, basis: Manifest, origin: Origin) -> bool:
        """Whether the former generation's files can be added to, or everything must be built anew."""
        was = basis.generation
        return (basis.rollups, basis.hash_probe, was.reporting, was.company_currency) == (
            self._rollups(),
            _hash_probe(),
            origin.reporting,
            origin.company_currency,
        )

    @contextlib.contextmanager
    def _connection(self, former: Manifest | None, staging: Staging) -> Iterator[duckdb.DuckDBPyConnection]:
        """A working database in memory, spilling to disk, with the former generation as schema `was`."""
        connection, temporary = self._working(staging), self._terms.temporary
        try:
            connection.execute("create schema was")
            if former is None:
                for table in (*WHOLE_TABLES, "sales_line"):
                    connection.execute(create_table(warehouse.tables[table], f"was.{table}"))
            else:
                databases = attach_parts(connection, former.parts, self._shelf.folder)
                rehash = former.hash_probe != _hash_probe()
                create_views(connection, former.parts, databases, "was", located=True, rehash=rehash)
            yield connection
        except (duckdb.Error, OSError) as error:
            raise refusal_of(error) from error
        finally:
            connection.close()
            shutil.rmtree(temporary, ignore_errors=True)

    def _working(self, staging: Staging) -> duckdb.DuckDBPyConnection:
        """A database of its own, or the one that holds the staged rows: text is then written once, into the fact."""
        if not isinstance(staging, Path):
            return staging.cursor()
        self._terms.temporary.mkdir(parents=True, exist_ok=True)
        config: dict[str, Any] = {"threads": self._terms.threads, "temp_directory": str(self._terms.temporary)}
        if self._terms.memory_limit:
            config["memory_limit"] = self._terms.memory_limit
        return duckdb.connect(":memory:", config=config)

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        number: int,
        origin: Origin,
        found: Merge,
        basis: Manifest | None,
        *,
        stale: bool,
        quick: bool = False,
    ) -> tuple[Part, ...]:
        """Write the next file and return the parts of the next generation."""
        added = found.lines.new + found.lines.changed + found.lines.moved
        adds = basis is not None and not stale and _may_add(basis.parts, added, quick=quick)
        former = basis.parts[: _kept_apart(basis.parts, added)] if basis and adds else ()
        taken_in = basis.parts[len(former) :] if basis and adds else ()
        name = f"{'delta' if adds else 'base'}-{number}.duckdb"
        path = (self._shelf.folder / name).absolute()
        # The newest storage format is written in two thirds of the time of the default one. A log would let a killed
        # writer go on, which none does: the file counts once all of it stands.
        connection.execute(
            f"attach '{quoted(str(path))}' as next (storage_version 'latest', recovery_mode 'no_wal_writes')"
        )
        failpoint("file-created")
        changed = found.differing.union(*(part.tables for part in taken_in))
        tables = tuple(table for table in WHOLE_TABLES if not adds or table in changed)
        for table in tables:
            connection.execute(f"create table next.{table} as select * from now.{table}")
        failpoint("members-written")
        self._progress("Lines", 0.2)
        low, high, gone = self._write_lines(connection, basis, former, taken_in, adds=adds)
        failpoint("lines-written")
        touched = _with_months_of(found.touched, taken_in) if adds else replace(found.touched, whole=True)
        months = touched.as_text() if adds else {}
        part = Part(name, tables, _count(connection, "next.sales_line"), gone, low, high, months)
        parts = (*former, part)
        databases = [f"part_{index}" for index in range(len(former))] + ["next"]
        connection.execute("create schema fresh")
        create_views(connection, parts, databases, "fresh")
        build_rollups(connection, self._terms.rollups, origin.reporting, touched, self._progress)
        build_derived(connection, self._terms.rollups, parts, databases, touched)
        failpoint("rollups-written")
        connection.execute("drop schema fresh cascade")
        connection.execute("checkpoint next")  # detaching would do it too, but not say when it fails
        connection.execute("detach next")
        failpoint("file-closed")
        _sync(path)
        self._shelf.sync()
        failpoint("file-synced")
        return parts

    def _write_lines(
        self,
        connection: duckdb.DuckDBPyConnection,
        basis: Manifest | None,
        former: tuple[Part, ...],
        taken_in: tuple[Part, ...],
        *,
        adds: bool,
    ) -> tuple[Any, Any, int]:
        """Write `next.sales_line` nearly in order of days; returns between which days how many former lines go."""
        names = ", ".join(COLUMNS)
        connection.execute(create_stored(sales_line, "next.sales_line"))
        lines = f"select {names} from now.line"
        if basis is not None and (taken_in or not adds):
            lines += (
                f" union all select {names} from was.sales_line_at w where w.part_no >= {len(former)} and not exists"
                " (select 1 from now.superseded s where s.part_no = w.part_no and s.row_no = w.row_no)"
            )
        # Sorting costs as much as writing: lines that come in order are not sorted again.
        order = "" if basis is None and lies_in_order(connection) else " order by order_date"
        written = ", ".join(stored(name) for name in COLUMNS)
        connection.execute(f"insert into next.sales_line select {written} from ({lines}){order}")
        if not adds:
            return None, None, 0
        gone = ["select part_no, row_no from now.superseded"]
        gone += [f"select part_no, row_no from part_{len(former) + at}.superseded" for at in range(len(taken_in))]
        connection.execute(
            f"create table next.superseded as select * from ({' union all '.join(gone)}) where part_no < {len(former)}"
        )
        row = connection.execute(
            "select min(order_date), max(order_date), (select count(*) from next.superseded) from"
            " (select order_date from now.former union all select order_date from now.flipped)"
        ).fetchone()
        assert row is not None
        low = [day for day in (row[0], *(part.replaced_from for part in taken_in)) if day]
        high = [day for day in (row[1], *(part.replaced_to for part in taken_in)) if day]
        return min(low, default=None), max(high, default=None), row[2]


def _may_add(parts: tuple[Part, ...], added: int, *, quick: bool) -> bool:
    base, additions = parts[0], parts[1:]
    most = MOST_QUICKLY_ADDED_SHARE if quick else MOST_ADDED_SHARE
    return sum(part.lines for part in additions) + added <= most * base.lines


def _kept_apart(parts: tuple[Part, ...], added: int) -> int:
    """How many of the parts stay as they are: all, or where there are too many, those before a few small ones.

    A line is written again each time that as many came after it: some ten times until it is in the base.
    """
    kept = len(parts)
    if kept <= MOST_ADDITIONS:
        return kept
    held = added
    while kept > 1 and (kept == len(parts) or parts[kept - 1].lines <= MUCH_LARGER * held):
        kept -= 1
        held += parts[kept].lines
    return kept


def _with_months_of(touched: Touched, parts: tuple[Part, ...]) -> Touched:
    """The months whose sums an addition holds that takes others in."""
    months = {
        basis: own.union(*(map(date.fromisoformat, part.rollup_months.get(basis, ())) for part in parts))
        for basis, own in touched.months.items()
    }
    return replace(touched, months=months)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _totals(connection: duckdb.DuckDBPyConnection, parts: tuple[Part, ...], folder: Path) -> list[tuple[Any, ...]]:
    """Per currency Σ net, first and last day and lines, read back from what was written."""
    databases = [f"part_{index}" for index in range(len(parts) - 1)] + ["written"]
    connection.execute(f"attach '{quoted(str((folder / parts[-1].file).absolute()))}' as written (read_only)")
    connection.execute("create schema fresh")
    create_views(connection, parts, databases, "fresh")
    return connection.execute(f"{TOTALS} from fresh.sales_line group by 1 order by 1").fetchall()


@cache
def _hash_probe() -> str:
    """Differs between releases of DuckDB whose hash functions differ: document ids are hashes."""
    with duckdb.connect(":memory:") as connection:
        return str(connection.execute("select hash('salient')").fetchone())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refusal_of(error: duckdb.Error | OSError) -> Refusal:
    """Why a load failed: TooBig where memory or the disk is full."""
    text = str(error).splitlines()[0]
    full = "No space left" in text or "ENOSPC" in text or "not enough" in text.lower()
    if isinstance(error, duckdb.OutOfMemoryException) or full:
        return TooBig("There is not enough room on the disk or in memory for this load; nothing was changed.")
    return Refusal("The load failed and nothing was changed: {text}", text=text)
