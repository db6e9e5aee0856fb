"""Ada has a source loaded before the morning's mails: by one scheduler, as at the command line, failures told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.assembly import assemble
from app.channels.ways import ways
from app.config import Settings
from app.models.event import AuditEvent
from app.services import accounts, refreshes
from app.services.refreshes import RefreshCard
from app.values.errors import Forbidden, Invalid
from queries.warehouse.load import write_templates
from scheduler.jobs.refreshes import load_due
from tests.conftest import SOAK, Tally
from tests.dying import dies_at
from tests.scheduler.office import MONDAY, ZONE, Office


def planned(office: Office, source: Path | str, by: str = "ada", **more: str) -> str:
    """Load a folder at half past six every morning in Berlin."""
    given = {"name": "ERP", "mapping": "template", "recurrence": "daily at 06:30", "zone": ZONE, **more}
    with office.house.database.write() as session:
        return refreshes.create(
            session, office.viewer(by), source=str(source), calendar=office.settings.calendar(), now=office.clock(),
            **given,
        ).id  # fmt: skip


def loaded(office: Office, name: str = "one", **later: float) -> int:
    office.clock.pass_by(**later)
    return load_due(office.house, office.desk.channels, name, office.clock)


def card(office: Office) -> RefreshCard:
    with office.house.database.read() as session:
        (found,) = refreshes.listed(session, office.viewer("ada"))
    return found


def generation(office: Office) -> int:
    with office.house.engine.snapshot() as snapshot:
        return int(snapshot.generation.number)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Our own templates, filled in with their examples."""
    write_templates(tmp_path / "source")
    return tmp_path / "source"


def test_a_source_is_loaded_when_it_is_due_once_and_it_is_told_how_it_went(office: Office, folder: Path) -> None:
    planned(office, folder)
    before = generation(office)
    assert loaded(office) == 0
    assert loaded(office, minutes=31) == 1
    assert loaded(office, minutes=1) == 0
    found = card(office)
    assert (found.state, found.next_due) == ("done", MONDAY + timedelta(hours=23, minutes=30))
    assert "rows read" in found.reason
    assert generation(office) > before
    with office.house.database.read() as session:
        actions = [each.action for each in session.scalars(select(AuditEvent))]
    assert actions.count("warehouse.imported") == 1


def test_three_schedulers_at_once_load_it_once(office: Office, folder: Path) -> None:
    planned(office, folder)
    office.clock.pass_by(minutes=31)
    done: list[int] = []
    threads = [
        threading.Thread(target=lambda name=name: done.append(loaded(office, name))) for name in ("one", "two", "three")
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(done) == [0, 0, 1]


def test_whoever_dies_over_it_leaves_it_to_the_next(office: Office, folder: Path) -> None:
    planned(office, folder)
    office.clock.pass_by(minutes=31)
    with office.house.database.write() as session:
        assert refreshes.claim(session, "dead", office.clock()) is not None
    assert loaded(office) == 0
    assert loaded(office, minutes=6) == 1
    assert card(office).state == "done"


def test_a_source_that_is_not_there_is_tried_three_times_then_told_and_tried_again_the_next_day(
    office: Office, tmp_path: Path
) -> None:
    planned(office, tmp_path / "nowhere")
    before = generation(office)
    assert loaded(office, minutes=31) == 1
    assert loaded(office, minutes=4) == 0
    assert loaded(office, minutes=1) == 1
    assert office.box.messages == []
    assert loaded(office, minutes=15) == 1
    (message,) = office.box.messages
    assert str(message["To"].addresses[0].addr_spec) == "ada@salient.example"
    assert "ERP" in str(message["Subject"])
    found = card(office)
    assert (found.state, found.next_due) == ("failed", MONDAY + timedelta(hours=23, minutes=30))
    assert generation(office) == before


def test_only_who_may_load_data_sets_it_up_and_it_ends_with_the_right(office: Office, folder: Path) -> None:
    with pytest.raises(Forbidden):
        planned(office, folder, by="dirk")
    planned(office, folder)
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", "otto@salient.example", role="administrator")
        accounts.change_rights(session, "cli", "ada@salient.example", role="executive")
    before = generation(office)
    loaded(office, minutes=31)
    with office.house.database.read() as session:
        (found,) = refreshes.listed(session, office.viewer("otto"))
    assert (found.state, found.next_due) == ("failed", None)
    assert generation(office) == before


def test_no_password_is_kept(office: Office) -> None:
    with pytest.raises(Invalid):
        planned(office, "postgresql://me:secret@db.example/sales")
    planned(office, "postgresql://me:${SALES_PASSWORD}@db.example/sales")
    kept = card(office).source
    assert refreshes.filled_in(kept, {"SALES_PASSWORD": "s3cret"}) == "postgresql://me:s3cret@db.example/sales"
    with pytest.raises(Invalid):
        refreshes.filled_in(kept, {})
    for wrong in ({"zone": "Mars/Base"}, {"recurrence": "at noon"}, {"mapping": ""}, {"name": "\n"}):
        with pytest.raises(Invalid):
            planned(office, "/data", **wrong)


def work(settings: Settings, clock: Callable[[], datetime]) -> None:
    """A scheduler of its own."""
    house = assemble(settings)
    load_due(house, ways(settings), "dying", clock)
    house.close()


@pytest.mark.parametrize("_round", range(5 if SOAK else 1))
@pytest.mark.parametrize(
    "place", ["refresh-claimed", "load-staged", "load-published", "refresh-loaded", "refresh-ended"]
)
def test_another_scheduler_goes_on_where_one_was_killed(
    place: str, _round: int, office_anywhere: Office, folder: Path, tmp_path: Path, count: Tally
) -> None:
    office = office_anywhere
    planned(office, folder)
    before = generation(office)
    office.clock.pass_by(minutes=31)
    dies_at(place, tmp_path / "log", work, office.settings, office.clock)
    count(f"schedulers killed at {place} of a refresh")
    assert loaded(office, "two") == 0, "whoever loads it may still be alive"
    assert loaded(office, "two", minutes=6) == (0 if place == "refresh-ended" else 1)
    found = card(office)
    assert (found.state, found.next_due) == ("done", MONDAY + timedelta(hours=23, minutes=30))
    # What had been loaded already is not loaded as something new.
    assert generation(office) == before + 1
    assert loaded(office, "two", hours=1) == 0


def test_a_source_that_ends_three_schedulers_waits_for_its_next_time_and_its_owner_is_told(
    office: Office, folder: Path, tmp_path: Path
) -> None:
    planned(office, folder)
    office.clock.pass_by(minutes=31)
    for _ in range(3):
        dies_at("refresh-claimed", tmp_path / "log", work, office.settings, office.clock)
        office.clock.pass_by(minutes=6)
    before = generation(office)
    assert loaded(office) == 1
    found = card(office)
    assert (found.state, found.reason) == ("failed", "Whatever loaded it ended before it did.")
    assert generation(office) == before
    (message,) = office.box.messages
    assert str(message["To"].addresses[0].addr_spec) == "ada@salient.example"
    assert loaded(office, minutes=6) == 0
    assert loaded(office, days=1) == 1
    assert card(office).state == "done"
