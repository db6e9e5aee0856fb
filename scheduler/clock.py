"""The clock: APScheduler wakes the jobs; the rows themselves say what is due."""

from __future__ import annotations

import logging
import signal
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler

from app.assembly import House
from app.services import housekeeping
from queries.warehouse.load import sweep

log = logging.getLogger(__name__)

TIDY_EVERY = timedelta(minutes=15)


def tidy(house: House) -> None:
    """Forget what is over: ended sessions, old sign-in attempts, deleted views, what killed imports left behind."""
    with house.database.write() as session:
        forgotten = housekeeping.forget(session, datetime.now(UTC))
    told = "forgot %d ended sessions, %d attempts and %d deleted views"
    log.info(told, forgotten.sessions, forgotten.attempts, forgotten.views)
    log.info("swept up after %d killed imports", sweep(house.settings.home.resolve()))


def keep_time(house: House) -> None:
    """Run the jobs until the process is told to stop (SIGTERM or Ctrl-C)."""
    clock = BlockingScheduler(timezone="UTC")
    clock.add_job(
        tidy,
        "interval",
        args=(house,),
        seconds=TIDY_EVERY.total_seconds(),
        next_run_time=datetime.now(UTC) + timedelta(seconds=10),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    signal.signal(signal.SIGTERM, lambda _number, _frame: clock.shutdown(wait=False))
    try:
        clock.start()
    except (KeyboardInterrupt, SystemExit):
        log.info("stopped")
    finally:
        house.close()
