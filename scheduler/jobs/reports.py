"""Reports that were put off because much was being made: made one after the other, under their readers' rights."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from app.assembly import House
from app.reporting import make_begun
from app.services import instances
from app.values.errors import Refusal
from scheduler.desk import right_now

log = logging.getLogger(__name__)


def make_waiting(house: House, now: Callable[[], datetime] = right_now) -> int:
    """Make all reports that wait; returns how many. What goes wrong stands in the instance."""
    made = 0
    while True:
        with house.database.write() as session:
            claimed = instances.claim(session, now())
        if claimed is None:
            return made
        made += 1
        instance_id, email, report_id = claimed
        try:
            make_begun(house, house.viewer_named(email), report_id, instance_id)
        except Refusal as refusal:
            log.info("report %s was not made: %s", instance_id, refusal.sentence)
        except Exception:
            log.exception("report %s could not be made", instance_id)
