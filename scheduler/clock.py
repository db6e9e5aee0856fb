"""The clock: APScheduler wakes the jobs; the rows themselves say what is due."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler

from app.assembly import House
from app.channels.ways import ways
from app.services import documents, housekeeping
from queries.warehouse.load import sweep
from scheduler.desk import Desk
from scheduler.jobs.alerts import watch
from scheduler.jobs.exports import work_off
from scheduler.jobs.hooks import Courier
from scheduler.jobs.ingest import Publisher, publish_all
from scheduler.jobs.mentions import tell_mentioned
from scheduler.jobs.refreshes import refresh
from scheduler.jobs.reports import make_waiting
from scheduler.jobs.warming import Warmer
from scheduler.pool import Here, Pool
from scheduler.tick import tick

log = logging.getLogger(__name__)

HOOKS_EVERY = timedelta(seconds=2)
"""How soon other programs are told."""

TIDY_EVERY = timedelta(minutes=15)
TICK_EVERY = timedelta(seconds=5)
PATIENCE_S = 20
"""How long a message that is being handed over may take when the process is told to stop."""

EXPORT_EVERY = timedelta(seconds=2)
"""Somebody waits for it."""

WARM_EVERY = timedelta(seconds=20)
"""How soon after a load the usual views are answered."""

REFRESH_EVERY = timedelta(seconds=15)
"""How soon after its time a source is loaded."""

WATCH_EVERY = timedelta(seconds=15)
"""How soon after a load alerts are checked."""


def tidy(house: House) -> None:
    """Forget what is over: ended sessions, old sign-in attempts, deleted views, what killed imports left behind."""
    with house.database.write() as session:
        forgotten = housekeeping.forget(session, datetime.now(UTC))
    told = "forgot %d ended sessions, %d attempts and %d deleted views"
    log.info(told, forgotten.sessions, forgotten.attempts, forgotten.views)
    home = house.settings.home.resolve()
    with house.database.write() as session:
        log.info("threw away %d files of documents", documents.sweep(session, home))
    log.info("swept up after %d killed imports", sweep(home))


def open_desk(house: House) -> Desk:
    """A desk as the settings have it."""
    settings = house.settings
    limits = settings.document_workers, settings.document_seconds, settings.document_megabytes
    return Desk(house, Pool(settings, *limits) if settings.document_workers else Here(house), ways(settings))


def once(house: House) -> None:
    """Do what is due now, and tidy up."""
    log.info("%d sheaves of sent rows were loaded", publish_all(house))
    log.info("%d sources were loaded", refresh(house))
    desk = open_desk(house)
    try:
        log.info("%d runs were worked on", tick(desk))
    finally:
        desk.close()
    log.info("%d exports were worked on", work_off(house))
    log.info("%d reports were made", make_waiting(house))
    log.info("%d alerts were checked", watch(house))
    log.info("%d mails told of mentions", tell_mentioned(house))
    courier = Courier(house)
    log.info("%d webhooks were told", courier.work_off())
    courier.close()
    tidy(house)


def keep_time(house: House) -> None:
    """Run the jobs until the process is told to stop (SIGTERM or Ctrl-C)."""
    clock, desk, courier = BlockingScheduler(timezone="UTC"), open_desk(house), Courier(house)
    jobs = (
        (tidy, house, TIDY_EVERY),
        (tick, desk, TICK_EVERY),
        (refresh, house, REFRESH_EVERY),
        (work_off, house, EXPORT_EVERY),
        (make_waiting, house, EXPORT_EVERY),
        (watch, house, WATCH_EVERY),
        (tell_mentioned, house, WATCH_EVERY),
        (Warmer.warm, Warmer(house), WARM_EVERY),
        (Courier.beat, courier, HOOKS_EVERY),
    )
    for job, given, every in jobs:
        clock.add_job(
            job,
            "interval",
            args=(given,),
            seconds=every.total_seconds(),
            next_run_time=datetime.now(UTC) + min(every, timedelta(seconds=10)),
            # APScheduler is only the clock: what is due stays due, so that a beat may come late or be left out.
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def stop(*_: object) -> None:
        desk.stopping.set()
        clock.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    publishing = threading.Thread(target=Publisher(house).keep_on, args=(desk.stopping,), name="publisher")
    publishing.start()
    try:
        clock.start()
    except (KeyboardInterrupt, SystemExit):
        log.info("stopped")
    finally:
        # What is under way is put back, message by message, before anything is closed.
        desk.stopping.set()
        courier.close()
        if desk.at_work.acquire(timeout=PATIENCE_S):
            desk.close()
        house.close()
