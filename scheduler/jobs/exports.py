"""Exports in the background: each made in a process of its own, under its owner's rights as they are at that moment."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from app.assembly import House
from app.handing import handout
from app.one_pagers import one_pagers
from app.services import documents, filing, jobs
from app.services.jobs import Claim
from app.values.errors import Conflict
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts.render import formats
from queries.warehouse.failpoints import failpoint
from scheduler.isolated import Limits, Outcome, Tell, isolated

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def right_now() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)


def work_off(house: House, now: Clock = right_now, limits: Limits | None = None) -> int:
    """Make all exports that are due, one after the other; returns how many were begun.

    Any number of processes may do so at the same time.
    """
    begun = 0
    while True:
        with house.database.write() as session:
            claim = jobs.claim(session, f"exports:{os.getpid()}", now())
        if claim is None:
            return begun
        begun += 1
        failpoint("export-claimed")
        given = (claim.id, claim.view, claim.format)
        keep = partial(_kept, house, claim, now)
        outcome = isolated(house, claim.email, _made, given, limits or Limits(), keep)
        try:
            _end(house, claim, outcome, now())
        except Conflict as lost:
            log.info("export %s: %s", claim.id, lost.sentence)


def _kept(house: House, claim: Claim, now: Clock, progress: int) -> bool:
    """Whether it is still wanted; then it is this scheduler's for another while."""
    with house.database.write() as session:
        return jobs.advance(session, claim, progress, now())


def _end(house: House, claim: Claim, outcome: Outcome, now: datetime) -> None:
    viewer = house.viewer_named(claim.email)
    if outcome.state == "made" and outcome.rights != documents.rights_of(viewer):
        sentence = words(viewer.context.locale)("Your rights changed while it was made.")
        outcome = Outcome("broken", sentence)
    with house.database.write() as session:
        if outcome.filed is not None:
            jobs.finish(session, viewer, house.settings.home.resolve(), claim, outcome.filed, now)
        elif outcome.state != "dropped":
            jobs.fail(session, claim, outcome.sentence, now, for_good=outcome.state == "refused")
    failpoint("export-ended")


def _made(house: House, viewer: Viewer, given: tuple[str, ...], tell: Tell) -> Outcome:
    """The export of a view in a format, made and filed away."""
    _, address, format_id = given
    viewer.require(documents.PERMISSION)
    tell(10)
    view = View.parse(address)
    if format_id == jobs.ARCHIVE:
        document = one_pagers(house, viewer, view, tell=lambda done, of: tell(10 + 80 * done // of))
    else:
        wanted, paper = formats.known(format_id), handout(house, viewer, view)
        tell(60)
        document = wanted.write(paper)
    tell(90)
    failpoint("export-rendered")
    filed = filing.file_away(house.settings.home.resolve(), document)
    failpoint("export-filed")
    return Outcome("made", "", documents.rights_of(viewer), filed)
