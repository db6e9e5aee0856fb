"""A process that is killed between effect and answer: the request that comes again has one effect all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.assembly import House, assemble
from app.config import Settings
from app.factory import create_app
from app.web.api.door import HERE
from tests.api.conftest import Tokens
from tests.api.test_once import rows
from tests.conftest import SOAK, Tally
from tests.dying import dies_at

PLACES = {"effect-made": False, "answer-kept": False, "answer-committed": True}
"""Where the process dies, and whether the effect is there then."""

ROUNDS = range(10 if SOAK else 2)


def sent(settings: Settings, token: str, name: str) -> TestResponse:
    """One request to a process of its own, under a key that is its name's."""
    house = assemble(settings)
    try:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": name.replace(" ", "-")}
        body = {"name": name, "view": "/d/overview"}
        return create_app(house).test_client().post(f"{HERE}/views", json=body, headers=headers)
    finally:
        house.close()


@pytest.mark.parametrize("seed", ROUNDS)
@pytest.mark.parametrize("place", PLACES)
def test_wherever_the_process_is_killed_the_request_that_comes_again_has_one_effect(
    place: str, seed: int, house: House, token: Tokens, tmp_path: Path, count: Tally
) -> None:
    name, dirk = f"Killed {place} {seed}", token("dirk", "read", "write")
    dies_at(place, tmp_path / "died", sent, house.settings, dirk.text, name)
    count(f"requests killed at {place}")
    assert rows(house, name) == PLACES[place]
    answers = [sent(house.settings, dirk.text, name) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert len({each.get_json()["id"] for each in answers}) == 1
    assert [each.headers.get("Idempotency-Replayed") for each in answers] == ["true" if PLACES[place] else None, "true"]
    assert rows(house, name) == 1
