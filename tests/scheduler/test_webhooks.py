"""Other programs are told what happened: signed, once, in what their owner may know, and whatever dies or hangs."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook, WebhookVerificationError

from app.assembly import assemble
from app.channels.posting import Post
from app.config import Settings
from app.models.event import AuditEvent
from app.models.hook import Hook as KeptHook
from app.models.hook import HookDelivery
from app.services import accounts, comments, hook_events, hooks, jobs, ledger, views
from app.services.hook_posts import BACKOFF
from app.services.hooks import DeliveryCard, Draft, HookCard
from app.values.errors import Conflict, Forbidden, Invalid, NotFound
from app.values.view import View
from scheduler.jobs.hooks import Courier
from tests.channels.servers import Hook, Postbox, hook_server, trusting
from tests.conftest import SOAK, Tally
from tests.dying import dies_at
from tests.scheduler.office import Clock, Office
from tests.scheduler.test_alerts import LOW, change, look, watch

ALL = tuple(hooks.KINDS)
VIEW = "/d/overview?period=2025"
PLACES = ("hook-noting", "hook-noted", "hook-taken", "hook-posted", "hook-settled")
ROUNDS = range(10 if SOAK else 2)


def reaching() -> Post:
    """What reaches the receivers on loopback, and nothing else inside."""
    return Post(allowed=("localhost",), tls=trusting())


@dataclass
class Listener:
    """A receiver of somebody's hook, with what was registered."""

    office: Office
    owner: str
    server: Hook
    card: HookCard
    secret: str
    courier: Courier
    clock: Clock | None = None

    def told(self) -> list[dict[str, Any]]:
        """Bring everything that is due; all that was ever heard."""
        self.courier.work_off()
        return self.server.posted

    def kinds(self) -> list[str]:
        return [each["type"] for each in self.told()]

    def verified(self, at: int = -1, secret: str = "") -> Any:
        """What the stock library says of a message, if its signature holds."""
        return Webhook(secret or self.secret).verify(self.server.bodies[at], self.server.headers[at])

    def log(self) -> list[DeliveryCard]:
        with self.office.house.database.read() as session:
            return hooks.deliveries(session, self.office.viewer(self.owner), self.card.id)

    def kept(self) -> HookCard:
        with self.office.house.database.read() as session:
            return hooks.find(session, self.office.viewer(self.owner), self.card.id)


def register(office: Office, owner: str, address: str, *kinds: str) -> tuple[HookCard, str]:
    """A hook of somebody's."""
    viewer = office.viewer(owner)
    draft = hooks.checked(viewer, Draft("Ours", address, kinds or tuple(hooks.offered(viewer))), reaching())
    with office.house.database.write() as session:
        return hooks.create(session, viewer, draft, office.house.secret)


Listen = Callable[..., Listener]


@pytest.fixture
def listen(office_anywhere: Office) -> Iterator[Listen]:
    """Makes receivers: `listen("erin", "view.shared", status=500)`."""
    open_now: list[Any] = []

    def make(owner: str = "erin", *kinds: str, clock: Clock | None = None, **given: Any) -> Listener:
        server = Hook(**given)
        block = hook_server(server)
        block.__enter__()
        open_now.append(partial(block.__exit__, None, None, None))
        card, secret = register(office_anywhere, owner, server.address, *kinds)
        courier = Courier(office_anywhere.house, reaching(), *([clock] if clock else []))
        open_now.append(courier.close)
        return Listener(office_anywhere, owner, server, card, secret, courier, clock)

    yield make
    for each in reversed(open_now):
        each()


def share(office: Office, name: str = "Iberia", by: str = "erin", visibility: str = "everyone") -> str:
    """A view that others may use."""
    with office.house.database.write() as session:
        return views.save(session, office.viewer(by), name=name, view=VIEW, visibility=visibility).id


def give_role(office: Office, name: str, role: str) -> None:
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", f"{name}@salient.example", role=role)


def permit(office: Office, role: str) -> None:
    """Let a role have webhooks, too."""
    with office.house.database.write() as session:
        row = next(each for each in accounts.list_roles(session, "cli") if each.id == role)
        permissions = [*row.permissions, "webhooks"]
        accounts.change_role(session, "cli", role, permissions=permissions, masks=row.masks, scope_kind=row.scope_kind)


def test_a_receiver_is_told_what_happened_in_a_message_that_the_stock_library_verifies(listen: Listen) -> None:
    erin = listen("erin", "view.shared")
    view = share(erin.office)
    share(erin.office, "Mine alone", visibility="private")
    (told,) = erin.told()
    assert erin.verified() == told
    assert set(told) == {"id", "type", "timestamp", "data"}
    assert told["type"] == "view.shared"
    assert told["data"]["view"] == view
    assert told["data"]["name"] == "Iberia"
    assert erin.server.headers[0]["webhook-id"] == told["id"]
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    with pytest.raises(WebhookVerificationError):
        Webhook(erin.secret).verify(erin.server.bodies[0].replace(b"Iberia", b"Galicia"), erin.server.headers[0])
    (line,) = erin.log()
    assert (line.state, line.status, line.attempts, json.loads(line.payload)) == ("sent", 200, 1, told)


