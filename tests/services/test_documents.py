"""A finished file waits for its owner for a day; nobody else can tell that it is there."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from app.models.database import Database
from app.models.document import KeptDocument
from app.services import accounts, documents, filing, housekeeping
from app.services.documents import KEPT, DocumentCard
from app.services.filing import FOLDER, SPARED_S
from app.values.document import Document
from app.values.errors import Conflict, Forbidden, Invalid, NotFound
from tests.services.cast import NOW, acts, viewer

REPORT = Document("overview.csv", "text/csv", b"net sales\r\n12.50\r\n")
VIEW = "/d/overview?period=2025"


def kept(database: Database, home: Path, who: str, document: Document = REPORT, view: str = VIEW) -> DocumentCard:
    filed = filing.file_away(home, document)
    with database.write() as session:
        return documents.keep(session, viewer(database, who), home, filed, view=view, format_id="csv", now=NOW)


def fetched(database: Database, home: Path, who: str, card_id: str, after: timedelta = timedelta()) -> Document:
    asking = viewer(database, who)
    with database.write() as session:
        return documents.fetch(session, asking, home, card_id, now=NOW + after)


def files(home: Path) -> list[Path]:
    return sorted(path for path in (home / FOLDER).rglob("*") if path.is_file())


def test_otto_keeps_nothing_and_cannot_tell_sams_file_from_none(staffed: Database, tmp_path: Path) -> None:
    card = kept(staffed, tmp_path, "sam")
    with pytest.raises(Forbidden):
        kept(staffed, tmp_path, "otto")
    told = set()
    for wanted in (card.id, "x" * 43, ""):
        with pytest.raises(NotFound) as refusal:
            fetched(staffed, tmp_path, "otto", wanted)
        told.add(str(refusal.value))
    assert len(told) == 1
    with staffed.read() as session, pytest.raises(Forbidden):
        documents.own(session, viewer(staffed, "otto"), now=NOW)


def test_sam_fetches_her_file_and_her_own_lead_and_administrator_do_not(staffed: Database, tmp_path: Path) -> None:
    card = kept(staffed, tmp_path, "sam")
    assert len(card.id) == 43
    assert fetched(staffed, tmp_path, "sam", card.id) == REPORT
    for other in ("tess", "ada", "erin"):
        with pytest.raises(NotFound):
            fetched(staffed, tmp_path, other, card.id)
    assert acts(staffed) == ["document.kept", "document.fetched"]


def test_after_a_day_it_is_gone_with_its_bytes(staffed: Database, tmp_path: Path) -> None:
    card = kept(staffed, tmp_path, "sam")
    assert fetched(staffed, tmp_path, "sam", card.id, KEPT - timedelta(seconds=1)) == REPORT
    with pytest.raises(NotFound):
        fetched(staffed, tmp_path, "sam", card.id, KEPT)
    with staffed.write() as session:
        assert housekeeping.forget(session, NOW + KEPT).documents == 1
    assert swept(staffed, tmp_path) == 0, "a file is spared for an hour after it was written"
    grow_old(tmp_path)
    assert swept(staffed, tmp_path) == 1
    assert files(tmp_path) == []


def swept(database: Database, home: Path) -> int:
    with database.write() as session:
        return documents.sweep(session, home)


def grow_old(home: Path) -> None:
    for path in files(home):
        then = path.stat().st_mtime - SPARED_S - 1
        os.utime(path, (then, then))


def test_the_same_bytes_lie_there_once_and_stay_until_the_last_owner_is_done(staffed: Database, tmp_path: Path) -> None:
    sams, robs = kept(staffed, tmp_path, "sam"), kept(staffed, tmp_path, "rob")
    assert sams.sha256 == robs.sha256
    assert sams.id != robs.id
    assert len(files(tmp_path)) == 1
    with staffed.write() as session:
        documents.throw_away(session, viewer(staffed, "sam"), sams.id, now=NOW)
    grow_old(tmp_path)
    assert swept(staffed, tmp_path) == 0
    assert fetched(staffed, tmp_path, "rob", robs.id) == REPORT
    with pytest.raises(NotFound):
        fetched(staffed, tmp_path, "sam", sams.id)


def test_nobody_throws_away_what_is_anothers(staffed: Database, tmp_path: Path) -> None:
    card = kept(staffed, tmp_path, "sam")
    for other in ("tess", "ada"):
        with staffed.write() as session, pytest.raises(NotFound):
            documents.throw_away(session, viewer(staffed, other), card.id, now=NOW)
    assert fetched(staffed, tmp_path, "sam", card.id) == REPORT


def test_whoever_was_moved_meanwhile_exports_anew(staffed: Database, tmp_path: Path) -> None:
    card = kept(staffed, tmp_path, "remy")
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "remy@x.example", place_keys=["region:nordics"])
    with pytest.raises(Forbidden, match="rights have changed"):
        fetched(staffed, tmp_path, "remy", card.id)


def test_whoever_left_or_lost_the_role_gets_nothing_more(staffed: Database, tmp_path: Path) -> None:
    sams, robs = kept(staffed, tmp_path, "sam"), kept(staffed, tmp_path, "rob")
    with staffed.write() as session:
        accounts.disable_user(session, "cli", "sam@x.example")
        accounts.change_rights(session, "cli", "rob@x.example", role="none")
    for who, card in (("sam", sams), ("rob", robs)):
        with pytest.raises(NotFound):
            fetched(staffed, tmp_path, who, card.id)


def test_a_file_that_somebody_changed_on_the_disk_is_not_handed_out(staffed: Database, tmp_path: Path) -> None:
    card = kept(staffed, tmp_path, "sam")
    files(tmp_path)[0].write_bytes(b"net sales\r\n99.99\r\n")
    with pytest.raises(NotFound):
        fetched(staffed, tmp_path, "sam", card.id)


def test_bytes_swept_away_before_they_were_kept_are_noticed(staffed: Database, tmp_path: Path) -> None:
    filed = filing.file_away(tmp_path, REPORT)
    grow_old(tmp_path)
    assert swept(staffed, tmp_path) == 1
    with staffed.write() as session, pytest.raises(Conflict):
        documents.keep(session, viewer(staffed, "sam"), tmp_path, filed, view=VIEW, format_id="csv", now=NOW)
    assert acts(staffed) == []


@pytest.mark.parametrize("name", ["", "a/b.csv", "..\\b.csv", 'a".csv', "a\r\nX: y.csv", "x" * 201])
def test_no_clients_text_becomes_a_path_or_a_header(staffed: Database, tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid):
        kept(staffed, tmp_path, "sam", Document(name, "text/csv", b"x"))


def test_only_the_workspaces_owner_reads_the_files(staffed: Database, tmp_path: Path) -> None:
    kept(staffed, tmp_path, "sam")
    path = files(tmp_path)[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_draft_that_a_killed_process_left_is_swept(staffed: Database, tmp_path: Path) -> None:
    kept(staffed, tmp_path, "sam")
    (files(tmp_path)[0].parent / ".0123456789abcdef").write_bytes(b"half")
    grow_old(tmp_path)
    assert swept(staffed, tmp_path) == 1
    assert len(files(tmp_path)) == 1


def test_sam_sees_her_files_listed_and_no_secret_is_written_into_the_ledger(staffed: Database, tmp_path: Path) -> None:
    first = kept(staffed, tmp_path, "sam")
    kept(staffed, tmp_path, "rob")
    with staffed.read() as session:
        assert documents.own(session, viewer(staffed, "sam"), now=NOW) == [first]
        assert documents.own(session, viewer(staffed, "sam"), now=NOW + KEPT) == []
        row = session.get_one(KeptDocument, first.id)
        assert row.view == VIEW
    assert first.id not in ledger_text(staffed)


def ledger_text(database: Database) -> str:
    from sqlalchemy import select

    from app.models.event import AuditEvent

    with database.read() as session:
        return " ".join(f"{event.subject} {event.detail}" for event in session.scalars(select(AuditEvent)))
