"""Failpoints: named places where a test may kill the process, one at every durable step."""

from __future__ import annotations

import os
import signal
from collections import Counter

SETTING = "SALIENT_FAILPOINT"
"""`name` or `name:nth`: die when the named place is reached (for the nth time)."""

_reached: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here by SIGKILL if the environment asks for it; otherwise do nothing.

    The name is written to the file that SALIENT_FAILPOINT_LOG names, so that a test can tell where the process died.
    """
    wanted = os.environ.get(SETTING)
    if not wanted:
        return
    wanted_name, _, nth = wanted.partition(":")
    if wanted_name != name:
        return
    _reached[name] += 1
    if _reached[name] < int(nth or 1):
        return
    log = os.environ.get("SALIENT_FAILPOINT_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as stream:
            stream.write(name + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    os.kill(os.getpid(), signal.SIGKILL)
