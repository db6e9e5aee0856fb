"""Erin keeps alerts: written down, her own, within what she may see, and brought back when it was a mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import read_settings
from app.domain.alerts import Reading
from app.models.alert import Alert, AlertCheck, AlertEvent, AlertStanding
from app.models.database import Database
from app.services import alert_checks, alerts, housekeeping
from app.services.alert_cards import AlertCard, Draft
from app.services.alert_checks import Found
from app.services.alerts import Offer
from app.values.alert import Rule
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, TooBig
from app.values.viewer import Viewer
from layouts.dashboards import dashboards
from tests.services.cast import NOW, acts, viewer

OFFER = Offer(
    dashboards(),
    {"net_sales": frozenset(), "margin": frozenset({"cost"})},
    {"net_sales": frozenset({"region"}), "margin": frozenset({"region"})},
    frozenset({"mail"}),
)
LOW = Rule("net_sales", "threshold", Decimal(100))
DRAFT = Draft("Low", "/d/overview/net-sales", LOW, ("role:executive",), "", "Europe/Berlin")
TODAY = NOW.date()
SETTINGS = read_settings({"SALIENT_TODAY": TODAY.isoformat()})


def made(database: Database, who: str = "erin", draft: Draft = DRAFT) -> AlertCard:
    with database.write() as session:
        return alerts.create(session, viewer(database, who), draft, OFFER, today=TODAY, now=NOW)


def mine(database: Database, who: str) -> list[str]:
    with database.read() as session:
        return [each.draft.name for each in alerts.listed(session, viewer(database, who))]


def person(database: Database, name: str) -> str:
    return f"person:{viewer(database, name).id}"


def looked(database: Database, *found: Found, later: timedelta = timedelta()) -> int:
    """Have every open check find this; returns how many members there was something to tell of."""
    told = 0
    while True:
        with database.write() as session:
            due = alert_checks.claim(session, "a", NOW + later)
        if due is None:
            return told
        with database.write() as session:
            news = alert_checks.apply(session, due, found, 1, NOW + later)
        told += sum(len(each.told) for each in news or ())


@pytest.mark.parametrize("who", ["otto", "sam", "rob"])
def test_whoever_may_not_schedule_keeps_and_sees_no_alert(staffed: Database, who: str) -> None:
    card = made(staffed)
    doors: list[Callable[[Session, Viewer], object]] = [
        lambda session, one: alerts.create(session, one, DRAFT, OFFER, today=TODAY),
        lambda session, one: alerts.change(session, one, card.id, DRAFT, OFFER, version=1, today=TODAY),
        lambda session, one: alerts.mute(session, one, card.id, None),
        lambda session, one: alerts.pause(session, one, card.id),
        lambda session, one: alerts.resume(session, one, card.id, OFFER, today=TODAY),
        lambda session, one: alerts.remove(session, one, card.id),
        lambda session, one: alerts.restore(session, one, card.id),
        lambda session, one: alerts.listed(session, one),
        lambda session, one: alerts.deleted(session, one),
        lambda session, one: alerts.find(session, one, card.id),
        lambda session, one: alerts.history(session, one, card.id),
    ]
    for door in doors:
        with staffed.write() as session, pytest.raises(Forbidden):
            door(session, viewer(staffed, who))


@pytest.mark.parametrize("kind", ["token", "embed", "job"])
def test_a_token_or_a_screen_keeps_no_alert_even_with_her_rights(staffed: Database, kind: str) -> None:
    erin = replace(viewer(staffed, "erin"), kind=kind)  # type: ignore[arg-type]
    with staffed.write() as session, pytest.raises(Forbidden):
        alerts.create(session, erin, DRAFT, OFFER, today=TODAY)


def test_an_alert_is_her_own_also_to_an_administrator(staffed: Database) -> None:
    card = made(staffed)
    for who in ("ada", "tess", "remy"):
        assert mine(staffed, who) == []
        with staffed.write() as session, pytest.raises(NotFound):
            alerts.remove(session, viewer(staffed, who), card.id)
    assert mine(staffed, "erin") == ["Low"]


def test_every_act_is_written_down(staffed: Database) -> None:
    card, erin = made(staffed), viewer(staffed, "erin")
    with staffed.write() as session:
        alerts.change(session, erin, card.id, replace(DRAFT, name="Lower"), OFFER, version=1, today=TODAY, now=NOW)
        alerts.mute(session, erin, card.id, NOW + timedelta(days=1), now=NOW)
        alerts.mute(session, erin, card.id, None, now=NOW)
        alerts.pause(session, erin, card.id, now=NOW)
        alerts.pause(session, erin, card.id, now=NOW)
        alerts.resume(session, erin, card.id, OFFER, today=TODAY, now=NOW)
        alerts.remove(session, erin, card.id, now=NOW)
        alerts.restore(session, erin, card.id, now=NOW)
    wanted = ("created", "changed", "muted", "unmuted", "paused", "resumed", "deleted", "restored")
    assert acts(staffed) == [f"alert.{each}" for each in wanted]
    with staffed.read() as session:
        again = alerts.find(session, erin, card.id)
    assert (again.draft.name, again.paused_at, again.version) == ("Lower", NOW, 8)


def test_the_same_again_changes_nothing_and_the_slower_one_is_told(staffed: Database) -> None:
    card, erin = made(staffed), viewer(staffed, "erin")
    with staffed.write() as session:
        assert alerts.change(session, erin, card.id, DRAFT, OFFER, version=1, today=TODAY).version == 1
        alerts.change(session, erin, card.id, replace(DRAFT, name="A"), OFFER, version=1, today=TODAY, now=NOW)
    with staffed.write() as session, pytest.raises(Conflict):
        alerts.change(session, erin, card.id, replace(DRAFT, name="B"), OFFER, version=1, today=TODAY, now=NOW)
    assert acts(staffed) == ["alert.created", "alert.changed"]


@pytest.mark.parametrize(
    "draft",
    [
        replace(DRAFT, name=""),
        replace(DRAFT, name="two\nlines"),
        replace(DRAFT, view="/d/nowhere"),
        replace(DRAFT, view="view:abc"),
        replace(DRAFT, view="https://elsewhere.example"),
        replace(DRAFT, rule=replace(LOW, metric="nonsense")),
        replace(DRAFT, rule=replace(LOW, by="month")),
        replace(DRAFT, recipients=()),
        replace(DRAFT, recipients=("person:999",)),
        replace(DRAFT, recipients=("role:kings",)),
        replace(DRAFT, recipients=("address:a@b.example\nBcc: c@d.example",)),
        replace(DRAFT, recipients=("address:stranger@elsewhere.example",)),
        replace(DRAFT, recurrence="whenever"),
        replace(DRAFT, recurrence="*/5 * * * *"),
        replace(DRAFT, zone="Mars/Olympus"),
        replace(DRAFT, channel="pigeon"),
    ],
)
def test_what_could_not_be_checked_later_is_refused_now(staffed: Database, draft: Draft) -> None:
    with staffed.write() as session, pytest.raises(Refusal):
        alerts.create(session, viewer(staffed, "erin"), draft, OFFER, today=TODAY, now=NOW)
    assert acts(staffed) == []


def test_a_margin_is_not_watched_by_whoever_does_not_see_it(staffed: Database) -> None:
    masked = viewer(staffed, "erin")
    masked = replace(masked, context=replace(masked.context, masks=frozenset({"cost"})))
    margin = replace(DRAFT, rule=replace(LOW, metric="margin"))
    with staffed.write() as session, pytest.raises(Invalid, match="no figure called margin"):
        alerts.create(session, masked, margin, OFFER, today=TODAY, now=NOW)


def test_there_is_an_end_to_how_many_one_may_have(staffed: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST", 2)
    made(staffed), made(staffed)
    with pytest.raises(TooBig):
        made(staffed)


@pytest.mark.parametrize("until", [timedelta(), timedelta(days=-1), timedelta(days=400)])
def test_muting_ends_some_day(staffed: Database, until: timedelta) -> None:
    card = made(staffed)
    with staffed.write() as session, pytest.raises(Invalid):
        alerts.mute(session, viewer(staffed, "erin"), card.id, NOW + until, now=NOW)


def test_her_list_says_how_her_own_rows_stand_and_what_fires_comes_first(staffed: Database) -> None:
    calm, loud = (
        made(staffed, draft=replace(DRAFT, name="A calm one")),
        made(staffed, draft=replace(DRAFT, name="Loud")),
    )
    erin, dirk = person(staffed, "erin"), person(staffed, "dirk")
    for _ in range(2):
        with staffed.write() as session:
            due = alert_checks.claim(session, "a", NOW)
        assert due is not None
        value = Decimal(500 if due.check.alert_id == calm.id else 5)
        read = (Reading("", "", value, value),)
        with staffed.write() as session:
            alert_checks.apply(session, due, [Found(erin, read, currency="EUR"), Found(dirk, read)], 1, NOW)
    with staffed.read() as session:
        cards = alerts.listed(session, viewer(staffed, "erin"))
    assert [(each.draft.name, each.state, each.firing) for each in cards] == [
        ("Loud", "firing", 1),
        ("A calm one", "normal", 0),
    ]
    assert [(each.members[0].value, each.members[0].currency) for each in cards] == [("5", "EUR"), ("500", "EUR")]
    assert loud.state == ""


def test_the_history_tells_her_nothing_of_how_others_rows_stand(staffed: Database) -> None:
    card = made(staffed, "tess", replace(DRAFT, recipients=(person(staffed, "tess"), person(staffed, "erin"))))
    low = (Reading("", "", Decimal(5), Decimal(5)),)
    looked(
        staffed,
        Found(person(staffed, "tess"), low),
        Found(person(staffed, "erin"), low),
        Found(person(staffed, "otto"), why="There is nothing this recipient may see now."),
    )
    with staffed.read() as session:
        lines = alerts.history(session, viewer(staffed, "tess"), card.id)
    assert [(each.who, each.state, each.value) for each in lines] == [("Otto", "", ""), ("Tess", "firing", "5")]


def test_another_rule_begins_anew_and_another_name_does_not(staffed: Database) -> None:
    card, erin = made(staffed), viewer(staffed, "erin")
    low = Found(person(staffed, "erin"), (Reading("", "", Decimal(5), Decimal(5)),))
    assert looked(staffed, low) == 1
    renamed = replace(DRAFT, name="Other")
    with staffed.write() as session:
        alerts.change(session, erin, card.id, renamed, OFFER, version=1, today=TODAY, now=NOW)
        assert session.scalars(select(AlertStanding)).all()
        other = replace(renamed, rule=replace(LOW, bound=Decimal(50)))
        alerts.change(session, erin, card.id, other, OFFER, version=2, today=TODAY, now=NOW)
        assert not session.scalars(select(AlertStanding)).all()
    assert looked(staffed, low) == 1


def test_whoever_lost_the_right_is_forgotten_and_told_anew_when_it_comes_back(staffed: Database) -> None:
    card = made(staffed)
    erin = person(staffed, "erin")
    low = Found(erin, (Reading("", "", Decimal(5), Decimal(5)),))
    assert looked(staffed, low) == 1
    with staffed.write() as session:
        assert alert_checks.record_due(session, SETTINGS, 1, NOW) == 0
    for generation, found, told in ((2, Found(erin, why="hidden"), 0), (3, low, 1)):
        with staffed.write() as session:
            assert alert_checks.record_due(session, SETTINGS, generation, NOW) == 1
            assert alert_checks.record_due(session, SETTINGS, generation, NOW) == 0
        assert looked(staffed, found) == told
    with staffed.read() as session:
        assert [each.reason for each in session.scalars(select(AlertEvent)) if not each.state] == ["hidden"]
        assert alerts.find(session, viewer(staffed, "erin"), card.id).state == "firing"


def test_a_check_of_an_alert_that_was_changed_meanwhile_counts_for_nothing(staffed: Database) -> None:
    card, erin = made(staffed), viewer(staffed, "erin")
    with staffed.write() as session:
        due = alert_checks.claim(session, "a", NOW)
    assert due is not None
    with staffed.write() as session:
        changed = replace(DRAFT, rule=replace(LOW, bound=Decimal(1)))
        alerts.change(session, erin, card.id, changed, OFFER, version=1, today=TODAY, now=NOW)
    with staffed.write() as session:
        low = Found(person(staffed, "erin"), (Reading("", "", Decimal(5), Decimal(5)),))
        assert alert_checks.apply(session, due, [low], 1, NOW) is None
        assert not session.scalars(select(AlertStanding)).all()


def test_a_check_belongs_to_one_and_to_the_next_when_that_one_is_gone(staffed: Database) -> None:
    made(staffed)
    with staffed.write() as session:
        mine = alert_checks.claim(session, "a", NOW)
        assert alert_checks.claim(session, "b", NOW) is None
    with staffed.write() as session:
        later = NOW + alert_checks.LEASE
        theirs = alert_checks.claim(session, "b", later)
    assert mine is not None
    assert theirs is not None
    low = Found(person(staffed, "erin"), (Reading("", "", Decimal(5), Decimal(5)),))
    with staffed.write() as session:
        assert alert_checks.apply(session, mine, [low], 1, later) is None
        assert not session.scalars(select(AlertStanding)).all()
    with staffed.write() as session:
        told = alert_checks.apply(session, theirs, [low], 1, later)
    assert told is not None
    assert [each.recipient for each in told] == [person(staffed, "erin")]
    with staffed.write() as session:
        assert alert_checks.apply(session, theirs, [low], 1, later) is None


def test_a_paused_alert_is_not_checked_and_a_deleted_one_goes_for_good_after_a_month(staffed: Database) -> None:
    card, gone, erin = made(staffed), made(staffed), viewer(staffed, "erin")
    with staffed.write() as session:
        alerts.pause(session, erin, card.id, now=NOW)
        alerts.remove(session, erin, gone.id, now=NOW)
        assert alert_checks.claim(session, "a", NOW) is None
        assert alert_checks.record_due(session, SETTINGS, 7, NOW + timedelta(days=9)) == 0
        assert {each.state for each in session.scalars(select(AlertCheck))} == {"missed"}
        assert [each.id for each in alerts.deleted(session, erin, now=NOW)] == [gone.id]
    with staffed.write() as session:
        housekeeping.forget(session, NOW + timedelta(days=29))
        assert len(session.scalars(select(Alert)).all()) == 2
        housekeeping.forget(session, NOW + timedelta(days=30))
        assert [each.id for each in session.scalars(select(Alert))] == [card.id]
    with staffed.write() as session, pytest.raises(NotFound):
        alerts.restore(session, erin, gone.id, now=NOW + timedelta(days=30))


def test_a_member_without_rows_sold_nothing(staffed: Database) -> None:
    made(staffed, draft=replace(DRAFT, rule=replace(LOW, by="region")))
    erin, both = (
        person(staffed, "erin"),
        [Reading(key, key.title(), Decimal(900), Decimal(900)) for key in ("north", "south")],
    )
    assert looked(staffed, Found(erin, tuple(both), nothing=Decimal(0))) == 0
    with staffed.write() as session:
        alert_checks.record_due(session, SETTINGS, 1, NOW)
        alert_checks.record_due(session, SETTINGS, 2, NOW)
    assert looked(staffed, Found(erin, (both[0],), nothing=Decimal(0))) == 1
    with staffed.read() as session:
        found = {each.member: (each.state, each.value) for each in session.scalars(select(AlertStanding))}
    assert found == {"north": ("normal", "900"), "south": ("firing", "0")}


def test_what_concerns_all_members_ends_no_episode(staffed: Database) -> None:
    made(staffed, draft=replace(DRAFT, rule=replace(LOW, by="region")))
    erin, low = person(staffed, "erin"), Reading("north", "North", Decimal(5), Decimal(5))
    checks = ((low,), (Reading(why="too early"),), (Reading(problem="away"),), (low,))
    with staffed.write() as session:
        alert_checks.record_due(session, SETTINGS, 1, NOW)
    seen = []
    for generation, read in enumerate(checks, 2):
        looked(staffed, Found(erin, read))
        with staffed.write() as session:
            (only,) = session.scalars(select(AlertStanding)).all()
            seen.append((only.state, only.reason, only.told))
            alert_checks.record_due(session, SETTINGS, generation, NOW)
    assert seen == [
        ("firing", "", True), ("no-data", "too early", True), ("error", "away", True), ("firing", "", True)
    ]  # fmt: skip
