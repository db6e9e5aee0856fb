"""Ingest: rows that programs sent are published in the order they came, by one process at a time."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.assembly import House
from app.models.ingest import IngestDay
from app.services import imports, ingest, ingest_totals
from app.values.errors import Conflict, Invalid, NotFound, Refusal
from queries.warehouse.engines.engine import Published
from queries.warehouse.failpoints import failpoint
from queries.warehouse.load import QuarantinedRow, gathering
from queries.warehouse.load.gathering import Came
from queries.warehouse.load.inspecting import KINDS
from scheduler.desk import own_name, right_now
from scheduler.lease import heartbeat

LEASE = timedelta(seconds=30)
LOOK_EVERY_S = 0.25
NICENESS = 3

VISIBLE_WITHIN_S = 4.0
"""Rows that just miss one publication are to be visible by the next: what two of them leave of it is rested."""

SHORTEST_REST_S = 0.25
AFTER_TROUBLE_S = 2.0

MANY_ROWS = 5_000
"""So many rows are not left waiting: whoever sends them sends more."""

RETRY_S = 10.0
"""How long nothing is published after a lot for which that did not work, and which is to be tried again."""

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
    _retries_at: float = field(default=0.0, init=False)
    _noted: dict[date, tuple[object, ...]] = field(default_factory=dict, init=False)

    def beat(self) -> int:
        """Publish what waits, unless this process has just done so; returns how many sheaves are loaded now."""
        began = time.monotonic()
        if began < self._retries_at or (began < self._rests_until and not self._is_pressed()):
            return 0
        count = self.publish()
        if count:
            now = time.monotonic()
            self._rests_until = now + max(SHORTEST_REST_S, VISIBLE_WITHIN_S - 2 * (now - began))
        return count

    def _is_pressed(self) -> bool:
        with self.house.database.read() as session:
            return ingest.rows_waiting(session) >= MANY_ROWS

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
                stopping.wait(AFTER_TROUBLE_S)

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
        with heartbeat(self.lease, self._is_ours, name="ingest turn") as lost:
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
        except Conflict as refusal:
            log.warning("%d sheaves wait on: %s", len(sheaves), refusal.sentence)
        return 0

    def _brought_in(self, sheaves: Sequence[int], lost: threading.Event) -> int:
        """Publish sheaves together; where that does not work, in halves, until the one is found that is to blame."""
        done, lots = 0, [sheaves]
        while lots:
            lot = lots.pop()
            try:
                done += self._published(lot, lost)
            except (Conflict, Lost):
                if not done:
                    raise
                break
            except Refusal as refusal:
                middle = len(lot) // 2
                if middle:
                    lots += [lot[middle:], lot[:middle]]
                elif not self._set_aside(lot[0], refusal):
                    # Those behind it wait with it: no row takes the place of one that was sent after it.
                    self._retries_at = time.monotonic() + RETRY_S
                    break
        return done

    def _published(self, sheaves: Sequence[int], lost: threading.Event) -> int:
        house = self.house
        with house.database.read() as session:
            pieces = ingest.pieces_of(session, sheaves)
        if not gathering.can_begin(house.engine, [table for table, _ in pieces]):
            log.info("the warehouse begins with sales lines or a plan: %d sheaves wait", len(sheaves))
            return 0
        home, currency = house.settings.home.resolve(), house.terms().currency
        published = gathering.publish(house.engine, home, pieces, currency, self._fence(lost))
        failpoint("sheaves-published")
        self._tell(sheaves, published)
        return len(sheaves)

    def _set_aside(self, sheaf: int, refusal: Refusal) -> bool:
        """Whether the sheaf is not tried any more."""
        log.warning("sheaf %d cannot be published: %s", sheaf, refusal.sentence, exc_info=True)
        with self.house.database.write() as session:
            return ingest.failed(
                session, sheaf, str(refusal.sentence), self.now(), for_good=isinstance(refusal, Invalid)
            )

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
                if not self._is_ours():
                    raise Lost
                is_sure = True

        return look

    def _is_ours(self) -> bool:
        """Whether it still is our turn; then for as long again."""
        with self.house.database.write() as session:
            return ingest.keep_turn(session, self.name, self.now(), self.lease)

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
        came = [
            Came(row.kind, row.rows, row.accepted, row.quarantined, row.duplicates, ingest_totals.told(row.totals))
            for row in rows
        ]
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
