"""Migrations: the application database brought to today's shape, run by every process at its start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.models.database import Database, take_turns
from app.values.errors import Conflict


def migrate(database: Database) -> None:
    """Bring the tables up to date, whole or not at all; several processes may call this at once.

    Raises Conflict for the tables of a newer release.
    """
    with database.engine.execution_options(begin="IMMEDIATE").begin() as connection:
        take_turns(connection, "migrations")
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
        config.attributes["connection"] = connection
        _refuse_newer(connection, config)
        command.upgrade(config, "head")


def _refuse_newer(connection: Connection, config: Config) -> None:
    if not inspect(connection).has_table("alembic_version"):
        return
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if any(stands not in known for stands in connection.scalars(text("select version_num from alembic_version"))):
        raise Conflict(
            "The application database was made by a newer release of Salient: run that release or a newer one."
        )
