"""The application database on SQLite and on PostgreSQL, empty and up to date."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from app.migrations import migrate
from app.models.database import Database, open_database
from app.services import accounts

SECRET = "a secret of enough length for tests"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own for each test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    server = make_url(request.getfixturevalue("postgres_url"))
    name = f"app_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Migrated, with the shipped roles."""
    opened = open_database(database_url, SECRET)
    migrate(opened)
    with opened.write() as session:
        accounts.ensure_roles(session)
    yield opened
    opened.close()
