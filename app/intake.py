"""Intake: batches that programs send, looked at and kept; small ones that come at once share a check and a commit."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.assembly import House
from app.services import ingest, unpublished
from app.services.ingest import Judged
from app.services.ingest_batches import Batch
from app.services.ledger import actor_name
from app.values.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Refusal, TooBig
from app.values.viewer import Viewer
from app.values.words import say
from queries.warehouse.failpoints import failpoint
from queries.warehouse.load import delivered, within
from queries.warehouse.load.delivered import Rows
from queries.warehouse.load.gathering import packed
from queries.warehouse.load.inspecting import KINDS, Inspected, Inspector, totalled
from queries.warehouse.load.report import UPLOAD_LIMITS, LoadSettings, QuarantinedRow

FEW = 200
"""Batches of no more rows than these share a check with others."""

GATHER_S = 0.015
"""How long whoever comes first waits for others, once several have been coming at a time."""

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.1
MOST_LARGE = 2
"""Large batches that a process takes at a time, one looked at and one behind it: dashboards are served meanwhile."""

MOST_WAITING = 2
"""Requests of a process that may wait until their rows are visible: the others are needed for dashboards."""

_ATTEMPTS = 5


@dataclass(frozen=True)
class Post:
    """One batch as it came: `rows` are columns of text, missing values null; `digest` is of the whole request.

    `lines` are the lines of the file its rows stood on, where they did; `replaces_demo` says that the demo may go.
    """

    viewer: Viewer
    kind: str
    rows: Rows
    digest: str
    key: str | None = None
    lines: Sequence[int] = ()
    replaces_demo: bool = False


@dataclass(eq=False)
class _Place:
    """A post in the queue; `done` is set with an outcome, or with none for whoever goes on with the queue."""

    post: Post
    outcome: Batch | BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)


@dataclass
class Intake:
    """One for each process that takes rows in."""

    house: House
    limits: LoadSettings = UPLOAD_LIMITS
    _inspectors: dict[tuple[str, str], Inspector] = field(default_factory=dict, init=False)
    _queue: list[_Place] = field(default_factory=list, init=False)
    _at_work: bool = field(default=False, init=False)
    _lately: int = field(default=0, init=False)  # how many came together last time
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _alone: threading.Lock = field(default_factory=threading.Lock, init=False)
    _large: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_LARGE), init=False
    )
    _waiting: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_WAITING), init=False
    )

    def take(self, post: Post) -> Batch:
        """Look at a batch and keep it: once this returns, its accepted rows are durable, and loaded in a few seconds.

        Raises Forbidden without the right, Conflict in a demo, Invalid and TooBig for what no row of it can be taken
        for, NotAskable for a key that stood for something else.
        """
        post.viewer.require("ingest")
        self._judge(post)
        before = self._before(post)
        if before is not None:
            return before
        self._judge_demo(post)
        if post.rows.num_rows > FEW:
            if not self._large.acquire(blocking=False):
                raise Busy(TOO_MANY)
            try:
                return self._taken_alone(post)
            finally:
                self._large.release()
        return self._queued(post) if post.viewer.context.scope.is_everything else self._taken_alone(post)

    def seen(self, batch: Batch, viewer: Viewer, wait_s: float) -> Batch:
        """The batch as it is now, after waiting for its rows to be visible as long as that (and others) allow."""
        until = time.monotonic() + wait_s
        if batch.state != "waiting" or wait_s <= 0 or not self._waiting.acquire(blocking=False):
            return batch
        try:
            while batch.state == "waiting" and time.monotonic() < until:
                time.sleep(LOOK_EVERY_S)
                with self.house.database.read() as session:
                    batch = ingest.find(session, viewer, str(batch.id))
        finally:
            self._waiting.release()
        return batch

    def close(self) -> None:
        """Let go of the memory."""
        for inspector in self._inspectors.values():
            inspector.close()

    def _taken_alone(self, post: Post) -> Batch:
        with self._alone:
            return _opened(self._together([_Place(post)], "many")[0])

    def _before(self, post: Post) -> Batch | None:
        """What was sent under the post's key."""
        if post.key is None:
            return None
        with self.house.database.glance() as reader:
            if not ingest.is_known(reader, post.viewer, post.key):
                return None
        with self.house.database.read() as session:
            return ingest.sent_before(session, post.viewer, post.key, post.digest, _now())

    def _judge(self, post: Post) -> None:
        """Limits and columns, before anything is done for the rows."""
        limits, rows = self.limits, post.rows
        if post.kind not in KINDS:
            raise NotFound("There are no rows of that kind: there are {kinds}.", kinds=", ".join(KINDS))
        if not post.viewer.context.scope.is_everything and post.kind != "sales":
            raise Forbidden("Who sees a part of the company may send sales lines of that part, and nothing else.")
        if rows.num_rows == 0:
            raise Invalid("A batch has one row at least.")
        if limits.max_rows is not None and rows.num_rows > limits.max_rows:
            raise TooBig("A batch has {most:,} rows at most.", most=limits.max_rows)
        if rows.num_columns > limits.max_columns:
            raise TooBig("Rows have {most} columns at most.", most=limits.max_columns)
        names = rows.column_names
        if len({name.lower() for name in names}) < len(names):
            raise Invalid("Two columns have the same name.")
        # What is short as a whole has no long value: looking at each column costs a third of a millisecond.
        for name in names if rows.nbytes > limits.max_cell_bytes else ():
            if delivered.longest(rows, name) > limits.max_cell_bytes:
                raise TooBig("A value of {name} is longer than {most:,} bytes.", name=name, most=limits.max_cell_bytes)
        self._inspector("few").judge_columns(post.kind, names)

    def _judge_demo(self, post: Post) -> None:
        try:
            with self.house.engine.snapshot() as snapshot:
                is_demo = snapshot.generation.is_demo
        except NotFound:
            return
        if is_demo and not post.replaces_demo:
            raise Conflict(
                "This workspace holds the demo company, which the first real rows replace: say replace_demo to go on."
            )

    def _inspector(self, size: str) -> Inspector:
        """Small batches never stand behind large ones. The company's currency is that of rows that name none."""
        try:
            with self.house.engine.snapshot() as snapshot:
                currency = snapshot.generation.company_currency
        except NotFound:
            currency = self.house.terms().currency
        with self._lock:
            found = self._inspectors.get((size, currency))
            if found is None:
                found = self._inspectors[size, currency] = Inspector(currency)
        return found

    def _queued(self, post: Post) -> Batch:
        """Wait for a turn; whoever finds nobody at work does the work of all who wait."""
        place = _Place(post)
        with self._lock:
            self._queue.append(place)
            leads = not self._at_work
            self._at_work = True
        if not leads:
            if not place.done.wait(PATIENCE_S):
                with self._lock:
                    if place in self._queue and not place.done.is_set():
                        self._queue.remove(place)
                    if not place.done.is_set():
                        raise Busy(TOO_MANY)
            if place.outcome is not None:
                return _opened(place.outcome)
        try:
            self._lead()
        finally:
            self._hand_over()
        if place.outcome is None:
            raise Busy(TOO_MANY)
        return _opened(place.outcome)

    def _lead(self) -> None:
        if self._lately > 1:
            time.sleep(GATHER_S)
        with self._lock:
            places, self._queue = self._queue, []
        self._lately = len(places)
        kinds: defaultdict[str, list[_Place]] = defaultdict(list)
        for place in places:
            kinds[place.post.kind].append(place)
        for group in kinds.values():
            for place, outcome in zip(group, self._outcomes(group), strict=True):
                place.outcome = outcome
                place.done.set()

    def _outcomes(self, group: Sequence[_Place]) -> list[Batch | BaseException]:
        """The outcome of each post of a kind; one that cannot be looked at is refused alone."""
        try:
            return self._together(group, "few")
        except BaseException as error:
            if isinstance(error, Refusal) and len(group) > 1:
                return [outcome for place in group for outcome in self._outcomes([place])]
            return [error for _ in group]

    def _hand_over(self) -> None:
        """Whoever came first meanwhile leads next."""
        with self._lock:
            if self._queue:
                self._queue[0].done.set()
            else:
                self._at_work = False

    def _together(self, places: Sequence[_Place], size: str) -> list[Batch | BaseException]:
        """Look at posts of one kind at once and keep them in one transaction; the outcome of each."""
        outcomes: dict[int, Batch | BaseException] = {}
        for attempt in range(_ATTEMPTS):
            todo = self._unknown(places, outcomes, again=attempt > 0)
            if not todo:
                break
            posts = [places[number].post for number in todo]
            found, tables, known = self._inspected(posts, size)
            failpoint("rows-inspected")
            kept = self._kept(posts, found, tables, known)
            if kept is not None:
                failpoint("rows-kept")
                outcomes.update(zip(todo, kept, strict=True))
        # Whoever stands behind another one with the same key is answered as that one was.
        for number in range(len(places)):
            if number not in outcomes:
                outcomes[number] = self._answered(places[number].post)
        return [outcomes[number] for number in range(len(places))]

    def _unknown(
        self, places: Sequence[_Place], outcomes: dict[int, Batch | BaseException], *, again: bool
    ) -> list[int]:
        """The posts that are to be kept: of those with one key only the first, and none that was sent before."""
        todo, keys = [], set()
        for number, place in enumerate(places):
            post = place.post
            which = (actor_name(post.viewer), post.key)
            if number in outcomes or (post.key is not None and which in keys):
                continue
            if post.key is not None:
                keys.add(which)
                before = self._answered(post) if again else None
                if before is not None and not isinstance(before, Busy):
                    outcomes[number] = before
                    continue
            todo.append(number)
        return todo

    def _answered(self, post: Post) -> Batch | BaseException:
        """What was kept under the post's key; Busy if nothing was."""
        try:
            with self.house.database.read() as session:
                before = ingest.sent_before(session, post.viewer, post.key or "", post.digest, _now())
        except Exception as error:
            return error
        return before or Busy(TOO_MANY)

    def _inspected(
        self, posts: Sequence[Post], size: str
    ) -> tuple[list[Inspected], dict[str, Rows], frozenset[int] | None]:
        """What was found of each post, the clean rows, and which waiting rows a scope was held against, if there is."""
        inspector = self._inspector(size)
        found, tables = inspector.inspect(posts[0].kind, [post.rows for post in posts])
        known: frozenset[int] | None = None
        if not posts[0].viewer.context.scope.is_everything:
            with self.house.database.read() as session:
                waiting = dict(_waiting(session, tables["sales_line"], frozenset()))
            found, tables = self._within(posts[0], found[0], tables, list(waiting.values()))
            known = frozenset(waiting)
        kind = posts[0].kind
        found = totalled(kind, found, tables[KINDS[kind]])
        return [_on_lines(each, post.lines) for each, post in zip(found, posts, strict=True)], tables, known

    def _within(
        self, post: Post, found: Inspected, tables: dict[str, Rows], waiting: Sequence[Rows]
    ) -> tuple[list[Inspected], dict[str, Rows]]:
        """Of the accepted lines those inside the sender's scope; the others are quarantined, whatever they are."""
        lines = tables["sales_line"]
        out = set(within.outside(self.house.engine, post.viewer.context.scope, lines, waiting))
        kept_out = {line for row in found.quarantined for line in (row.line,)} | set(found.duplicates)
        order = [line for line in range(1, found.rows + 1) if line not in kept_out]
        more = tuple(
            QuarantinedRow("sales_line", post.kind, order[number], "", "out_of_scope", NOT_YOURS, key.as_py())
            for number, key in enumerate(lines["line_key"])
            if number in out
        )
        quarantined = tuple(sorted((*found.quarantined, *more), key=lambda row: row.line))
        rest = Inspected(found.rows, found.accepted - len(more), quarantined, found.duplicates)
        return [rest], {"sales_line": delivered.without(lines, out)}

    def _kept(
        self, posts: Sequence[Post], found: Sequence[Inspected], tables: dict[str, Rows], known: frozenset[int] | None
    ) -> list[Batch] | None:
        """What was kept; None if it has to be looked at again. With `known`, no other rows may have come before."""
        pieces = {name: packed(table) for name, table in tables.items() if table.num_rows}
        judged = [
            Judged(post.viewer, post.kind, post.key, post.digest, each) for post, each in zip(posts, found, strict=True)
        ]
        try:
            with self.house.database.write() as session:
                kept = ingest.keep(session, judged, pieces, _now())
                failpoint("rows-written")
                if kept and known is not None:
                    newer = _waiting(session, tables["sales_line"], known, but=kept[0].id)
                    if any(lines.num_rows for _, lines in newer):
                        raise _Overtaken
                return kept
        except (IntegrityError, _Overtaken):
            # Another process was first with one of the keys, or with the first batch of the day: look again.
            return None


TOO_MANY = say("Too many rows are coming at once; send this again.")
NOT_YOURS = "The line is not in the part of the company that the sender sees."


class _Overtaken(Exception):
    """Lines with the keys of some that were looked at came in meanwhile."""


def _waiting(
    session: Session, lines: Rows, known: frozenset[int], but: int | None = None
) -> Iterator[tuple[int, Rows]]:
    """Lines that wait and have the keys of others, by the number of their piece; besides those known."""
    keys = lines["line_key"].combine_chunks()
    for piece in unpublished.pieces(session, "sales_line", besides=known, but=but):
        yield piece.id, within.of_keys(piece.payload, keys)


def _opened(outcome: Batch | BaseException) -> Batch:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _on_lines(found: Inspected, lines: Sequence[int]) -> Inspected:
    """Told by the lines of the file in place of the numbers of its rows."""
    if not lines:
        return found
    moved = tuple(
        QuarantinedRow(row.table, row.source, lines[row.line - 1], row.column, row.code, row.reason, row.raw)
        for row in found.quarantined
    )
    return replace(found, quarantined=moved, duplicates=tuple(lines[row - 1] for row in found.duplicates))


def _now() -> datetime:
    return datetime.now(UTC)
