"""Alerts against a real mail server: in everybody's own rows, told once, and by nobody twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.assembly import assemble
from app.channels.ways import ways
from app.config import Settings
from app.factory import create_app
from app.models.alert import Alert, AlertCheck, AlertEvent, AlertLetter, AlertStanding
from app.models.user import User
from app.services import alert_choices, alerts
from app.services.alert_cards import AlertCard, Draft
from app.services.alert_checks import MOST_CLAIMS
from app.values.alert import Rule
from app.values.errors import NotFound
from app.watching import offer, readings, seen_by
from layouts import format as fmt
from scheduler.jobs.alerts import check_due
from tests.channels.servers import Manner, Postbox
from tests.conftest import Tally
from tests.dying import dies_at
from tests.scheduler.office import MONDAY, ZONE, Office

VIEW = "/d/overview/net-sales?period=this-year"
LOW = Rule("net_sales", "threshold", Decimal(10) ** 12)
"""Below a thousand billion: it fires for everybody who sells anything."""

PLACES = ("alert-recorded", "alert-claimed", "alert-applying", "alert-applied", "alert-taken", "alert-handed")
"""Every durable step of an alert."""


def watch(
    office: Office, *names: str, by: str = "erin", rule: Rule = LOW, view: str = VIEW, recurrence: str = "0 7 * * *"
) -> str:
    """Have an alert made, after seven on Monday; returns its id."""
    office.clock.at = max(office.clock(), MONDAY + timedelta(hours=1))
    draft = Draft("Sales are low", view, rule, tuple(office.person(name) for name in names), recurrence, ZONE)
    with office.house.database.write() as session:
        today, now = office.house.today(), office.clock()
        return alerts.create(session, office.viewer(by), draft, offer(office.house), today=today, now=now).id


def look(office: Office, **later: float) -> int:
    office.clock.pass_by(**later)
    return check_due(office.house, office.desk.channels, "a", office.clock)


def change(office: Office, alert_id: str, rule: Rule) -> None:
    """The same alert with another rule, its standings kept: the figures move, not the alert."""
    with office.house.database.write() as session:
        session.execute(update(Alert).where(Alert.id == alert_id).values(rule=rule.stored()))


def to(message: EmailMessage) -> str:
    return str(message["To"].addresses[0].addr_spec).partition("@")[0]


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def own_figure(office: Office, name: str, rule: Rule = LOW, view: str = VIEW) -> str:
    viewer = office.viewer(name)
    (reading,) = readings(office.house, viewer, seen_by(office.house, viewer, view), rule)
    return fmt.compact(reading.value, "money", viewer.context.locale, viewer.context.currency)


def states(office: Office) -> dict[str, list[str]]:
    with office.house.database.read() as session:
        found: dict[str, list[str]] = {}
        for row in session.scalars(select(AlertStanding).order_by(AlertStanding.member)):
            found.setdefault(row.recipient, []).append(row.state)
        return found


def letters(office: Office) -> list[tuple[str, str]]:
    with office.house.database.read() as session:
        return [(row.state, row.reason) for row in session.scalars(select(AlertLetter))]


def reasons(office: Office) -> list[str]:
    with office.house.database.read() as session:
        return [row.reason for row in session.scalars(select(AlertEvent).order_by(AlertEvent.id)) if not row.state]


def card(office: Office, alert_id: str, name: str = "erin") -> AlertCard:
    with office.house.database.read() as session:
        return alerts.find(session, office.viewer(name), alert_id)


def test_otto_who_may_see_nothing_is_told_nothing_and_the_history_says_why(office: Office) -> None:
    watch(office, "otto", "erin")
    assert look(office) == 1
    assert [to(each) for each in office.box.messages] == ["erin"]
    assert reasons(office) == ["There is nothing this recipient may see now."]
    look(office, days=1)
    assert len(reasons(office)) == 1


def test_everybody_is_told_of_their_own_rows(office_anywhere: Office) -> None:
    office = office_anywhere
    watch(office, "erin", "sam", "tess")
    look(office)
    got = {to(each): text(each) for each in office.box.messages}
    figures = {name: own_figure(office, name) for name in ("erin", "sam", "tess")}
    assert set(got) == set(figures)
    assert len(set(figures.values())) == 3
    for name, said in got.items():
        assert figures[name] in said
        assert not any(other in said for who, other in figures.items() if who != name)


def test_a_message_says_what_it_is_about_in_text_and_html(office: Office) -> None:
    watch(office, "erin")
    look(office)
    (message,) = office.box.messages
    assert message["Subject"] == "Alert: Sales are low"
    html = message.get_body(("html",))
    assert html is not None
    for said in (text(message), str(html.get_content())):
        assert f"Net sales {own_figure(office, 'erin')}, below €1T." in said
        assert "Hello Erin" in said
        assert VIEW.replace("&", "&amp;") in said
        assert "Your alerts: " in said


def test_marketing_is_told_nothing_of_margin(office: Office) -> None:
    margin = Rule("margin", "threshold", Decimal(10) ** 12)
    watch(office, "erin", "mia", rule=margin)
    look(office)
    assert [to(each) for each in office.box.messages] == ["erin"]
    assert reasons(office) == ["The figure of this alert is not this recipient’s to see now."]


def test_an_episode_is_told_once_and_its_end_once(office: Office) -> None:
    alert = watch(office, "erin")
    for _ in range(3):
        look(office, days=1)
    assert [str(each["Subject"]) for each in office.box.messages] == ["Alert: Sales are low"]
    change(office, alert, Rule("net_sales", "threshold", Decimal(1)))
    for _ in range(2):
        look(office, days=1)
    assert [str(each["Subject"]) for each in office.box.messages][1:] == ["Over: Sales are low"]
    assert states(office) == {office.person("erin"): ["normal"]}
    with office.house.database.read() as session:
        told = [(each.was, each.state, each.told) for each in alerts.history(session, office.viewer("erin"), alert)]
    assert told == [("firing", "normal", "cleared"), ("", "firing", "fired")]


def test_a_muted_alert_goes_on_quietly_and_speaks_when_the_time_is_over(office: Office) -> None:
    alert = watch(office, "erin")
    with office.house.database.write() as session:
        until = office.clock() + timedelta(hours=30)
        alerts.mute(session, office.viewer("erin"), alert, until, now=office.clock())
    look(office)
    look(office, days=1)
    assert not office.box.messages
    assert card(office, alert).state == "firing"
    look(office, days=1)
    assert len(office.box.messages) == 1


def test_by_region_each_is_on_its_own_and_one_message_names_them_all(office: Office) -> None:
    by_market = Rule("net_sales", "threshold", Decimal(10) ** 12, by="market")
    alert = watch(office, "erin", rule=by_market)
    look(office)
    (message,) = office.box.messages
    assert message["Subject"] == "Alert: Sales are low (3)"
    assert all(f"{market}: Net sales" in text(message) for market in ("EMEA", "Americas", "Asia Pacific"))
    viewer = office.viewer("erin")
    read = {
        each.name: each.value for each in readings(office.house, viewer, seen_by(office.house, viewer, VIEW), by_market)
    }
    ordered = sorted(value for value in read.values() if value is not None)
    between = (ordered[0] + ordered[1]) / 2
    change(office, alert, Rule("net_sales", "threshold", between, by="market"))
    look(office, days=1)
    over = text(office.box.messages[-1])
    least = min(read, key=lambda name: read[name] or 0)
    assert str(office.box.messages[-1]["Subject"]) == "Over: Sales are low"
    assert [name in over for name in sorted(read)] == [name != least for name in sorted(read)]
    assert {each.name: each.state for each in card(office, alert).members} == {
        name: "firing" if name == least else "normal" for name in read
    }


def test_it_is_checked_once_for_each_instant_and_each_state_of_the_data(office_anywhere: Office) -> None:
    office = office_anywhere
    watch(office, "erin")
    watch(office, "erin", recurrence="")
    assert look(office) == 2
    assert look(office) == 0
    assert look(office, days=1) == 1
    office.house.engine.compact()
    assert look(office) == 1
    assert look(office, days=3) == 1
    with office.house.database.read() as session:
        moments = Counter((row.alert_id, row.moment) for row in session.scalars(select(AlertCheck)))
    assert set(moments.values()) == {1}


def test_what_was_due_while_nobody_was_there_is_checked_once_or_said_to_be_missed(office: Office) -> None:
    watch(office, "erin")
    look(office)
    assert look(office, days=5, hours=3) == 1
    assert look(office, hours=27) == 0
    with office.house.database.read() as session:
        kept = [(row.state, bool(row.reason)) for row in session.scalars(select(AlertCheck).order_by(AlertCheck.at))]
    assert kept == [("done", False), ("done", False), ("missed", True)]


def test_whoever_was_demoted_before_it_was_sent_gets_nothing(office: Office) -> None:
    office.box.manner = lambda _: "later"
    watch(office, "sam")
    look(office)
    assert letters(office) == [("pending", "The mail server said: 450 4.2.2 mailbox full")]
    with office.house.database.write() as session:
        session.execute(update(User).where(User.email == "sam@salient.example").values(role_id="none"))
    office.box.manner = lambda _: "accept"
    look(office, minutes=2)
    assert letters(office) == [("skipped", "The recipient’s rights changed before it was sent.")]
    assert not office.box.messages


@pytest.mark.parametrize(
    ("manner", "state", "count"),
    [("later", "sent", 1), ("never", "failed", 0), ("drop-taken", "uncertain", 2), ("never-data", "failed", 0)],
)
def test_every_sending_ends_with_a_reason(office: Office, manner: Manner, state: str, count: int) -> None:
    office.box.manner = lambda _: manner
    watch(office, "erin")
    look(office)
    if manner == "later":
        office.box.manner = lambda _: "accept"
    for _ in range(3):
        look(office, minutes=6)
    ((ended, reason),) = letters(office)
    assert ended == state
    assert bool(reason) == (state != "sent")
    assert len(office.box.messages) == count
    assert len({str(each["Message-ID"]) for each in office.box.messages}) == min(count, 1)


def test_others_are_told_who_has_it_watched_for_them(office: Office) -> None:
    watch(office, "sam")
    look(office)
    (message,) = office.box.messages
    assert "Erin Castellane has this watched for you." in text(message)


@pytest.mark.parametrize("lost", [{"active": False}, {"role_id": "rep"}])
def test_what_nobody_is_there_for_any_more_is_not_watched_any_more(office: Office, lost: dict[str, object]) -> None:
    alert = watch(office, "sam", by="tess")
    with office.house.database.write() as session:
        session.execute(update(User).where(User.email == "tess@salient.example").values(**lost))
    look(office)
    assert look(office, days=1) == 0
    assert not office.box.messages
    with office.house.database.read() as session:
        row = session.get_one(Alert, alert)
        assert (row.paused_at is not None, row.next_due) == (True, None)


def test_a_deleted_alert_sends_nothing_of_what_was_under_way(office: Office) -> None:
    office.box.manner = lambda _: "later"
    alert = watch(office, "erin")
    look(office)
    with office.house.database.write() as session:
        alerts.remove(session, office.viewer("erin"), alert, now=office.clock())
    office.box.manner = lambda _: "accept"
    assert look(office, days=1) == 0
    assert letters(office) == [("skipped", "The alert was deleted.")]


def test_a_check_that_breaks_is_tried_again_and_then_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    watch(office, "erin")

    def broken(*_: object) -> None:
        raise RuntimeError("the warehouse is away")

    with monkeypatch.context() as patched:
        patched.setattr(office.house.asker.__class__, "ask", broken)
        look(office)
        look(office, minutes=2)
    assert look(office, minutes=6) == 1
    assert len(office.box.messages) == 1


def work(settings: Settings, clock: Callable[[], datetime]) -> None:
    """A scheduler of its own."""
    house = assemble(settings)
    check_due(house, ways(settings), "dying", clock)
    house.close()


@pytest.mark.parametrize("place", PLACES)
def test_another_scheduler_goes_on_where_one_was_killed(
    place: str, office_anywhere: Office, tmp_path: Path, count: Tally
) -> None:
    office = office_anywhere
    watch(office, "erin", "sam")
    dies_at(place, tmp_path / "log", work, office.settings, office.clock)
    count(place)
    for _ in range(4):
        look(office, minutes=6)
    copies = Counter(to(each) for each in office.box.messages)
    assert set(copies) == {"erin", "sam"}
    assert sorted(copies.values()) == ([1, 2] if place == "alert-handed" else [1, 1])
    assert len({str(each["Message-ID"]) for each in office.box.messages}) == 2
    assert {state for state, _ in letters(office)} == {"sent"}


def test_two_schedulers_share_the_work(office_anywhere: Office, box: Postbox) -> None:
    office = office_anywhere
    for _ in range(4):
        watch(office, "erin", "sam", recurrence="")
    other = assemble(office.settings)
    try:
        for _ in range(3):
            look(office)
            check_due(other, ways(office.settings), "b", office.clock)
    finally:
        other.close()
    assert len(box.messages) == 8
    assert len({str(each["Message-ID"]) for each in box.messages}) == 8


def test_sam_ends_dirks_alert_by_one_click_and_wants_it_again_on_the_page(office: Office) -> None:
    alert = watch(office, "dirk", "sam", by="dirk")
    look(office)
    mine = [each for each in office.box.messages if each["To"].addresses[0].addr_spec == "sam@salient.example"]
    token = str(mine[0]["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    own = [each for each in office.box.messages if each["To"].addresses[0].addr_spec == "dirk@salient.example"]
    assert own[0]["List-Unsubscribe"] is None
    ended = create_app(office.house).test_client().post(f"/unsubscribe/{token}")
    assert (ended.status_code, "Sales are low" in ended.text) == (200, True)
    sam = office.viewer("sam")
    with office.house.database.read() as session:
        ((told, is_left),) = [(each.name, each.is_left) for each in alert_choices.reaching(session, sam)]
    assert (told, is_left) == ("Sales are low", True)
    change(office, alert, replace(LOW, bound=Decimal(-1)))
    look(office, days=1)
    change(office, alert, LOW)
    look(office, days=1)
    told_sam = [each for each in office.box.messages if each["To"].addresses[0].addr_spec == "sam@salient.example"]
    assert len(told_sam) == 1
    with office.house.database.write() as session:
        alert_choices.come_back(session, sam, alert)
    look(office, days=1)
    told_sam = [each for each in office.box.messages if each["To"].addresses[0].addr_spec == "sam@salient.example"]
    assert len(told_sam) == 2
    with pytest.raises(NotFound), office.house.database.write() as session:
        alert_choices.leave(session, office.viewer("tess"), alert)


def test_a_member_that_is_muted_is_not_told_while_the_others_are(office: Office) -> None:
    by_region = replace(LOW, bound=Decimal(-1), by="region")
    alert = watch(office, "erin", rule=by_region)
    look(office)
    assert office.box.messages == []
    erin = office.viewer("erin")
    with office.house.database.read() as session:
        members = alerts.find(session, erin, alert).members
    assert len(members) > 1
    quiet = members[0]
    with office.house.database.write() as session:
        until = office.clock() + timedelta(days=7)
        alert_choices.silence(session, erin, alert, quiet.member, until, now=office.clock())
    with pytest.raises(NotFound), office.house.database.write() as session:
        alert_choices.silence(session, erin, alert, "no-such", until, now=office.clock())
    change(office, alert, replace(LOW, by="region"))
    look(office, days=1)
    (message,) = office.box.messages
    body = message.get_body(("plain",))
    assert body is not None
    assert quiet.name not in body.get_content()
    assert members[1].name in body.get_content()
    look(office, days=7)
    later = office.box.messages[-1].get_body(("plain",))
    assert later is not None
    assert quiet.name in later.get_content()


def test_whoever_made_an_alert_is_told_when_it_cannot_be_checked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(office, "dirk", "sam", by="dirk")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scheduler.jobs.alerts.check", broken)
    look(office)
    look(office, minutes=2)
    assert office.box.messages == []
    look(office, minutes=6)
    (message,) = office.box.messages
    assert message["To"].addresses[0].addr_spec == "dirk@salient.example"
    assert "could not be checked" in str(message["Subject"])
    look(office, minutes=10)
    assert len(office.box.messages) == 1


def test_an_alert_over_which_schedulers_die_is_given_up_and_its_owner_told(office: Office) -> None:
    alert = watch(office, "dirk", by="dirk")
    with office.house.database.write() as session:
        session.execute(update(AlertCheck).where(AlertCheck.alert_id == alert).values(tries=MOST_CLAIMS))
    look(office)
    (message,) = office.box.messages
    assert "could not be checked" in str(message["Subject"])
    body = message.get_body(("plain",))
    assert body is not None
    assert "Schedulers died" in body.get_content()
