"""The DuckDB engine: generations made of immutable files, read through in-memory databases that attach them."""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb_sqlalchemy import Dialect
from sqlalchemy import BinaryExpression, Select
from sqlalchemy import engine as sqlalchemy_engine

from app.values.calendar import Calendar
from app.values.errors import Conflict, NotFound, TooBig
from app.values.scope import Scope
from queries.warehouse.engines.alarms import Alarms
from queries.warehouse.engines.duckdb_parts import attach_parts, create_rollup_views, create_views
from queries.warehouse.engines.duckdb_writer import Terms, Writer
from queries.warehouse.engines.engine import (
    EVERY_MASK,
    TIMEOUT_S,
    Engine,
    Generation,
    Import,
    Progress,
    Published,
    Workbench,
)
from queries.warehouse.engines.generations import Manifest, Shelf
from queries.warehouse.engines.statement import Statements, agreed_columns, agreed_types
from queries.warehouse.rollups import Rollup

_Compiler: Any = Dialect.statement_compiler


class _WideCompiler(_Compiler):
    """Multiplies decimals in 38 digits, not in 18: ten times slower, and needed once a product reaches a million."""

    def visit_mul_binary(self, binary: BinaryExpression[Any], _operator: Any, **options: Any) -> str:
        """`net * rate` → `CAST(net AS DECIMAL(38, 4)) * rate`."""
        left, right = self.process(binary.left, **options), self.process(binary.right, **options)
        scale = getattr(binary.left.type, "scale", None)
        return f"{left} * {right}" if scale is None else f"CAST({left} AS DECIMAL(38, {scale})) * {right}"


class _WideDialect(Dialect):
    statement_compiler = _WideCompiler
    supports_statement_cache = True


class DuckDBSnapshot:
    """One generation, open for reading; any number of threads may fetch from it."""

    def __init__(self, manifest: Manifest, folder: Path, statements: Statements, alarms: Alarms, terms: Terms) -> None:
        self.manifest = manifest
        self.readers = 0
        self._alarms = alarms
        self._query_s = terms.query_s
        self._statements = self._plain = statements
        self._connection = duckdb.connect(
            ":memory:",
            config={"threads": terms.threads, "default_null_order": "nulls_last_on_asc_first_on_desc"},
        )
        databases = attach_parts(self._connection, manifest.parts, folder)
        create_views(self._connection, manifest.parts, databases, "main")
        create_rollup_views(
            self._connection,
            manifest.parts,
            databases,
            terms.rollups,
            frozenset(manifest.rollups),
            manifest.generation.reporting,
        )
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")

    @property
    def generation(self) -> Generation:
        """What this snapshot is of."""
        return self.manifest.generation

    def fetch(
        self,
        statement: Select[Any],
        scope: Scope,  # noqa: ARG002 - an engine that guards rows needs it
        timeout_s: float | None = None,
        *,
        masks: frozenset[str] = EVERY_MASK,  # noqa: ARG002
    ) -> list[tuple[Any, ...]]:
        """All rows of a select, which keeps to scope and masks itself: DuckDB can only refuse to write or to reach out.

        Raises TooBig when the engine had to be stopped after `timeout_s` seconds, by default the warehouse's patience.
        """
        return agreed_types(statement, self._taken(statement, timeout_s, duckdb.DuckDBPyConnection.fetchall))

    def columns(
        self,
        statement: Select[Any],
        scope: Scope,  # noqa: ARG002
        *,
        masks: frozenset[str] = EVERY_MASK,  # noqa: ARG002
    ) -> pa.Table:
        """What `fetch` answers, as columns. Raises as it does."""
        return agreed_columns(statement, self._taken(statement, None, duckdb.DuckDBPyConnection.to_arrow_table))

    def _taken(
        self, statement: Select[Any], timeout_s: float | None, take: Callable[[duckdb.DuckDBPyConnection], Any]
    ) -> Any:
        try:
            return self._run(*self._statements.prepare(statement), timeout_s, take)
        except duckdb.OutOfRangeException:
            if isinstance(self._statements.dialect, _WideDialect):
                raise
            # This generation has an amount of a million or more: from here on its products get the room they need.
            self._statements = Statements(_WideDialect(paramstyle="qmark"))
            return self._taken(statement, timeout_s, take)

    def _run(
        self, text: str, values: Any, timeout_s: float | None, take: Callable[[duckdb.DuckDBPyConnection], Any]
    ) -> Any:
        timeout_s = self._query_s if timeout_s is None else timeout_s
        with self._connection.cursor() as cursor:
            try:
                with self._alarms.after(timeout_s, cursor.interrupt):
                    return take(cursor.execute(text, values))
            except duckdb.InterruptException as error:
                raise TooBig(
                    "This question took longer than {timeout_s:g} seconds and was stopped.", timeout_s=timeout_s
                ) from error
            except duckdb.OutOfMemoryException as error:
                raise TooBig("This question needs more memory than the warehouse may use.") from error

    def sql(self, statement: Select[Any]) -> str:
        """The statement with its values written out, whatever room its products turned out to need."""
        return self._plain.literal(statement)

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()


