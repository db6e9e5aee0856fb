"""Choices: what a recipient wants of an alert: nothing of it any more, or for a while nothing of one member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.alert import Alert, AlertLeft, AlertSilence, AlertStanding
from app.models.database import take_turns
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.services.recipients import spelled_out
from app.values.errors import Invalid, NotFound
from app.values.viewer import Viewer

LONGEST = timedelta(days=366)
"""How long a member is silent at most."""

_NO_SUCH = "There is no such alert."


@dataclass(frozen=True)
class Told:
    """An alert of somebody else that reaches the person. `is_left`: the person wants nothing of it."""

    alert_id: str
    name: str
    owner: str
    is_left: bool


def reaching(session: Session, viewer: Viewer) -> list[Told]:
    """The alerts of others that would reach the viewer now, by name."""
    person = sharing.person_of(session, viewer)
    key = f"person:{person.id}"
    left = set(session.scalars(select(AlertLeft.alert_id).where(AlertLeft.recipient == key)))
    rows = session.execute(
        select(Alert, User.name)
        .join(User, User.id == Alert.owner_id)
        .where(Alert.deleted_at.is_(None), Alert.owner_id != person.id)
        .order_by(Alert.name, Alert.id)
    )
    return [
        Told(row.id, row.name, owner, row.id in left)
        for row, owner in rows
        if key in spelled_out(session, row.recipients)
    ]


def leave(session: Session, viewer: Viewer, alert_id: str, *, now: datetime | None = None) -> None:
    """Want nothing more of somebody else's alert that reaches one. Raises NotFound for any other."""
    _reached(session, viewer, alert_id)
    leave_as(session, viewer, alert_id, f"person:{sharing.person_of(session, viewer).id}", now=now)


def leave_as(
    session: Session, actor: Viewer | str, alert_id: str, recipient: str, *, now: datetime | None = None
) -> str:
    """The same for whoever holds the link of a mail to that recipient; returns the alert's name."""
    row, now = session.get(Alert, alert_id), now or datetime.now(UTC)
    if row is None:
        raise NotFound(_NO_SUCH)
    take_turns(session, f"alerts told to {recipient}")
    if session.get(AlertLeft, (alert_id, recipient)) is None:
        session.add(AlertLeft(alert_id=alert_id, recipient=recipient, at=now))
        session.flush()
        record(session, actor, "alert.left", f"alert:{alert_id}", {"recipient": recipient}, at=now)
    return row.name


def come_back(session: Session, viewer: Viewer, alert_id: str, *, now: datetime | None = None) -> None:
    """Want an alert again that still reaches one. Raises NotFound for any other."""
    _reached(session, viewer, alert_id)
    row = session.get(AlertLeft, (alert_id, f"person:{sharing.person_of(session, viewer).id}"))
    if row is not None:
        session.delete(row)
        record(session, viewer, "alert.come-back", f"alert:{alert_id}", at=now)


def left_by(session: Session, alert_id: str) -> frozenset[str]:
    """The recipients who want nothing of it."""
    return frozenset(session.scalars(select(AlertLeft.recipient).where(AlertLeft.alert_id == alert_id)))


def silence(
    session: Session,
    viewer: Viewer,
    alert_id: str,
    member: str,
    until: datetime | None,
    *,
    now: datetime | None = None,
) -> None:
    """Be told nothing of one member until then, or with None: be told again. It is checked all the same.

    Raises NotFound for a member that does not stand for the viewer.
    """
    key, now = f"person:{sharing.person_of(session, viewer).id}", now or datetime.now(UTC)
    if session.get(AlertStanding, (alert_id, key, member)) is None:
        raise NotFound("There is no such member.")
    if until is not None and not now < until <= now + LONGEST:
        raise Invalid("A member is muted until some day of the next year.")
    take_turns(session, f"alerts told to {key}")
    row = session.get(AlertSilence, (alert_id, key, member))
    if until is None and row is not None:
        session.delete(row)
    elif until is not None and row is not None:
        row.until = until
    elif until is not None:
        session.add(AlertSilence(alert_id=alert_id, recipient=key, member=member, until=until))
    detail = {"member": member, "until": until.isoformat() if until else None}
    record(
        session, viewer, "alert.member-muted" if until else "alert.member-unmuted", f"alert:{alert_id}", detail, at=now
    )


def silent_until(session: Session, viewer: Viewer, alert_id: str, now: datetime) -> dict[str, datetime]:
    """The members that the viewer is told nothing of, each with the end of it."""
    key = f"person:{sharing.person_of(session, viewer).id}"
    rows = select(AlertSilence).where(
        AlertSilence.alert_id == alert_id, AlertSilence.recipient == key, AlertSilence.until > now
    )
    return {each.member: each.until for each in session.scalars(rows)}


def _reached(session: Session, viewer: Viewer, alert_id: str) -> None:
    if not any(each.alert_id == alert_id for each in reaching(session, viewer)):
        raise NotFound(_NO_SUCH)
