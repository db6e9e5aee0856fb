"""Who is named in a comment and has not seen it is told by mail: once, of what is theirs to read, until they say no."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from app.assembly import assemble
from app.channels.ways import ways
from app.config import Settings
from app.factory import create_app
from app.models.comment import MentionLetter
from app.services import accounts, comments, preferences, subscriptions
from app.values.errors import NotFound
from app.values.view import View
from scheduler.jobs.mentions import tell
from tests.conftest import SOAK, Tally
from tests.dying import dies_at
from tests.scheduler.office import Office
from tests.sweep.browser import Browser

PLACES = ("mention-written", "mention-taken", "mention-handed", "mention-settled")
"""Every durable step of a letter."""

UNKNOWN = "mention-handed"
"""Here the server has the letter and nobody has written that down."""

PANEL = View.parse("/d/overview/net-sales?period=2025")


def said(office: Office, by: str, text: str, *, thread: str = "", view: View = PANEL) -> str:
    """Somebody says something about a panel; returns the comment's id."""
    house, viewer = office.house, office.viewer(by)
    with house.database.write() as session:
        sees = partial(house.sees_as_much, viewer)
        seen_by = lambda email: partial(house.sees_as_much, house.viewer_named(email))  # noqa: E731
        return comments.say(session, viewer, view, text, sees, seen_by, thread=thread, now=office.clock()).id


def told(office: Office, **later: float) -> int:
    office.clock.pass_by(**later)
    return tell(office.house, office.desk.channels, office.clock)


def mails(office: Office) -> list[tuple[str, str]]:
    """(address, text) of every mail."""
    found = []
    for each in office.box.messages:
        body = each.get_body(("plain",))
        assert body is not None
        found.append((str(each["To"].addresses[0].addr_spec), str(body.get_content())))
    return found


def test_dirk_who_is_named_and_does_not_look_is_told_once_after_a_minute(office: Office) -> None:
    said(office, "erin", "Have a look, @dirk: is this right?")
    assert told(office) == 0
    assert told(office, minutes=1) == 1
    assert told(office, hours=1) == 0
    ((address, text),) = mails(office)
    assert address == "dirk@salient.example"
    assert "Erin Castellane wrote: Have a look, @dirk: is this right?" in " ".join(text.split())
    assert "/comments?view=" in text
    assert "Erin Castellane named you" in str(office.box.messages[0]["Subject"])


def test_one_mail_a_thread_and_quarter_hour_holds_all_that_came_meanwhile(office: Office) -> None:
    thread = said(office, "erin", "First, @dirk")
    assert told(office, minutes=2) == 1
    said(office, "erin", "Second, @dirk", thread=thread)
    said(office, "ada", "Third, @dirk", thread=thread)
    other = said(office, "erin", "Elsewhere, @dirk")
    assert other != thread
    assert told(office, minutes=5) == 1
    assert "Elsewhere" in mails(office)[1][1]
    assert told(office, minutes=5) == 0
    assert told(office, minutes=5) == 1
    last = mails(office)[2][1]
    assert "Second" in last
    assert "Third" in last
    assert "First" not in last


def test_what_was_seen_or_taken_back_is_not_told(office: Office) -> None:
    said(office, "erin", "@dirk here")
    dirk = office.viewer("dirk")
    with office.house.database.write() as session:
        listed = comments.listed(session, dirk, PANEL, partial(office.house.sees_as_much, dirk))
        comments.looked_at(session, dirk, listed, now=office.clock())
    mine = said(office, "erin", "@ada there")
    with office.house.database.write() as session:
        comments.remove(session, office.viewer("erin"), mine, now=office.clock())
    assert told(office, minutes=2) == 0
    assert mails(office) == []


def test_who_may_not_see_the_rows_any_more_is_not_told_what_was_said(office: Office) -> None:
    said(office, "erin", "Secret plans, @dirk")
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", "dirk@salient.example", role="none")
    assert told(office, minutes=2) == 0
    with office.house.database.read() as session:
        assert [each.state for each in session.scalars(select(MentionLetter))] == ["skipped"]
    assert mails(office) == []


