"""Subscriptions: what a person is sent by schedule, and the way out of it, also for whoever cannot sign in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.schedule import Schedule, Unsubscribed
from app.models.user import User
from app.services import alert_choices, preferences, sharing
from app.services.ledger import record
from app.services.recipients import spelled_out
from app.values.errors import NotFound
from app.values.viewer import Viewer
from app.values.words import say

MENTIONS = "mentions"
"""What a link carries in the place of a schedule to end the mails about comments."""

ALERT = "alert:"
"""Begins what a link carries in the place of a schedule to want nothing more of an alert, followed by its id."""

MENTIONS_NAME = say("What names you in comments")

_NO_SUCH = "This link ends no subscription, or it was cut."


@dataclass(frozen=True)
class Subscription:
    """A schedule that reaches the person. `is_ended`: the person wants no more of it."""

    schedule_id: str
    name: str
    owner: str
    recurrence: str
    zone: str
    next_due: datetime | None
    is_ended: bool


def mine(session: Session, viewer: Viewer) -> list[Subscription]:
    """All schedules that would reach the viewer now, by name."""
    person = sharing.person_of(session, viewer)
    ended = set(session.scalars(select(Unsubscribed.schedule_id).where(Unsubscribed.recipient == _key(person))))
    rows = session.execute(
        select(Schedule, User.name)
        .join(User, User.id == Schedule.owner_id)
        .where(Schedule.deleted_at.is_(None))
        .order_by(Schedule.name, Schedule.id)
    )
    return [
        Subscription(row.id, row.name, owner, row.recurrence, row.zone, row.next_due, row.id in ended)
        for row, owner in rows
        if _key(person) in spelled_out(session, row.recipients)
    ]


def end(session: Session, viewer: Viewer, schedule_id: str, *, now: datetime | None = None) -> None:
    """Want no more of a schedule that reaches one. Raises NotFound for any other."""
    _reaching(session, viewer, schedule_id)
    _end(session, viewer, schedule_id, _key(sharing.person_of(session, viewer)), now or datetime.now(UTC))


def begin_again(session: Session, viewer: Viewer, schedule_id: str, *, now: datetime | None = None) -> None:
    """Want a schedule again that still reaches one."""
    _reaching(session, viewer, schedule_id)
    row = session.get(Unsubscribed, (schedule_id, _key(sharing.person_of(session, viewer))))
    if row is not None:
        session.delete(row)
        record(session, viewer, "subscription.begun-again", f"schedule:{schedule_id}", at=now)


def end_by_link(session: Session, token: str, secret: str, *, now: datetime | None = None) -> str:
    """End the subscription that a mail's link names; returns the schedule's name. Whoever holds the mail may do it.

    Raises NotFound for a link that was not made here.
    """
    schedule_id, recipient = _read(token, secret)
    if schedule_id == MENTIONS and recipient.startswith("person:"):
        preferences.want_mention_mails(
            session, recipient, int(recipient.removeprefix("person:")), wanted=False, now=now
        )
        return MENTIONS_NAME
    if schedule_id.startswith(ALERT):
        return alert_choices.leave_as(session, recipient, schedule_id.removeprefix(ALERT), recipient, now=now)
    row = session.get(Schedule, schedule_id)
    if row is None:
        raise NotFound(_NO_SUCH)
    _end(session, recipient, schedule_id, recipient, now or datetime.now(UTC))
    return row.name


def link_token(schedule_id: str, recipient: str, secret: str) -> str:
    """What a mail's link carries to end this one subscription and do nothing else."""
    told = base64.urlsafe_b64encode(f"{schedule_id} {recipient}".encode()).decode().rstrip("=")
    return f"{told}.{_seal(told, secret)}"


def _read(token: str, secret: str) -> tuple[str, str]:
    told, _, seal = token.partition(".")
    if not (told.isascii() and seal.isascii() and hmac.compare_digest(seal, _seal(told, secret))):
        raise NotFound(_NO_SUCH)
    try:
        schedule_id, _, recipient = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode().partition(" ")
    except (binascii.Error, UnicodeDecodeError):
        raise NotFound(_NO_SUCH) from None
    return schedule_id, recipient


def _seal(told: str, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"salient unsubscribe", hashlib.sha256)
    return hmac.digest(key, told.encode(), hashlib.sha256).hex()[:40]


def _reaching(session: Session, viewer: Viewer, schedule_id: str) -> None:
    if not any(each.schedule_id == schedule_id for each in mine(session, viewer)):
        raise NotFound("There is no such subscription.")


def _end(session: Session, actor: Viewer | str, schedule_id: str, recipient: str, now: datetime) -> None:
    # Programs that scan mails, and people who click twice, follow a link at the same time.
    take_turns(session, f"subscriptions of {recipient}")
    if session.get(Unsubscribed, (schedule_id, recipient)) is None:
        session.add(Unsubscribed(schedule_id=schedule_id, recipient=recipient, at=now))
        session.flush()
        record(session, actor, "subscription.ended", f"schedule:{schedule_id}", {"recipient": recipient}, at=now)


def _key(person: User) -> str:
    return f"person:{person.id}"
