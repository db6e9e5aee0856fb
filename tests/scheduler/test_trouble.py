"""Whatever the mail server does, each delivery ends as sent, failed, skipped or uncertain, with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from app.channels.ways import ways
from app.values.addresses import MailServer
from tests.channels.servers import Manner, Postbox
from tests.scheduler.office import Office

SAM, TESS, ERIN = (f"{name}@salient.example" for name in ("sam", "tess", "erin"))


def treat(office: Office, **manners: Manner) -> None:
    office.box.manner = lambda address: manners.get(address.partition("@")[0], "accept")


def until_ended(office: Office) -> None:
    """Let a day and more pass."""
    for _ in range(14):
        office.tick(hours=2)


@pytest.mark.parametrize(
    ("manner", "answer"), [("never", "550 5.1.1 no such person"), ("never-data", "554 5.7.1 looks like spam")]
)
def test_a_mailbox_that_is_no_more_or_takes_nothing_of_it_concerns_its_owner_only(
    office_anywhere: Office, manner: Manner, answer: str
) -> None:
    office = office_anywhere
    treat(office, sam=manner)
    office.schedule("sam", "tess")
    office.tick(hours=1)
    ended = office.deliveries()
    assert ended[TESS] == ("sent", "")
    assert ended[SAM] == ("failed", f"The mail server said: {answer}")
    (run,) = office.runs()
    assert run == ("done", "1 of 2 messages did not go out or may not have arrived: " + ended[SAM][1])
    told = [each for each in office.box.messages if "About your schedule" in str(each["Subject"])]
    assert [each["To"].addresses[0].addr_spec for each in told] == [ERIN]
    assert answer in told[0].get_body(("plain",)).get_content()


@pytest.mark.parametrize("manner", ["later", "later-data"])
def test_a_full_mailbox_is_tried_again_for_a_day_and_then_given_up(office: Office, manner: Manner) -> None:
    treat(office, sam=manner)
    office.schedule("sam", "tess", recurrence="0 7 16 11 *")
    office.tick(hours=1)
    assert office.deliveries()[SAM][0] == "pending"
    treat(office)
    office.tick(minutes=2)
    assert office.deliveries() == {SAM: ("sent", ""), TESS: ("sent", "")}
    assert {len(each) for each in office.got().values()} == {1}


def test_a_mailbox_full_for_a_day_fails_with_the_reason(office: Office) -> None:
    treat(office, sam="later")
    office.schedule("sam", recurrence="0 7 16 11 *")
    office.tick(hours=1)
    until_ended(office)
    state, reason = office.deliveries()[SAM]
    assert state == "failed"
    assert "24 hours" in reason
    assert "450 4.2.2 mailbox full" in reason
    assert office.runs()[0][0] == "done"


@pytest.mark.parametrize("manner", ["drop", "drop-taken", "silent"])
def test_a_server_that_never_says_whether_it_took_it_gets_it_twice_at_most(office: Office, manner: Manner) -> None:
    server = MailServer.parse(str(office.settings.smtp_url))
    mail = replace(ways(office.settings)["mail"], server=replace(server, patience=0.5))  # type: ignore[type-var]
    office.desk = replace(office.desk, channels={"mail": mail})
    treat(office, sam=manner)
    office.schedule("sam", recurrence="0 7 16 11 *")
    office.tick(hours=1)
    until_ended(office)
    state, reason = office.deliveries()[SAM]
    assert state == "uncertain"
    assert "fell silent" in reason
    assert [len(set(each)) for each in office.got().values()] in ([], [1])
    assert sum(map(len, office.got().values())) == (0 if manner == "drop" else 2)
    marked = [
        bool(each["X-Salient-Repeat"]) for each in office.box.messages if each["To"].addresses[0].addr_spec == SAM
    ]
    assert marked == ([] if manner == "drop" else [False, True])


def test_a_server_that_is_away_makes_all_wait_and_nobody_is_sent_anything_twice(office: Office) -> None:
    treat(office, **{"": "sender"})
    office.schedule("sam", "tess", "erin", recurrence="0 7 16 11 *")
    office.tick(hours=1)
    assert Counter(state for state, _ in office.deliveries().values()) == {"pending": 3}
    treat(office)
    office.tick(minutes=10)
    assert Counter(state for state, _ in office.deliveries().values()) == {"sent": 3}
    assert {len(each) for each in office.got().values()} == {1}


def test_a_server_away_for_more_than_a_day_fails_them_all(office: Office) -> None:
    treat(office, **{"": "sender"})
    office.schedule("sam", "tess", recurrence="0 7 16 11 *")
    office.tick(hours=1)
    until_ended(office)
    assert Counter(state for state, _ in office.deliveries().values()) == {"failed": 2}
    assert all(reason for _, reason in office.deliveries().values())


@pytest.mark.parametrize("manner", ["accept", "delay", "hang-up"])
def test_a_slow_server_and_one_that_leaves_early_are_no_trouble(office: Office, box: Postbox, manner: Manner) -> None:
    treat(office, sam=manner, tess=manner)
    office.schedule("sam", "tess", "erin")
    office.tick(hours=1)
    office.tick(minutes=10)
    assert Counter(state for state, _ in office.deliveries().values()) == {"sent": 3}
    assert {len(each) for each in office.got().values()} == {1}
