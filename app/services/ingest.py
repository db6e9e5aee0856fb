"""Ingest: what programs send in, kept durably when it is accepted, and loaded in the order it came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.models.base import Base
from app.models.ingest import IngestBatch, IngestDay, IngestPiece, IngestSheaf, IngestTurn
from app.services import ingest_totals
from app.services.ingest_batches import DUPLICATE, QUARANTINED, Batch, Fault, State
from app.services.ledger import actor_name, record
from app.values.errors import NotAskable, NotFound
from app.values.viewer import Viewer
from queries.warehouse.load.inspecting import Inspected

KEY_KEPT = timedelta(hours=24)
"""How long an Idempotency-Key stands for the batch it came with."""

FAULTY_KEPT, LOADED_KEPT = timedelta(days=30), timedelta(days=2)
"""How long batches are told of: those with rows kept out, and the others. Their counts by day stay."""

MOST_ROWS = 1_000_000
"""Rows that are published together at most, unless one batch alone has more."""

MOST_TRIES = 3
"""After so many, a sheaf that cannot be published alone is set aside."""


@dataclass(frozen=True)
class Judged:
    """A batch that was looked at and is to be kept."""

    viewer: Viewer
    kind: str
    key: str | None
    digest: str
    found: Inspected


def account_of(viewer: Viewer) -> int | None:
    """The person behind a viewer."""
    return int(viewer.id) if viewer.kind == "person" else viewer.account


def is_known(reader: Connection, viewer: Viewer, key: str) -> bool:
    """Whether anything was ever sent under the key; cheap, for it is asked of every batch."""
    where = (IngestBatch.sender == actor_name(viewer), IngestBatch.key == key)
    return reader.execute(select(IngestBatch.id).where(*where)).first() is not None


def sent_before(session: Session, viewer: Viewer, key: str, digest: str, now: datetime) -> Batch | None:
    """What was sent under the key within the last day. Raises NotAskable if that was something else."""
    statement = _told().where(
        IngestBatch.sender == actor_name(viewer), IngestBatch.key == key, IngestBatch.received_at > now - KEY_KEPT
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    if row[0].digest != digest:
        raise NotAskable("This Idempotency-Key stood for another request: every new request takes a new key.")
    return _batch(row, replayed=True)


def keep(session: Session, judged: Sequence[Judged], pieces: Mapping[str, bytes], now: datetime) -> list[Batch] | None:
    """Keep batches and their accepted rows, packed by table: once the transaction has ended, none is lost.

    None, and nothing kept, if one of them was sent before under its key.
    """
    keyed = [(actor_name(each.viewer), each.key) for each in judged if each.key is not None]
    for sender, key in keyed:
        where = (IngestBatch.sender == sender, IngestBatch.key == key)
        known = session.execute(select(IngestBatch.id, IngestBatch.received_at).where(*where)).one_or_none()
        if known is not None and known.received_at > now - KEY_KEPT:
            return None
        if known is not None:
            session.execute(update(IngestBatch).where(*where).values(key=None))
    accepted = sum(each.found.accepted for each in judged)
    sheaf = IngestSheaf(state="waiting", rows=accepted, made_at=now, reason="", tries=0) if accepted else None
    if sheaf is not None:
        values = {name: getattr(sheaf, name) for name in ("state", "rows", "made_at", "reason", "tries")}
        sheaf.id = session.execute(_ADD_SHEAF, values).scalar_one()
        session.execute(
            _ADD_PIECE, [{"sheaf_id": sheaf.id, "table": name, "payload": held} for name, held in pieces.items()]
        )
    rows = [_row(each, sheaf.id if sheaf and each.found.accepted else None, now) for each in judged]
    numbers = session.execute(_ADD_BATCH, [{name: getattr(row, name) for name in _BATCH} for row in rows]).scalars()
    for row, number in zip(rows, numbers, strict=True):
        row.id = number
    _count(session, rows, now.date())
    ingest_totals.add_to_day(session, rows, now.date())
    _tell(session, judged, rows, now)
    return [_batch((row, sheaf if row.sheaf_id else None)) for row in rows]


# Many programs send a row at a time: columns cost a third of what objects do.
_TABLES = Base.metadata.tables
_SHEAVES, _BATCHES, _DAYS = _TABLES["ingest_sheaf"], _TABLES["ingest_batch"], _TABLES["ingest_day"]
_BATCH = tuple(column.name for column in _BATCHES.columns if column.name != "id")
_ADD_SHEAF = insert(_SHEAVES).returning(_SHEAVES.c.id)
_ADD_PIECE = insert(_TABLES["ingest_piece"])
_ADD_BATCH = insert(_BATCHES).returning(_BATCHES.c.id, sort_by_parameter_order=True)
_COUNTS = ("batches", "rows", "accepted", "quarantined", "duplicates")
_GROW = (
    update(_DAYS)
    .where(_DAYS.c.day == bindparam("on_day"), _DAYS.c.kind == bindparam("of_kind"))
    .values({_DAYS.c[name]: _DAYS.c[name] + bindparam(f"more_{name}") for name in _COUNTS})
)


def _row(each: Judged, sheaf: int | None, now: datetime) -> IngestBatch:
    found = each.found
    faults: list[list[Any]] = [
        [row.line, QUARANTINED, row.table, row.column, row.code, row.reason, row.raw] for row in found.quarantined
    ]
    faults += [[line, DUPLICATE] for line in found.duplicates]
    return IngestBatch(
        sender=actor_name(each.viewer),
        account=account_of(each.viewer),
        key=each.key,
        digest=each.digest,
        kind=each.kind,
        received_at=now,
        rows=found.rows,
        accepted=found.accepted,
        quarantined=len(found.quarantined),
        duplicates=len(found.duplicates),
        faults=sorted(faults, key=lambda fault: fault[0]),
        faulty_on=now.date() if found.quarantined else None,
        totals=ingest_totals.stored(found.totals),
        sheaf_id=sheaf,
    )


def _count(session: Session, rows: Iterable[IngestBatch], day: date) -> None:
    """Add to what came in that day."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for row in rows:
        one = (1, row.rows, row.accepted, row.quarantined, row.duplicates)
        sums[row.kind] = [before + more for before, more in zip(sums[row.kind], one, strict=True)]
    for kind, added in sorted(sums.items()):
        more = {f"more_{name}": count for name, count in zip(_COUNTS, added, strict=True)}
        done = session.execute(_GROW, {"on_day": day, "of_kind": kind, **more})
        if not (isinstance(done, CursorResult) and done.rowcount):
            counts = dict(zip(_COUNTS, added, strict=True))
            session.execute(insert(_DAYS), {"day": day, "kind": kind, "record": None, **counts})


