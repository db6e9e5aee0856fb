"""Desk: what a scheduler works with: the house, a clock, a name of its own, and what makes and sends documents."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from app.assembly import House
from app.channels.message import Channel
from scheduler.job import Job, Made

LEASE = timedelta(seconds=60)
"""How long a run belongs to a scheduler that gives no sign of life."""


class Maker(Protocol):
    """What makes documents: in this process, or in others that may die without harm."""

    def make(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Made]]:
        """Each job with what was made of it, in any order; raises nothing that a `Made` can say."""
        ...

    def close(self) -> None:
        """Let go of whatever is running."""
        ...


def right_now() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)


def own_name() -> str:
    """A name that no other scheduler has, also not one that got this process's number after a restart."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Desk:
    """`channels` by name. `now` is asked for every decision, so that a test can be at any time. Once `stopping` is
    set, nothing new is begun: what is under way is put back for another scheduler.
    """

    house: House
    maker: Maker
    channels: Mapping[str, Channel]
    now: Callable[[], datetime] = right_now
    lease: timedelta = LEASE
    name: str = field(default_factory=own_name)
    stopping: threading.Event = field(default_factory=threading.Event)
    at_work: threading.Lock = field(default_factory=threading.Lock)

    @property
    def domain(self) -> str:
        """What the names of messages end in."""
        return urlsplit(self.house.settings.origin).hostname or "localhost"

    def close(self) -> None:
        """Let go of workers and connections; the house is somebody else's."""
        self.maker.close()
        for channel in self.channels.values():
            channel.close()