@dataclass(eq=False)
class DuckDBEngine(Engine):
    """A warehouse in a folder. Any number of processes read; one at a time writes."""

    folder: Path
    rollups: tuple[Rollup, ...]
    calendar: Calendar
    company_currency: str
    reporting: tuple[str, ...]
    threads: int
    memory_limit: str | None = None
    temp_directory: Path | None = None
    query_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        # DuckDB imports it on the first statement; half imported by one thread, it breaks what others write as JSON.
        importlib.import_module("pandas")
        self._shelf = Shelf(self.folder)
        self._statements = Statements(Dialect(paramstyle="qmark"))
        self._alarms = Alarms()
        self._lock = threading.Lock()
        self._open: DuckDBSnapshot | None = None
        self._seen: tuple[int, int] | None = None

    @property
    def dialect(self) -> sqlalchemy_engine.Dialect:
        """DuckDB's dialect."""
        return self._statements.dialect

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[DuckDBSnapshot]:
        """The current generation. Raises NotFound before the first publication."""
        held = self._hold()
        try:
            yield held
        finally:
            self._release(held)

    def _hold(self) -> DuckDBSnapshot:
        with self._lock:
            try:
                stat = os.stat(self._shelf.pointer)
            except FileNotFoundError:
                raise NotFound("The warehouse is empty: build the demo or import your data first.") from None
            seen = (stat.st_ino, stat.st_mtime_ns)
            if self._open is None or seen != self._seen:
                former, self._open = self._open, self._opened()
                self._seen = seen
                if former is not None and former.readers == 0:
                    former.close()
            self._open.readers += 1
            return self._open

    def _opened(self) -> DuckDBSnapshot:
        # A writer may drop a generation between our reading its name and opening its files: then look again.
        for _ in range(5):
            manifest = self._shelf.current()
            if manifest is None:
                break
            try:
                return DuckDBSnapshot(manifest, self.folder, self._statements, self._alarms, self._terms())
            except duckdb.IOException:
                continue
        raise Conflict("The warehouse is being changed; try again.")

    def _release(self, held: DuckDBSnapshot) -> None:
        with self._lock:
            held.readers -= 1
            if held.readers == 0 and held is not self._open:
                held.close()

    def _terms(self) -> Terms:
        return Terms(
            self.rollups,
            self.calendar,
            self.company_currency,
            self.reporting,
            self.threads,
            self.memory_limit,
            self.temp_directory or self.folder / "temporary",
            self.query_s,
        )

    def workbench(self) -> Workbench | None:
        """This engine publishes what stands in memory without writing it twice."""
        return Workbench(self.threads, self.memory_limit, self.folder.absolute())

    def bring_in(self, asked: Import, tell: Progress) -> Published:
        """Build the next generation's file and move the pointer to it."""
        with self._shelf.writer():
            return Writer(self._shelf, self._terms(), tell).publish(asked)

    def versions(self) -> Sequence[Generation]:
        """The generations still kept, newest first."""
        return [manifest.generation for manifest in self._shelf.kept()]

    def loads(self) -> Sequence[Mapping[str, Any]]:
        """The summaries handed to `publish(load=…)`, newest first."""
        return [manifest.load for manifest in self._shelf.kept() if manifest.load]

    def rollback(self, number: int | None = None) -> Generation:
        """Make a kept generation current again: the given one or the newest before the current."""
        with self._shelf.writer():
            current = self._shelf.current()
            if current is None:
                raise NotFound("The warehouse is empty.")
            if number is None:
                older = [m for m in self._shelf.kept() if m.generation.number < current.generation.number]
                if not older:
                    raise NotFound("There is no earlier generation to go back to.")
                number = older[0].generation.number
            chosen = self._shelf.read(number)
            self._shelf.point(number, self._shelf.last_number())
            return chosen.generation

    def compact(self) -> Generation:
        """Fold all additions into one base; figures do not change."""
        with self._shelf.writer():
            return Writer(self._shelf, self._terms(), lambda _what, _done: None).compact()

    def weakness(self) -> str | None:
        """None: handles are read-only, access to anything outside is off and the configuration locked."""
        return None

    def close(self) -> None:
        """Close the open generation once its readers are done."""
        with self._lock:
            former, self._open, self._seen = self._open, None, None
            if former is not None and former.readers == 0:
                former.close()
