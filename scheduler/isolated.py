"""Isolated: something made in a fresh process that is watched: its time, its memory, and whether it is still wanted."""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from app.assembly import House, assemble
from app.config import Settings
from app.services.filing import Filed
from app.values.errors import Refusal
from app.values.viewer import Viewer
from app.values.words import Words, words

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
SIGN_OF_LIFE_S = 5.0
"""How often the lease of what is made is renewed, and its cancelling noticed."""


@dataclass(frozen=True)
class Limits:
    """For one thing made: how long it may take, and how large its process may grow (resident memory)."""

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


Tell = Callable[[int], None]
"""Says how far it is, in per cent."""

Making = Callable[[House, Viewer, tuple[str, ...], Tell], Outcome]
"""What makes something for a viewer out of a few texts. It has to be a function of a module."""


def isolated(
    house: House,
    email: str,
    making: Making,
    given: tuple[str, ...],
    limits: Limits,
    is_wanted: Callable[[int], bool],
) -> Outcome:
    """Have a fresh process make something for somebody. `is_wanted` is asked time and again, with how far it is."""
    context = get_context("forkserver")
    # A process that has loaded what makes it, and opened nothing, is forked for each; the first to come starts it.
    context.set_forkserver_preload([making.__module__])
    ours, theirs = context.Pipe(duplex=False)
    work = (house.settings, dict(os.environ), email, making, given, theirs)
    process = context.Process(target=_make, args=work, daemon=True)
    process.start()
    theirs.close()
    t = words(house.viewer_named(email).context.locale)
    try:
        return _watched(ours, process.pid, limits, is_wanted, t)
    except (EOFError, OSError):
        return Outcome("broken", t("The process that made it ended."))
    finally:
        ours.close()
        process.kill()
        process.join(10)


def _watched(line: Connection, pid: int | None, limits: Limits, is_wanted: Callable[[int], bool], t: Words) -> Outcome:
    until, said, progress = time.monotonic() + limits.seconds, time.monotonic(), 0
    while True:
        if line.poll(LOOK_EVERY_S):
            told = line.recv_bytes()
            if told[:1] == b"{":
                return _read(told)
            progress, said = int(told), 0.0
        if time.monotonic() > until:
            return Outcome("broken", t("It took longer than {seconds} seconds.", seconds=round(limits.seconds)))
        if _megabytes(pid) > limits.megabytes:
            return Outcome("broken", t("It took more than {megabytes} MB of memory.", megabytes=limits.megabytes))
        if time.monotonic() - said > SIGN_OF_LIFE_S:
            said = time.monotonic()
            if not is_wanted(progress):
                return Outcome("dropped")


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


def _make(
    settings: Settings,
    environment: dict[str, str],
    email: str,
    making: Making,
    given: tuple[str, ...],
    line: Connection,
) -> None:
    """What the process does: say how far it is, and at last what came of it. It has the scheduler's environment."""
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nobody listens any more when the scheduler was killed: then this ends, too.
    with suppress(BrokenPipeError):
        house = assemble(settings)
        viewer = house.viewer_named(email)
        t = words(viewer.context.locale)
        try:
            outcome = making(house, viewer, given, lambda done: line.send_bytes(b"%d" % done))
        except Refusal as refusal:
            outcome = Outcome("refused", t(refusal.sentence))
        except BrokenPipeError:
            raise
        except Exception as error:
            log.exception("%s could not be made", given[0])
            outcome = Outcome("broken", t("It could not be made ({kind}).", kind=type(error).__name__))
        line.send_bytes(json.dumps(asdict(outcome)).encode())
