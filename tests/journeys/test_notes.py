"""What Sam writes down about a customer stands on that customer's page, for those who may see the customer."""

from __future__ import annotations

import json

import pytest

from app.assembly import House
from app.values.viewer import Viewer
from callbacks import notes
from callbacks.draw import notes_at, panel_parts
from layouts.render.plotly.timeline import with_notes
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Browser
from tests.sweep.script import Script

SAYS = "Prefers delivery on Mondays"


def viewer(house: House, name: str) -> Viewer:
    return house.viewer_named(f"{name}@salient.example")


def at(customer: str) -> dict[str, object]:
    return {"place": ["customer", None, "1", 0], "view": f"/d/customer?customer={customer}"}


@pytest.fixture(scope="module")
def sams(house: House) -> str:
    return house.asker.members("customer", viewer(house, "sam").context, limit=1)[0].key


@pytest.fixture(scope="module")
def written(house: House, sams: str) -> str:
    """Sam's note about his customer."""
    said, emptied, again = notes.acted(house, viewer(house, "sam"), at(sams), {"act": "write", "text": SAYS})
    assert (said, emptied) == ("", "")
    assert again == {**at(sams), "again": True}
    return sams


def shown(house: House, name: str, customer: str) -> str:
    return str(notes.drawn(house, viewer(house, name), at(customer), None)[0])


def test_those_who_see_the_customer_read_it_and_others_do_not(house: House, written: str) -> None:
    for name in ("sam", "erin"):
        assert SAYS in shown(house, name, written)
    others = [name for name in ("remy", "tess", "amy", "otto") if not house.sees_customer(viewer(house, name), written)]
    assert "otto" in others
    for name in others:
        assert SAYS not in shown(house, name, written)
        said, *_ = notes.acted(house, viewer(house, name), at(written), {"act": "write", "text": "Me too"})
        assert said
    assert "Me too" not in shown(house, "erin", written)


def test_only_the_author_is_offered_to_change_it(house: House, written: str) -> None:
    assert "data-keep='change'" in shown(house, "sam", written).replace('"', "'")
    assert "data-keep" not in shown(house, "erin", written)


def test_a_note_being_changed_stays_open_when_newer_data_come(house: House, written: str) -> None:
    sam = viewer(house, "sam")
    _, mark = notes.drawn(house, sam, at(written), None)
    content, _ = notes.drawn(house, sam, {**at(written), "again": True}, mark)
    assert type(content).__name__ == "NoUpdate"


def test_the_timeline_marks_the_day_of_the_note(house: House, written: str) -> None:
    sam, place = viewer(house, "sam"), {"dashboard": "customer", "panel": "timeline"}
    noted = notes_at(house, sam, at(written), place)
    assert [text for _, text in noted] == [f"{sam.name}: {SAYS}"]
    _, plain = panel_parts(house, sam, at(written), place)
    marked = with_notes(plain, noted, "Notes")
    assert marked is not None
    assert len(marked["data"]) == len(plain["data"]) + 1
    assert SAYS in json.dumps(marked["data"][-1])
    assert notes_at(house, sam, at(written), {"dashboard": "customer", "panel": "rhythm"}) == []


def test_the_callbacks_say_the_same_as_the_page(signed_in: SignedIn, house: House, written: str) -> None:
    browser: Browser = signed_in("sam")
    script = Script(browser.dependencies, house.dashboards)
    listed = browser.send(script.call("notes-list", f"/d/customer?customer={written}"))
    assert SAYS in listed.body
    drawn = browser.send(
        script.call("answer", f"/d/customer?customer={written}", {"dashboard": "customer", "panel": "timeline"})
    )
    assert SAYS in drawn.body


def test_without_one_customer_there_is_nothing_to_write_on(house: House) -> None:
    nowhere = {"place": ["customer", None, "1", 0], "view": "/d/customer"}
    said, *_ = notes.acted(house, viewer(house, "erin"), nowhere, {"act": "write", "text": "To nobody"})
    assert said == "Choose one customer first."
