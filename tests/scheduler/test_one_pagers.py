"""One-pagers by mail: each rep gets the page about the own sales, once, whoever had it sent and however often."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from pypdf import PdfReader

from app.one_pagers import mailed
from app.services import schedules, subscriptions
from app.values.errors import Conflict, Forbidden
from queries.warehouse.demo.personas import SAM
from tests.scheduler.office import Office


def paper(office: Office, name: str) -> str:
    """The text of the PDF that somebody was mailed."""
    to = f"{name}@salient.example"
    (message,) = [each for each in office.box.messages if each["To"].addresses[0].addr_spec == to]
    (attached,) = (each for each in message.iter_attachments() if each.get_filename())
    content = attached.get_payload(decode=True)
    assert isinstance(content, bytes)
    return "".join(each.extract_text() for each in PdfReader(io.BytesIO(content)).pages)


def test_each_rep_of_tess_is_mailed_the_own_page_once_and_nobody_elses(office: Office) -> None:
    done = mailed(office.house, office.viewer("tess"), now=office.clock())
    with pytest.raises(Conflict):
        mailed(office.house, office.viewer("tess"), now=office.clock())
    reps = office.house.asker.members("rep", office.viewer("tess").context)
    assert (done.people, done.missing) == (2, len(reps) - 2)
    office.tick(minutes=1)
    office.tick(days=40)
    assert Counter({name: len(ids) for name, ids in office.got().items()}) == {
        "tess@salient.example": 1,
        "sam@salient.example": 1,
    }
    about = {each.key: each.name for each in reps}
    for person, key in (("tess", "R001"), ("sam", SAM)):
        assert {name for name in about.values() if name in paper(office, person)} == {about[key]}
    assert office.runs() == [("done", "")]


def test_what_was_mailed_is_kept_paused_and_mailed_again_by_the_same_schedule(office: Office) -> None:
    first = mailed(office.house, office.viewer("tess"), now=office.clock())
    office.tick(minutes=1)
    with office.house.database.write() as session:
        sam = office.viewer("sam")
        subscriptions.end(session, sam, first.schedule, now=office.clock())
    office.clock.pass_by(days=30)
    again = mailed(office.house, office.viewer("tess"), now=office.clock())
    assert again.schedule == first.schedule
    office.tick(minutes=1)
    assert {name: len(ids) for name, ids in office.got().items()} == {
        "tess@salient.example": 2,
        "sam@salient.example": 1,
    }
    with office.house.database.read() as session:
        (card,) = schedules.listed(session, office.viewer("tess"))
    assert (card.next_due, card.paused_at is not None) == (None, True)


def test_who_may_not_have_anything_sent_mails_nobody(office: Office) -> None:
    with pytest.raises(Forbidden):
        mailed(office.house, office.viewer("otto"), now=office.clock())
