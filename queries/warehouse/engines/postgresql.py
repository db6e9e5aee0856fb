"""The PostgreSQL engine: rows carry the generations they live in, so that any kept one can be read whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
import pyarrow as pa
from sqlalchemy import Select, create_engine
from sqlalchemy import engine as sqlalchemy_engine
from sqlalchemy.exc import OperationalError

from app.values.errors import Conflict, Invalid, NotFound, Refusal, TooBig
from app.values.scope import Scope
from queries.warehouse.engines import postgresql_fence as fence
from queries.warehouse.engines import postgresql_store as store
from queries.warehouse.engines.duckdb_writer import Terms
from queries.warehouse.engines.engine import (
    EVERY_MASK,
    Engine,
    Generation,
    Import,
    Progress,
    Published,
    Workbench,
)
from queries.warehouse.engines.postgresql_writer import Writer
from queries.warehouse.engines.statement import Statements, agreed_types, table_of
from queries.warehouse.failpoints import failpoint

_WRITER_LOCK = 7_253_684
_LOCK_WAIT_MS = 60_000


class PostgreSQLSnapshot:
    """One generation, by its number; any number of threads may fetch from it."""

    def __init__(self, generation: Generation, engine: PostgreSQLEngine, fenced: bool) -> None:
        self._generation = generation
        self._fenced = fenced
        self._engine = engine

    @property
    def generation(self) -> Generation:
        """What this snapshot is of."""
        return self._generation

    def fetch(
        self,
        statement: Select[Any],
        scope: Scope,
        timeout_s: float | None = None,
        *,
        masks: frozenset[str] = EVERY_MASK,
    ) -> list[tuple[Any, ...]]:
        """The rows of a select that lie in the scope, contact data only where no mask hides them.

        Raises TooBig when the server stopped it after `timeout_s`, by default the warehouse's patience.
        """
        timeout_s = self._engine.query_s if timeout_s is None else timeout_s
        text, values = self._engine.statements.prepare(statement)
        settings = {
            store.SETTING: str(self._generation.number),
            "statement_timeout": str(int(timeout_s * 1000)),
            # Which rows a generation shows is beyond the planner's guess: it expects a handful, and would run totals of
            # customers and documents once for every line.
            "enable_nestloop": "off",
        }
        if "contact" not in masks:
            settings |= {store.CONTACTS: store.SHOWN}
        if self._fenced:
            settings |= {fence.SETTING: fence.scope_text(scope), "role": fence.READER}
        with self._engine.reading() as connection, connection.cursor() as cursor:
            try:
                cursor.execute(
                    f"select {', '.join(['set_config(%s, %s, true)'] * len(settings))}",
                    [text for pair in settings.items() for text in pair],
                )
                rows = cursor.execute(text, values).fetchall()
            except psycopg.errors.QueryCanceled as error:
                raise TooBig(
                    "This question took longer than {timeout_s:g} seconds and was stopped.", timeout_s=timeout_s
                ) from error
            except psycopg.errors.UndefinedTable as error:
                raise Conflict(
                    "This warehouse was built by another release: `salient warehouse compact` brings it up to date."
                ) from error
        return agreed_types(statement, rows)

    def columns(self, statement: Select[Any], scope: Scope, *, masks: frozenset[str] = EVERY_MASK) -> pa.Table:
        """What `fetch` answers, as columns. Raises as it does."""
        return table_of(statement, self.fetch(statement, scope, masks=masks))

    def sql(self, statement: Select[Any]) -> str:
        """The statement with its values written out."""
        return self._engine.statements.literal(statement)


class PostgreSQLEngine(Engine):
    """A warehouse in two schemas of a PostgreSQL database."""

    def __init__(self, url: str, terms: Terms) -> None:
        self._terms = terms
        self.query_s = terms.query_s
        address = "postgresql+psycopg:" + url.partition(":")[2]
        self._pool = create_engine(
            address,
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,
            # Compiling the fence's conditions to machine code takes longer than a million lines save by it.
            connect_args={"options": f"-c search_path={store.NOW} -c default_transaction_read_only=on -c jit=off"},
        )
        self._url = url
        self.statements = Statements(self._pool.dialect)
        self._known: dict[int, tuple[Generation, bool]] = {}

    @property
    def dialect(self) -> sqlalchemy_engine.Dialect:
        """PostgreSQL's dialect."""
        return self.statements.dialect

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        """A pooled connection that cannot write; its transaction ends with the context."""
        with contextlib.closing(self._pool.raw_connection()) as pooled:
            try:
                yield pooled.driver_connection
            finally:
                pooled.rollback()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[PostgreSQLSnapshot]:
        """The current generation. Raises NotFound before the first publication."""
        with self.reading() as connection:
            try:
                row = connection.execute(f"select current from {store.ROWS}.pointer").fetchone()
            except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
                row = None
            number = row[0] if row else None
            if number is None:
                raise NotFound("The warehouse is empty: build the demo or import your data first.")
            if number not in self._known:
                current = store.current(connection)
                assert current is not None
                self._known = {current.number: (current, fence.stands(connection, store.ROWS))}
                number = current.number
            generation, fenced = self._known[number]
        yield PostgreSQLSnapshot(generation, self, fenced)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[store.Connection]:
        """A transaction that holds the writer's lock. Raises Conflict after waiting in vain."""
        try:
            with psycopg.connect(self._url) as connection:
                connection.execute(f"set local lock_timeout = {_LOCK_WAIT_MS}")
                connection.execute("set local jit = off")
                try:
                    connection.execute("select pg_advisory_xact_lock(%s)", (_WRITER_LOCK,))
                except psycopg.errors.LockNotAvailable as error:
                    raise Conflict("Another import is being written; try again when it has finished.") from error
                yield connection
        except psycopg.errors.DiskFull as error:
            raise TooBig("There is not enough room on the disk for this load; nothing was changed.") from error
        except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
            text = str(error).splitlines()[0]
            raise Invalid("The load failed and nothing was changed: {text}", text=text) from error
        except psycopg.OperationalError as error:
            raise Refusal(
                "The warehouse's server cannot be reached or stopped answering; nothing was changed."
            ) from error

    def workbench(self) -> Workbench | None:
        """None: rows come from a file."""
        return None

    def bring_in(self, asked: Import, tell: Progress) -> Published:
        """Write rows and rollups in one transaction and make them visible with it."""
        with self._writing() as connection:
            done = Writer(connection, self._terms, tell).publish(asked)
        failpoint("committed")
        tell("Done", 1.0)
        return done

    def versions(self) -> Sequence[Generation]:
        """The generations still kept, newest first."""
        with self.reading() as connection:
            return [generation for generation, _load in store.kept(connection)]

    def loads(self) -> Sequence[Mapping[str, Any]]:
        """The summaries handed to `publish(load=…)`, newest first."""
        with self.reading() as connection:
            return [load for _generation, load in store.kept(connection) if load]

    def rollback(self, number: int | None = None) -> Generation:
        """Make a kept generation current again: the given one or the newest before the current."""
        with self._writing() as connection:
            current = store.current(connection)
            if current is None:
                raise NotFound("The warehouse is empty.")
            if number is None:
                older = [g.number for g, _load in store.kept(connection) if g.number < current.number]
                if not older:
                    raise NotFound("There is no earlier generation to go back to.")
                number = older[0]
            return store.point(connection, number)

    def compact(self) -> Generation:
        """Build the rollups anew; figures do not change."""
        with self._writing() as connection:
            return Writer(connection, self._terms, lambda _what, _done: None).compact()

    def weakness(self) -> str | None:
        """Why PostgreSQL itself does not keep readers to their rows, or None where it does."""
        try:
            with self.reading() as connection:
                return fence.weakness(connection, fence.stands(connection, store.ROWS))
        except OperationalError:
            return "The warehouse's server cannot be reached."

    def close(self) -> None:
        """Close the pooled connections."""
        self._pool.dispose()
