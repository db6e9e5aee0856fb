"""Migrations: the application database brought to today's shape, run by every process at its start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from app.models.database import Database, take_turns


def migrate(database: Database) -> None:
    """Bring the tables up to date, whole or not at all; several processes may call this at once."""
    with database.engine.execution_options(begin="IMMEDIATE").begin() as connection:
        take_turns(connection, "migrations")
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
