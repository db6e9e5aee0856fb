"""Cards: an alert as its owner sees it, with where it stands, and its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.alerts import STATES
from app.models.alert import Alert, AlertEvent, AlertStanding
from app.models.schedule import Grant
from app.models.user import User
from app.values.alert import Rule


@dataclass(frozen=True)
class Draft:
    """An alert as somebody wants it; an empty `recurrence` is: whenever new data have come."""

    name: str
    view: str
    rule: Rule
    recipients: tuple[str, ...]
    recurrence: str = ""
    zone: str = "UTC"
    channel: str = "mail"


@dataclass(frozen=True)
class MemberCard:
    """Where one member stands in one's own rows; `member` is empty for the whole."""

    member: str
    name: str
    state: str
    since: datetime
    value: str
    currency: str
    reason: str


@dataclass(frozen=True)
class EventCard:
    """A line of the history: somebody's member changed its state, or somebody got nothing, and why. `id`: its order."""

    id: int
    at: datetime
    who: str
    name: str
    was: str
    state: str
    value: str
    currency: str
    told: str
    reason: str


@dataclass(frozen=True)
class AlertCard:
    """An alert with where it stands for whoever looks. `state` is the worst of the members', empty before any check."""

    id: str
    draft: Draft
    version: int
    state: str
    members: tuple[MemberCard, ...]
    checked_at: datetime | None
    changed_state_at: datetime | None
    muted_until: datetime | None
    paused_at: datetime | None
    next_due: datetime | None
    deleted_at: datetime | None

    @property
    def firing(self) -> int:
        """How many members fire."""
        return sum(each.state == "firing" for each in self.members)


def draft_of(row: Alert) -> Draft:
    """What a row says, as it could be saved anew."""
    return Draft(row.name, row.view, Rule.of(row.rule), tuple(row.recipients), row.recurrence, row.zone, row.channel)


def history_of(session: Session, row: Alert, most: int, before: int | None = None) -> list[EventCard]:
    """The newest lines of an alert's history, or those before the line with that id, as its owner sees it.

    Of others it says only why they got nothing: how their figures stand is told of rows that may not be the owner's.
    """
    own = f"person:{row.owner_id}"
    names = {f"person:{user.id}": user.name for user in session.scalars(select(User))}
    names |= {f"channel:{address}": name for address, name in session.execute(select(Grant.address, Grant.name))}
    seen = or_(AlertEvent.recipient == own, AlertEvent.state == "")
    wanted = (AlertEvent.alert_id == row.id, seen) + (() if before is None else (AlertEvent.id < before,))
    events = select(AlertEvent).where(*wanted).order_by(AlertEvent.id.desc()).limit(most)
    return [
        EventCard(
            id=each.id,
            at=each.at,
            who=names.get(each.recipient, each.recipient.partition(":")[2]),
            name=each.name,
            was=each.was,
            state=each.state,
            value=each.value,
            currency=each.currency,
            told=each.told,
            reason=each.reason,
        )
        for each in session.scalars(events)
    ]


def standings_of(session: Session, alerts: Iterable[str], person: User) -> dict[str, tuple[AlertStanding, ...]]:
    """Where the members of alerts stand for a person, by alert."""
    wanted = select(AlertStanding).where(
        AlertStanding.alert_id.in_(list(alerts)), AlertStanding.recipient == f"person:{person.id}"
    )
    found: defaultdict[str, list[AlertStanding]] = defaultdict(list)
    for each in session.scalars(wanted.order_by(AlertStanding.name, AlertStanding.member)):
        found[each.alert_id].append(each)
    return {alert: tuple(each) for alert, each in found.items()}


def card_of(row: Alert, standings: Sequence[AlertStanding]) -> AlertCard:
    """An alert with these members."""
    order: dict[str, int] = {state: at for at, state in enumerate(STATES)}
    worst_first = sorted(standings, key=lambda each: (order[each.state], each.name, each.member))
    return AlertCard(
        id=row.id,
        draft=draft_of(row),
        version=row.version,
        state=worst_first[0].state if worst_first else "",
        members=tuple(
            MemberCard(each.member, each.name, each.state, each.since, each.value, each.currency, each.reason)
            for each in worst_first
        ),
        checked_at=max((each.checked_at for each in standings), default=None),
        changed_state_at=max((each.since for each in standings), default=None),
        muted_until=row.muted_until,
        paused_at=row.paused_at,
        next_due=row.next_due,
        deleted_at=row.deleted_at,
    )
