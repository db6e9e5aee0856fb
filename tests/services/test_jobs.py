"""An export that takes a while has one worker at a time, and always ends with a file or a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.models.database import Database
from app.models.job import ExportJob
from app.services import documents, filing, housekeeping, jobs
from app.services.jobs import LEASE, LISTED, MOST_A_DAY, MOST_OPEN, TRIES, Claim, JobCard
from app.values.document import Document
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, TooBig
from tests.services.cast import NOW, acts, viewer
from tests.services.test_views import at_once

SOON = timedelta(seconds=1)
LATER = timedelta(minutes=10)


def asked(database: Database, who: str, view: str = "/d/overview", now: datetime = NOW) -> JobCard:
    asking = viewer(database, who)
    with database.write() as session:
        return jobs.enqueue(session, asking, view, "csv", now=now)


def claimed(database: Database, now: datetime = NOW, worker: str = "one") -> Claim | None:
    with database.write() as session:
        return jobs.claim(session, worker, now)


def finished(database: Database, home: Path, claim: Claim, who: str = "sam", now: datetime = NOW) -> JobCard:
    filed = filing.file_away(home, Document("overview.csv", "text/csv", b"12"))
    owner = viewer(database, who)
    with database.write() as session:
        return jobs.finish(session, owner, home, claim, filed, now)


def failed(database: Database, claim: Claim, now: datetime = NOW, *, for_good: bool = False) -> bool:
    with database.write() as session:
        return jobs.fail(session, claim, "The warehouse is away.", now, for_good=for_good)


def own(database: Database, who: str, now: datetime = NOW) -> list[JobCard]:
    asking = viewer(database, who)
    with database.read() as session:
        return jobs.own(session, asking, now=now)


def news(database: Database, who: str) -> int:
    asking = viewer(database, who)
    with database.read() as session:
        return jobs.unseen(session, asking)


def test_otto_asks_for_nothing_and_sees_and_cancels_nobodys(staffed: Database) -> None:
    job = asked(staffed, "sam")
    with pytest.raises(Forbidden):
        asked(staffed, "otto")
    with pytest.raises(Forbidden):
        own(staffed, "otto")
    assert news(staffed, "otto") == 0
    for other, kind in (("otto", Forbidden), ("tess", NotFound), ("ada", NotFound)):
        with staffed.write() as session, pytest.raises(kind):
            jobs.cancel(session, viewer(staffed, other), job.id, now=NOW)
    assert [each.state for each in own(staffed, "sam")] == ["waiting"]
    assert own(staffed, "tess") == []


def test_sams_export_is_made_and_waits_for_her(staffed: Database, tmp_path: Path) -> None:
    asked(staffed, "sam", "/d/overview?period=2025")
    claim = claimed(staffed)
    assert claim is not None
    assert (claim.email, claim.view, claim.format) == ("sam@x.example", "/d/overview?period=2025", "csv")
    with staffed.write() as session:
        assert jobs.advance(session, claim, 60, NOW)
    assert [(each.state, each.progress) for each in own(staffed, "sam")] == [("running", 60)]
    assert news(staffed, "sam") == 0
    finished(staffed, tmp_path, claim)
    (card,) = own(staffed, "sam")
    assert (card.state, card.progress, card.name, card.size) == ("done", 100, "overview.csv", 2)
    with staffed.write() as session:
        assert documents.fetch(session, viewer(staffed, "sam"), tmp_path, card.document, now=NOW).content == b"12"
    assert acts(staffed) == [
        "export.asked",
        "document.kept",
        "export.csv",
        "export.done",
        "document.fetched",
    ]
    assert claimed(staffed, NOW + LATER) is None


def test_the_notice_stands_until_she_has_looked(staffed: Database, tmp_path: Path) -> None:
    asked(staffed, "sam")
    claim = claimed(staffed)
    assert claim is not None
    finished(staffed, tmp_path, claim)
    assert (news(staffed, "sam"), news(staffed, "tess")) == (1, 0)
    with staffed.write() as session:
        jobs.see(session, viewer(staffed, "sam"), now=NOW)
    assert news(staffed, "sam") == 0


def test_after_its_day_the_file_is_no_longer_offered_and_after_a_week_nothing_is_told(
    staffed: Database, tmp_path: Path
) -> None:
    asked(staffed, "sam")
    claim = claimed(staffed)
    assert claim is not None
    finished(staffed, tmp_path, claim)
    tomorrow = NOW + documents.KEPT
    assert [(each.state, each.document) for each in own(staffed, "sam", tomorrow)] == [("done", "")]
    with staffed.write() as session:
        assert housekeeping.forget(session, tomorrow).documents == 1
    assert [(each.state, each.document) for each in own(staffed, "sam", tomorrow)] == [("done", "")]
    assert own(staffed, "sam", NOW + LISTED) == []
    with staffed.write() as session:
        assert housekeeping.forget(session, NOW + LISTED).jobs == 1


def test_asking_twice_for_the_same_is_one_export(staffed: Database) -> None:
    first = asked(staffed, "sam", "/d/overview?category=b,a&period=2025")
    assert asked(staffed, "sam", "/d/overview?period=2025&category=a&category=b").id == first.id
    assert asked(staffed, "rob", "/d/overview?period=2025&category=a&category=b").id != first.id
    assert acts(staffed) == ["export.asked", "export.asked"]


def test_there_is_an_end_to_what_one_person_asks_for(staffed: Database) -> None:
    for number in range(MOST_OPEN):
        asked(staffed, "sam", f"/d/overview?period={2020 + number}")
    with pytest.raises(TooBig, match="wait for one"):
        asked(staffed, "sam", "/d/sales")
    assert asked(staffed, "rob", "/d/sales")
    with staffed.write() as session:
        session.query(ExportJob).update({"state": "cancelled", "ended_at": NOW})
        owner = session.scalars(select(ExportJob.owner_id)).first()
        given = {"owner_id": owner, "view": "/d/sales", "format": "csv", "state": "cancelled"}
        session.add_all(
            ExportJob(id=f"j{number}", asked_at=NOW, due_at=NOW, **given) for number in range(MOST_A_DAY - MOST_OPEN)
        )
    with pytest.raises(TooBig, match="a day"):
        asked(staffed, "sam")
    assert asked(staffed, "sam", now=NOW + timedelta(days=1, seconds=1))


@pytest.mark.parametrize(("view", "kind"), [("/account", Invalid), ("https://elsewhere.example/", Invalid)])
def test_what_is_no_view_is_refused_when_it_is_asked_for(staffed: Database, view: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        asked(staffed, "sam", view)
    with staffed.write() as session, pytest.raises(NotFound, match="no such format"):
        jobs.enqueue(session, viewer(staffed, "sam"), "/d/overview", "exe", now=NOW)


def test_a_job_is_one_workers_only(staffed: Database) -> None:
    asked(staffed, "sam")
    asked(staffed, "rob")
    claims = [claimed(staffed, worker=name) for name in ("one", "two", "three")]
    assert claims[2] is None
    assert len({each.id for each in claims if each}) == 2


def test_workers_that_ask_at_once_share_the_jobs_out(staffed: Database) -> None:
    for number in range(4):
        asked(staffed, "sam", f"/d/overview?period={2020 + number}")
    taken: list[Claim | None] = []
    assert at_once(*[lambda: taken.append(claimed(staffed))] * 6) == []
    got = [each.id for each in taken if each]
    assert len(got) == len(set(got)) == 4


def test_a_silent_worker_loses_the_job_and_cannot_end_it_any_more(staffed: Database, tmp_path: Path) -> None:
    asked(staffed, "sam")
    silent = claimed(staffed)
    assert silent is not None
    assert claimed(staffed, NOW + LEASE - SOON) is None
    other = claimed(staffed, NOW + LEASE, worker="two")
    assert other is not None
    assert other.tries == 2
    with staffed.write() as session:
        assert not jobs.advance(session, silent, 90, NOW + LEASE)
    with pytest.raises(Conflict):
        finished(staffed, tmp_path, silent)
    with pytest.raises(Conflict):
        failed(staffed, silent)
    with staffed.read() as session:
        assert documents.own(session, viewer(staffed, "sam"), now=NOW) == [], "nothing is kept of what was too late"
    finished(staffed, tmp_path, other)
    assert [each.state for each in own(staffed, "sam")] == ["done"]


def test_saying_how_far_it_is_keeps_the_job(staffed: Database) -> None:
    asked(staffed, "sam")
    claim = claimed(staffed)
    assert claim is not None
    with staffed.write() as session:
        assert jobs.advance(session, claim, 140, NOW + LEASE - SOON)
    assert claimed(staffed, NOW + LEASE) is None
    assert own(staffed, "sam")[0].progress == 100


def test_what_fails_is_tried_three_times_and_then_given_up_with_its_reason(staffed: Database) -> None:
    asked(staffed, "sam")
    now, ends = NOW, []
    for _ in range(TRIES):
        claim = claimed(staffed, now)
        assert claim is not None
        ends.append(failed(staffed, claim, now))
        assert claimed(staffed, now + SOON) is None, "it is not tried again at once"
        now += LATER
    assert ends == [False, False, True]
    assert claimed(staffed, now) is None
    assert [(each.state, each.sentence) for each in own(staffed, "sam")] == [("failed", "The warehouse is away.")]
    assert news(staffed, "sam") == 1
    assert acts(staffed) == ["export.asked", "export.failed"]


def test_what_is_refused_is_not_tried_again(staffed: Database) -> None:
    asked(staffed, "sam")
    claim = claimed(staffed)
    assert claim is not None
    assert failed(staffed, claim, for_good=True)
    assert claimed(staffed, NOW + LATER) is None


def test_what_kills_its_worker_every_time_is_given_up(staffed: Database) -> None:
    asked(staffed, "sam")
    for number in range(TRIES):
        assert claimed(staffed, NOW + number * LEASE) is not None
    assert claimed(staffed, NOW + TRIES * LEASE) is None
    assert [(each.state, each.sentence) for each in own(staffed, "sam")] == [
        ("failed", "Making this file failed 3 times.")
    ]


def test_a_cancelled_export_is_taken_from_its_worker(staffed: Database, tmp_path: Path) -> None:
    job = asked(staffed, "sam")
    claim = claimed(staffed)
    assert claim is not None
    with staffed.write() as session:
        jobs.cancel(session, viewer(staffed, "sam"), job.id, now=NOW)
    with staffed.write() as session:
        assert not jobs.advance(session, claim, 50, NOW)
    with pytest.raises(Conflict):
        finished(staffed, tmp_path, claim)
    with staffed.write() as session, pytest.raises(Conflict):
        jobs.cancel(session, viewer(staffed, "sam"), job.id, now=NOW)
    assert news(staffed, "sam") == 0
    with staffed.read() as session:
        assert session.scalar(select(func.count()).select_from(ExportJob).where(ExportJob.state == "cancelled")) == 1