def test_what_happened_before_it_was_registered_is_not_told(listen: Listen, office_anywhere: Office) -> None:
    share(office_anywhere, "Before")
    erin = listen("erin", "view.shared")
    share(office_anywhere, "After")
    assert [each["data"]["name"] for each in erin.told()] == ["After"]


def test_two_secrets_are_valid_for_a_day_after_one_was_changed(listen: Listen) -> None:
    clock = Clock(datetime.now(UTC))
    erin = listen("erin", "view.shared", clock=clock)
    with erin.office.house.database.write() as session:
        newer = hooks.rotate(session, erin.office.viewer("erin"), erin.card.id, erin.office.house.secret)
    share(erin.office)
    assert erin.told()
    assert erin.verified(secret=erin.secret) == erin.verified(secret=newer)
    clock.pass_by(hours=25)
    share(erin.office, "A day later")
    assert len(erin.told()) == 2
    signatures = erin.server.headers[-1]["webhook-signature"].split(" ")
    assert len(signatures) == 1
    assert erin.secret not in newer


def test_the_secret_is_nowhere_but_in_the_first_answer(listen: Listen, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    erin = listen("erin", "view.shared", status=500)
    with erin.office.house.database.write() as session:
        newer = hooks.rotate(session, erin.office.viewer("erin"), erin.card.id, erin.office.house.secret)
    share(erin.office)
    assert erin.told()
    kept = erin.office.settings.home / "app.db"
    everything = [caplog.text, repr(erin.kept()), repr(erin.log())]
    everything += [each.read_bytes().decode("latin-1") for each in kept.parent.glob("app.db*")]
    with erin.office.house.database.read() as session:
        everything += [f"{each.subject} {each.detail}" for each in session.scalars(select(AuditEvent))]
    for secret in (erin.secret, newer):
        assert not any(secret.removeprefix("whsec_") in each for each in everything)
    assert "key=x" not in "".join(everything[0:1] + everything[-20:]), "the address may hold a secret of the receiver's"


@pytest.mark.parametrize("seed", ROUNDS)
@pytest.mark.parametrize("place", PLACES)
def test_wherever_a_scheduler_is_killed_every_event_is_told_and_one_at_most_twice(
    place: str, seed: int, office_anywhere: Office, listen: Listen, tmp_path: Path, count: Tally
) -> None:
    clock = Clock(datetime.now(UTC))
    erin = listen("erin", "view.shared", clock=clock)
    named = [share(office_anywhere, f"View {each}") for each in range(3)]
    nth = random.Random(f"{place} {seed}").randint(1, 3) if place not in ("hook-noting", "hook-noted") else 1
    dies_at(f"{place}:{nth}", tmp_path / "died", carry, office_anywhere.settings)
    count(f"schedulers killed at {place}")
    clock.pass_by(minutes=2)
    told = erin.told()
    copies = Counter(each["id"] for each in told)
    assert {each["data"]["view"] for each in told} == set(named)
    assert len(copies) == 3
    assert sorted(copies.values()) == ([1, 1, 2] if place == "hook-posted" else [1, 1, 1])
    with office_anywhere.house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(HookDelivery)) == 3
        assert set(session.scalars(select(HookDelivery.state))) == {"sent"}
        assert ledger.faults(session) == []


def carry(settings: Settings) -> None:
    """A scheduler of its own."""
    house = assemble(settings)
    courier = Courier(house, reaching())
    courier.work_off()
    courier.close()
    house.close()


