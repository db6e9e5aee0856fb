"""What is sent by schedule: to each recipient once, each with their own rows."""

from __future__ import annotations

from app.services import accounts
from tests.scheduler.office import Office


def test_everybody_gets_their_own_rows_once(office_anywhere: Office) -> None:
    office = office_anywhere
    office.schedule("erin", "tess", "sam")
    assert office.tick() == 0
    office.tick(hours=1)
    assert {name: state for name, (state, _) in office.deliveries().items()} == {
        "erin@salient.example": "sent",
        "tess@salient.example": "sent",
        "sam@salient.example": "sent",
    }, (office.deliveries(), office.runs())
    assert office.runs() == [("done", "")]
    assert {len(each) for each in office.got().values()} == {1}
    assert len({office.file(name) for name in ("erin", "tess", "sam")}) == 3
    office.tick(minutes=5)
    assert len(office.box.taken) == 3


def test_otto_is_told_nothing(office: Office) -> None:
    office.schedule("otto", "erin")
    office.tick(hours=1)
    assert office.deliveries()["otto@salient.example"] == ("skipped", "There is nothing this recipient may see now.")
    assert list(office.got()) == ["erin@salient.example"]


def test_tess_who_lost_her_role_between_scheduling_and_sending_gets_nothing(office: Office) -> None:
    office.schedule("tess", "erin")
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", "tess@salient.example", role="none")
    office.tick(hours=1)
    assert office.deliveries()["tess@salient.example"][0] == "skipped"
    assert list(office.got()) == ["erin@salient.example"]
