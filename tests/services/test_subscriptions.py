"""Whoever holds a mail ends the one subscription it is about: once, however often the link is followed."""

from __future__ import annotations

import threading

from app.models.database import Database
from app.models.schedule import Schedule, Unsubscribed
from app.services import accounts, subscriptions
from tests.services.cast import NOW

SECRET = "a key"


def test_two_programs_that_follow_the_link_at_once_both_end_it(staffed: Database) -> None:
    with staffed.write() as session:
        owner = accounts.find_person(session, "erin@x.example").id
        given = {"formats": ["csv"], "recurrence": "0 7 * * 1", "zone": "UTC", "condition": {}, "recipients": []}
        at = {"created_at": NOW, "changed_at": NOW, "next_due": NOW}
        session.add(Schedule(id="monday", owner_id=owner, name="Monday", views=["/d/overview"], **given, **at))
    token = subscriptions.link_token("monday", f"person:{owner}", SECRET)
    ended: list[str] = []

    def follow() -> None:
        with staffed.write() as session:
            ended.append(subscriptions.end_by_link(session, token, SECRET, now=NOW))

    with staffed.write() as session:
        ended.append(subscriptions.end_by_link(session, token, SECRET, now=NOW))
        other = threading.Thread(target=follow)
        other.start()
        other.join(0.5)
    other.join(30)
    assert ended == ["Monday", "Monday"]
    with staffed.read() as session:
        assert session.query(Unsubscribed).count() == 1
