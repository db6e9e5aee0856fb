"""Pool: documents are made in processes of their own, warm, with a limit of time and of memory; one that dies or hangs
costs a document and nothing else.
"""

from __future__ import annotations

import contextlib
import gc
import queue
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from app.assembly import House, assemble
from app.config import Settings
from app.values.words import say
from scheduler.job import Job, Made
from scheduler.make import made

LOOK_EVERY_S = 0.2
"""How often a worker's memory is looked at."""

TOO_LONG = "It took longer than {seconds} seconds to draw."
TOO_LARGE = "It took more than {megabytes} MB of memory to draw."
DIED = say("The process that drew it died.")


@dataclass(frozen=True)
class Here:
    """Makes documents in this very process, one after the other: for few, and where nothing else is at hand."""

    house: House

    def make(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Made]]:
        """Each job with what was made of it."""
        for job in jobs:
            yield job, made(self.house, job)

    def close(self) -> None:
        """Nothing is running."""


@dataclass
class Pool:
    """`size` workers, each started when it is needed first and kept. `seconds` and `megabytes` are for one job; a
    worker that has grown beyond half of them between two jobs is replaced before the next.
    """

    settings: Settings
    size: int = 2
    seconds: float = 120
    megabytes: int = 1_500
    _idle: queue.SimpleQueue[_Worker] = field(default_factory=queue.SimpleQueue, init=False)
    _all: list[_Worker] = field(default_factory=list, init=False)
    _threads: ThreadPoolExecutor | None = field(default=None, init=False)

    def make(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Made]]:
        """Each job with what was made of it, whichever is ready first; few are under way or waiting to be fetched."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.size, thread_name_prefix="making")
            for _ in range(self.size):
                worker = _Worker(self.settings, self.seconds, self.megabytes)
                self._all.append(worker)
                self._idle.put(worker)
        under_way: set[Future[tuple[Job, Made]]] = set()
        try:
            for job in jobs:
                under_way.add(self._threads.submit(self._one, job))
                while len(under_way) > self.size:
                    yield from _fetched(under_way)
            while under_way:
                yield from _fetched(under_way)
        finally:
            for each in under_way:
                each.cancel()

    def close(self) -> None:
        """End all workers, whatever they are at."""
        for worker in self._all:
            worker.kill()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            worker.end()

    def _one(self, job: Job) -> tuple[Job, Made]:
        worker = self._idle.get()
        try:
            return job, worker.do(job)
        finally:
            self._idle.put(worker)


def _fetched(under_way: set[Future[tuple[Job, Made]]]) -> Iterator[tuple[Job, Made]]:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for each in done:
        under_way.discard(each)
        yield each.result()


@dataclass
class _Worker:
    """One process, seen from outside."""

    settings: Settings
    seconds: float
    megabytes: int
    _process: BaseProcess | None = field(default=None, init=False)
    _line: Connection | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def do(self, job: Job) -> Made:
        with self._lock:
            if self._process is not None and self._size() > self.megabytes / 2:
                self._stop()
            line = self._line or self._started()
            try:
                line.send_bytes(job.told())
                return self._answer(line)
            except (EOFError, OSError):
                self._stop()
                return Made("broken", str(DIED))

    def kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def end(self) -> None:
        with self._lock:
            self._stop()

    def _started(self) -> Connection:
        # A fresh interpreter: what is forked from a process with threads and open databases may hang.
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self.settings, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._line = ours
        return ours

    def _answer(self, line: Connection) -> Made:
        until = time.monotonic() + self.seconds
        while not line.poll(LOOK_EVERY_S):
            if time.monotonic() > until:
                self._stop()
                return Made("broken", TOO_LONG.format(seconds=f"{self.seconds:g}"))
            if self._size() > self.megabytes:
                self._stop()
                return Made("broken", TOO_LARGE.format(megabytes=self.megabytes))
        return Made.read(line.recv_bytes)

    def _size(self) -> float:
        """Resident megabytes; 0 where the system does not tell."""
        if self._process is None or self._process.pid is None:
            return 0
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError, ValueError):
            return 0
        return pages * 4096 / 1e6

    def _stop(self) -> None:
        process, self._process = self._process, None
        line, self._line = self._line, None
        if line is not None:
            line.close()
        if process is not None:
            process.kill()
            process.join(10)


def _serve(settings: Settings, line: Connection) -> None:
    """What a worker does: jobs from the line until it is cut, which is when whoever asked has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    house = assemble(settings)
    gc.freeze()
    with contextlib.suppress(EOFError, OSError):
        while True:
            for piece in made(house, Job.read(line.recv_bytes())).told():
                line.send_bytes(piece)
    house.close()
