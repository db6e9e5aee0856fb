"""Exports in the background: each made in a process of its own, under its owner's rights as they are at that moment."""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from app.assembly import House, assemble
from app.config import Settings
from app.handing import handout
from app.one_pagers import one_pagers
from app.services import documents, filing, jobs
from app.services.filing import Filed
from app.services.jobs import Claim
from app.values.errors import Conflict, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts.render import formats
from queries.warehouse.failpoints import failpoint

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
LOOK_EVERY_S = 0.2
SIGN_OF_LIFE_S = 5.0
"""How often the lease of a job is renewed, and its cancelling noticed."""


@dataclass(frozen=True)
class Limits:
    """For one export: how long it may take, and how large its process may grow (resident memory)."""

    seconds: float = 300
    megabytes: int = 2_000


@dataclass(frozen=True)
class Outcome:
    """What a process says at its end. `refused` never can be made, `broken` may work another time, `dropped` is no
    longer wanted; `rights` is a fingerprint of those it was made under.
    """

    state: Literal["made", "refused", "broken", "dropped"]
    sentence: str = ""
    rights: str = ""
    filed: Filed | None = None


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
        outcome = _isolated(house, claim, now, limits or Limits())
        try:
            _end(house, claim, outcome, now())
        except Conflict as lost:
            log.info("export %s: %s", claim.id, lost.sentence)


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


def _isolated(house: House, claim: Claim, now: Clock, limits: Limits) -> Outcome:
    """Have a fresh process make it, and watch over that: its time, its memory, and whether it is still wanted."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(house.settings, claim, theirs), daemon=True)
    process.start()
    theirs.close()
    until, said, progress = time.monotonic() + limits.seconds, time.monotonic(), 0
    t = words(house.viewer_named(claim.email).context.locale)
    try:
        while True:
            if ours.poll(LOOK_EVERY_S):
                told = ours.recv_bytes()
                if told[:1] == b"{":
                    return _read(told)
                progress, said = int(told), 0.0
            if time.monotonic() > until:
                return Outcome("broken", t("It took longer than {seconds} seconds.", seconds=round(limits.seconds)))
            if _megabytes(process.pid) > limits.megabytes:
                most = limits.megabytes
                return Outcome("broken", t("It took more than {megabytes} MB of memory.", megabytes=most))
            if time.monotonic() - said > SIGN_OF_LIFE_S:
                said = time.monotonic()
                with house.database.write() as session:
                    if not jobs.advance(session, claim, progress, now()):
                        return Outcome("dropped")
    except (EOFError, OSError):
        return Outcome("broken", t("The process that made it ended."))
    finally:
        ours.close()
        process.kill()
        process.join(10)


def _read(told: bytes) -> Outcome:
    given = json.loads(told)
    filed = given.pop("filed")
    return Outcome(**given, filed=None if filed is None else Filed(**filed))


def _megabytes(pid: int | None) -> float:
    """Resident memory; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _make(settings: Settings, claim: Claim, line: Connection) -> None:
    """What the process does: say how far it is, and at last what came of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nobody listens any more when the scheduler was killed: then this ends, too.
    with suppress(BrokenPipeError):
        house = assemble(settings)
        viewer = house.viewer_named(claim.email)
        try:
            outcome = _made(house, viewer, claim, line)
        except Refusal as refusal:
            outcome = Outcome("refused", words(viewer.context.locale)(refusal.sentence))
        except Exception as error:
            log.exception("export %s could not be made", claim.id)
            t = words(viewer.context.locale)
            outcome = Outcome("broken", t("It could not be made ({kind}).", kind=type(error).__name__))
        line.send_bytes(json.dumps(asdict(outcome)).encode())


def _made(house: House, viewer: Viewer, claim: Claim, line: Connection) -> Outcome:
    viewer.require(documents.PERMISSION)
    line.send_bytes(b"10")
    view = View.parse(claim.view)
    if claim.format == jobs.ARCHIVE:
        document = one_pagers(
            house, viewer, view, tell=lambda done, of: line.send_bytes(b"%d" % (10 + 80 * done // of))
        )
    else:
        wanted, paper = formats.known(claim.format), handout(house, viewer, view)
        line.send_bytes(b"60")
        document = wanted.write(paper)
    line.send_bytes(b"90")
    failpoint("export-rendered")
    filed = filing.file_away(house.settings.home.resolve(), document)
    failpoint("export-filed")
    return Outcome("made", "", documents.rights_of(viewer), filed)
