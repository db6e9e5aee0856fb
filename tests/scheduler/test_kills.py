"""A scheduler may be killed at any moment: everybody still gets the message, and nobody gets it twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.assembly import assemble
from app.channels.ways import ways
from app.config import Settings
from app.models.schedule import Run
from app.services import ledger
from scheduler.desk import Desk
from scheduler.job import Job, Made
from scheduler.lease import OPEN
from scheduler.pool import Here
from scheduler.tick import tick
from tests.conftest import SOAK, Tally
from tests.dying import dies_at, forking
from tests.scheduler.office import MONDAY, Office

PLACES = (
    "run-recorded",
    "run-claimed",
    "run-prepared",
    "documents-built",
    "delivery-sending",
    "smtp-accepted",
    "delivery-recorded",
    "run-closed",
)
"""Every durable step of a scheduler."""

OF_EACH_MESSAGE = ("delivery-sending", "smtp-accepted", "delivery-recorded")
UNKNOWN = "smtp-accepted"
"""Here the server has the message and nobody has written that down."""

READERS = ("erin", "sam", "tess")
LEASE = timedelta(seconds=1)
ROUNDS = range(13 if SOAK else 1)


def work_through(settings: Settings, lease: timedelta, started: float, until: str) -> None:
    """A scheduler of its own that ticks until nothing is open, with a clock that runs from seven on Monday."""
    house = assemble(settings)
    desk = Desk(house, Here(house), ways(settings), lambda: _monday(started), lease)
    while True:
        tick(desk)
        if until == "once" or time.time() - started > 60:
            break
        with house.database.read() as session:
            if Path(until).exists() and session.scalar(select(Run.id).where(Run.state.in_(OPEN))) is None:
                break
        time.sleep(0.05)
    desk.close()
    house.close()


def _monday(started: float) -> datetime:
    return MONDAY + timedelta(seconds=time.time() - started)


def place_for(place: str, seed: int) -> str:
    """Which time the place is reached: with some luck another one each time."""
    times = len(READERS) if place in OF_EACH_MESSAGE else 1
    return f"{place}:{random.Random(f'{place} {seed}').randint(1, times)}"


def assert_once(office: Office, schedules: int, place: str) -> None:
    """Everybody has one message of each schedule; only where nobody can know, one of them twice, and marked."""
    assert {state for state, _ in office.runs()} == {"done"}, office.runs()
    got = office.got()
    assert set(got) == {f"{name}@salient.example" for name in READERS}
    copies = Counter(message for messages in got.values() for message in messages)
    assert {len(set(messages)) for messages in got.values()} == {schedules}
    repeated = [message for message, times in copies.items() if times > 1]
    marked = [str(each["Message-ID"]) for each in office.box.messages if each["X-Salient-Repeat"]]
    assert max(copies.values()) <= 2
    assert len(repeated) == (1 if place == UNKNOWN else 0)
    # What died before the first byte went out is marked as well: nobody could tell the two apart.
    assert len(marked) == (1 if place in (UNKNOWN, "delivery-sending") else 0)
    assert set(repeated) <= set(marked)


@pytest.mark.parametrize("seed", ROUNDS)
@pytest.mark.parametrize("place", PLACES)
def test_another_scheduler_goes_on_where_one_was_killed(
    place: str, seed: int, office_anywhere: Office, tmp_path: Path, count: Tally
) -> None:
    office = office_anywhere
    office.schedule(*READERS)
    dies_at(place_for(place, seed), tmp_path / "died", work_through, office.settings, LEASE, time.time(), "once")
    count(f"schedulers killed at {place}, one at a time")
    office.clock.at = MONDAY + timedelta(minutes=2)
    while office.tick(minutes=1):
        pass
    assert_once(office, 1, place)


@pytest.mark.parametrize("seed", ROUNDS)
@pytest.mark.parametrize("place", PLACES)
def test_two_others_go_on_where_one_of_three_was_killed(
    place: str, seed: int, office_anywhere: Office, tmp_path: Path, count: Tally
) -> None:
    office = office_anywhere
    for _ in range(3):
        office.schedule(*READERS)
    started, dead, claimed = time.time(), tmp_path / "dead", tmp_path / "claimed"
    context = forking()
    others = [
        context.Process(target=after, args=(claimed, work_through, office.settings, LEASE, started, str(dead)))
        for _ in range(2)
    ]
    for each in others:
        each.start()
    watch = threading.Thread(target=touched_when_claimed, args=(office, claimed, dead), daemon=True)
    watch.start()
    try:
        dies_at(place_for(place, seed), tmp_path / "died", work_through, office.settings, LEASE, started, "once")
    finally:
        dead.touch()
        for each in others:
            each.join(90)
    assert [each.exitcode for each in others] == [0, 0]
    count(f"schedulers killed at {place}, one of three")
    assert_once(office, 3, place)


def after(sign: Path, work: Callable[..., None], *given: object) -> None:
    """Begin when the sign is there."""
    while not sign.exists():
        time.sleep(0.01)
    work(*given)


def touched_when_claimed(office: Office, sign: Path, dead: Path) -> None:
    """Let the others in once the one that will be killed has a run, or is dead."""
    while not dead.exists():
        with office.house.database.read() as session:
            if session.scalar(select(Run.id).where(Run.claimed_by.is_not(None))) is not None:
                break
        time.sleep(0.005)
    sign.touch()


def test_after_two_deaths_over_one_message_nobody_dares_a_third_time(office_anywhere: Office, tmp_path: Path) -> None:
    office = office_anywhere
    office.schedule(*READERS, recurrence="0 7 16 11 *")
    # The first on the list is reached first each time: it is what the second scheduler goes on with.
    for later in (0, 120):
        started = time.time() - later
        dies_at("smtp-accepted:1", tmp_path / "died", work_through, office.settings, LEASE, started, "once")
    office.clock.at = MONDAY + timedelta(minutes=10)
    while office.tick(minutes=1):
        pass
    states = Counter(state for state, _ in office.deliveries().values())
    assert states == {"sent": 2, "uncertain": 1}
    (unsure,) = (name for name, (state, _) in office.deliveries().items() if state == "uncertain")
    assert Counter(map(len, office.got().values())) == {1: 2, 2: 1}
    assert len(office.got()[unsure]) == 2
    assert len(set(office.got()[unsure])) == 1


def test_three_schedulers_share_the_work_and_send_nothing_twice(office_anywhere: Office, tmp_path: Path) -> None:
    office = office_anywhere
    for _ in range(8):
        office.schedule(*READERS)
    started, begun = time.time(), tmp_path / "begun"
    begun.touch()
    context = forking()
    given = (work_through, office.settings, timedelta(seconds=30), started, str(begun))
    together = [context.Process(target=after, args=(begun, *given)) for _ in range(3)]
    for each in together:
        each.start()
    for each in together:
        each.join(90)
    assert [each.exitcode for each in together] == [0, 0, 0]
    assert office.runs() == [("done", "")] * 8
    assert {len(each) for each in office.got().values()} == {8}
    assert {len(set(each)) for each in office.got().values()} == {8}
    with office.house.database.read() as session:
        assert ledger.faults(session) == []


def test_a_scheduler_that_slept_over_its_lease_sends_nothing_more(office_anywhere: Office, tmp_path: Path) -> None:
    office = office_anywhere
    office.schedule(*READERS)
    other = Office(office.settings, office.box)
    slept: list[int] = []

    class Drowsy(Here):
        """Makes documents, and sleeps so long that another scheduler does all the work meanwhile."""

        def make(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Made]]:
            for each in super().make(jobs):
                if not slept:
                    slept.append(1)
                    other.clock.at = office.clock.at + timedelta(minutes=3)
                    slept.append(other.tick())
                yield each

    # No heartbeat in the meantime: the whole machine was asleep.
    office.desk = replace(office.desk, maker=Drowsy(office.house), lease=timedelta(minutes=2))
    office.tick(hours=1)
    assert slept == [1, 1]
    assert office.runs() == [("done", "")]
    assert {name: len(each) for name, each in office.got().items()} == {
        f"{name}@salient.example": 1 for name in READERS
    }
    other.close()
