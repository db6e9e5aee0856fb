"""Tick: everything that is due now, done: runs recorded, claimed, made, delivered and ended, each step written down."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.delivery import Delivery
from app.models.schedule import Run, Schedule
from app.services import deliveries
from app.services.recipients import reader
from queries.warehouse.failpoints import failpoint
from scheduler.audience import Audience, gathered, terms_on
from scheduler.deliver import Away, Pass, hand_over, hand_over_notices, still_owed
from scheduler.desk import Desk
from scheduler.job import Job, Made
from scheduler.lease import Lost, Stopped, claim, extended, heartbeat, is_ours, record_due, release
from scheduler.prepare import NOBODY, Work, close, end_run, prepare

log = logging.getLogger(__name__)

MOST_TRIES = 3
TRY_AGAIN = (timedelta(minutes=1), timedelta(minutes=5))
"""How long to wait after the first and the second time that something broke."""

UNEXPECTED = "Something went wrong ({kind})."
ENDED_BADLY = "{failed} of {all} messages did not go out or may not have arrived: {reason}"


def tick(desk: Desk) -> int:
    """Do what is due now and all that can be gone on with; returns how many passes that took."""
    done = 0
    with desk.at_work:
        record_due(desk)
        while not desk.stopping.is_set() and (run_id := claim(desk)) is not None:
            perform(desk, run_id)
            done += 1
    return done


def perform(desk: Desk, run_id: str) -> None:
    """One go at a run that was claimed: as far as it can be done now."""
    with heartbeat(desk.lease, lambda: extended(desk, run_id)) as lost:
        try:
            work = prepare(desk, run_id)
            broken = "" if work is None else _worked(Pass(desk, work, desk.house.trees(), lost))
            hand_over_notices(desk, run_id, lost)
            _left(desk, run_id, broken)
        except Lost:
            log.info("run %s belongs to another scheduler now", run_id)
        except Stopped:
            _left(desk, run_id, "")
        except Away as away:
            log.warning("run %s waits: %s", run_id, away)
            _left(desk, run_id, "")
        except Exception as error:
            log.exception("run %s broke", run_id)
            _left(desk, run_id, UNEXPECTED.format(kind=type(error).__name__))


def _worked(on: Pass) -> str:
    """Make and deliver for every audience; returns what broke, if anything did."""
    desk, work = on.desk, on.work
    audiences, refused = gathered(desk.house, work.run_id, work.today, work.contents, desk.now())
    with desk.house.database.write() as session:
        if not is_ours(session, desk, work.run_id):
            raise Lost
        for delivery_id, one, why in refused:
            row = session.get_one(Delivery, delivery_id)
            deliveries.refuse(session, row, "skipped", why, name=one.name, address=one.address)
        run = session.get_one(Run, work.run_id)
        run.audiences = max(run.audiences, len(audiences))
    known = {each.key: each for each in audiences}
    broken = ""
    for job, made in desk.maker.make(_jobs(desk, work, audiences)):
        if desk.stopping.is_set():
            raise Stopped
        audience = known[job.audience]
        _noted(desk, work, audience, made)
        failpoint("documents-built")
        match made.state:
            case "made":
                hand_over(on, audience, made)
            case "unwanted":
                _refused(on, audience, "skipped", made.reason)
            case "refused":
                _refused(on, audience, "failed", made.reason)
            case _:
                broken = made.reason
    return broken


def _jobs(desk: Desk, work: Work, audiences: list[Audience]) -> Iterator[Job]:
    for audience in audiences:
        yield Job(
            id=work.run_id,
            reader=audience.reader,
            audience=audience.key,
            today=work.today,
            now=desk.now(),
            views=tuple(
                (str(each.view), each.title, None if each.report is None else each.report.told())
                for each in work.contents
            ),
            formats=work.formats,
            subject=work.subject,
            condition=work.condition.stored(),
            last=work.last.get(audience.memory, ""),
            title=work.name if work.as_one else "",
        )


def _noted(desk: Desk, work: Work, audience: Audience, made: Made) -> None:
    """Remember what the audience is sent, and from which data."""
    if made.state not in ("made", "unwanted"):
        return
    with desk.house.database.write() as session:
        if not is_ours(session, desk, work.run_id):
            raise Lost
        run = session.get_one(Run, work.run_id)
        run.generation = made.generation
        run.fingerprints = {**run.fingerprints, audience.memory: made.fingerprint}


def _refused(on: Pass, audience: Audience, state: str, reason: str) -> None:
    with on.desk.house.database.write() as session:
        if not is_ours(session, on.desk, on.work.run_id):
            raise Lost
        for delivery_id in audience.deliveries:
            row = session.get_one(Delivery, delivery_id)
            if row.state in deliveries.OPEN:
                deliveries.refuse(session, row, state, reason)


def _left(desk: Desk, run_id: str, broken: str) -> None:
    """How a pass leaves a run: over, or to be gone on with, and when."""
    now = desk.now()
    with desk.house.database.write() as session:
        if not is_ours(session, desk, run_id):
            return
        run = session.get_one(Run, run_id)
        row = session.get_one(Schedule, run.schedule_id)
        if run.state == "queued":
            # It waits for fresh data, or broke before anybody was owed anything.
            if broken:
                _try_again(session, desk, run, row, broken, now)
            return
        if broken:
            _try_again(session, desk, run, row, broken, now)
        owed = still_owed(session, run_id)
        if owed:
            _wait(run, owed, now)
        elif run.ends_as:
            close(session, run, now)
        else:
            _end(session, desk, run, row, now)
    failpoint("run-closed")


def _try_again(session: Session, desk: Desk, run: Run, row: Schedule, broken: str, now: datetime) -> None:
    run.tries += 1
    waiting = [each for each in still_owed(session, run.id) if not each.notice]
    if run.tries < MOST_TRIES:
        again = now + TRY_AGAIN[run.tries - 1]
        for each in waiting:
            if each.state == "pending" and (each.next_try_at is None or each.next_try_at <= now):
                each.next_try_at, each.reason = again, broken
        release(run, again)
        return
    for each in waiting:
        deliveries.refuse(session, each, "failed", broken)
    if not run.ends_as:
        end_run(session, desk, run, row, "parked", broken, now, tell=broken)


def _wait(run: Run, owed: list[Delivery], now: datetime) -> None:
    times = [each.next_try_at for each in owed]
    release(run, None if None in times else max(now, min(each for each in times if each is not None)))


def _end(session: Session, desk: Desk, run: Run, row: Schedule, now: datetime) -> None:
    """Nothing is owed any more: say how it went, and tell the owner if it did not go well."""
    ended = list(session.scalars(select(Delivery).where(Delivery.run_id == run.id, Delivery.notice == "")))
    states = Counter(each.state for each in ended)
    if states["sent"] and run.kind == "due":
        shown = {each: mark for each, mark in run.fingerprints.items() if each != deliveries.CONDITIONAL}
        row.fingerprints = {**row.fingerprints, **shown}
    bad = [each for each in ended if each.state in ("failed", "uncertain")]
    if bad:
        told = ENDED_BADLY.format(failed=len(bad), all=len(ended), reason=bad[0].reason)
        end_run(session, desk, run, row, "done", told, now, tell=told, overseers=_is_secret(session, desk, run, row))
    elif states["sent"]:
        end_run(session, desk, run, row, "done", "", now)
    else:
        end_run(session, desk, run, row, "skipped", ended[0].reason if ended else NOBODY, now)


def _is_secret(session: Session, desk: Desk, run: Run, row: Schedule) -> bool:
    """Whether its owner is not told which messages failed: one was made, so its condition held in rows of others."""
    if deliveries.CONDITIONAL not in run.fingerprints:
        return False
    terms = terms_on(desk.house, run.today)
    owner = reader(session, f"person:{row.owner_id}", desk.house.trees(), terms, desk.now()).viewer
    return owner is None or not owner.context.scope.is_everything or bool(owner.context.masks)
