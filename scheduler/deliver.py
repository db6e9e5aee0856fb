"""Deliver: each recipient's message handed over once: written down before, and after."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.auth.policy import Trees
from app.channels.message import Message, Outcome
from app.models.database import take_turns
from app.models.delivery import Delivery
from app.models.schedule import Run, Schedule, Unsubscribed
from app.models.user import User
from app.services import deliveries, documents, instances
from app.services.filing import file_away
from app.services.instances import Contents
from app.services.recipients import Reader, kept_from, reader
from app.values.errors import Refusal
from app.values.words import say
from queries.warehouse.failpoints import failpoint
from scheduler.audience import OWNER, Audience, opened_by, owed_notices, terms_on
from scheduler.desk import Desk
from scheduler.job import Made
from scheduler.lease import Lost, Stopped, is_ours
from scheduler.prepare import UNSUBSCRIBED, Work
from scheduler.saying import Sending, notice, report

SERVER_AWAY = timedelta(minutes=5)
"""How long a run waits for a server that takes nothing from anybody."""


PATIENCE_S = (0.1, 0.5, 2.0, 5.0)
"""How long to wait for a database that is away, time after time."""

NO_WAY = say("There is no such channel here any more.")
UNWRITTEN = "The message could not be written ({kind})."

log = logging.getLogger(__name__)


class Away(Exception):
    """Nothing can be handed over to anybody now; everything waits."""


@dataclass(frozen=True)
class Pass:
    """One go at a run: who goes on with it, and when to stop because somebody else does."""

    desk: Desk
    work: Work
    trees: Trees
    lost: threading.Event


def hand_over(on: Pass, audience: Audience, made: Made) -> None:
    """Send what was made to each recipient of its audience whose rights are still the same. Raises Lost, Away."""
    files = [
        {"name": each.name, "bytes": len(each.content), "sha256": hashlib.sha256(each.content).hexdigest()}
        for each in made.documents
    ]
    for delivery_id in audience.deliveries:
        taken = _taken(on, audience, delivery_id)
        if taken is None:
            continue
        one, sending, channel, attempt = taken
        outcome = _sent(on.desk, channel, lambda: report(on.desk, on.work, made, one, sending))  # noqa: B023
        _recorded(on.desk, on.work.run_id, delivery_id, attempt, outcome, files)
        if outcome.state == "sent":
            _kept(on, one, made)


def _kept(on: Pass, one: Reader, made: Made) -> None:
    """Let a reader of a report reopen what was sent, as it was, where the report is there for the reader."""
    (first, *others), home = on.work.contents, on.desk.house.settings.home.resolve()
    if others or not first.report_id or one.viewer is None or one.viewer.kind != "person":
        return
    now = on.desk.now()
    filed = tuple(file_away(home, each) for each in made.documents)
    inside = Contents(filed, made.rows, made.generation, made.days, made.body.sentences)
    told: dict[str, object] = {"recipient": one.recipient, "state": "sent", "reason": ""}
    if on.work.kind == "due" and on.work.condition.kind != "always":
        told[instances.CONDITIONAL] = True
    try:
        with on.desk.house.database.write() as session:
            # The turn of those who file comes before the ledger, here as everywhere.
            take_turns(session, documents.TURN)
            instance = instances.begin(session, one.viewer, first.report_id, now=now)
            instances.end(session, one.viewer, home, instance, inside, now=now)
            instances.tell_distribution(session, instance, "sent", [told], now=now)
    except Refusal as refusal:
        log.info("what was sent to %s is not kept: %s", one.recipient, refusal.sentence)


def hand_over_notices(desk: Desk, run_id: str, lost: threading.Event) -> None:
    """Tell owners what there is to be told about a run. Raises Lost, Away."""
    with desk.house.database.read() as session:
        waiting = [row.id for row in owed_notices(session, run_id, desk.now())]
    for delivery_id in waiting:
        with desk.house.database.write() as session:
            row, run = _ours(session, desk, run_id, delivery_id, lost)
            schedule = session.get_one(Schedule, run.schedule_id)
            terms, person = terms_on(desk.house, run.today), row.recipient.removeprefix(OWNER)
            one = reader(session, f"person:{person}", desk.house.trees(), terms, desk.now())
            if one.viewer is None:
                deliveries.refuse(session, row, "skipped", str(one.why))
                continue
            if not deliveries.take(session, row, desk.now(), one.name, one.address):
                continue
            sending, attempt = _sending(row)
            told = (schedule.name, run.due_at, schedule.zone, row.notice)
        failpoint("delivery-sending")
        outcome = _sent(desk, "mail", lambda: notice(desk, *told, one, sending))  # noqa: B023
        _recorded(desk, run_id, delivery_id, attempt, outcome, [])


def _taken(on: Pass, audience: Audience, delivery_id: str) -> tuple[Reader, Sending, str, int] | None:
    """Write down that a message is going out now; None when it is not, because of what has changed meanwhile."""
    desk, now = on.desk, on.desk.now()
    with desk.house.database.write() as session:
        row, run = _ours(session, desk, on.work.run_id, delivery_id, on.lost)
        schedule = session.get_one(Schedule, run.schedule_id)
        if row.state not in deliveries.OPEN or schedule.deleted_at is not None:
            return None
        if run.kind == "due" and schedule.paused_at is not None:
            return None
        if not session.get_one(User, schedule.owner_id).active:
            # The next pass ends all that is still owed, and says why.
            return None
        one = reader(session, row.recipient, on.trees, terms_on(desk.house, on.work.today), now)
        why: str | None = one.why
        if one.viewer is not None:
            why = kept_from(one.viewer, on.work.contents, desk.house.dashboards)
        if run.kind != "test" and session.get(Unsubscribed, (schedule.id, row.recipient)) is not None:
            why = UNSUBSCRIBED
        if why or one.viewer is None:
            deliveries.refuse(session, row, "skipped", str(why), name=one.name, address=one.address)
            return None
        opened = opened_by(one.viewer, audience.views, desk.house.dashboards)
        if (one.viewer.context, opened) != (audience.context, audience.opened):
            # The rights are others than those the documents were made with: the next pass makes new ones.
            return None
        if not deliveries.take(session, row, now, one.name, one.address):
            return None
        run.state = "delivering"
        sending, attempt = _sending(row)
    failpoint("delivery-sending")
    return one, sending, row.channel, attempt


def _ours(session: Session, desk: Desk, run_id: str, delivery_id: str, lost: threading.Event) -> tuple[Delivery, Run]:
    if desk.stopping.is_set():
        raise Stopped
    if lost.is_set() or not is_ours(session, desk, run_id):
        raise Lost
    return session.get_one(Delivery, delivery_id), session.get_one(Run, run_id)


def _sending(row: Delivery) -> tuple[Sending, int]:
    """What was just taken, read anew: the database counted it."""
    session = Session.object_session(row)
    if session is not None:
        session.refresh(row)
    return Sending(row.message_id, repeat=row.repeats > 0), row.attempts


def _sent(desk: Desk, channel: str, message: Callable[[], Message]) -> Outcome:
    way = desk.channels.get(channel)
    if way is None:
        return Outcome("refused", str(NO_WAY))
    try:
        written = message()
    except Refusal as refusal:
        return Outcome("refused", str(refusal.sentence))
    except Exception as error:
        log.exception("a message could not be written")
        return Outcome("deferred", UNWRITTEN.format(kind=type(error).__name__))
    outcome = way.send(written)
    if outcome.state == "sent":
        failpoint("smtp-accepted")
    return outcome


def _recorded(
    desk: Desk, run_id: str, delivery_id: str, attempt: int, outcome: Outcome, files: list[dict[str, object]]
) -> None:
    away = outcome.state == "deferred" and outcome.everyone
    for patience in (*PATIENCE_S, None):
        try:
            _write_down(desk, run_id, delivery_id, attempt, outcome, files)
            break
        except OperationalError:
            # The word of the server is known nowhere else: lost, the message would go out once more.
            if patience is None:
                raise
            log.warning("the end of delivery %s cannot be written down yet", delivery_id)
            time.sleep(patience)
    failpoint("delivery-recorded")
    if away:
        raise Away(str(outcome.reason))


def _write_down(
    desk: Desk, run_id: str, delivery_id: str, attempt: int, outcome: Outcome, files: list[dict[str, object]]
) -> None:
    now = desk.now()
    with desk.house.database.write() as session:
        # Runs are locked before deliveries and those before the ledger, by everybody.
        session.execute(update(Run).where(Run.id == run_id, Run.claimed_by == desk.name).values(crashes=0))
        deliveries.settle(session, delivery_id, attempt, outcome, files, now)
        if outcome.state == "deferred" and outcome.everyone:
            deliveries.put_off(session, run_id, now + SERVER_AWAY, str(outcome.reason), now)


def still_owed(session: Session, run_id: str) -> list[Delivery]:
    """Everything of a run that has not ended, notices too."""
    return list(session.scalars(select(Delivery).where(Delivery.run_id == run_id, Delivery.state.in_(deliveries.OPEN))))
