"""Database: the application database opened, with one way to read and one way to write."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session, sessionmaker

LEDGER_KEY = "ledger_key"
"""Where a session carries the key that seals audit events (bytes)."""


@dataclass(frozen=True)
class Database:
    """Short transactions on SQLite (WAL) or PostgreSQL; both commit at the end of the block, or roll back."""

    engine: Engine
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with self.reading.begin() as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A transaction that reads columns and no objects: what every request does costs a third that way."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may write; on SQLite it takes the write lock at once and waits its turn."""
        with self.writing.begin() as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(url: str, secret: str) -> Database:
    """Open (and on SQLite create) the database at `url`; `secret` seals the audit chain.

    The tables are made by app.migrations.migrate.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = _sqlite(url, address.database)
    else:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    info = {LEDGER_KEY: hmac.digest(secret.encode(), b"salient audit chain", hashlib.sha256)}
    return Database(
        engine,
        sessionmaker(engine, expire_on_commit=False, info=info),
        sessionmaker(engine.execution_options(begin="IMMEDIATE"), expire_on_commit=False, info=info),
    )


def take_turns(session: Session | Connection, what: str) -> None:
    """Let only one transaction at a time go on for `what`, until it ends.

    PostgreSQL takes an advisory lock; on SQLite a writing transaction is alone anyway.
    """
    connection = session.connection() if isinstance(session, Session) else session
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": f"salient {what}"}
        )


def try_turn(session: Session, what: str) -> bool:
    """`take_turns` without waiting: False while another transaction is on for `what`."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return True
    asked = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 0))")
    return bool(connection.scalar(asked, {"what": f"salient {what}"}))


def _sqlite(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        # The file holds password hashes: it is for its owner alone.
        file.touch(mode=0o600)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        # Transactions are begun by us, below; sqlite3's own habit leaves reads outside of any.
        connection.isolation_level = None
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")

    return engine
