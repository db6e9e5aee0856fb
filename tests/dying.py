"""Processes that die: forked from one that has imported what they need, so that a kill costs no start of Python."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path

from queries.warehouse.failpoints import SETTING

_NEEDED = [
    "psycopg",
    "queries.warehouse.engines",
    "queries.warehouse.load",
    "scheduler.clock",
    "tests.scheduler.office",
]
"""Modules alone: a database that was open before a fork would be shared by parent and child."""


def dies_at(place: str, log: Path, work: Callable[..., object], *given: object) -> None:
    """Do the work in a child that is killed at a failpoint, and make sure that it died there and nowhere else.

    The place is a name, or name:nth for the nth time that it is reached.
    """
    log.unlink(missing_ok=True)
    context = forking()
    child = context.Process(target=_live, args=(place, str(log), work, *given))
    child.start()
    child.join(120)
    said = log.read_text(encoding="utf-8") if log.exists() else "nothing was said"
    if child.is_alive():
        child.kill()
        raise AssertionError(f"{place} was not reached in two minutes: {said}")
    assert child.exitcode == -signal.SIGKILL, f"{place} was not reached: {said}"
    assert said == f"{place.partition(':')[0]}\n"


def forking() -> ForkServerContext:
    """What children are made with."""
    context = get_context("forkserver")
    context.set_forkserver_preload(_NEEDED)
    return context


def _live(place: str, log: str, work: Callable[..., object], *given: object) -> None:
    os.environ |= {SETTING: place, "SALIENT_FAILPOINT_LOG": log}
    try:
        work(*given)
    except BaseException:
        Path(log).write_text(traceback.format_exc(), encoding="utf-8")
        raise