def _tell(session: Session, judged: Sequence[Judged], rows: Sequence[IngestBatch], now: datetime) -> None:
    """One event for each sender and kind."""
    groups: defaultdict[tuple[str, str], list[tuple[Judged, IngestBatch]]] = defaultdict(list)
    for each, row in zip(judged, rows, strict=True):
        groups[row.sender, row.kind].append((each, row))
    for (_, kind), group in sorted(groups.items()):
        detail = {
            "kind": kind,
            "batches": len(group),
            "rows": sum(row.rows for _, row in group),
            "quarantined": sum(row.quarantined for _, row in group),
        }
        record(session, group[0][0].viewer, "ingest.received", f"ingest:{group[0][1].id}", detail, at=now)


def find(session: Session, viewer: Viewer, number: str) -> Batch:
    """A batch that the viewer sent, be it with another token. Raises NotFound."""
    own = [IngestBatch.sender == actor_name(viewer)]
    if account_of(viewer) is not None:
        own.append(IngestBatch.account == account_of(viewer))
    statement = _told().where(IngestBatch.id == (int(number) if _is_number(number) else -1), or_(*own))
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("There is no such batch.")
    return _batch(row)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _told() -> Select[IngestBatch, IngestSheaf]:
    return select(IngestBatch, IngestSheaf).outerjoin(IngestSheaf, IngestSheaf.id == IngestBatch.sheaf_id)


