"""Other programs are told what their owner may know at that moment, at addresses outside, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import func, select

from app.channels.posting import Post
from app.models.hook import Hook as KeptHook
from app.models.hook import HookDelivery
from app.services import accounts, comments, hooks, jobs, ledger
from app.services.hooks import Draft
from app.values.errors import Forbidden, Invalid, NotFound
from app.values.view import View
from scheduler.jobs.hooks import Courier
from tests.channels.servers import Hook, hook_server, trusting
from tests.scheduler.listener import Listen, give_role, permit, reaching, register, share
from tests.scheduler.office import Office
from tests.scheduler.test_alerts import LOW, change, look, watch


def test_only_administrators_are_told_that_rights_changed(listen: Listen) -> None:
    ada, erin = listen("ada"), listen("erin")
    give_role(ada.office, "sam", "none")
    assert "user.changed" in ada.kinds()
    assert "user.changed" not in erin.kinds()
    with pytest.raises(Forbidden):
        register(erin.office, "erin", erin.server.address, "user.changed")


def test_whoever_is_no_administrator_any_more_is_not_told_what_administrators_are(
    listen: Listen, office_anywhere: Office
) -> None:
    give_role(office_anywhere, "erin", "administrator")
    erin = listen("erin", "user.changed")
    give_role(office_anywhere, "sam", "none")
    give_role(office_anywhere, "erin", "executive")
    assert erin.told() == []
    assert erin.log() == [], "not even that there was something"


def test_an_event_of_another_team_never_reaches_a_lead(listen: Listen, office_anywhere: Office) -> None:
    office = office_anywhere
    permit(office, "team-lead")
    tess, erin = listen("tess"), listen("erin", *hooks.offered(office.viewer("erin")))
    house, her = office.house, office.viewer("erin")
    view = View.parse("/d/overview/net-sales?period=2025")
    with house.database.write() as session:
        comments.say(session, her, view, "All of Spain is late.", partial(house.sees_as_much, her), _nobody)
    with house.database.write() as session:
        jobs.enqueue(session, her, str(view), "csv")
    share(office, "Of one role", visibility="private")
    office.schedule("erin")
    give_role(office, "otto", "rep")
    office.tick(hours=1)
    assert "comment.said" in erin.kinds()
    assert "report.sent" in erin.kinds()
    assert tess.told() == []
    assert tess.log() == []
    with house.database.read() as session:
        assert session.scalar(select(func.count()).where(HookDelivery.hook_id == tess.card.id)), "they were looked at"


def _nobody(email: str) -> Callable[..., bool]:
    return lambda *_: False


def test_a_lead_is_told_no_count_of_rows_that_others_sold(listen: Listen, office_anywhere: Office) -> None:
    permit(office_anywhere, "team-lead")
    tess, erin = listen("tess", "data.loaded"), listen("erin", "data.loaded")
    detail = {"generation": 7, "status": "loaded", "rows_in": 4_711, "new": 4_711}
    with office_anywhere.house.database.write() as session:
        ledger.record(session, "cli", "warehouse.imported", "import:1", detail)
    assert erin.told()[0]["data"]["rows"] == {"rows_in": 4_711, "new": 4_711}
    assert "4711" not in json.dumps(tess.told())
    assert tess.server.posted[0]["data"]["generation"] == 7


def test_nothing_is_sent_for_whoever_was_switched_off_or_lost_the_permission(
    listen: Listen, office_anywhere: Office
) -> None:
    erin, other = listen("erin", "view.shared"), listen("ada", "view.shared")
    share(office_anywhere)
    with office_anywhere.house.database.write() as session:
        accounts.disable_user(session, "cli", "erin@salient.example")
    assert erin.told() == []
    assert len(other.told()) == 1
    with office_anywhere.house.database.read() as session:
        row = session.get_one(KeptHook, erin.card.id)
        assert row.off_at is not None
        assert "switched off" in row.off_reason


def test_whose_rows_became_fewer_reads_no_payload_of_before(listen: Listen, office_anywhere: Office) -> None:
    erin = listen("erin", "view.shared")
    share(office_anywhere)
    erin.told()
    permit(office_anywhere, "regional-lead")
    give_role(office_anywhere, "erin", "regional-lead")
    with office_anywhere.house.database.write() as session:
        accounts.change_rights(session, "cli", "erin@salient.example", place_keys=["region:iberia"])
    (line,) = erin.log()
    assert (line.payload, line.is_hidden) == ("", True)


@pytest.mark.parametrize("name", ["otto", "sam", "tess", "mia"])
def test_whoever_may_not_registers_nothing_and_sees_no_other_hook(name: str, listen: Listen) -> None:
    erin = listen("erin", "view.shared")
    viewer = erin.office.viewer(name)
    with pytest.raises(Forbidden):
        hooks.checked(viewer, Draft("Mine", erin.server.address, ("view.shared",)), reaching())
    with erin.office.house.database.write() as session:
        for attempt in (
            lambda: hooks.create(session, viewer, erin.card.draft, "x"),
            lambda: hooks.listed(session, viewer),
            lambda: hooks.find(session, viewer, erin.card.id),
            lambda: hooks.deliveries(session, viewer, erin.card.id),
            lambda: hooks.rotate(session, viewer, erin.card.id, "x"),
        ):
            with pytest.raises(Forbidden):
                attempt()


def test_a_hook_of_somebody_else_is_one_that_does_not_exist(listen: Listen) -> None:
    erin = listen("erin", "view.shared")
    viewer = erin.office.viewer("ada")
    with erin.office.house.database.write() as session:
        sentences = []
        for hook_id in (erin.card.id, "nosuchhook"):
            with pytest.raises(NotFound) as refused:
                hooks.send_test(session, viewer, hook_id)
            sentences.append(str(refused.value))
    assert sentences[0] == sentences[1]


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/x", "https://169.254.169.254/latest/meta-data", "https://[::1]/x", "https://2130706433/x",
     "https://[::ffff:127.0.0.1]/x", "https://0x7f.1/x", "https://10.0.0.8/x", "https://[fe80::1]/x",
     "https://0.0.0.0/x", "http://example.com/x", "https://erin:pw@example.com/x", "ftp://example.com/x", "x"],
)  # fmt: skip
def test_an_address_inside_is_refused_with_a_sentence(address: str, office_anywhere: Office) -> None:
    viewer = office_anywhere.viewer("erin")
    for look_up in (True, False):
        with pytest.raises(Invalid) as refused:
            hooks.checked(viewer, Draft("In", address, ("view.shared",)), Post(), look_up=look_up)
        assert str(refused.value).endswith(".")


def test_an_address_that_leads_inside_by_now_is_not_posted_to(listen: Listen) -> None:
    erin = listen("erin", "view.shared")
    outside = Courier(erin.office.house, Post(tls=trusting()))
    share(erin.office)
    outside.work_off()
    outside.close()
    assert erin.server.posted == []
    (line,) = erin.log()
    assert (line.state, "private network" in line.reason) == ("refused", True)


def test_a_redirect_inside_is_not_followed(listen: Listen) -> None:
    with hook_server(Hook()) as inside:
        erin = listen("erin", "view.shared", status=307, location=inside.address)
        share(erin.office)
        assert len(erin.told()) == 1
    assert inside.posted == []
    assert [each.state for each in erin.log()] == ["pending"]


def test_whoever_is_told_by_an_alert_has_the_program_told_too_with_the_own_figures(
    listen: Listen, office_anywhere: Office
) -> None:
    office = office_anywhere
    permit(office, "team-lead")
    erin, tess = listen("erin", "alert.fired", "alert.resolved"), listen("tess", "alert.fired")
    ada = listen("ada", "alert.fired")
    alert = watch(office, "erin", "tess")
    look(office)
    (hers,) = erin.told()
    (theirs,) = tess.told()
    assert (hers["type"], hers["data"]["alert"]) == ("alert.fired", alert)
    values = [Decimal(each["data"]["members"][0]["value"]) for each in (hers, theirs)]
    assert values[0] > values[1] > 0
    assert ada.told() == [], "an alert that speaks to others"
    change(office, alert, replace(LOW, test="above"))
    look(office, days=1)
    assert erin.kinds() == ["alert.fired", "alert.resolved"]


def test_figures_of_rows_that_are_not_hers_any_more_are_not_told(listen: Listen, office_anywhere: Office) -> None:
    erin = listen("erin", "alert.fired")
    watch(office_anywhere, "erin")
    look(office_anywhere)
    permit(office_anywhere, "regional-lead")
    give_role(office_anywhere, "erin", "regional-lead")
    with office_anywhere.house.database.write() as session:
        accounts.change_rights(session, "cli", "erin@salient.example", place_keys=["region:iberia"])
    (told,) = erin.told()
    assert told["data"]["members"] == []
