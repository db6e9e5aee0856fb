"""Ingest: rows that programs sent are published in the order they came, by one process at a time."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from app.assembly import House
from app.models.ingest import IngestDay
from app.services import imports, ingest
from app.values.errors import Conflict, Invalid, NotFound, Refusal, TooBig
from queries.warehouse.engines.engine import Published
from queries.warehouse.failpoints import failpoint
from queries.warehouse.load import QuarantinedRow, gathering
from queries.warehouse.load.gathering import Came
from queries.warehouse.load.inspecting import KINDS
from scheduler.desk import own_name, right_now

LEASE = timedelta(seconds=30)
LOOK_EVERY_S = 0.5
NICENESS = 5
LONGEST_REST_S = 2.0
"""After publishing, as long a pause as it took, but no longer: rows are to be visible in five seconds."""

log = logging.getLogger(__name__)


class Lost(Exception):
    """It is another process's turn now."""


@dataclass
class Publisher:
    """One for each process of the scheduler. `now` is asked for leases, so that a test can be at any time."""

    house: House
    now: Callable[[], datetime] = right_now
    lease: timedelta = LEASE
    name: str = field(default_factory=own_name)
    _rests_until: float = field(default=0.0, init=False)
    _noted: dict[date, tuple[object, ...]] = field(default_factory=dict, init=False)

    def beat(self) -> int:
        """Publish what waits, unless this process has just done so; returns how many sheaves are loaded now."""
        if time.monotonic() < self._rests_until:
            return 0
        began = time.monotonic()
        count = self.publish()
        if count:
            self._rests_until = time.monotonic() + min(time.monotonic() - began, LONGEST_REST_S)
        return count

    def keep_on(self, stopping: threading.Event) -> None:
        """Publish what comes until told to stop. It has a thread of its own, for it may take longer than a beat."""
        with contextlib.suppress(OSError, AttributeError):
            # On Linux this is about the thread, and those that DuckDB starts for it: readers come first.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while not stopping.wait(LOOK_EVERY_S):
            try:
                self.beat()
            except Exception:
                # The database or the disk may be away for a while: what waits goes on waiting.
                log.exception("rows that were sent could not be published")
                stopping.wait(LONGEST_REST_S)

    def publish(self) -> int:
        """Publish what waits, if it is nobody else's turn; returns how many sheaves are loaded now."""
        since = (self.now() - timedelta(days=1)).date()
        with self.house.database.read() as session:
            waits = ingest.is_waiting(session)
            news = {day: told for day, rows in ingest.days_since(session, since).items() if self._is_news(told := rows)}
        if not waits and not news:
            return 0
        with self.house.database.write() as session:
            if not ingest.claim_turn(session, self.name, self.now(), self.lease):
                return 0
        with self._turn() as lost:
            for day, rows in news.items():
                self._note(day, rows)
            count = self._load(lost) if waits else 0
        with self.house.database.write() as session:
            ingest.end_turn(session, self.name, self.now())
        return count

    def _load(self, lost: threading.Event) -> int:
        with self.house.database.write() as session:
            sheaves = ingest.take(session)
        failpoint("sheaves-taken")
        try:
            return self._brought_in(sheaves, lost)
        except Lost:
            log.warning("another process publishes now")
        except (Conflict, TooBig) as refusal:
            log.warning("%d sheaves wait on: %s", len(sheaves), refusal.sentence)
        return 0

    def _brought_in(self, sheaves: Sequence[int], lost: threading.Event) -> int:
        """Publish sheaves together; where that does not work, in halves, until the one is found that is to blame."""
        house = self.house
        with house.database.read() as session:
            pieces = ingest.pieces_of(session, sheaves)
        if not gathering.can_begin(house.engine, [table for table, _ in pieces]):
            log.info("the warehouse begins with sales lines or a plan: %d sheaves wait", len(sheaves))
            return 0
        currency = house.terms().currency
        try:
            published = gathering.publish(
                house.engine, house.settings.home.resolve(), pieces, currency, self._fence(lost)
            )
        except (Conflict, TooBig):
            raise
        except Refusal as refusal:
            if len(sheaves) > 1:
                middle = len(sheaves) // 2
                return self._brought_in(sheaves[:middle], lost) + self._brought_in(sheaves[middle:], lost)
            log.exception("sheaf %d cannot be published", sheaves[0])
            with house.database.write() as session:
                ingest.failed(
                    session, sheaves[0], str(refusal.sentence), self.now(), for_good=isinstance(refusal, Invalid)
                )
            return 0
        failpoint("sheaves-published")
        self._tell(sheaves, published)
        return len(sheaves)

    def _tell(self, sheaves: Sequence[int], published: Published) -> None:
        now = self.now()
        with self.house.database.write() as session:
            ingest.loaded(session, sheaves, published.generation, now)
            if published.is_new:
                imports.tell_sent(session, "scheduler", len(sheaves), published)
            failpoint("sheaves-told")
        failpoint("sheaves-loaded")

    def _fence(self, lost: threading.Event) -> Callable[[str, float], None]:
        """Makes sure, once no other process can publish meanwhile, that it still is our turn."""
        is_sure = False

        def look(_what: str, _done: float) -> None:
            nonlocal is_sure
            if lost.is_set():
                raise Lost
            if not is_sure:
                with self.house.database.write() as session:
                    if not ingest.keep_turn(session, self.name, self.now(), self.lease):
                        raise Lost
                is_sure = True

        return look

    @contextmanager
    def _turn(self) -> Iterator[threading.Event]:
        """Say again and again that it is our turn; the event is set when it is not any more."""
        over, lost = threading.Event(), threading.Event()

        def beat() -> None:
            while not over.wait(self.lease.total_seconds() / 4):
                try:
                    with self.house.database.write() as session:
                        if not ingest.keep_turn(session, self.name, self.now(), self.lease):
                            lost.set()
                            return
                except SQLAlchemyError:
                    # The database is away: the turn ends by itself unless it comes back in time.
                    continue

        thread = threading.Thread(target=beat, name="ingest turn", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            over.set()
            thread.join()

    def _is_news(self, rows: Sequence[IngestDay]) -> bool:
        return self._noted.get(rows[0].day) != _sums(rows)

    def _note(self, day: date, rows: Sequence[IngestDay]) -> None:
        """Bring the day's import record up to date."""
        home = self.house.settings.home.resolve()
        number = next((row.record for row in rows if row.record is not None), None)
        if number is None:
            number = gathering.new_number(home)
        with self.house.database.write() as session:
            ingest.number_day(session, day, number)
        with self.house.database.read() as session:
            faults = ingest.faults_of(session, day)
        try:
            with self.house.engine.snapshot() as snapshot:
                generation = snapshot.generation.number
        except NotFound:
            generation = None
        kept_out = [
            QuarantinedRow(KINDS[kind], f"batch {batch}", fault.line, fault.column, fault.code, fault.reason, fault.raw)
            for batch, kind, fault in faults
        ]
        came = [Came(row.kind, row.rows, row.accepted, row.quarantined, row.duplicates) for row in rows]
        gathering.note_day(home, number, day, came, kept_out, generation)
        self._noted[day] = _sums(rows)


def _sums(rows: Sequence[IngestDay]) -> tuple[object, ...]:
    return tuple((row.kind, row.batches, row.rows, row.quarantined, row.record is None) for row in rows)


def publish_all(house: House, now: Callable[[], datetime] = right_now) -> int:
    """Publish until nothing waits that can be published; returns how many sheaves that were."""
    publisher, total = Publisher(house, now), 0
    while count := publisher.publish():
        total += count
    return total
