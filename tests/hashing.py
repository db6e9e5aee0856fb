"""Password hashing as in production but cheap, for tests that sign in by the hundred."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from app.auth import passwords

PRODUCTION = passwords._HASHER
"""What people's passwords are hashed with outside of tests."""


@pytest.fixture(scope="session", autouse=True)
def cheap_hashing() -> Iterator[None]:
    """Argon2id still, with the least memory; nobody's hash is made alike."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(passwords, "_NOBODYS", cheap.hash("the password of nobody at all"))
        yield
