"""The chain shows every edit, removal, insertion, reordering and cut tail."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.models.database import Database, open_database
from app.models.event import AuditEvent, ChainHead
from app.services.ledger import faults, record


@pytest.fixture
def told(database: Database) -> Database:
    """Ten roles were added; five more things happened."""
    with database.write() as session:
        for number in range(5):
            record(session, "cli", "tested", f"thing:{number}", {"übung": number, "b": [1, None]})
    return database


def tampered(database: Database, *statements: str) -> list[str]:
    """What the check finds after somebody with the database's own key ran `statements`."""
    with database.write() as session:
        if database.engine.dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER audit_event_no_update"))
            session.execute(text("DROP TRIGGER audit_event_no_delete"))
        else:
            session.execute(text("DROP TRIGGER audit_event_sealed ON audit_event"))
        for statement in statements:
            session.execute(text(statement))
    with database.read() as session:
        return faults(session)


def test_an_untouched_chain_holds(told: Database) -> None:
    with told.read() as session:
        assert faults(session) == []
        assert len(session.scalars(select(AuditEvent)).all()) == 15


def test_the_application_cannot_change_or_remove_events(told: Database) -> None:
    for statement in ("UPDATE audit_event SET actor = 'me'", "DELETE FROM audit_event WHERE sequence = 3"):
        with pytest.raises(DatabaseError, match="sealed"), told.write() as session:
            session.execute(text(statement))


@pytest.mark.parametrize("column", ["actor", "action", "subject"])
def test_an_edit_shows(told: Database, column: str) -> None:
    assert tampered(told, f"UPDATE audit_event SET {column} = 'x' WHERE sequence = 12") == ["Event 12 was changed."]


def test_an_edited_detail_shows(told: Database) -> None:
    found = tampered(told, "UPDATE audit_event SET detail = '{\"b\": 1}' WHERE sequence = 12")
    assert found == ["Event 12 was changed."]


def test_a_removal_shows(told: Database) -> None:
    assert tampered(told, "DELETE FROM audit_event WHERE sequence = 12") == ["Events 12 to 12 are missing."]


def test_a_removal_with_the_others_moved_up_shows(told: Database) -> None:
    found = tampered(
        told,
        "DELETE FROM audit_event WHERE sequence = 14",
        "UPDATE audit_event SET sequence = 14 WHERE sequence = 15",
        "UPDATE audit_head SET sequence = 14",
    )
    assert "Event 14 was changed." in found


def test_a_reordering_shows(told: Database) -> None:
    found = tampered(
        told,
        "UPDATE audit_event SET sequence = 99 WHERE sequence = 12",
        "UPDATE audit_event SET sequence = 12 WHERE sequence = 13",
        "UPDATE audit_event SET sequence = 13 WHERE sequence = 99",
    )
    assert found != []


def test_an_insertion_shows(told: Database) -> None:
    found = tampered(
        told,
        "INSERT INTO audit_event (sequence, at, actor, action, subject, detail, previous, digest) "
        "SELECT 16, at, actor, action, subject, detail, digest, digest FROM audit_event WHERE sequence = 15",
    )
    assert "Event 16 was changed." in found


def test_a_cut_tail_shows(told: Database) -> None:
    assert tampered(told, "DELETE FROM audit_event WHERE sequence > 12") == [
        "The end of the chain is not where it was: it stops at event 12."
    ]


def test_everything_gone_shows(told: Database) -> None:
    assert tampered(told, "DELETE FROM audit_event") != []


def test_a_chain_made_with_another_key_does_not_hold(told: Database) -> None:
    forger = open_database(told.engine.url.render_as_string(hide_password=False), "the key of somebody else entirely")
    with forger.write() as session:
        record(session, "cli", "forged", "thing:1", at=datetime(2026, 1, 1, tzinfo=UTC))
    forger.close()
    with told.read() as session:
        assert faults(session) == ["Event 16 was changed."]


def test_what_is_rolled_back_is_not_told(told: Database) -> None:
    def half_way() -> None:
        with told.write() as session:
            record(session, "cli", "tested", "thing:6")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_way()
    with told.read() as session:
        assert faults(session) == []
        assert session.scalars(select(ChainHead.sequence)).one() == 15


def test_many_writers_make_one_chain(told: Database) -> None:
    def write() -> None:
        for number in range(10):
            with told.write() as session:
                record(session, "cli", "tested", f"thing:{number}")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with told.read() as session:
        assert faults(session) == []
        assert session.scalars(select(ChainHead.sequence)).one() == 55
