"""Services are tested on the same databases as the models."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from app.migrations import migrate
from app.models.database import Database, open_database
from app.services import accounts
from tests.models.conftest import SECRET, database, database_url, migrated_file, migrated_server
from tests.services.cast import hire

__all__ = ["database", "database_url", "migrated_file", "migrated_server", "staffed"]


@pytest.fixture(scope="session")
def staffed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the cast, to be copied."""
    path = tmp_path_factory.mktemp("cast") / "app.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def staffed_server(postgres_url: str) -> Callable[[str], str]:
    """Makes a PostgreSQL database with the cast; the first one is what the others are copied from."""
    server = make_url(postgres_url)
    template = f"cast_{uuid.uuid4().hex}"
    _order(postgres_url, f"CREATE DATABASE {template}")
    _prepare(server.set(database=template).render_as_string(hide_password=False))

    def make(name: str) -> str:
        _order(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}")
        return server.set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def staffed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of its own for each test, with the cast."""
    name = f"app_{uuid.uuid4().hex}"
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("staffed_file"), tmp_path / "app.db")
        url = f"sqlite:///{tmp_path / 'app.db'}"
    else:
        url = request.getfixturevalue("staffed_server")(name)
    opened = open_database(url, SECRET)
    yield opened
    opened.close()
    if request.param == "postgres":
        _order(request.getfixturevalue("postgres_url"), f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(url: str) -> None:
    database = open_database(url, SECRET)
    migrate(database)
    with database.write() as session:
        accounts.ensure_roles(session)
    hire(database)
    database.close()


def _order(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