_STATES: Mapping[str, State] = {"waiting": "waiting", "taken": "waiting", "loaded": "loaded", "failed": "failed"}


def _batch(found: Any, *, replayed: bool = False) -> Batch:
    row: IngestBatch = found[0]
    sheaf: IngestSheaf | None = found[1]
    return Batch(
        id=row.id,
        kind=row.kind,
        received_at=row.received_at,
        rows=row.rows,
        accepted=row.accepted,
        quarantined=row.quarantined,
        duplicates=row.duplicates,
        faults=tuple(Fault(*fault) for fault in row.faults),
        totals=ingest_totals.told(row.totals),
        state=_STATES[sheaf.state] if sheaf is not None else "nothing",
        generation=sheaf.generation if sheaf is not None else None,
        loaded_at=sheaf.loaded_at if sheaf is not None else None,
        reason=sheaf.reason if sheaf is not None else "",
        replayed=replayed,
    )


def forget(session: Session, now: datetime) -> int:
    """Delete batches that are over; returns how many."""
    old = IngestBatch.received_at <= now - FAULTY_KEPT
    over = (IngestBatch.received_at <= now - LOADED_KEPT) & IngestBatch.faulty_on.is_(None)
    open_ones = select(IngestSheaf.id).where(IngestSheaf.state != "loaded")
    is_loaded = IngestBatch.sheaf_id.is_(None) | IngestBatch.sheaf_id.not_in(open_ones)
    gone = session.execute(
        delete(IngestBatch).where(old | over, is_loaded).execution_options(synchronize_session=False)
    )
    named = select(IngestBatch.sheaf_id).where(IngestBatch.sheaf_id == IngestSheaf.id)
    session.execute(
        delete(IngestSheaf)
        .where(IngestSheaf.state == "loaded", ~named.exists())
        .execution_options(synchronize_session=False)
    )
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def is_waiting(session: Session) -> bool:
    """Whether accepted rows wait to be loaded."""
    open_ones = select(IngestSheaf.id).where(IngestSheaf.state.in_(("waiting", "taken"))).limit(1)
    return session.scalar(open_ones) is not None


def rows_waiting(session: Session) -> int:
    """How many accepted rows wait to be loaded."""
    open_ones = IngestSheaf.state.in_(("waiting", "taken"))
    return session.scalar(select(func.coalesce(func.sum(IngestSheaf.rows), 0)).where(open_ones)) or 0


def claim_turn(session: Session, holder: str, now: datetime, lease: timedelta) -> bool:
    """Whether the holder may publish from now on, alone until the lease ends."""
    mine = or_(IngestTurn.holder == holder, IngestTurn.until < now)
    return _changed(
        session, update(IngestTurn).where(IngestTurn.id == 1, mine).values(holder=holder, until=now + lease)
    )


def keep_turn(session: Session, holder: str, now: datetime, lease: timedelta) -> bool:
    """Whether it is still the holder's turn; then for as long again."""
    mine = (IngestTurn.id == 1, IngestTurn.holder == holder)
    return _changed(session, update(IngestTurn).where(*mine).values(until=now + lease))


def end_turn(session: Session, holder: str, now: datetime) -> None:
    """Let another one go on at once."""
    session.execute(update(IngestTurn).where(IngestTurn.id == 1, IngestTurn.holder == holder).values(until=now))


def take(session: Session) -> list[int]:
    """The sheaves to publish next, in order: all that a dead publisher had taken, and those that wait behind them."""
    rows = session.execute(
        select(IngestSheaf.id, IngestSheaf.rows, IngestSheaf.state)
        .where(IngestSheaf.state.in_(("waiting", "taken")))
        .order_by(IngestSheaf.id)
    ).all()
    chosen: list[int] = []
    held = 0
    for number, count, state in rows:
        # What was taken may stand in the warehouse already: less of it would bring back older values for a while.
        if chosen and state == "waiting" and held + count > MOST_ROWS:
            break
        chosen.append(number)
        held += count
    session.execute(_of(chosen).values(state="taken"))
    return chosen


