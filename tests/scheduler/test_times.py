"""When something is sent: on time, late but once, not at all; and on which condition."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from app.models.delivery import Delivery
from app.models.schedule import Run, Schedule
from app.services import schedules
from app.values.condition import Condition
from tests.scheduler.office import MONDAY, Office


def test_a_run_is_caught_up_with_within_six_hours_and_says_that_it_is_late(office: Office) -> None:
    office.schedule("erin")
    office.tick(hours=6)
    assert office.runs() == [("done", "")]
    (message,) = office.box.messages
    assert message["X-Salient-Late"] == "yes"
    assert "This is late: it was due on 16 Nov 2026 at 07:00." in message.get_body(("plain",)).get_content()


def test_being_seconds_late_changes_nothing(office: Office) -> None:
    office.schedule("erin")
    office.tick(hours=1, seconds=50)
    (message,) = office.box.messages
    assert message["X-Salient-Late"] is None


def test_after_a_weekend_without_a_scheduler_one_is_sent_and_the_others_are_recorded(office: Office) -> None:
    office.schedule("erin")
    office.tick(days=3, hours=2)
    runs = office.runs()
    assert [state for state, _ in runs] == ["missed", "missed", "missed", "done"]
    assert all("No scheduler was running" in reason for _, reason in runs[:3])
    assert len(office.box.taken) == 1


def test_what_was_due_too_long_ago_is_missed_and_its_owner_is_told(office: Office) -> None:
    office.schedule("sam", recurrence="0 7 16 11 *")
    office.tick(hours=9)
    assert office.runs() == [("missed", "No scheduler was running when it was due, nor in the six hours after.")]
    (message,) = office.box.messages
    assert message["To"].addresses[0].addr_spec == "erin@salient.example"
    assert message["Subject"] == "About your schedule “How we stand”"


def test_the_next_time_is_where_the_recurrence_says(office: Office) -> None:
    schedule = office.schedule("erin")
    office.clock.at = MONDAY - timedelta(days=1)
    for day in range(5):
        office.tick(days=1)
        with office.house.database.read() as session:
            assert session.get_one(Schedule, schedule).next_due == MONDAY + timedelta(days=day + 1)
    assert office.runs() == [("done", "")] * 5
    assert len(office.got()["erin@salient.example"]) == 5


def test_nothing_is_sent_that_says_the_same_as_before(office: Office) -> None:
    office.schedule("erin", condition=Condition("changed"))
    office.clock.at = MONDAY - timedelta(days=1)
    for _ in range(3):
        office.tick(days=1)
    assert office.runs() == [
        ("done", ""),
        ("skipped", "Nothing has changed since it was sent last."),
        ("skipped", "Nothing has changed since it was sent last."),
    ]
    assert len(office.box.taken) == 1


def test_nothing_is_sent_to_those_for_whom_there_is_nothing_in_it(office: Office) -> None:
    later = "/d/overview/net-sales?period=2027-02"
    office.schedule("erin", views=(later,), condition=Condition("not-empty"))
    office.tick(hours=1)
    assert office.runs() == [("skipped", "There is nothing in it.")]
    assert office.box.taken == []


def test_a_bound_is_held_against_each_readers_own_figure(office: Office) -> None:
    above = Condition("metric", metric="net_sales", test="above", bound=Decimal(1))
    office.schedule("erin", "sam", condition=above)
    below = Condition("metric", metric="net_sales", test="above", bound=Decimal(10) ** 15)
    office.schedule("erin", "sam", condition=below)
    office.tick(hours=1)
    assert sorted(office.runs()) == [("done", ""), ("skipped", "The condition is not met.")]
    assert len(office.box.taken) == 2


def test_a_message_waits_for_fresh_data_and_then_says_that_they_are_stale(office: Office) -> None:
    # The newest sale is of 20 November or so: by the 30th it is ten days old.
    office.clock.at = MONDAY + timedelta(days=13, hours=23)
    office.schedule("erin", condition=Condition(fresh_days=1, wait_hours=2))
    office.tick(hours=1)
    assert office.runs() == [("queued", "")]
    for _ in range(5):
        office.tick(minutes=20)
    assert office.box.taken == []
    office.tick(minutes=25)
    assert office.runs() == [("done", "")]
    (message,) = office.box.messages
    assert "older than they should be" in message.get_body(("plain",)).get_content()


def test_fresh_data_are_not_waited_for(office: Office) -> None:
    office.clock.at = MONDAY + timedelta(days=4, hours=23)
    office.schedule("erin", condition=Condition(fresh_days=5, wait_hours=2))
    office.tick(hours=1)
    assert office.runs() == [("done", "")]
    assert len(office.box.taken) == 1


def test_the_day_is_the_day_it_was_due_wherever_the_clock_stands(office: Office) -> None:
    office.schedule("erin", recurrence="45 23 * * *")
    office.clock.at = MONDAY.replace(hour=22, minute=44)
    office.tick(minutes=20)
    with office.house.database.read() as session:
        assert session.scalars(select(Run.today)).one() == MONDAY.date()


def test_a_paused_schedule_sends_nothing_and_goes_on_at_its_next_time(office: Office) -> None:
    schedule = office.schedule("erin")
    with office.house.database.write() as session:
        schedules.pause(session, office.viewer("erin"), schedule, now=office.clock())
    office.tick(days=2)
    assert office.runs() == []
    with office.house.database.write() as session:
        schedules.resume(session, office.viewer("erin"), schedule, office.offer(), now=office.clock())
    assert office.tick() == 0
    office.tick(hours=1)
    assert office.runs() == [("done", "")]
    assert len(office.box.taken) == 1


def test_a_test_goes_to_oneself_alone_and_at_once(office: Office) -> None:
    schedule = office.schedule("sam", "tess", condition=Condition("changed"))
    with office.house.database.write() as session:
        schedules.send_test(session, office.viewer("erin"), schedule, now=office.clock())
    office.tick()
    assert list(office.got()) == ["erin@salient.example"]
    assert office.box.messages[0]["Subject"] == "A test: How we stand"


def test_what_was_sent_is_told_for_a_year_and_a_deleted_schedule_waits_a_month(office: Office) -> None:
    kept, gone = office.schedule("erin"), office.schedule("sam")
    office.tick(hours=1)
    with office.house.database.write() as session:
        schedules.remove(session, office.viewer("erin"), gone, now=office.clock())
        assert schedules.forget(session, office.clock() + timedelta(days=29)) == 0
        assert schedules.forget(session, office.clock() + timedelta(days=31)) == 1
    with office.house.database.write() as session:
        assert [run.schedule_id for run in session.scalars(select(Run))] == [kept]
        assert len(session.scalars(select(Delivery)).all()) == 1
        assert schedules.forget(session, office.clock() + timedelta(days=367)) == 1
        assert session.scalars(select(Delivery)).all() == []
        assert session.get(Schedule, kept) is not None
