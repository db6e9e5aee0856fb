"""Refreshes: sources that are loaded by the clock, as administrators set them up; each by one scheduler at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import CursorResult, Update, or_, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from app.models.refresh import Refresh
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.values.calendar import Calendar
from app.values.errors import Invalid, NotFound
from app.values.recurrence import Recurrence
from app.values.viewer import Viewer
from app.values.words import say
from app.values.zones import zone_called

PERMISSION = "ingest"

LEASE = timedelta(minutes=5)
"""How long a refresh belongs to a scheduler that gives no sign of life."""

TRY_AGAIN = (timedelta(minutes=5), timedelta(minutes=15))
"""How long to wait after the first and the second failure; after the third it has failed for this time."""

ORPHANED = say("Whoever set it up has no account here any more, or may not load data.")

DIED = say("Whatever loaded it ended before it did.")

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True)
class RefreshCard:
    """A refresh as administrators see it. `next_due` is None where it goes on no more; `reason` tells how it ended."""

    id: str
    name: str
    owner: str
    mapping: str
    source: str
    recurrence: str
    zone: str
    next_due: datetime | None
    state: str
    reason: str
    ended_at: datetime | None


@dataclass(frozen=True)
class Turn:
    """A refresh in hand: what is loaded, and which try this is."""

    id: str
    name: str
    owner_id: int
    mapping: str
    source: str
    claimed_by: str
    tries: int


def create(
    session: Session,
    viewer: Viewer,
    *,
    name: str,
    mapping: str,
    source: str,
    recurrence: str,
    zone: str,
    calendar: Calendar,
    now: datetime | None = None,
) -> RefreshCard:
    """Have a source loaded regularly. A password stands in the environment: postgresql://me:${SALES_PASSWORD}@host/db.

    Raises Forbidden for whoever may not load data, Invalid for what is no time, zone or source.
    """
    viewer.require(PERMISSION)
    owner, now = sharing.person_of(session, viewer), now or datetime.now(UTC)
    when = Recurrence.parse(recurrence)
    row = Refresh(
        id=sharing.new_id(),
        owner_id=owner.id,
        name=sharing.settled_name(name),
        mapping=_stated(mapping),
        source=_without_password(_stated(source)),
        recurrence=str(when),
        zone=zone_called(zone),
        next_due=when.next_after(now, zone_called(zone), calendar),
        state="waiting",
        reason="",
        tries=0,
        created_at=now,
    )
    session.add(row)
    session.flush()
    told = {"name": row.name, "mapping": row.mapping, "source": row.source, "recurrence": row.recurrence}
    record(session, viewer, "refresh.created", f"refresh:{row.id}", told, at=now)
    return _card(row, owner.name)


def listed(session: Session, viewer: Viewer) -> list[RefreshCard]:
    """All refreshes, by name."""
    viewer.require(PERMISSION)
    rows = session.execute(select(Refresh, User.name).join(User, User.id == Refresh.owner_id).order_by(Refresh.name))
    return [_card(row, owner) for row, owner in rows]


def remove(session: Session, viewer: Viewer, refresh_id: str, *, now: datetime | None = None) -> None:
    """Load it no more. Raises NotFound."""
    row = _one(session, viewer, refresh_id)
    record(session, viewer, "refresh.removed", f"refresh:{row.id}", {"name": row.name}, at=now)
    session.delete(row)


def ask_now(session: Session, viewer: Viewer, refresh_id: str, *, now: datetime | None = None) -> None:
    """Let it be due at once, beside its times; one that was stopped goes on. Raises NotFound."""
    row = _one(session, viewer, refresh_id)
    row.next_due, row.tries = now or datetime.now(UTC), 0
    record(session, viewer, "refresh.asked", f"refresh:{row.id}", {"name": row.name}, at=row.next_due)


def claim(session: Session, name: str, now: datetime) -> Turn | None:
    """A refresh that is due and is now `name`'s, or None. Of several missed times one is made up for."""
    free = or_(Refresh.lease_until.is_(None), Refresh.lease_until <= now)
    for row in session.scalars(select(Refresh).where(Refresh.next_due <= now, free).order_by(Refresh.next_due)).all():
        mine = update(Refresh).where(Refresh.id == row.id, Refresh.next_due <= now, free)
        values = {"claimed_by": name, "lease_until": now + LEASE, "tries": Refresh.tries + 1, "state": "running"}
        if not _changed(session, mine.values(**values, started_at=now)):
            continue
        session.refresh(row)
        return Turn(row.id, row.name, row.owner_id, row.mapping, row.source, name, row.tries)
    return None