def pieces_of(session: Session, sheaves: Sequence[int]) -> list[tuple[str, bytes]]:
    """The packed rows of sheaves by table, in order."""
    found: list[tuple[str, bytes]] = []
    for some in _parts(sheaves):
        statement = select(IngestPiece.table, IngestPiece.payload).where(IngestPiece.sheaf_id.in_(some))
        found += [
            (name, held) for name, held in session.execute(statement.order_by(IngestPiece.sheaf_id, IngestPiece.id))
        ]
    return found


def loaded(session: Session, sheaves: Sequence[int], generation: int, now: datetime) -> None:
    """The sheaves stand in a state of the data; their rows need not be kept any longer."""
    for some in _parts(sheaves):
        session.execute(_of(some).values(state="loaded", generation=generation, loaded_at=now))
        session.execute(delete(IngestPiece).where(IngestPiece.sheaf_id.in_(some)))
    told = {"generation": generation, "sheaves": len(sheaves)}
    record(session, "scheduler", "ingest.loaded", f"generation:{generation}", told, at=now)


def failed(session: Session, sheaf: int, reason: str, now: datetime, *, for_good: bool) -> bool:
    """A sheaf could not be published alone: for good, or too often, it is set aside so that others are not held up.

    Its rows are kept. Returns whether it was set aside.
    """
    row = session.get_one(IngestSheaf, sheaf)
    row.tries, row.reason = row.tries + 1, reason
    if for_good or row.tries >= MOST_TRIES:
        row.state = "failed"
        record(session, "scheduler", "ingest.failed", f"sheaf:{sheaf}", {"reason": reason}, at=now)
    return row.state == "failed"


def failures(session: Session) -> int:
    """How many sheaves were set aside."""
    statement = select(func.count()).select_from(IngestSheaf).where(IngestSheaf.state == "failed")
    return session.scalar(statement) or 0


def set_aside(session: Session) -> list[tuple[IngestBatch, str]]:
    """The batches whose rows were set aside, the newest first, each with the reason."""
    statement = select(IngestBatch, IngestSheaf.reason).join(IngestSheaf, IngestSheaf.id == IngestBatch.sheaf_id)
    found = session.execute(statement.where(IngestSheaf.state == "failed").order_by(IngestBatch.id.desc()))
    return [(batch, reason) for batch, reason in found]


def days_since(session: Session, day: date) -> dict[date, list[IngestDay]]:
    """What came in from a day on, by day, a row for each kind."""
    found: defaultdict[date, list[IngestDay]] = defaultdict(list)
    for row in session.scalars(select(IngestDay).where(IngestDay.day >= day).order_by(IngestDay.day, IngestDay.kind)):
        found[row.day].append(row)
    return dict(found)


def number_day(session: Session, day: date, number: int) -> None:
    """Say which import record is the day's."""
    session.execute(
        update(IngestDay).where(IngestDay.day == day).values(record=number).execution_options(synchronize_session=False)
    )


def faults_of(session: Session, day: date) -> list[tuple[int, str, Fault]]:
    """The quarantined rows of a day, each with the number of its batch and its kind."""
    statement = select(IngestBatch.id, IngestBatch.kind, IngestBatch.faults).where(IngestBatch.faulty_on == day)
    return [
        (number, kind, Fault(*fault))
        for number, kind, faults in session.execute(statement.order_by(IngestBatch.id))
        for fault in faults
        if fault[1] == QUARANTINED
    ]


def _parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    """Few enough at a time for any database."""
    return (numbers[start : start + 500] for start in range(0, len(numbers), 500))


def _of(sheaves: Sequence[int]) -> Any:
    return update(IngestSheaf).where(IngestSheaf.id.in_(sheaves)).execution_options(synchronize_session=False)


def _changed(session: Session, statement: Any) -> bool:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1
