"""Reports are kept with all their versions, and each is there for those it was made for, and for nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.models.database import Database
from app.models.schedule import Schedule
from app.services import accounts, documents, filing, housekeeping, instances, reports
from app.services.filing import Filed
from app.services.instances import Contents
from app.services.reports import RESTORABLE, Access, ReportCard
from app.values.document import Document
from app.values.errors import Conflict, Forbidden, Invalid, NotFound
from app.values.report import Part, Report
from layouts.dashboards import DASHBOARDS
from layouts.standard_reports import STANDARD
from tests.services.cast import NOW, acts, viewer

MONDAY = Report("Monday", (Part("/d/overview/cumulative"), Part("/d/team")), formats=("csv",))


def saved(database: Database, who: str, report: Report = MONDAY, **access: Any) -> ReportCard:
    asking = viewer(database, who)
    with database.write() as session:
        return reports.save(session, asking, report, DASHBOARDS, Access(**access), now=NOW)


def changed(database: Database, who: str, card: ReportCard, **given: Any) -> ReportCard:
    asking = viewer(database, who)
    with database.write() as session:
        return reports.change(session, asking, card.id, DASHBOARDS, version=card.version, now=NOW, **given)


def found(database: Database, who: str, report_id: str) -> ReportCard:
    asking = viewer(database, who)
    with database.read() as session:
        return reports.find(session, asking, report_id)


def names(database: Database, who: str, **given: Any) -> list[str]:
    asking = viewer(database, who)
    with database.read() as session:
        return [card.report.name for card in reports.listed(session, asking, **given)]


def test_otto_keeps_no_report_and_none_is_there_for_him(staffed: Database) -> None:
    card = saved(staffed, "erin", visibility="everyone", people=("otto@x.example",))
    with pytest.raises(Forbidden):
        saved(staffed, "otto")
    for looking in (lambda: found(staffed, "otto", card.id), lambda: names(staffed, "otto")):
        with pytest.raises(Forbidden):
            looking()


def test_a_report_is_there_for_those_it_was_made_for(staffed: Database) -> None:
    private = saved(staffed, "erin")
    for_all = saved(staffed, "erin", replace(MONDAY, name="All"), visibility="everyone")
    leads = saved(staffed, "erin", replace(MONDAY, name="Leads"), visibility="role", roles=("team-lead",))
    sams = saved(staffed, "erin", replace(MONDAY, name="Sam’s"), people=("sam@x.example",))
    assert names(staffed, "erin") == ["All", "Leads", "Monday", "Sam’s"]
    assert names(staffed, "tess") == ["All", "Leads"]
    assert names(staffed, "sam") == ["All", "Sam’s"]
    assert names(staffed, "rob") == ["All"]
    told = set()
    for hidden in (private.id, leads.id, sams.id, "noreport0000"):
        with pytest.raises(NotFound) as refusal:
            found(staffed, "rob", hidden)
        told.add(str(refusal.value))
    assert len(told) == 1
    assert not found(staffed, "rob", for_all.id).is_mine


def test_whoever_may_not_share_keeps_reports_for_the_own_use(staffed: Database) -> None:
    own = replace(MONDAY, parts=(Part("/d/overview/cumulative"),))
    assert saved(staffed, "sam", own).is_mine
    for access in ({"visibility": "everyone"}, {"people": ("rob@x.example",)}):
        with pytest.raises(Forbidden):
            saved(staffed, "sam", replace(own, name="Shared"), **access)
    with pytest.raises(Invalid, match=r"nobody@x\.example"):
        saved(staffed, "erin", people=("nobody@x.example",))


def test_others_copy_a_report_and_change_nothing_of_it(staffed: Database) -> None:
    card = saved(staffed, "erin", visibility="everyone")
    with pytest.raises(Forbidden, match="belongs to Erin"):
        changed(staffed, "tess", card, report=replace(MONDAY, name="Mine"))
    with staffed.write() as session, pytest.raises(Forbidden):
        reports.remove(session, viewer(staffed, "tess"), card.id, now=NOW)
    with staffed.write() as session:
        copied = reports.copy(session, viewer(staffed, "tess"), card.id, DASHBOARDS, name="Mine", now=NOW)
    assert (copied.owner, copied.report.parts, copied.access) == ("Tess", MONDAY.parts, Access())


def test_every_change_is_a_version_and_any_of_them_counts_again(staffed: Database) -> None:
    card = saved(staffed, "erin")
    second = changed(staffed, "erin", card, report=replace(MONDAY, selection="period=last-month"))
    assert second.version == 2
    assert changed(staffed, "erin", second, report=second.report).version == 2, "nothing was changed"
    with pytest.raises(Conflict):
        changed(staffed, "erin", card, report=replace(MONDAY, name="Slow"))
    with staffed.write() as session:
        back = reports.bring_back(session, viewer(staffed, "erin"), card.id, DASHBOARDS, earlier=1, version=2, now=NOW)
    assert (back.version, back.report) == (3, MONDAY)
    with staffed.read() as session:
        told = reports.versions(session, viewer(staffed, "erin"), card.id)
    assert [(each.version, each.report.selection, each.author) for each in told] == [
        (3, "", "Erin"),
        (2, "period=last-month", "Erin"),
        (1, "", "Erin"),
    ]
    assert acts(staffed) == ["report.saved", "report.changed", "report.changed"]


def test_a_deleted_report_pauses_what_sends_it_and_comes_back(staffed: Database) -> None:
    card, other = saved(staffed, "erin"), saved(staffed, "erin", replace(MONDAY, name="Other"))
    for name, sent in (("paused", card.id), ("goes on", other.id)):
        schedule(staffed, name, f"report:{sent}")
    with staffed.write() as session:
        reports.remove(session, viewer(staffed, "erin"), card.id, now=NOW)
    with staffed.read() as session:
        told = {row.name: row.pause_reason for row in session.scalars(select(Schedule))}
    assert told == {"paused": "The report Monday was deleted.", "goes on": ""}
    assert names(staffed, "erin") == ["Other"]
    assert names(staffed, "erin", deleted=True, now=NOW) == ["Monday"]
    with pytest.raises(NotFound):
        found(staffed, "erin", card.id)
    with staffed.write() as session, pytest.raises(NotFound):
        reports.restore(session, viewer(staffed, "tess"), card.id, now=NOW)
    with staffed.write() as session:
        assert reports.restore(session, viewer(staffed, "erin"), card.id, now=NOW).report == MONDAY
    assert names(staffed, "erin") == ["Monday", "Other"]


def schedule(database: Database, name: str, sent: str) -> None:
    with database.write() as session:
        owner = accounts.find_person(session, "erin@x.example").id
        given = {"formats": ["csv"], "recurrence": "0 7 * * 1", "zone": "UTC", "condition": {}, "recipients": []}
        at = {"created_at": NOW, "changed_at": NOW, "next_due": NOW}
        session.add(Schedule(id=name, owner_id=owner, name=name, views=[sent], **given, **at))


def test_a_report_deleted_long_ago_is_gone_for_good(staffed: Database) -> None:
    card = saved(staffed, "erin")
    with staffed.write() as session:
        reports.remove(session, viewer(staffed, "erin"), card.id, now=NOW)
        assert housekeeping.forget(session, NOW + RESTORABLE).reports == 1
    with staffed.write() as session, pytest.raises(NotFound):
        reports.restore(session, viewer(staffed, "erin"), card.id, now=NOW)


def test_two_reports_of_one_person_do_not_have_one_name(staffed: Database) -> None:
    saved(staffed, "erin")
    with pytest.raises(Conflict):
        saved(staffed, "erin", replace(MONDAY, name=" monday"))
    assert saved(staffed, "dirk")


@pytest.mark.parametrize("part", ["/d/nowhere", "/d/overview/nowhere", "/d/overview/margin-rate"])
def test_a_part_that_is_not_sams_to_see_is_refused_when_he_saves(staffed: Database, part: str) -> None:
    with pytest.raises(Invalid, match="no dashboard or panel that you may open"):
        saved(staffed, "sam", replace(MONDAY, parts=(Part(part),)))


def test_a_format_there_is_not_is_refused_when_it_is_saved(staffed: Database) -> None:
    with pytest.raises(NotFound, match="no such format"):
        saved(staffed, "erin", replace(MONDAY, formats=("exe",)))


@pytest.mark.parametrize("standard", STANDARD)
@pytest.mark.parametrize("who", ["erin", "tess", "sam"])
def test_everybody_copies_a_standard_report_with_the_parts_of_their_own(
    staffed: Database, who: str, standard: str
) -> None:
    with staffed.write() as session:
        card = reports.copy(session, viewer(staffed, who), standard, DASHBOARDS, now=NOW)
    assert card.report.kind == standard
    whole = {part.view for part in STANDARD[standard].parts}
    mine = {part.view for part in card.report.parts}
    assert mine <= whole
    assert (mine == whole) == (who != "sam" or not any("margin" in each for each in whole))


def filed(home: Path, content: bytes = b"12") -> Filed:
    return filing.file_away(home, Document("monday.csv", "text/csv", content))


def made(database: Database, home: Path, who: str, report_id: str, content: bytes = b"12") -> str:
    with database.write() as session:
        asking = viewer(database, who)
        begun = instances.begin(session, asking, report_id, now=NOW)
        contents = Contents((filed(home, content),), 7, 3, (NOW.date(), NOW.date()), ("Net sales are up.",))
        instances.end(session, asking, home, begun, contents, now=NOW + timedelta(seconds=2))
    return begun


def opened(database: Database, home: Path, who: str, instance: str) -> Document:
    with database.write() as session:
        return instances.open_file(session, viewer(database, who), home, instance, "monday.csv", now=NOW)


def test_an_instance_reopened_shows_what_was_sent_even_when_the_report_is_another(
    staffed: Database, tmp_path: Path
) -> None:
    card = saved(staffed, "erin")
    begun = made(staffed, tmp_path, "erin", card.id)
    changed(staffed, "erin", card, report=replace(MONDAY, name="Tuesday"))
    with staffed.read() as session:
        (told,) = instances.listed(session, viewer(staffed, "erin"), card.id)
    assert (told.version, told.name, told.state, told.seconds, told.rows) == (1, "Monday", "done", 2, 7)
    assert (told.generation, told.days, told.summary) == (3, (NOW.date(), NOW.date()), ("Net sales are up.",))
    assert told.views == ("/d/overview/cumulative", "/d/team")
    assert opened(staffed, tmp_path, "erin", begun).content == b"12"


def test_the_owner_of_a_report_sees_that_it_was_made_for_sam_and_not_what_it_says(
    staffed: Database, tmp_path: Path
) -> None:
    shared = replace(MONDAY, parts=(Part("/d/overview/cumulative"),))
    card = saved(staffed, "erin", shared, visibility="everyone")
    begun = made(staffed, tmp_path, "sam", card.id)
    with staffed.read() as session:
        told = instances.find(session, viewer(staffed, "erin"), begun)
        assert (told.state, told.files, told.summary) == ("done", (), ())
        assert len(instances.find(session, viewer(staffed, "sam"), begun).files) == 1
        assert instances.listed(session, viewer(staffed, "rob"), card.id) == []
        for other in ("rob", "ada"):
            with pytest.raises(NotFound):
                instances.find(session, viewer(staffed, other), begun)
    assert opened(staffed, tmp_path, "sam", begun).content == b"12"
    for other in ("erin", "rob", "tess"):
        with pytest.raises(NotFound):
            opened(staffed, tmp_path, other, begun)
    with pytest.raises(Forbidden):
        opened(staffed, tmp_path, "otto", begun)


def test_what_a_person_was_sent_closes_with_the_rights_and_opens_to_who_sees_everything(
    staffed: Database, tmp_path: Path
) -> None:
    card = saved(staffed, "erin", replace(MONDAY, parts=(Part("/d/overview/cumulative"),)), visibility="everyone")
    begun = made(staffed, tmp_path, "remy", card.id)
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "remy@x.example", place_keys=["region:nordics"])
    with pytest.raises(Forbidden, match="rights have changed"):
        opened(staffed, tmp_path, "remy", begun)
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "remy@x.example", role="executive")
    assert opened(staffed, tmp_path, "remy", begun).content == b"12"


def test_what_a_report_said_under_former_rights_is_not_told_any_more(staffed: Database, tmp_path: Path) -> None:
    card = saved(staffed, "erin", replace(MONDAY, parts=(Part("/d/overview/cumulative"),)), visibility="everyone")
    begun = made(staffed, tmp_path, "remy", card.id)
    with staffed.read() as session:
        assert instances.find(session, viewer(staffed, "remy"), begun).summary
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "remy@x.example", role="rep", rep_key="R001", place_keys=[])
    with staffed.read() as session:
        remy = viewer(staffed, "remy")
        told = (instances.find(session, remy, begun), *instances.listed(session, remy, card.id))
    assert [each.summary for each in told] == [(), ()]


def test_who_may_not_take_files_away_any_more_opens_none_of_an_instance(staffed: Database, tmp_path: Path) -> None:
    card = saved(staffed, "erin", replace(MONDAY, parts=(Part("/d/overview/cumulative"),)), visibility="everyone")
    begun = made(staffed, tmp_path, "erin", card.id)
    with staffed.write() as session:
        accounts.change_role(
            session, "cli", "executive", permissions=["dashboards", "rows"], masks=[], scope_kind="everything"
        )
    with pytest.raises(Forbidden):
        opened(staffed, tmp_path, "erin", begun)


def test_the_files_of_instances_stay_for_a_year(staffed: Database, tmp_path: Path) -> None:
    from tests.services.test_documents import grow_old, swept

    card = saved(staffed, "erin")
    begun = made(staffed, tmp_path, "erin", card.id)
    grow_old(tmp_path)
    assert swept(staffed, tmp_path) == 0
    assert opened(staffed, tmp_path, "erin", begun).content == b"12"
    with staffed.write() as session:
        assert housekeeping.forget(session, NOW + instances.KEPT).instances == 1
    assert swept(staffed, tmp_path) == 1


def test_an_instance_that_could_not_be_made_tells_why_and_one_left_lying_has_failed(
    staffed: Database, tmp_path: Path
) -> None:
    card = saved(staffed, "erin")
    asking = viewer(staffed, "erin")
    with staffed.write() as session:
        broken = instances.begin(session, asking, card.id, now=NOW)
        instances.fail(session, asking, broken, "The warehouse is away.", now=NOW)
        left = instances.begin(session, asking, card.id, now=NOW)
    with staffed.write() as session, pytest.raises(Conflict):
        instances.end(session, asking, tmp_path, broken, Contents((filed(tmp_path),), 1), now=NOW)
    with staffed.write() as session:
        housekeeping.forget(session, NOW + instances.STUCK)
    with staffed.read() as session:
        told = {each.id: (each.state, each.error) for each in instances.listed(session, asking, card.id)}
    assert told == {broken: ("failed", "The warehouse is away."), left: ("failed", instances.NEVER_ENDED)}


def test_whoever_is_moved_while_it_is_made_gets_nothing(staffed: Database, tmp_path: Path) -> None:
    card = saved(staffed, "erin", replace(MONDAY, parts=(Part("/d/overview/cumulative"),)), visibility="everyone")
    with staffed.write() as session:
        begun = instances.begin(session, viewer(staffed, "remy"), card.id, now=NOW)
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "remy@x.example", place_keys=["region:nordics"])
    with staffed.write() as session, pytest.raises(Conflict):
        instances.end(session, viewer(staffed, "remy"), tmp_path, begun, Contents((filed(tmp_path),), 1), now=NOW)


def test_what_became_of_its_sending_is_kept_with_it(staffed: Database, tmp_path: Path) -> None:
    card = saved(staffed, "erin")
    begun = made(staffed, tmp_path, "erin", card.id)
    sent = [{"recipient": "person:2", "state": "sent", "reason": ""}]
    with staffed.write() as session:
        instances.tell_distribution(session, begun, "sent", sent, now=NOW)
    with staffed.read() as session:
        told = instances.find(session, viewer(staffed, "erin"), begun)
    assert (told.distribution, list(told.distributed)) == ("sent", sent)
    assert documents.KEPT < instances.KEPT