def keep(session: Session, turn: Turn, now: datetime) -> bool:
    """Go on having it; False when it is another's now."""
    mine = update(Refresh).where(Refresh.id == turn.id, Refresh.claimed_by == turn.claimed_by)
    return _changed(session, mine.values(lease_until=now + LEASE))


def end(session: Session, turn: Turn, failure: str, told: str, calendar: Calendar, now: datetime) -> bool:
    """Write down how a try ended, `failure` being empty when it went well; returns whether somebody is to be told.

    It is tried again after a failure, twice; then it has failed, and is due at the next of its times.
    """
    row = session.get(Refresh, turn.id, with_for_update=True, populate_existing=True)
    if row is None or row.claimed_by != turn.claimed_by:
        return False
    row.claimed_by, row.lease_until, row.reason = None, None, failure or told
    if failure and turn.tries <= len(TRY_AGAIN):
        row.state, row.next_due = "waiting", now + TRY_AGAIN[turn.tries - 1]
        return False
    row.state, row.ended_at, row.tries = "failed" if failure else "done", now, 0
    row.next_due = Recurrence.parse(row.recurrence).next_after(now, row.zone, calendar)
    record(session, "scheduler", f"refresh.{row.state}", f"refresh:{row.id}", {"reason": row.reason}, at=now)
    return bool(failure)


def stop(session: Session, turn: Turn, reason: str, now: datetime) -> None:
    """Load it no more until somebody asks for it."""
    row = session.get(Refresh, turn.id, with_for_update=True, populate_existing=True)
    if row is None or row.claimed_by != turn.claimed_by:
        return
    row.claimed_by, row.lease_until, row.next_due = None, None, None
    row.state, row.reason, row.ended_at, row.tries = "failed", reason, now, 0
    record(session, "scheduler", "refresh.stopped", f"refresh:{row.id}", {"reason": reason}, at=now)


def filled_in(source: str, environment: Mapping[str, str] | None = None) -> str:
    """The source with what stands in the environment. Raises Invalid for what does not."""
    known = os.environ if environment is None else environment
    missing = [each for each in _VARIABLE.findall(source) if each not in known]
    if missing:
        raise Invalid("The environment has no {name}.", name=missing[0])
    return _VARIABLE.sub(lambda found: known[found[1]], source)


def _stated(text: str) -> str:
    if not text.strip() or len(text) > 2_000 or not text.isprintable():
        raise Invalid("Say which mapping and which source.")
    return text.strip()


def _without_password(source: str) -> str:
    if "://" not in source:
        return source
    try:
        password = make_url(source).password
    except (ArgumentError, ValueError):
        raise Invalid("This is no address of a database.") from None
    if password and not _VARIABLE.fullmatch(str(password)):
        raise Invalid("A password is not kept here: put it into the environment and write ${SALES_PASSWORD}.")
    return source


def _one(session: Session, viewer: Viewer, refresh_id: str) -> Refresh:
    viewer.require(PERMISSION)
    row = session.get(Refresh, refresh_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such refresh.")
    return row


def _changed(session: Session, statement: Update) -> bool:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1


def _card(row: Refresh, owner: str) -> RefreshCard:
    return RefreshCard(
        id=row.id,
        name=row.name,
        owner=owner,
        mapping=row.mapping,
        source=row.source,
        recurrence=row.recurrence,
        zone=row.zone,
        next_due=row.next_due,
        state=row.state,
        reason=row.reason,
        ended_at=row.ended_at,
    )
