"""Reports that wait are made in processes that may die or grow, by schedulers that may be killed, and end anyway."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.assembly import House, assemble
from app.reporting import make_later
from app.services import accounts, instances, reports
from app.services.instances import LEASE, TRIES, InstanceCard
from app.values.report import Part, Report
from scheduler.isolated import Limits
from scheduler.jobs.reports import make_waiting
from tests.dying import forking
from tests.services.salient import with_demo, workspace

FAY = "fay@salient.example"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A small demo company of its own for each test."""
    opened = assemble(with_demo(workspace(tmp_path / "home"), lines=6_000))
    yield opened
    opened.close()


@pytest.fixture
def waiting(house: House) -> str:
    """The id of a report of Fay's that waits to be made."""
    fay = house.viewer_named(FAY)
    with house.database.write() as session:
        wanted = Report("Fay’s", (Part("/d/overview/net-sales"),), formats=("csv",))
        report = reports.save(session, fay, wanted, house.dashboards).id
    make_later(house, fay, report)
    return report


def now_and(later: timedelta = timedelta()) -> datetime:
    return datetime.now(UTC) + later


def made(house: House, report: str) -> InstanceCard:
    with house.database.read() as session:
        (found,) = instances.listed(session, house.viewer_named(FAY), report)
    return found


def test_what_takes_too_much_memory_is_stopped_tried_again_and_given_up_with_its_reason(
    house: House, waiting: str
) -> None:
    for tried in range(TRIES):
        assert made(house, waiting).state == "running"
        assert make_waiting(house, lambda: now_and(tried * timedelta(hours=1)), Limits(megabytes=1)) == 1
    assert (made(house, waiting).state, made(house, waiting).error) == ("failed", "It took more than 1 MB of memory.")
    assert make_waiting(house, lambda: now_and(timedelta(days=1)), Limits(megabytes=1)) == 0


def test_what_takes_too_long_is_stopped(house: House, waiting: str) -> None:
    assert make_waiting(house, now_and, Limits(seconds=0)) == 1
    assert made(house, waiting).state == "running"
    assert make_waiting(house, now_and) == 0, "it is tried again after a while only"
    assert make_waiting(house, lambda: now_and(timedelta(hours=1))) == 1
    assert made(house, waiting).state == "done"


@pytest.mark.parametrize("place", ["report-rendered", "report-filed"])
def test_a_process_that_dies_over_a_report_costs_a_try(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("SALIENT_FAILPOINT", place)
    assert make_waiting(house, now_and) == 1
    monkeypatch.delenv("SALIENT_FAILPOINT")
    assert made(house, waiting).state == "running"
    assert make_waiting(house, lambda: now_and(timedelta(hours=1))) == 1
    assert (made(house, waiting).state, len(made(house, waiting).files)) == ("done", 1)


def _doomed(home: Path, place: str) -> None:
    os.environ["SALIENT_FAILPOINT"] = place
    make_waiting(assemble(workspace(home)))


@pytest.mark.parametrize(("place", "left"), [("report-claimed", "running"), ("report-ended", "done")])
def test_a_scheduler_killed_over_a_report_leaves_it_to_the_next(
    house: House, waiting: str, place: str, left: str
) -> None:
    doomed = forking().Process(target=_doomed, args=(house.settings.home, place))
    doomed.start()
    doomed.join(120)
    assert doomed.exitcode == -signal.SIGKILL
    assert made(house, waiting).state == left
    assert make_waiting(house, now_and) == 0, "whoever works on it may still be alive"
    assert make_waiting(house, lambda: now_and(2 * LEASE)) == (1 if left == "running" else 0)
    assert (made(house, waiting).state, len(made(house, waiting).files)) == ("done", 1)


def test_schedulers_that_are_killed_over_it_again_and_again_end_it_with_a_reason(house: House, waiting: str) -> None:
    for tried in range(TRIES):
        with house.database.write() as session:
            assert instances.claim(session, now_and(tried * 2 * LEASE)) is not None
    assert make_waiting(house, lambda: now_and(TRIES * 2 * LEASE)) == 0
    assert (made(house, waiting).state, made(house, waiting).error) == ("failed", instances.NEVER_ENDED)


def test_a_report_over_which_a_web_process_died_is_made_in_the_background(house: House, waiting: str) -> None:
    fay = house.viewer_named(FAY)
    assert make_waiting(house, now_and) == 1
    with house.database.write() as session:
        instances.begin(session, fay, waiting)
    assert make_waiting(house, now_and) == 0
    assert make_waiting(house, lambda: now_and(2 * instances.AT_WORK)) == 1
    with house.database.read() as session:
        assert [each.state for each in instances.listed(session, fay, waiting)] == ["done", "done"]


def test_what_its_reader_may_not_have_any_more_is_not_made(house: House, waiting: str) -> None:
    with house.database.write() as session:
        accounts.change_rights(session, "cli", FAY, role="none")
    assert make_waiting(house, now_and) == 1
    with house.database.write() as session:
        accounts.change_rights(session, "cli", FAY, role="finance")
    assert (made(house, waiting).state, made(house, waiting).files) == ("failed", ())
