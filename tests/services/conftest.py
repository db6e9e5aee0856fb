"""Services are tested on the same databases as the models."""

from tests.hashing import cheap_hashing
from tests.models.conftest import database, database_url

__all__ = ["cheap_hashing", "database", "database_url"]
