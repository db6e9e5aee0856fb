"""Other programs are told what happened: signed, once, and whatever dies or hangs."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook, WebhookVerificationError

from app.assembly import assemble
from app.config import Settings
from app.models.event import AuditEvent
from app.models.hook import HookDelivery
from app.services import hook_events, hooks, ledger
from app.services.hook_posts import BACKOFF, MOST_ASKED
from app.values.errors import Conflict
from scheduler.jobs.hooks import Courier
from tests.channels.servers import Postbox
from tests.conftest import SOAK, Tally
from tests.dying import dies_at
from tests.scheduler.listener import Listen, reaching, share
from tests.scheduler.office import Clock, Office

PLACES = ("hook-noting", "hook-noted", "hook-taken", "hook-posted", "hook-settled")
ROUNDS = range(10 if SOAK else 2)


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


@pytest.mark.parametrize(
    ("status", "asked", "waits"),
    [
        (429, "3600", timedelta(hours=1)),
        (503, "date", timedelta(hours=2)),
        (503, "999999999", MOST_ASKED),
        (429, "1", BACKOFF[0]),
        (500, "3600", BACKOFF[0]),
        (429, "soon", BACKOFF[0]),
        (503, "-5", BACKOFF[0]),
        (503, "9" * 5000, BACKOFF[0]),
    ],
)
def test_a_receiver_that_says_when_it_will_listen_is_left_alone_until_then(
    status: int, asked: str, waits: timedelta, listen: Listen
) -> None:
    begun = datetime.now(UTC)
    said = format_datetime(begun + timedelta(hours=2), usegmt=True) if asked == "date" else asked
    erin = listen("erin", "view.shared", clock=Clock(begun), status=status, retry_after=said)
    share(erin.office)
    erin.told()
    (line,) = erin.log()
    assert line.next_try_at is not None
    assert waits * 0.8 - timedelta(seconds=5) <= line.next_try_at - begun <= waits * 1.2
    if waits >= timedelta(hours=1):
        assert line.next_try_at - begun >= waits - timedelta(seconds=5)


def test_what_waits_for_a_receiver_that_wants_a_pause_waits_with_it(listen: Listen) -> None:
    clock = Clock(datetime.now(UTC))
    erin = listen("erin", "view.shared", clock=clock, status=429, retry_after="3600")
    for name in ("One", "Two", "Three"):
        share(erin.office, name)
    assert len(erin.told()) == 1
    erin.server.status = 200
    clock.pass_by(minutes=50)
    assert len(erin.told()) == 1
    clock.pass_by(minutes=30)
    assert len(erin.told()) == 4
    assert {each.state for each in erin.log()} == {"sent"}


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


def test_a_hundred_events_and_more_are_all_told(listen: Listen) -> None:
    erin = listen("erin", "data.loaded")
    with erin.office.house.database.write() as session:
        for each in range(120):
            detail = {"generation": each, "status": "loaded"}
            ledger.record(session, "cli", "warehouse.imported", "import:1", detail)
            ledger.record(session, "cli", "link.made", "link:1", {})
    assert sorted(each["data"]["generation"] for each in erin.told()) == list(range(120))


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