def test_two_schedulers_tell_everything_once(listen: Listen) -> None:
    erin = listen("erin", "view.shared")
    for each in range(20):
        share(erin.office, f"View {each}")
    other = Courier(erin.office.house, reaching())
    both = [threading.Thread(target=each.work_off) for each in (erin.courier, other)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    other.close()
    erin.told()
    assert len(erin.server.posted) == 20
    assert len({each["id"] for each in erin.server.posted}) == 20


def test_a_slow_receiver_holds_up_nobody(listen: Listen) -> None:
    gate = threading.Event()
    slow = listen("erin", "view.shared", wait=gate)
    quick = listen("ada", "view.shared")
    try:
        for each in range(3):
            share(slow.office, f"View {each}")
        slow.courier.beat()
        arrived = threading.Event()
        for _ in range(400):
            if len(quick.server.posted) == 3:
                arrived.set()
                break
            slow.courier.beat()
            arrived.wait(0.02)
        assert arrived.is_set(), "nobody waits for the one that hangs"
        assert len(slow.server.posted) == 1
    finally:
        gate.set()


@pytest.mark.parametrize("status", [500, 404, 301, 429, 0])
def test_what_fails_is_tried_for_three_days_then_parked_and_its_owner_told(
    status: int, listen: Listen, box: Postbox
) -> None:
    clock = Clock(datetime.now(UTC))
    erin = listen("erin", "view.shared", clock=clock, status=status, location="https://localhost:1/elsewhere")
    share(erin.office)
    begun, waits = clock.at, []
    for _ in range(100):
        erin.told()
        (line,) = erin.log()
        if line.state != "pending":
            break
        assert line.next_try_at is not None
        waits.append(line.next_try_at - clock.at)
        clock.at = line.next_try_at
    assert (line.state, line.status) == ("parked", status or None)
    assert clock.at - begun == timedelta(hours=72)
    for wait, usual in zip(waits, BACKOFF, strict=False):
        assert usual * 0.8 <= wait <= usual * 1.2 or begun + timedelta(hours=72) <= begun + sum(waits, timedelta())
    assert len({each["id"] for each in erin.server.posted}) == 1, "a receiver can tell that it is the same"
    (mail,) = [each for each in box.messages if "About your webhook" in str(each["Subject"])]
    assert mail["To"].addresses[0].addr_spec == "erin@salient.example"
    erin.server.status = 200
    with erin.office.house.database.write() as session:
        hooks.send_again(session, erin.office.viewer("erin"), erin.card.id, line.id, now=clock.at)
    erin.told()
    assert [each.state for each in erin.log()] == ["sent"]


def test_a_hook_that_fails_for_days_is_switched_off_and_its_owner_told(listen: Listen, box: Postbox) -> None:
    clock = Clock(datetime.now(UTC))
    erin = listen("erin", "view.shared", clock=clock, status=503)
    for each in range(14):
        share(erin.office, f"View {each}")
        erin.told()
        clock.pass_by(hours=10)
    kept = erin.kept()
    assert kept.off_at is not None
    assert "5 days" in kept.off_reason
    heard = len(erin.server.posted)
    share(erin.office, "Nobody listens")
    assert len(erin.told()) == heard
    told = [str(each.get_content()) for each in box.messages if "About your webhook" in str(each["Subject"])]
    assert sum("switched off" in each for each in told) == 1
    assert len(told) < 6, "a mail a day at most says that something was parked"


def test_a_receiver_that_is_gone_for_good_ends_its_hook(listen: Listen, box: Postbox) -> None:
    erin = listen("erin", "view.shared", status=410)
    share(erin.office)
    share(erin.office, "Another")
    assert len(erin.told()) == 1
    assert "410" in erin.kept().off_reason
    assert [each.state for each in erin.log()] == ["refused"]
    assert any("switched off" in str(each.get_content()) for each in box.messages)


def test_what_was_missed_while_it_was_off_is_told_when_asked_for(listen: Listen) -> None:
    erin = listen("erin", "view.shared")
    viewer, since = erin.office.viewer("erin"), datetime.now(UTC)
    share(erin.office, "First")
    erin.told()
    with erin.office.house.database.write() as session:
        hooks.switch_off(session, viewer, erin.card.id)
    share(erin.office, "Second")
    erin.told()
    with erin.office.house.database.write() as session, pytest.raises(Conflict):
        hooks.send_test(session, viewer, erin.card.id)
    with erin.office.house.database.write() as session:
        hooks.switch_on(session, viewer, erin.card.id)
        hooks.tell_again(session, viewer, erin.card.id, since, datetime.now(UTC))
    assert [each["data"]["name"] for each in erin.told()] == ["First", "Second"]
    with erin.office.house.database.write() as session:
        hooks.tell_again(session, viewer, erin.card.id, since, datetime.now(UTC), all_of_them=True)
    told = erin.told()
    assert sorted(each["data"]["name"] for each in told) == ["First", "First", "Second", "Second"]
    assert len({each["id"] for each in told}) == 2


def test_a_test_says_that_nothing_has_happened(listen: Listen) -> None:
    erin = listen("erin", "data.loaded")
    with erin.office.house.database.write() as session:
        hooks.send_test(session, erin.office.viewer("erin"), erin.card.id)
    (told,) = erin.told()
    assert erin.verified() == told
    assert (told["type"], told["data"]["webhook"]) == ("test", erin.card.id)


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


def test_what_breaks_on_our_side_holds_up_nobody_and_is_tried_again(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(datetime.now(UTC))
    erin, ada = listen("erin", "view.shared", clock=clock), listen("ada", "data.loaded")
    real = hook_events.told

    def broken(kind: str, *given: Any) -> Any:
        if kind == "view.shared":
            raise ZeroDivisionError
        return real(kind, *given)

    monkeypatch.setattr(hook_events, "told", broken)
    share(erin.office)
    with erin.office.house.database.write() as session:
        ledger.record(session, "cli", "warehouse.imported", "import:1", {"generation": 7, "status": "loaded"})
    assert erin.told() == []
    assert len(ada.told()) == 1
    (line,) = erin.log()
    assert (line.state, "ZeroDivisionError" in line.reason) == ("pending", True)
    monkeypatch.undo()
    clock.pass_by(minutes=2)
    assert len(erin.told()) == 1


def test_a_hundred_events_and_more_are_all_told(listen: Listen) -> None:
    erin = listen("erin", "data.loaded")
    with erin.office.house.database.write() as session:
        for each in range(120):
            detail = {"generation": each, "status": "loaded"}
            ledger.record(session, "cli", "warehouse.imported", "import:1", detail)
            ledger.record(session, "cli", "link.made", "link:1", {})
    assert sorted(each["data"]["generation"] for each in erin.told()) == list(range(120))
