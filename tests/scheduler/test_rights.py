"""Whoever was demoted, moved or switched off between scheduling and sending gets what is theirs at sending."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.auth.roles import SEEDS
from app.models.user import User
from app.services import accounts, deliveries, grants, instances, recipients, reports, schedules, subscriptions, views
from app.values.condition import ALWAYS, Condition
from app.values.errors import Forbidden, Invalid, NotFound
from app.values.report import Part, Report
from scheduler import deliver
from scheduler.desk import Maker
from scheduler.job import Job, Made
from tests.scheduler.office import MONDAY, OVERVIEW, Office

SAM, TESS, ERIN = (f"{name}@salient.example" for name in ("sam", "tess", "erin"))


def give(office: Office, name: str, **rights: object) -> None:
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", f"{name}@salient.example", **rights)  # type: ignore[arg-type]


class Meanwhile:
    """A maker that lets something happen after it has made what was asked for, and before anybody gets it."""

    def __init__(self, maker: Maker, happens: Callable[[], None]) -> None:
        self.maker, self.happens = maker, happens

    def make(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Made]]:
        for each in self.maker.make(jobs):
            self.happens()
            yield each

    def close(self) -> None:
        self.maker.close()


def test_who_was_moved_gets_the_rows_of_the_new_place(office: Office) -> None:
    office.schedule("remy")
    office.tick(hours=1)
    before = office.file("remy")
    give(office, "remy", place_keys=["country:italy"])
    office.tick(days=1)
    after = office.file("remy")
    assert before != after
    first, second = (each.get_body(("plain",)).get_content() for each in office.box.messages)
    assert all(country in first for country in ("Spain", "Portugal", "Italy"))
    assert "it shows: Country: Italy." in second
    assert "Spain" not in second


def test_who_becomes_a_rep_while_the_document_is_made_is_never_sent_the_old_one(office: Office) -> None:
    office.schedule("dirk", "erin")
    happened: list[bool] = []

    def demoted() -> None:
        if not happened:
            happened.append(True)
            give(office, "dirk", role="rep", rep_key="R002")

    office.desk = replace(office.desk, maker=Meanwhile(office.desk.maker, demoted))
    office.tick(hours=1)
    office.tick(minutes=2)
    assert {name: len(each) for name, each in office.got().items()} == {"dirk@salient.example": 1, ERIN: 1}
    first = next(each for each in office.box.messages if each["To"].addresses[0].addr_spec == "dirk@salient.example")
    assert "it shows: All sales" not in first.get_body(("plain",)).get_content()
    assert "it shows: Sales rep: " in first.get_body(("plain",)).get_content()


def edit(office: Office, role: str, *without: str) -> None:
    """Take permissions from a role."""
    (seed,) = (each for each in SEEDS if each.id == role)
    left = seed.permissions - set(without)
    with office.house.database.write() as session:
        accounts.change_role(
            session, "cli", role, permissions=left, masks=seed.masks, scope_kind=seed.scope_kind, now=office.clock()
        )


def of_customers(office: Office) -> str:
    """A report with a part for all, and one for those who may see the rows behind a figure."""
    report = Report(
        "Customers", (Part("/d/overview/net-sales"), Part("/d/customer-sales/most")), selection="period=2025"
    )
    with office.house.database.write() as session:
        kept = reports.save(session, office.viewer("erin"), report, office.house.dashboards, now=office.clock())
    return f"report:{kept.id}"


def test_who_sees_the_same_rows_but_may_open_less_is_not_sent_the_paper_of_the_others(office: Office) -> None:
    edit(office, "executive", "embed")
    edit(office, "director", "rows")
    assert office.viewer("erin").context == office.viewer("dirk").context
    office.schedule("erin", "dirk", views=(of_customers(office),))
    office.tick(hours=1)
    assert "Who buys most" in office.file("erin")
    assert "Who buys most" not in office.file("dirk")


def test_who_may_open_less_since_the_paper_was_made_is_sent_another(office: Office) -> None:
    edit(office, "executive", "embed")
    edit(office, "director", "rows")
    give(office, "dirk", role="executive")
    office.schedule("dirk", views=(of_customers(office),))
    happened: list[bool] = []

    def narrowed() -> None:
        if not happened:
            happened.append(True)
            give(office, "dirk", role="director")

    office.desk = replace(office.desk, maker=Meanwhile(office.desk.maker, narrowed))
    office.tick(hours=1)
    office.tick(minutes=2)
    assert "Who buys most" not in office.file("dirk")


def test_who_is_switched_off_while_the_document_is_made_gets_nothing(office: Office) -> None:
    office.schedule("sam", "erin")

    def gone() -> None:
        with office.house.database.write() as session:
            accounts.disable_user(session, "cli", SAM)

    office.desk = replace(office.desk, maker=Meanwhile(office.desk.maker, gone))
    office.tick(hours=1)
    office.tick(minutes=2)
    assert office.deliveries()[SAM] == ("skipped", "The account is switched off.")
    assert list(office.got()) == [ERIN]


def test_an_owner_who_is_switched_off_during_a_run_ends_the_rest_of_it(office: Office) -> None:
    office.schedule("dirk", "sam", "tess", by="dirk")
    real = deliver._recorded

    def recorded(*given: Any, **more: Any) -> None:
        real(*given, **more)
        with office.house.database.write() as session:
            dirk = session.query(User).filter(User.email == "dirk@salient.example").one()
            if dirk.active:
                accounts.disable_user(session, "cli", "dirk@salient.example")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliver, "_recorded", recorded)
        office.tick(hours=1)
    states = [state for state, _ in office.deliveries().values()]
    assert sorted(states) == ["sent", "skipped", "skipped"]
    assert len(office.got()) == 1
    assert office.runs() == [("skipped", "Its owner’s account is switched off.")]


def test_roles_and_teams_are_whoever_is_in_them_when_it_is_sent(office: Office) -> None:
    team = office.viewer("tess").context.scope
    assert not team.is_nothing
    office.schedule(recipients=("role:rep", "role:finance"))
    give(office, "sam", role="none")
    give(office, "amy", role="rep")
    office.tick(hours=1)
    assert set(office.got()) == {"amy@salient.example", "fay@salient.example"}


def test_a_schedule_stops_with_its_owner_and_the_administrators_are_told(office: Office) -> None:
    schedule = office.schedule("sam", by="tess")
    with office.house.database.write() as session:
        accounts.disable_user(session, "cli", TESS)
    office.tick(hours=1)
    assert office.got() == {}
    assert office.deliveries() == {}
    assert office.runs() == [("skipped", "Its owner’s account is switched off.")]
    (told,) = office.box.messages
    assert told["To"].addresses[0].addr_spec == "ada@salient.example"
    with office.house.database.read() as session:
        card = schedules.find(session, office.viewer("ada"), schedule)
    assert card.pause_reason == "Its owner’s account is switched off."
    assert card.next_due is None
    office.tick(days=3)
    assert len(office.box.taken) == 1


def test_an_owner_who_may_schedule_no_more_sends_no_more_and_is_told(office: Office) -> None:
    office.schedule("sam", "erin", by="tess")
    give(office, "tess", role="rep")
    office.tick(hours=1)
    assert office.runs() == [("skipped", "Its owner may not have reports sent any more.")]
    assert [each["To"].addresses[0].addr_spec for each in office.box.messages] == [TESS]


def test_a_schedule_of_a_deleted_view_pauses_with_the_reason(office: Office) -> None:
    with office.house.database.write() as session:
        kept = views.save(session, office.viewer("erin"), name="Mine", view=OVERVIEW, now=office.clock())
    schedule = office.schedule("sam", views=(f"view:{kept.id}",))
    office.tick(hours=1)
    assert list(office.got()) == [SAM]
    with office.house.database.write() as session:
        views.remove(session, office.viewer("erin"), kept.id, now=office.clock())
    office.tick(days=1)
    assert len(office.got()[SAM]) == 1
    with office.house.database.read() as session:
        assert "deleted" in schedules.find(session, office.viewer("erin"), schedule).pause_reason
    with pytest.raises(NotFound, match="deleted"):
        office.schedule("sam", views=(f"view:{kept.id}",))


def test_an_address_outside_needs_leave_and_gets_the_rows_of_it_and_no_others(office: Office) -> None:
    partner = "address:partner@example.com"
    with pytest.raises(Forbidden, match="leave"):
        office.schedule(recipients=(partner,))
    with office.house.database.write() as session, pytest.raises(Forbidden):
        grants.grant(session, office.viewer("erin"), address="partner@example.com", scope=[{"country": ["spain"]}])
    with office.house.database.write() as session:
        ada = office.viewer("ada")
        given = grants.grant(
            session, ada, address="partner@example.com", scope=[{"country": ["spain"]}], now=office.clock()
        )
    office.schedule("erin", recipients=(partner,))
    office.tick(hours=1)
    assert office.deliveries()["partner@example.com"] == ("sent", "")
    outside = next(each for each in office.box.messages if each["To"].addresses[0].addr_spec == "partner@example.com")
    assert "Spain" in outside.get_body(("plain",)).get_content()
    with office.house.database.write() as session:
        session.query(User).filter(User.email == "ada@salient.example").one().active = False
    with office.house.database.read() as session:
        assert recipients.live_grant(session, "partner@example.com", office.clock()) is None
    with office.house.database.write() as session:
        session.query(User).filter(User.email == "ada@salient.example").one().active = True
    with office.house.database.write() as session:
        grants.revoke(session, office.viewer("ada"), given.id, now=office.clock())
    office.tick(days=1)
    assert len(office.got()["partner@example.com"]) == 1
    assert len(office.got()[ERIN]) == 2


def test_whoever_holds_the_mail_can_end_it_and_nothing_else(office: Office) -> None:
    schedule, other = office.schedule("sam", "tess"), office.schedule("sam")
    token = subscriptions.link_token(schedule, office.person("sam"), office.house.secret)
    with office.house.database.write() as session:
        assert subscriptions.end_by_link(session, token, office.house.secret, now=office.clock()) == "How we stand"
        for forged in (token[:-1] + "0" * (token[-1] != "0") + "1" * (token[-1] == "0"), "x.y", "é.ü", token[1:]):
            with pytest.raises(NotFound):
                subscriptions.end_by_link(session, forged, office.house.secret)
    office.tick(hours=1)
    assert {name: len(each) for name, each in office.got().items()} == {SAM: 1, TESS: 1}
    with office.house.database.write() as session:
        ended = {each.schedule_id: each.is_ended for each in subscriptions.mine(session, office.viewer("sam"))}
        assert ended == {schedule: True, other: False}
        subscriptions.begin_again(session, office.viewer("sam"), schedule)
    office.tick(days=1)
    assert len(office.got()[SAM]) == 3


def test_nobody_has_mails_depend_on_a_figure_that_is_hidden_from_them(office: Office) -> None:
    give(office, "remy", role="marketing")
    on_margin = Condition("metric", "margin", "above", Decimal(0))
    office.schedule("erin", by="erin", condition=on_margin)
    with pytest.raises(Invalid, match="no figure called"):
        office.schedule("erin", by="remy", condition=on_margin)


def test_a_condition_does_not_tell_a_team_lead_what_others_sold(office: Office) -> None:
    def logged(schedule: str, who: str = "tess") -> list[object]:
        with office.house.database.read() as session:
            (run,) = deliveries.log(session, office.viewer(who), schedule)
        (one,) = run.deliveries
        return [run.state, run.reason, one.state, one.reason, one.handed_at, one.documents, one.attempts]

    kept = [
        office.schedule("erin", by="tess", condition=Condition("metric", "net_sales", "above", Decimal(bound)))
        for bound in (1, 10**15)
    ]
    office.tick(hours=1)
    assert len(office.got()[ERIN]) == 1
    assert logged(kept[0]) == logged(kept[1])
    assert "told to whoever sees these rows" in str(logged(kept[0])[3])
    with office.house.database.write() as session:
        for each in kept:
            card = schedules.find(session, office.viewer("tess"), each)
            always = replace(card.draft, condition=ALWAYS)
            schedules.change(
                session, office.viewer("tess"), each, always, office.offer(), version=card.version, now=office.clock()
            )
    assert logged(kept[0]) == logged(kept[1])
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", TESS, role="administrator")
    assert [logged(each)[2] for each in kept] == ["sent", "skipped"]


def test_a_message_that_failed_does_not_tell_a_team_lead_that_its_condition_held(office: Office) -> None:
    office.box.manner = lambda address: "never" if address == ERIN else "accept"
    held, not_held = (
        office.schedule("erin", by="tess", condition=Condition("metric", "net_sales", "above", Decimal(bound)))
        for bound in (1, 10**15)
    )
    office.tick(hours=1)

    def logged(schedule: str, who: str) -> list[object]:
        with office.house.database.read() as session:
            (run,) = deliveries.log(session, office.viewer(who), schedule)
        return [run.state, run.reason, *((each.state, each.reason, each.attempts) for each in run.deliveries)]

    assert logged(held, "tess") == logged(not_held, "tess")
    assert "550" not in str(logged(held, "tess"))
    assert "550" in str(logged(held, "ada"))
    # Somebody has to know: those who see everything.
    told = [each for each in office.box.messages if "About" in str(each["Subject"])]
    assert [each["To"].addresses[0].addr_spec for each in told] == ["ada@salient.example"]


def test_a_report_that_was_sent_on_a_condition_does_not_tell_its_owner_that_it_held(office: Office) -> None:
    for_erin = reports.Access(visibility="private", people=(ERIN,))
    with office.house.database.write() as session:
        tess, dashboards = office.viewer("tess"), office.house.dashboards
        paper = Report("Of Tess", (Part("/d/overview/net-sales"),))
        kept = reports.save(session, tess, paper, dashboards, for_erin, now=office.clock()).id
    condition = Condition("metric", "net_sales", "above", Decimal(1))
    office.schedule("erin", by="tess", views=(f"report:{kept}",), condition=condition)
    office.tick(hours=1)
    assert len(office.got()[ERIN]) == 1
    with office.house.database.read() as session:
        (erins,) = instances.listed(session, office.viewer("erin"), kept)
        assert instances.listed(session, office.viewer("tess"), kept) == []
        with pytest.raises(NotFound):
            instances.find(session, office.viewer("tess"), erins.id)
    # Without a condition she is told that it was made, and not how much stands in it.
    office.schedule("erin", by="tess", views=(f"report:{kept}",))
    office.tick(days=1)
    with office.house.database.read() as session:
        (one,) = instances.listed(session, office.viewer("tess"), kept)
        told = [each.rows for each in instances.listed(session, office.viewer("erin"), kept)]
    assert (one.distribution, one.rows, one.files, one.summary) == ("sent", None, (), ())
    assert None not in told


def test_who_is_one_of_many_is_not_told_of_the_others(office: Office) -> None:
    office.box.manner = lambda address: "never" if address == ERIN else "accept"
    schedule = office.schedule("erin", "sam", "tess", by="dirk")
    office.tick(hours=1)
    with office.house.database.read() as session:
        (sams,) = deliveries.log(session, office.viewer("sam"), schedule)
        (whole,) = deliveries.log(session, office.viewer("dirk"), schedule)
    assert (whole.audiences, "550" in whole.reason) == (3, True)
    assert (sams.audiences, sams.reason, [each.address for each in sams.deliveries]) == (1, "", [SAM])


def test_otto_can_neither_schedule_nor_look(office: Office) -> None:
    schedule = office.schedule("erin")
    with pytest.raises(Forbidden):
        office.schedule("erin", by="otto")
    with pytest.raises(Forbidden):
        office.schedule("erin", by="sam")
    with office.house.database.read() as session:
        otto = office.viewer("otto")
        for look in (schedules.listed, subscriptions.mine):
            with pytest.raises(Forbidden):
                look(session, otto)
        with pytest.raises(Forbidden):
            deliveries.log(session, otto, schedule)
        with pytest.raises(NotFound):
            deliveries.log(session, office.viewer("sam"), schedule)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"zone": "Europe/Berlim"}, "Did you mean Europe/Berlin"),
        ({"recurrence": "0 7 31 2 *"}, "never"),
        ({"recurrence": "* * * * *"}, "15 minutes"),
        ({"recurrence": "soon"}, "says no time"),
        ({"recipients": ()}, "at least one recipient"),
        ({"recipients": ("address:a@b.example\nBcc: c@d.example",)}, "one line"),
        ({"recipients": ("address:erin@salient.example",)}, "choose the person"),
        ({"recipients": ("person:999",)}, "no account"),
        ({"recipients": ("role:kings",)}, "no role kings"),
        ({"recipients": ("team:T999",)}, "Nobody belongs"),
        ({"recipients": tuple(f"person:{number}" for number in range(1, 1_100))}, "1,000 recipients"),
        ({"views": ()}, "at least one view"),
        ({"views": ("/d/nowhere",)}, "no such dashboard"),
        ({"views": ("/d/overview/nowhere",)}, "no such panel"),
        ({"views": ("/settings",)}, "address starts with"),
        ({"views": tuple(f"{OVERVIEW}&region={number}" for number in range(11))}, "10 views"),
        ({"formats": ()}, "at least one format"),
        ({"formats": ("doc",)}, "no such format"),
        ({"name": "Two\nlines"}, "printable"),
        ({"name": " "}, "printable"),
        ({"subject": "One\r\nBcc: everybody@example.com"}, "one line"),
        ({"subject": "x" * 300}, "200"),
        ({"channel": "pigeon"}, "no such channel"),
    ],
)
def test_what_could_not_be_sent_is_refused_when_it_is_saved(office: Office, given: dict, said: str) -> None:
    from app.services.drafts import Draft
    from app.values.errors import Refusal

    usual = {
        "name": "All",
        "views": (OVERVIEW,),
        "formats": ("csv",),
        "recurrence": "0 7 * * *",
        "zone": "UTC",
        "recipients": (office.person("erin"),),
    }
    with office.house.database.write() as session, pytest.raises(Refusal, match=said):
        schedules.create(session, office.viewer("erin"), Draft(**usual | given), office.offer(), now=office.clock())
    with office.house.database.read() as session:
        assert schedules.listed(session, office.viewer("erin")) == []


def test_a_deleted_schedule_can_be_brought_back_and_waits_to_be_looked_at(office: Office) -> None:
    schedule = office.schedule("erin")
    erin = office.viewer("erin")
    with office.house.database.write() as session:
        schedules.remove(session, erin, schedule, now=office.clock())
    office.tick(days=1)
    assert office.box.taken == []
    with office.house.database.write() as session:
        card = schedules.restore(session, erin, schedule, now=office.clock())
        assert card.paused_at == MONDAY + timedelta(hours=23)
        assert card.next_due is None
    office.tick(days=1)
    assert office.runs() == []
