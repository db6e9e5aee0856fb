"""The application database opens, migrates and keeps what it acknowledged."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import StatementError

from app.migrations import migrate
from app.models.database import Database, open_database
from app.models.tables import METADATA, LoginAttempt, Role
from app.services import accounts
from tests.models.conftest import SECRET


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Role)) == 10


def test_many_processes_may_start_at_once(database_url: str) -> None:
    databases = [open_database(database_url, SECRET) for _ in range(4)]
    failures: list[BaseException] = []

    def start(one: Database) -> None:
        try:
            migrate(one)
            with one.write() as session:
                accounts.ensure_roles(session)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start, args=(one,)) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases[0].read() as session:
        roles = session.scalar(select(func.count()).select_from(Role))
    for one in databases:
        one.close()
    assert failures == []
    assert roles == 10


def test_a_migration_that_breaks_leaves_nothing_behind(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.migrations.versions import m0001_people

    broken = open_database(database_url, SECRET)
    with broken.engine.begin() as connection:
        # The last table of the first migration is there already, so it fails after making the others.
        connection.execute(text("CREATE TABLE audit_head (id INTEGER)"))
    with pytest.raises(Exception, match="audit_head"):
        migrate(broken)
    assert m0001_people.revision == "0001"
    assert inspect(broken.engine).get_table_names() == ["audit_head"]
    broken.close()


def test_an_instant_comes_back_in_utc(database: Database) -> None:
    at = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    with database.write() as session:
        session.add(LoginAttempt(account="a", address="b", at=at, succeeded=False))
    with database.read() as session:
        assert session.scalars(select(LoginAttempt.at)).one() == at
    with pytest.raises(StatementError, match="time zone"), database.write() as session:
        session.add(LoginAttempt(account="a", address="b", at=at.replace(tzinfo=None), succeeded=False))


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    def half_way() -> None:
        with database.write() as session:
            session.add(LoginAttempt(account="a", address="b", at=datetime.now(UTC), succeeded=False))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_way()
    with database.read() as session:
        assert session.scalars(select(LoginAttempt)).all() == []


def test_writers_wait_for_each_other(database: Database) -> None:
    def write() -> None:
        for _ in range(10):
            with database.write() as session:
                session.add(LoginAttempt(account="a", address="b", at=datetime.now(UTC), succeeded=False))

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(LoginAttempt)) == 60
