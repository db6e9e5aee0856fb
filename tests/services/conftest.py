"""Services are tested on the same databases as the models."""

import pytest

from app.models.database import Database
from tests.models.conftest import database, database_url
from tests.services.cast import hire

__all__ = ["database", "database_url", "staffed"]


@pytest.fixture
def staffed(database: Database) -> Database:
    """A database with the cast."""
    return hire(database)
