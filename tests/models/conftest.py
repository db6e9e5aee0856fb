"""The application database on SQLite and on PostgreSQL, empty and up to date."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from app.migrations import migrate
from app.models.database import Database, open_database
from app.services import accounts

SECRET = "a secret of enough length for tests"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of its own for each test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    with _server_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the shipped roles, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "app.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_server(postgres_url: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the shipped roles, to be copied."""
    with _server_database(postgres_url) as url:
        _migrated(url)
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Migrated, with the shipped roles: a database of its own for each test, copied from one."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "app.db")
        made = nullcontext(f"sqlite:///{tmp_path / 'app.db'}")
    else:
        template = request.getfixturevalue("migrated_server")
        made = _server_database(request.getfixturevalue("postgres_url"), f"TEMPLATE {template}")
    with made as url:
        opened = open_database(url, SECRET)
        yield opened
        opened.close()


def _migrated(url: str) -> None:
    opened = open_database(url, SECRET)
    migrate(opened)
    with opened.write() as session:
        accounts.ensure_roles(session)
    opened.close()


@contextmanager
def _server_database(server: str, like: str = "") -> Iterator[str]:
    """The URL of a database of its own on a PostgreSQL server."""
    name = f"app_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {like}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
