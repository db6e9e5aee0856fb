"""Sam writes down what he learned of a customer; whoever may see that customer reads it, and nobody else."""

from __future__ import annotations

import pytest

from app.models.database import Database
from app.services import ledger, notes
from app.services.notes import LONGEST, MOST
from app.values.errors import Forbidden, Invalid, NotFound, TooBig
from app.values.viewer import Viewer
from tests.services.cast import NOW, acts, viewer

SEEN = {"sam": {"acme"}, "tess": {"acme"}, "rob": {"bolt"}, "erin": {"acme", "bolt"}, "fay": {"acme"}}


def sees(who: Viewer, customer: str) -> bool:
    """Sam and Rob see one customer each, Erin both."""
    return customer in SEEN.get(who.name.lower(), set())


def read(database: Database, name: str, customer: str = "acme") -> list[str]:
    with database.read() as session:
        return [each.text for each in notes.listed(session, viewer(database, name), customer, sees)]


def written(database: Database, name: str, text: str, customer: str = "acme") -> str:
    with database.write() as session:
        return notes.write(session, viewer(database, name), customer, text, sees, now=NOW).id


def test_a_note_is_read_by_those_who_see_the_customer(staffed: Database) -> None:
    written(staffed, "sam", "  Moves house in May. \n Ask again then.  ")
    for name in ("sam", "tess", "erin"):
        assert read(staffed, name) == ["Moves house in May.\n Ask again then."]
    with staffed.read() as session:
        (note,) = notes.listed(session, viewer(staffed, "tess"), "acme", sees)
    assert (note.author, note.is_mine, note.created_at, note.changed_at) == ("Sam", False, NOW, None)
    for name in ("rob", "otto"):
        with pytest.raises((NotFound, Forbidden)):
            read(staffed, name)
    assert read(staffed, "rob", "bolt") == []


def test_one_changes_and_deletes_ones_own_notes_only(staffed: Database) -> None:
    note = written(staffed, "sam", "First")
    with staffed.write() as session:
        with pytest.raises(Forbidden, match="This note is by Sam"):
            notes.change(session, viewer(staffed, "erin"), note, "Mine", sees)
        with pytest.raises(Forbidden, match="This note is by Sam"):
            notes.remove(session, viewer(staffed, "tess"), note, sees)
        for nobody in ("rob", "otto"):
            with pytest.raises((NotFound, Forbidden)):
                notes.remove(session, viewer(staffed, nobody), note, sees)
        changed = notes.change(session, viewer(staffed, "sam"), note, "Second", sees, now=NOW)
    assert (changed.text, changed.changed_at) == ("Second", NOW)
    assert read(staffed, "erin") == ["Second"]
    with staffed.write() as session:
        notes.remove(session, viewer(staffed, "sam"), note, sees)
    assert read(staffed, "erin") == []
    assert acts(staffed) == ["note.written", "note.changed", "note.deleted"]
    with staffed.read() as session:
        assert ledger.faults(session) == []


def test_who_lost_sight_of_a_customer_no_longer_touches_the_notes(
    staffed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = written(staffed, "sam", "Was mine")
    monkeypatch.setitem(SEEN, "sam", set())
    with staffed.write() as session:
        with pytest.raises(NotFound):
            notes.change(session, viewer(staffed, "sam"), note, "Still mine?", sees)
        with pytest.raises(NotFound):
            notes.listed(session, viewer(staffed, "sam"), "acme", sees)
    assert read(staffed, "erin") == ["Was mine"]


def test_addresses_and_numbers_in_notes_are_hidden_from_whom_contact_data_are(staffed: Database) -> None:
    written(staffed, "sam", "Call Jo at +43 555 000 35 or jo@acme.example, order of 40 units.")
    assert read(staffed, "fay") == ["Call Jo at ••• or ••• order of 40 units."]
    assert read(staffed, "tess") == ["Call Jo at +43 555 000 35 or jo@acme.example, order of 40 units."]
    mine = written(staffed, "fay", "I wrote to jo@acme.example")
    with staffed.read() as session:
        own = next(each for each in notes.listed(session, viewer(staffed, "fay"), "acme", sees) if each.id == mine)
    assert own.text == "I wrote to jo@acme.example"


def test_a_note_is_neither_empty_nor_endless_and_there_are_not_too_many(
    staffed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("", "  \n ", "x" * (LONGEST + 1)):
        with pytest.raises(Invalid):
            written(staffed, "sam", text)
    assert MOST >= 100
    monkeypatch.setattr(notes, "MOST", 2)
    for text in ("one", "two"):
        written(staffed, "sam", text)
    with pytest.raises(TooBig, match="at most 2 notes"):
        written(staffed, "sam", "three")


def test_the_ledger_does_not_keep_what_was_written(staffed: Database) -> None:
    from app.models.event import AuditEvent

    written(staffed, "sam", "A secret of the customer")
    with staffed.read() as session:
        told = [str(event.detail) for event in session.query(AuditEvent)]
    assert not any("secret" in each for each in told)
