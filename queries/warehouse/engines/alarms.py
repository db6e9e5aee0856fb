"""Alarms: one thread that stops whatever takes too long; starting a thread per query costs as much as a short query."""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator


class Alarms:
    """Acts that are due unless they are called off. The thread runs while there is something to wait for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._set: dict[int, tuple[float, Callable[[], object]]] = {}
        self._numbers = itertools.count()
        self._wakes = math.inf
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def after(self, seconds: float, act: Callable[[], object]) -> Iterator[None]:
        """Act once if the block takes longer; never after it."""
        due = time.monotonic() + seconds
        with self._changed:
            number = next(self._numbers)
            self._set[number] = (due, act)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="alarms", daemon=True)
                self._wakes = due
                self._thread.start()
            elif due < self._wakes:
                self._wakes = due
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._set.pop(number, None)

    def _watch(self) -> None:
        with self._changed:
            while self._set:
                now = time.monotonic()
                for number, (due, act) in list(self._set.items()):
                    if due <= now:
                        del self._set[number]
                        act()
                self._wakes = min((due for due, _ in self._set.values()), default=now)
                if self._wakes > now:
                    # Blocks that end in time wake nobody: there may be nothing left to wait for by then.
                    self._changed.wait(self._wakes - now)
            self._thread = None
