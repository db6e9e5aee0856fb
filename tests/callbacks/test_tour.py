"""The tour is offered to a person who has not seen it, once, and to nobody who could not take it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.assembly import House, assemble
from app.models.event import AuditEvent
from app.services import accounts, displays
from app.services.preferences import prefer, preferences_of
from app.values.errors import Forbidden
from callbacks.tour import offered
from layouts.screen.tour import invitation
from queries.warehouse.demo.personas import PERSONAS
from tests.screen.test_parts import text
from tests.services.salient import PASSWORD, workspace


@pytest.fixture
def house(tmp_path: Path, cheap_hashing: None) -> Iterator[House]:
    """A workspace without sales, with everybody signed up."""
    opened = assemble(workspace(tmp_path / "home"))
    with opened.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    yield opened
    opened.close()


def offer(house: House, who: str, *, seen: bool = False) -> str:
    return text(offered(house, house.viewer_named(f"{who}@salient.example"), seen=seen))


def remembered(house: House, who: str) -> bool:
    with house.database.read() as session:
        return preferences_of(session, house.viewer_named(f"{who}@salient.example")).tour_seen


def test_otto_is_not_led_through_what_he_may_not_see(house: House) -> None:
    assert offer(house, "otto") == ""
    assert offer(house, "otto", seen=True) == ""
    assert not remembered(house, "otto")


@pytest.mark.parametrize("who", ["erin", "sam", "mia"])
def test_whoever_has_not_seen_it_is_offered_it_until_they_have(house: House, who: str) -> None:
    assert offer(house, who) == offer(house, who) == text(invitation("en"))
    assert not remembered(house, who)
    assert offer(house, who, seen=True) == ""
    assert remembered(house, who)
    assert offer(house, who) == ""


def test_that_one_person_saw_it_is_nothing_to_another(house: House) -> None:
    offer(house, "erin", seen=True)
    assert offer(house, "dirk") != ""


def test_seeing_it_twice_is_noted_once(house: House) -> None:
    for _ in range(2):
        offer(house, "erin", seen=True)
    with house.database.read() as session:
        noted = [each for each in session.query(AuditEvent) if each.action == "preferences.changed"]
    assert len(noted) == 1


def test_a_screen_that_nobody_sits_at_is_offered_nothing_and_keeps_nothing(house: House) -> None:
    with house.database.write() as session:
        erin = house.viewer_named("erin@salient.example")
        _, token = displays.grant(session, erin, name="Hall", view="/d/overview", lasts=timedelta(days=1))
    with house.database.read() as session:
        screen = displays.enter(
            session, token, trees=house.trees, terms=house.terms, now=datetime.now(UTC), demo=True
        ).viewer
    assert offered(house, screen, seen=False) == offered(house, screen, seen=True) == []


def test_a_program_cannot_say_that_it_saw_the_tour(house: House) -> None:
    assert offered(house, house.local_administrator(), seen=True) == []
    with house.database.write() as session, pytest.raises(Forbidden):
        prefer(session, house.local_administrator(), tour_seen=True)
