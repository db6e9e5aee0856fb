"""A database of an earlier release keeps what it holds when it is brought up to date."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, text

import app.migrations
from app.auth.roles import SEEDS
from app.migrations import migrate
from app.models.database import Database, open_database
from app.models.role import Role
from app.services import accounts
from app.values.errors import Conflict
from tests.models.conftest import SECRET


def move(database: Database, revision: str, *, up: bool = True) -> None:
    """Bring the tables to a revision."""
    with database.engine.execution_options(begin="IMMEDIATE").begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(app.migrations.__file__).parent))
        config.attributes["connection"] = connection
        (command.upgrade if up else command.downgrade)(config, revision)


_NEW = {
    "views:default": ("administrator", "director"),
    "tokens": tuple(seed.id for seed in SEEDS if seed.id != "none"),
    "webhooks": ("administrator", "executive", "director"),
    "ingest": ("administrator",),
    "admin:audit": ("administrator",),
}
"""Permissions that later releases brought, and the roles that are shipped with them."""


@pytest.fixture
def earlier(database_url: str) -> Database:
    """A database of before there were views, in which somebody edited two roles."""
    opened = open_database(database_url, SECRET)
    move(opened, "0001")
    with opened.write() as session:
        accounts.ensure_roles(session)
        for role in session.scalars(select(Role)):
            role.permissions = [name for name in role.permissions if name not in _NEW]
        session.get_one(Role, "director").permissions = ["dashboards"]
        session.get_one(Role, "rep").permissions = []
    return opened


def test_new_permissions_go_to_those_they_are_shipped_with_and_nothing_else_changes(earlier: Database) -> None:
    with earlier.read() as session:
        before = {role.id: (set(role.permissions), role.epoch) for role in session.scalars(select(Role))}
    migrate(earlier)
    with earlier.read() as session:
        after = {role.id: (set(role.permissions), role.epoch) for role in session.scalars(select(Role))}
    earlier.close()
    for name, (permissions, epoch) in before.items():
        # Nothing is given to reps, whom somebody had left without any permission.
        given = {each for each, roles in _NEW.items() if name in roles and name != "rep"}
        assert after[name][0] == permissions | given
        assert (after[name][1] > epoch) == bool(given)


def test_going_back_leaves_people_alone(earlier: Database) -> None:
    before = set(inspect(earlier.engine).get_table_names())
    migrate(earlier)
    move(earlier, "0001", up=False)
    assert set(inspect(earlier.engine).get_table_names()) == before
    earlier.close()


def test_an_older_release_says_that_it_is_older_and_changes_nothing(database: Database) -> None:
    before = set(inspect(database.engine).get_table_names())
    with database.write() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(Conflict, match="newer release"):
        migrate(database)
    assert set(inspect(database.engine).get_table_names()) == before
