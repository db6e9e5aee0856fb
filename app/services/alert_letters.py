"""Letters: what is owed to the recipients of alerts, handed over once each, with the rules of every other delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session

from app.channels.message import Outcome
from app.models.alert import Alert, AlertLeft, AlertLetter
from app.services.deliveries import ASK_AGAIN, BACKOFF, GAVE_UP, GIVE_UP, TWICE_UNCERTAIN
from app.services.ledger import record

LEASE = timedelta(minutes=5)
"""How long a hand-over may take before another scheduler takes the letter for one whose end is unknown."""


@dataclass(frozen=True)
class Taken:
    """A letter in hand, and which go at it this is."""

    id: str
    alert_id: str
    recipient: str
    channel: str
    rights: str
    content: dict[str, Any]
    message_id: str
    attempt: int
    repeat: bool


def owed(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Letters to be handed over now, oldest first, each with its channel; also those a scheduler died over."""
    ready = and_(AlertLetter.state == "pending", or_(AlertLetter.next_try_at.is_(None), AlertLetter.next_try_at <= now))
    left = and_(AlertLetter.state == "sending", AlertLetter.lease_until <= now)
    rows = select(AlertLetter.id, AlertLetter.channel).where(or_(ready, left)).order_by(AlertLetter.first_try_at)
    return [(letter_id, channel) for letter_id, channel in session.execute(rows)]


def take(session: Session, letter_id: str, now: datetime) -> Taken | None:
    """Begin a hand-over, in a transaction that ends before the first byte goes out; None when it is not to be had."""
    row = session.get_one(AlertLetter, letter_id)
    was_in_hand = row.state == "sending"
    if was_in_hand and (row.lease_until is None or row.lease_until > now):
        return None
    alert = session.get_one(Alert, row.alert_id)
    if alert.deleted_at is not None:
        end(session, letter_id, row.attempts, "skipped", "The alert was deleted.", now)
        return None
    if session.get(AlertLeft, (row.alert_id, row.recipient)) is not None:
        end(session, letter_id, row.attempts, "skipped", "The recipient wants no more of it.", now)
        return None
    if was_in_hand and row.repeats:
        end(session, letter_id, row.attempts, "uncertain", str(TWICE_UNCERTAIN), now)
        return None
    as_it_was = (AlertLetter.id == row.id, AlertLetter.state == row.state, AlertLetter.attempts == row.attempts)
    repeats = row.repeats + was_in_hand
    values = {
        "state": "sending",
        "attempts": row.attempts + 1,
        "repeats": repeats,
        "first_try_at": row.first_try_at or now,
        "next_try_at": None,
        "lease_until": now + LEASE,
    }
    statement = update(AlertLetter).where(*as_it_was).values(**values)
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        return None
    return Taken(
        row.id,
        row.alert_id,
        row.recipient,
        row.channel,
        row.rights,
        dict(row.content),
        row.message_id,
        row.attempts + 1,
        repeats > 0,
    )


def settle(session: Session, taken: Taken, name: str, address: str, outcome: Outcome, now: datetime) -> str:
    """Write down how a hand-over ended; returns the state. Nothing changes when somebody else has taken over since."""
    row = session.get_one(AlertLetter, taken.id, with_for_update=True, populate_existing=True)
    if row.state != "sending" or row.attempts != taken.attempt:
        return row.state
    row.name, row.address = name, address
    first = row.first_try_at or now
    match outcome.state:
        case "sent":
            row.handed_at = now
            _close(session, row, "sent", "", now)
        case "refused":
            _close(session, row, "failed", str(outcome.reason), now)
        case "deferred" if now - first >= GIVE_UP:
            _close(session, row, "failed", GAVE_UP.format(reason=outcome.reason), now)
        case "deferred":
            wait = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
            _wait(row, str(outcome.reason), min(now + wait, first + GIVE_UP))
        case "uncertain" if row.repeats:
            _close(session, row, "uncertain", str(outcome.reason or TWICE_UNCERTAIN), now)
        case "uncertain":
            row.repeats = 1
            _wait(row, str(outcome.reason), now + ASK_AGAIN)
    return row.state


def end(session: Session, letter_id: str, attempt: int, state: str, reason: str, now: datetime) -> None:
    """End what is owed without handing it over, and say why."""
    row = session.get_one(AlertLetter, letter_id, with_for_update=True, populate_existing=True)
    if row.state in ("pending", "sending") and row.attempts == attempt:
        _close(session, row, state, reason, now)


def _wait(row: AlertLetter, reason: str, until: datetime) -> None:
    row.state, row.reason, row.next_try_at, row.lease_until = "pending", reason, until, None


def _close(session: Session, row: AlertLetter, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.next_try_at, row.lease_until = state, reason, None, None
    told = {"alert": row.alert_id, "message": row.message_id, "reason": reason}
    record(session, "scheduler", f"alert.letter.{state}", row.recipient, told, at=now)
