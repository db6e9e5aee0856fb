"""Exports in the background are made in processes that may die, and end with a file or a reason all the same."""

from __future__ import annotations

import io
import os
import signal
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.assembly import House, assemble
from app.models.event import AuditEvent
from app.services import accounts, documents, jobs
from app.services.jobs import LEASE, TRIES, JobCard
from app.values.document import Document
from app.values.errors import NotFound
from scheduler.isolated import Limits
from scheduler.jobs.exports import work_off
from tests.dying import forking
from tests.services.salient import with_demo, workspace

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = timedelta(minutes=10)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A small demo company of its own for each test."""
    opened = assemble(with_demo(workspace(tmp_path / "home"), lines=6_000))
    yield opened
    opened.close()


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def ask(house: House, who: str, view: str = "/d/overview/cumulative", format_id: str = "csv") -> JobCard:
    with house.database.write() as session:
        return jobs.enqueue(session, house.viewer_named(f"{who}@salient.example"), view, format_id, now=NOW)


def own(house: House, who: str) -> list[JobCard]:
    with house.database.read() as session:
        return jobs.own(session, house.viewer_named(f"{who}@salient.example"), now=NOW)


def fetched(house: House, who: str, card: JobCard) -> Document:
    with house.database.write() as session:
        viewer = house.viewer_named(f"{who}@salient.example")
        return documents.fetch(session, viewer, house.settings.home.resolve(), card.document, now=NOW)


def told(house: House) -> list[str]:
    with house.database.read() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all()
    return [action for action in actions if action.startswith(("export.", "document."))]


def test_everyones_export_holds_the_own_rows_and_is_fetched_by_its_owner_only(house: House) -> None:
    for who in ("erin", "sam"):
        ask(house, who)
    assert work_off(house, at(NOW)) == 2
    (erins,), (sams,) = own(house, "erin"), own(house, "sam")
    assert (erins.state, sams.state) == ("done", "done"), (erins.sentence, sams.sentence)
    company, mine = fetched(house, "erin", erins), fetched(house, "sam", sams)
    assert company.content != mine.content
    assert b"Erin" in company.content
    assert b"Sam" in mine.content
    assert b"Erin" not in mine.content
    with pytest.raises(NotFound):
        fetched(house, "erin", sams)
    assert told(house) == [
        *["export.asked"] * 2,
        *["document.kept", "export.csv", "export.done"] * 2,
        *["document.fetched"] * 2,
    ]


def test_what_is_not_hers_to_see_ends_with_a_sentence_at_once(house: House) -> None:
    ask(house, "sam", "/d/nowhere")
    assert work_off(house, at(NOW)) == 1
    assert [(each.state, each.sentence) for each in own(house, "sam")] == [("failed", "There is no such dashboard.")]
    assert work_off(house, at(NOW + LATER)) == 0


def test_whoever_loses_the_role_meanwhile_gets_nothing(house: House) -> None:
    ask(house, "sam")
    with house.database.write() as session:
        accounts.change_rights(session, "cli", "sam@salient.example", role="none")
    work_off(house, at(NOW))
    assert told(house) == ["export.asked", "export.failed"]


def test_what_takes_too_long_is_stopped_tried_three_times_and_given_up(house: House) -> None:
    ask(house, "sam")
    for tried in range(TRIES):
        assert work_off(house, at(NOW + tried * LATER), Limits(seconds=0)) == 1
        assert own(house, "sam")[0].state == ("failed" if tried == TRIES - 1 else "waiting")
    assert "took longer than 0 seconds" in own(house, "sam")[0].sentence
    assert work_off(house, at(NOW + TRIES * LATER), Limits(seconds=0)) == 0
    assert not list((house.settings.home / "documents").rglob("*"))


def test_what_takes_too_much_memory_is_stopped(house: House) -> None:
    ask(house, "sam")
    work_off(house, at(NOW), Limits(megabytes=1))
    assert [(each.state, each.sentence) for each in own(house, "sam")] == [
        ("waiting", "It took more than 1 MB of memory.")
    ]


@pytest.mark.parametrize("place", ["export-rendered", "export-filed"])
def test_a_process_that_dies_over_an_export_costs_a_try(
    house: House, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    ask(house, "sam")
    monkeypatch.setenv("SALIENT_FAILPOINT", place)
    work_off(house, at(NOW))
    monkeypatch.delenv("SALIENT_FAILPOINT")
    assert [(each.state, each.sentence) for each in own(house, "sam")] == [
        ("waiting", "The process that made it ended.")
    ]
    assert work_off(house, at(NOW + LATER)) == 1
    assert fetched(house, "sam", own(house, "sam")[0]).content
    assert told(house).count("export.done") == 1


def _doomed(home: Path, place: str) -> None:
    os.environ["SALIENT_FAILPOINT"] = place
    work_off(assemble(workspace(home)), at(NOW))


@pytest.mark.parametrize(("place", "left"), [("export-claimed", "running"), ("export-ended", "done")])
def test_a_scheduler_killed_over_an_export_leaves_it_to_the_next(house: House, place: str, left: str) -> None:
    ask(house, "sam")
    doomed = forking().Process(target=_doomed, args=(house.settings.home, place))
    doomed.start()
    doomed.join(120)
    assert doomed.exitcode == -signal.SIGKILL
    assert own(house, "sam")[0].state == left
    assert work_off(house, at(NOW)) == 0, "whoever works on it may still be alive"
    work_off(house, at(NOW + LEASE))
    assert fetched(house, "sam", own(house, "sam")[0]).content
    assert told(house).count("export.done") == 1


def test_tess_gets_a_one_pager_for_each_of_her_reps_and_of_nobody_elses(house: House) -> None:
    ask(house, "tess", "/d/me?period=2025", "zip")
    assert work_off(house, at(NOW)) == 1
    (card,) = own(house, "tess")
    assert card.state == "done", card.sentence
    archive = zipfile.ZipFile(io.BytesIO(fetched(house, "tess", card).content))
    reps = house.asker.members("rep", house.viewer_named("tess@salient.example").context)
    assert 1 < len(archive.namelist()) <= len(reps)
    named = {rep.name for rep in reps}
    strangers = {
        rep.name for rep in house.asker.members("rep", house.viewer_named("erin@salient.example").context)
    } - named
    for entry in archive.namelist():
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(archive.read(entry))).pages)
        assert sum(name in text for name in named) >= 1
        assert not any(name in text for name in strangers), entry


def test_a_cancelled_export_is_not_made(house: House) -> None:
    job = ask(house, "sam")

    def cancelling() -> datetime:
        """The first look at the clock is the claim's; before the second, Sam has changed her mind."""
        if own(house, "sam")[0].state == "running":
            with house.database.write() as session:
                jobs.cancel(session, house.viewer_named("sam@salient.example"), job.id, now=NOW)
        return NOW

    assert work_off(house, cancelling) == 1
    assert own(house, "sam")[0].state == "cancelled"
    assert told(house) == ["export.asked", "export.cancelled"]
