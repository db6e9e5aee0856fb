"""Databases as sources: tables behind a SQLAlchemy URL, streamed as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, NoSuchTableError

from app.values.errors import Invalid, TooBig
from queries.warehouse.load.report import LoadSettings

_BATCH = 50_000
_DRIVERS = {
    "mysql": ("mysql+pymysql", "mysql"),
    "mariadb": ("mariadb+pymysql", "mysql"),
    "mssql": ("mssql+pymssql", "mssql"),
}
"""Where our optional extras bring another driver than SQLAlchemy takes by itself: the name, the extra."""


def is_url(source: str) -> bool:
    """Whether a source is a database URL rather than a path."""
    return "://" in source


def without_password(source: str) -> str:
    """The source as it may be shown and kept."""
    return make_url(source).render_as_string(hide_password=True) if is_url(source) else source


@contextmanager
def connect(source: str) -> Iterator[Connection]:
    """A connection that only reads. Raises Invalid with a sentence for a bad URL, a missing driver or no answer."""
    try:
        url: URL = make_url(source)
    except ArgumentError:
        raise Invalid("The source is not a database URL such as postgresql://user@host/name.") from None
    typed = url.render_as_string(hide_password=True)
    driver, extra = _DRIVERS.get(url.drivername, (url.drivername, ""))
    if url.drivername == "sqlite" and url.database and not url.database.startswith("file:"):
        url = url.set(database=f"file:{url.database}", query={**url.query, "mode": "ro", "uri": "true"})
    try:
        engine = sa.create_engine(url.set(drivername=driver))
    except NoSuchModuleError:
        raise Invalid(f"Salient knows no database called {url.drivername}.") from None
    except ImportError as error:
        hint = f"install salient[{extra}]" if extra else f"install {error.name}"
        raise Invalid(f"Reading from {url.get_backend_name()} needs the driver {error.name}: {hint}.") from None
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
        raise Invalid(f"The database {typed} cannot be read: {reason}") from None
    finally:
        engine.dispose()


def table_names(connection: Connection) -> dict[str, tuple[str | None, str]]:
    """Tables and views of the source by lower-case name: (schema, name); the default schema goes first."""
    inspector = sa.inspect(connection)
    found: dict[str, tuple[str | None, str]] = {}
    for schema in (None, *inspector.get_schema_names()):
        try:
            names = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
        except (DBAPIError, NoSuchTableError, NotImplementedError):
            continue
        for name in names:
            found.setdefault(name.lower(), (schema, name))
    return found


def column_names(connection: Connection, schema: str | None, table: str) -> tuple[str, ...]:
    """The columns of a table or view, in order."""
    everything = sa.select(sa.text("*")).select_from(sa.table(table, schema=schema)).limit(0)
    return tuple(connection.execute(everything).keys())


def read_table(
    connection: Connection, schema: str | None, table: str, columns: tuple[str, ...], limits: LoadSettings
) -> Iterator[pa.RecordBatch]:
    """The asked columns as text, in batches; money arrives as the database's own decimal digits."""
    selected: Any = sa.select(*(sa.column(name) for name in columns)).select_from(sa.table(table, schema=schema))
    shape = pa.schema([*((name, pa.string()) for name in columns), ("_line", pa.int64())])
    result = connection.execution_options(stream_results=True, max_row_buffer=_BATCH).execute(selected)
    line = 0
    for rows in result.partitions(_BATCH):
        if limits.max_rows is not None and line + len(rows) > limits.max_rows:
            raise TooBig(f"{table} has more than {limits.max_rows:,} rows; that is the limit.")
        texts = [[_text(value) for value in values] for values in zip(*rows, strict=True)]
        yield pa.record_batch([*texts, list(range(line + 1, line + len(rows) + 1))], schema=shape)
        line += len(rows)


def _text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case _:
            return str(value)
