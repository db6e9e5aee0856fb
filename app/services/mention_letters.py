"""Mention letters: the mails to whoever is named in comments and has not seen it, one per thread and quarter hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from app.channels.message import Outcome
from app.models.comment import Comment, Mention, MentionLetter
from app.models.database import take_turns
from app.models.preference import Preference
from app.models.user import User
from app.services import sharing
from app.services.deliveries import ASK_AGAIN, BACKOFF, GAVE_UP, GIVE_UP, TWICE_UNCERTAIN
from app.services.ledger import record
from app.values.words import say

WAIT = timedelta(minutes=1)
"""How long somebody may see on the page what named them, or its author take it back, before a mail tells of it."""

APART = timedelta(minutes=15)
"""Between two mails about one thread."""

LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)
FRESH = timedelta(hours=24)
"""What is older is not told by mail any more."""

SEEN = say("It was seen, taken back or is not the recipient’s to read any more.")


@dataclass(frozen=True)
class Taken:
    """A letter in hand, and which go at it this is."""

    id: str
    user_id: int
    attempt: int
    repeat: bool


def write_due(session: Session, now: datetime) -> int:
    """Owe a letter for what named somebody and was not seen; returns how many were written."""
    take_turns(session, "mention letters")
    waiting = session.execute(
        select(Mention, Comment)
        .join(Comment, Comment.id == Mention.comment_id)
        .join(User, User.id == Mention.user_id)
        .outerjoin(Preference, Preference.user_id == User.id)
        .where(Mention.letter_id.is_(None), Mention.seen_at.is_(None), Comment.deleted_at.is_(None), User.active)
        .where(Comment.created_at > now - FRESH, or_(Preference.user_id.is_(None), Preference.mention_mails))
        .order_by(Comment.created_at)
    )
    found: defaultdict[tuple[int, str], list[tuple[Mention, Comment]]] = defaultdict(list)
    for mention, comment in waiting:
        found[mention.user_id, comment.thread or comment.id].append((mention, comment))
    written = 0
    for (user_id, thread), named in found.items():
        own = (MentionLetter.user_id == user_id, MentionLetter.thread == thread, MentionLetter.at > now - APART)
        if named[0][1].created_at > now - WAIT or session.scalar(select(MentionLetter.id).where(*own).limit(1)):
            continue
        row = MentionLetter(
            id=sharing.new_id(), user_id=user_id, thread=thread, at=now, state="pending", attempts=0, repeats=0
        )
        session.add(row)
        for mention, _ in named:
            mention.letter_id = row.id
        written += 1
    return written


def owed(session: Session, now: datetime) -> list[str]:
    """Letters to be handed over now, the oldest first; also those a scheduler died over."""
    ready = and_(
        MentionLetter.state == "pending", or_(MentionLetter.next_try_at.is_(None), MentionLetter.next_try_at <= now)
    )
    left = and_(MentionLetter.state == "sending", MentionLetter.lease_until <= now)
    return list(session.scalars(select(MentionLetter.id).where(or_(ready, left)).order_by(MentionLetter.at)))


def take(session: Session, letter_id: str, now: datetime) -> Taken | None:
    """Begin a hand-over, in a transaction that ends before the first byte goes out; None when it is not to be had."""
    row = session.get_one(MentionLetter, letter_id)
    was_in_hand = row.state == "sending"
    if row.state not in ("pending", "sending") or (was_in_hand and (row.lease_until is None or row.lease_until > now)):
        return None
    if was_in_hand and row.repeats:
        _close(session, row, "uncertain", str(TWICE_UNCERTAIN), now)
        return None
    as_it_was = (
        MentionLetter.id == row.id, MentionLetter.state == row.state, MentionLetter.attempts == row.attempts
    )  # fmt: skip
    repeats = row.repeats + was_in_hand
    values = {
        "state": "sending",
        "attempts": row.attempts + 1,
        "repeats": repeats,
        "next_try_at": None,
        "lease_until": now + LEASE,
    }
    statement = update(MentionLetter).where(*as_it_was).values(**values)
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        return None
    return Taken(row.id, row.user_id, row.attempts + 1, repeats > 0)


def named_in(session: Session, taken: Taken) -> Sequence[Comment]:
    """What the letter tells of, as far as it stands and was not seen meanwhile, in its order."""
    mine = (Mention.letter_id == taken.id, Mention.user_id == taken.user_id, Mention.seen_at.is_(None))
    standing = select(Comment).join(Mention, Mention.comment_id == Comment.id).where(*mine)
    return session.scalars(standing.where(Comment.deleted_at.is_(None)).order_by(Comment.created_at)).all()


def is_wanted(session: Session, user_id: int) -> bool:
    """Whether somebody wants to be told by mail; everybody does who never said otherwise."""
    row = session.get(Preference, user_id)
    return row is None or row.mention_mails


def settle(session: Session, taken: Taken, outcome: Outcome, now: datetime) -> None:
    """Write down how a hand-over ended. Nothing changes when somebody else has taken over since."""
    row = _mine(session, taken)
    if row is None:
        return
    match outcome.state:
        case "sent":
            _close(session, row, "sent", "", now)
        case "refused":
            _close(session, row, "failed", str(outcome.reason), now)
        case "deferred" if now - row.at >= GIVE_UP:
            _close(session, row, "failed", GAVE_UP.format(reason=outcome.reason), now)
        case "deferred":
            _wait(row, str(outcome.reason), min(now + BACKOFF[min(row.attempts, len(BACKOFF)) - 1], row.at + GIVE_UP))
        case "uncertain" if row.repeats:
            _close(session, row, "uncertain", str(outcome.reason or TWICE_UNCERTAIN), now)
        case "uncertain":
            row.repeats = 1
            _wait(row, str(outcome.reason), now + ASK_AGAIN)


def skip(session: Session, taken: Taken, reason: str, now: datetime) -> None:
    """End what is owed without handing it over, and say why."""
    row = _mine(session, taken)
    if row is not None:
        _close(session, row, "skipped", reason, now)


def forget(session: Session, now: datetime) -> None:
    """Delete letters of long ago."""
    session.execute(delete(MentionLetter).where(MentionLetter.at <= now - KEPT))


def _mine(session: Session, taken: Taken) -> MentionLetter | None:
    row = session.get_one(MentionLetter, taken.id, with_for_update=True, populate_existing=True)
    return row if row.state == "sending" and row.attempts == taken.attempt else None


def _wait(row: MentionLetter, reason: str, until: datetime) -> None:
    row.state, row.reason, row.next_try_at, row.lease_until = "pending", reason, until, None


def _close(session: Session, row: MentionLetter, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.next_try_at, row.lease_until = state, reason, None, None
    told = {"thread": row.thread, "reason": reason}
    record(session, "scheduler", f"mention.letter.{state}", f"person:{row.user_id}", told, at=now)
