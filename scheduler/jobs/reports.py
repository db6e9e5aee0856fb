"""Reports that were put off: each made in a process of its own, under its reader's rights as they are then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from app.assembly import House
from app.reporting import make_begun
from app.services import instances
from app.services.instances import Turn
from app.values.viewer import Viewer
from queries.warehouse.failpoints import failpoint
from scheduler.desk import right_now
from scheduler.isolated import Limits, Outcome, Tell, isolated

Clock = Callable[[], datetime]


def make_waiting(house: House, now: Clock = right_now, limits: Limits | None = None) -> int:
    """Make all reports that wait, one after the other; returns how many were begun. The instance tells what goes wrong.

    Any number of processes may do so at the same time.
    """
    begun = 0
    while True:
        with house.database.write() as session:
            turn = instances.claim(session, now())
        if turn is None:
            return begun
        begun += 1
        failpoint("report-claimed")
        given, keep = (turn.id, turn.report_id), partial(_kept, house, turn, now)
        outcome = isolated(house, turn.email, _made, given, limits or Limits(), keep)
        if outcome.state in ("refused", "broken"):
            with house.database.write() as session:
                instances.give_back(session, turn, outcome.sentence, now(), for_good=outcome.state == "refused")
        failpoint("report-ended")


def _kept(house: House, turn: Turn, now: Clock, _progress: int) -> bool:
    with house.database.write() as session:
        return instances.keep(session, turn, now())


def _made(house: House, viewer: Viewer, given: tuple[str, ...], _tell: Tell) -> Outcome:
    instance_id, report_id = given
    make_begun(house, viewer, report_id, instance_id)
    return Outcome("made")
