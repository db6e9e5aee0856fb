"""Services are tested on the same databases as the models."""

from tests.models.conftest import database, database_url

__all__ = ["database", "database_url"]
