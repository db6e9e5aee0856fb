"""Pace: how fast a principal may ask, over all processes, without a write for each request.

A process takes requests out of the shared bucket in chunks, a larger one each time the last was used up quickly, and
spends them from memory. What it does not spend within LEASE is lost: so the sum over all processes stays below what
the bucket gives, and never above.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from app.services.allowances import Lease
from app.values.words import say

LEASE = timedelta(seconds=10)
_KNOWN = 10_000
_PARTS = 20
"""The largest chunk is this part of a minute's requests."""

_LOG = logging.getLogger(__name__)
Take = Callable[[str, int, int, datetime], Lease]


@dataclass
class _Purse:
    """What this process may still spend for one principal; `nothing_until` while the bucket is known to be empty."""

    left: int
    until: datetime
    chunk: int
    beyond: float
    nothing_until: datetime


@dataclass(frozen=True)
class Spent:
    """Whether a request goes on, and what is told about it."""

    headers: Mapping[str, str]
    wait_s: int = 0

    @property
    def sentence(self) -> str:
        """What is said to whoever has to wait."""
        return say("That is too fast: try again in {n} seconds.", n=self.wait_s)


class Pace:
    """The requests of this process, counted against buckets that all processes share. `per_minute` 0 is no limit."""

    def __init__(self, per_minute: int, take: Take) -> None:
        self._most = per_minute
        self._take = take
        self._purses: OrderedDict[str, _Purse] = OrderedDict()
        self._guard = Lock()

    def spend(self, principal: str, now: datetime) -> Spent:
        """One request."""
        if not self._most:
            return Spent({})
        with self._guard:
            purse = self._purse(principal, now)
            if purse.left and now < purse.until:
                purse.left -= 1
                return self._told(purse.left + purse.beyond, 0)
            if now < purse.nothing_until:
                return self._told(0, (purse.nothing_until - now).total_seconds())
            is_quick = now < purse.until
            wanted = min(purse.chunk * 2, max(1, self._most // _PARTS)) if is_quick else 1
        lease = self._leased(principal, wanted, now)
        with self._guard:
            purse.chunk, purse.beyond = wanted, lease.left
            if not lease.granted:
                purse.nothing_until = now + timedelta(seconds=lease.wait_s)
                return self._told(0, lease.wait_s)
            purse.left = lease.granted - 1 + (purse.left if is_quick else 0)
            purse.until = now + LEASE
            return self._told(purse.left + purse.beyond, 0)

    def _purse(self, principal: str, now: datetime) -> _Purse:
        purse = self._purses.get(principal)
        if purse is None:
            purse = self._purses[principal] = _Purse(0, now, 1, 0.0, now)
            while len(self._purses) > _KNOWN:
                self._purses.popitem(last=False)
        self._purses.move_to_end(principal)
        return purse

    def _leased(self, principal: str, wanted: int, now: datetime) -> Lease:
        try:
            return self._take(principal, wanted, self._most, now)
        except SQLAlchemyError:
            # A busy database costs the count of one request, not its answer.
            _LOG.warning("requests cannot be counted", exc_info=True)
            return Lease(1, 0.0, 0.0)

    def _told(self, left: float, wait_s: float) -> Spent:
        wait = math.ceil(wait_s)
        headers = {
            "RateLimit-Policy": f'"minute";q={self._most};w=60',
            "RateLimit": f'"minute";r={int(left)};t={wait or 60}',
        }
        return Spent({**headers, "Retry-After": str(wait)} if wait else headers, wait)