def test_one_click_in_the_mail_ends_them_and_the_page_brings_them_back(office: Office) -> None:
    said(office, "erin", "One, @dirk")
    told(office, minutes=2)
    link = str(office.box.messages[0]["List-Unsubscribe"]).strip("<>")
    stranger = Browser(create_app(office.house))
    ended = stranger.client.post(f"/unsubscribe/{link.rpartition('/')[2]}", data={"List-Unsubscribe": "One-Click"})
    assert (ended.status_code, "comments" in ended.text) == (200, True)
    said(office, "erin", "Two, @dirk")
    assert told(office, minutes=20) == 0
    dirk = office.viewer("dirk")
    with office.house.database.write() as session:
        assert not preferences.preferences_of(session, dirk).mention_mails
        preferences.want_mention_mails(session, dirk, int(dirk.id), wanted=True)
    said(office, "erin", "Three, @dirk")
    assert told(office, minutes=20) >= 1
    assert "Three" in str(mails(office))


def test_a_link_that_was_not_made_here_ends_nothing(office: Office) -> None:
    token = subscriptions.link_token(subscriptions.MENTIONS, "person:1", "another secret altogether, quite long")
    with pytest.raises(NotFound), office.house.database.write() as session:
        subscriptions.end_by_link(session, token, office.house.secret)


def test_a_server_that_takes_nothing_now_is_tried_again(office: Office) -> None:
    office.box.manner = lambda _: "later"
    said(office, "erin", "One, @dirk")
    assert told(office, minutes=2) == 0
    office.box.manner = lambda _: "accept"
    assert told(office, minutes=2) == 1


def test_three_schedulers_at_once_send_one_mail(office: Office) -> None:
    said(office, "erin", "One, @dirk")
    office.clock.pass_by(minutes=2)

    def go() -> None:
        channels = ways(office.settings)
        tell(office.house, channels, office.clock)
        for each in channels.values():
            each.close()

    threads = [threading.Thread(target=go) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(mails(office)) == 1


def work(settings: Settings, clock: Callable[[], datetime]) -> None:
    """A scheduler of its own."""
    house = assemble(settings)
    tell(house, ways(settings), clock)
    house.close()


@pytest.mark.parametrize("_round", range(5 if SOAK else 1))
@pytest.mark.parametrize("place", PLACES)
def test_another_scheduler_goes_on_where_one_was_killed(
    place: str, _round: int, office_anywhere: Office, tmp_path: Path, count: Tally
) -> None:
    office = office_anywhere
    said(office, "erin", "Have a look, @dirk and @ada")
    office.clock.pass_by(minutes=2)
    dies_at(place, tmp_path / "log", work, office.settings, office.clock)
    count(f"schedulers killed at {place}")
    for _ in range(4):
        told(office, minutes=6)
    copies = sorted(address for address, _ in mails(office))
    assert set(copies) == {"ada@salient.example", "dirk@salient.example"}
    assert len(copies) == (3 if place == UNKNOWN else 2)
    assert len({str(each["Message-ID"]) for each in office.box.messages}) == 2
    with office.house.database.read() as session:
        assert [each.state for each in session.scalars(select(MentionLetter))] == ["sent", "sent"]


def test_after_two_deaths_over_one_letter_nobody_dares_a_third_time(office: Office, tmp_path: Path) -> None:
    said(office, "erin", "Have a look, @dirk")
    office.clock.pass_by(minutes=2)
    for _ in range(2):
        dies_at(UNKNOWN, tmp_path / "log", work, office.settings, office.clock)
        office.clock.pass_by(minutes=6)
    assert told(office, hours=1) == 0
    assert len(mails(office)) == 2
    with office.house.database.read() as session:
        assert [each.state for each in session.scalars(select(MentionLetter))] == ["uncertain"]
