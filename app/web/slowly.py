"""Slowly: what strangers send takes few of the threads that everybody is answered with, however slowly it comes."""

from __future__ import annotations

from threading import BoundedSemaphore

from flask import Response, request

from app.values.words import say
from app.web.errors import problem

AT_ONCE = 2
"""Bodies of strangers that a process reads at a time: half of its threads, see app/running.py."""

BUSY = say("Too many are sending something just now. Try again in a moment.")


class Strangers:
    """The strangers whose bodies are being read in this process."""

    def __init__(self) -> None:
        self._room = BoundedSemaphore(AT_ONCE)

    def heard(self, largest: int | None = None) -> Response | None:
        """Read what a stranger sends, for whoever looks at it later; a refusal while too many are at it."""
        if largest is not None:
            request.max_content_length = largest
        if not self._room.acquire(blocking=False):
            refused = problem(503, BUSY)
            refused.headers["Retry-After"] = "1"
            return refused
        try:
            request.get_data(parse_form_data=False)
        finally:
            self._room.release()
        return None
