"""Alerts: made, changed, muted, paused, deleted and brought back; whoever gets one is told of the own rows only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.domain.alerts import STATES
from app.models.alert import Alert, AlertCheck, AlertEvent, AlertStanding
from app.models.database import take_turns
from app.models.user import User
from app.services import sharing
from app.services.alert_cards import AlertCard, Draft, EventCard, card_of, draft_of, history_of, standings_of
from app.services.contents import settled_text
from app.services.drafts import settled_recipients
from app.services.ledger import record
from app.services.schedules import PERMISSION, RESTORABLE, reader_of
from app.values.calendar import Calendar
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, TooBig
from app.values.recurrence import Recurrence
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import Text, say
from app.values.zones import zone_called
from layouts.dashboard import Dashboard

MOST = 200
"""Alerts of one person."""

LONGEST_MUTE = timedelta(days=366)
HISTORY_KEPT = timedelta(days=400)

NOT_ALLOWED = say("The figure of this alert is not this recipient’s to see now.")


@dataclass(frozen=True)
class Offer:
    """What can be watched here: the dashboards; the metrics by name with the masks that hide them; the levels that each
    can be broken down by; the channels.
    """

    dashboards: Sequence[Dashboard]
    metrics: Mapping[str, frozenset[str]]
    levels: Mapping[str, frozenset[str]]
    channels: frozenset[str]


def create(
    session: Session, viewer: Viewer, draft: Draft, offer: Offer, *, today: date, now: datetime | None = None
) -> AlertCard:
    """Keep an alert; it is checked for the first time at once.

    Raises Forbidden without the permission, TooBig beyond a limit, a Refusal for what cannot be watched.
    """
    owner = _owner(session, viewer)
    now = now or datetime.now(UTC)
    take_turns(session, f"alerts of {owner.id}")
    kept = session.scalar(select(func.count()).where(Alert.owner_id == owner.id, Alert.deleted_at.is_(None)))
    if (kept or 0) >= MOST:
        raise TooBig("You have {most} alerts. Delete one you no longer need.", most=MOST)
    row = Alert(id=sharing.new_id(), owner_id=owner.id, version=1, created_at=now, changed_at=now)
    _put(row, settled(session, viewer, draft, offer, now))
    row.next_due = _next(row, viewer.context.calendar, now)
    session.add(row)
    session.flush()
    _look_at_once(session, row, f"saved:{row.version}", today, now)
    record(session, viewer, "alert.created", _subject(row), _told(row), at=now)
    return card_of(row, ())


def change(
    session: Session,
    viewer: Viewer,
    alert_id: str,
    draft: Draft,
    offer: Offer,
    *,
    version: int,
    today: date,
    now: datetime | None = None,
) -> AlertCard:
    """Change one's own alert, as a whole. Raises Conflict when somebody was quicker than `version`.

    With another rule, view or recipients all members begin anew.
    """
    row = _own(session, viewer, alert_id)
    now = now or datetime.now(UTC)
    if row.version != version:
        raise Conflict("{name} was changed meanwhile: look at it again, then save.", name=row.name)
    before, watched = _told(row), (row.rule, row.view, row.recipients)
    _put(row, settled(session, viewer, draft, offer, now))
    if _told(row) != before:
        _touch(row, now)
        row.next_due = None if row.paused_at else _next(row, viewer.context.calendar, now)
        if (row.rule, row.view, row.recipients) != watched:
            session.execute(delete(AlertStanding).where(AlertStanding.alert_id == row.id))
            if row.paused_at is None:
                _look_at_once(session, row, f"saved:{row.version}", today, now)
        record(session, viewer, "alert.changed", _subject(row), {"before": before, "after": _told(row)}, at=now)
    return card_of(row, ())


def mute(
    session: Session, viewer: Viewer, alert_id: str, until: datetime | None, *, now: datetime | None = None
) -> None:
    """Tell nobody anything until then, or with None: speak again. It is checked all the same."""
    row = _own(session, viewer, alert_id)
    now = now or datetime.now(UTC)
    if until is not None and not now < until <= now + LONGEST_MUTE:
        raise Invalid("An alert is muted until some day of the next year.")
    row.muted_until = until
    _touch(row, now)
    detail = {"name": row.name, "until": until.isoformat() if until else None}
    record(session, viewer, "alert.muted" if until else "alert.unmuted", _subject(row), detail, at=now)


def pause(session: Session, viewer: Viewer, alert_id: str, *, now: datetime | None = None) -> None:
    """Check it no more until it is resumed."""
    row = _own(session, viewer, alert_id)
    now = now or datetime.now(UTC)
    if row.paused_at is None:
        row.paused_at, row.next_due = now, None
        _touch(row, now)
        record(session, viewer, "alert.paused", _subject(row), {"name": row.name}, at=now)


def resume(
    session: Session, viewer: Viewer, alert_id: str, offer: Offer, *, today: date, now: datetime | None = None
) -> None:
    """Go on, with a check at once. Looked through as if it were new."""
    row = _own(session, viewer, alert_id)
    now = now or datetime.now(UTC)
    if row.paused_at is not None:
        _put(row, settled(session, viewer, draft_of(row), offer, now))
        row.paused_at, row.next_due = None, _next(row, viewer.context.calendar, now)
        _touch(row, now)
        _look_at_once(session, row, f"saved:{row.version}", today, now)
        record(session, viewer, "alert.resumed", _subject(row), {"name": row.name}, at=now)


def check_now(session: Session, viewer: Viewer, alert_id: str, *, today: date, now: datetime | None = None) -> None:
    """Have one's own alert checked at once, beside its times: it counts and tells as every check does.

    Raises Conflict while it is paused, and while a check waits or runs.
    """
    row = _own(session, viewer, alert_id)
    now = now or datetime.now(UTC)
    if row.paused_at is not None:
        raise Conflict("{name} is paused: let it go on first.", name=row.name)
    waiting = select(func.count()).where(AlertCheck.alert_id == row.id, AlertCheck.state == "open")
    if session.scalar(waiting):
        raise Conflict("A check of {name} is on its way already.", name=row.name)
    _look_at_once(session, row, f"asked:{now.isoformat()}", today, now)
    record(session, viewer, "alert.asked", _subject(row), {"name": row.name}, at=now)


def remove(session: Session, viewer: Viewer, alert_id: str, *, now: datetime | None = None) -> None:
    """Delete an alert: it tells nothing more, not even what is under way. It can be restored for 30 days."""
    row = _own(session, viewer, alert_id)
    row.deleted_at, row.next_due = now or datetime.now(UTC), None
    _touch(row, row.deleted_at)
    record(session, viewer, "alert.deleted", _subject(row), {"name": row.name}, at=row.deleted_at)


def restore(session: Session, viewer: Viewer, alert_id: str, *, now: datetime | None = None) -> None:
    """Bring back an alert one deleted; it comes back paused."""
    owner = _owner(session, viewer)
    now = now or datetime.now(UTC)
    row = session.scalar(select(Alert).where(Alert.owner_id == owner.id, Alert.id == alert_id).with_for_update())
    if row is None or row.deleted_at is None or row.deleted_at <= now - RESTORABLE:
        raise NotFound("There is no such alert.")
    row.deleted_at, row.paused_at = None, now
    _touch(row, now)
    record(session, viewer, "alert.restored", _subject(row), {"name": row.name}, at=now)


def listed(session: Session, viewer: Viewer) -> list[AlertCard]:
    """One's own alerts, those that fire first, then by name."""
    person = reader_of(session, viewer)
    rows = list(session.scalars(select(Alert).where(Alert.owner_id == person.id, Alert.deleted_at.is_(None))))
    standings = standings_of(session, [row.id for row in rows], person)
    cards = [card_of(row, standings.get(row.id, ())) for row in rows]
    order: dict[str, int] = {state: at for at, state in enumerate(STATES)}
    return sorted(cards, key=lambda each: (order.get(each.state, len(order)), each.draft.name.casefold(), each.id))


def deleted(session: Session, viewer: Viewer, *, now: datetime | None = None) -> list[AlertCard]:
    """One's own alerts that can still be restored."""
    person = reader_of(session, viewer)
    since = (now or datetime.now(UTC)) - RESTORABLE
    rows = select(Alert).where(Alert.owner_id == person.id, Alert.deleted_at > since).order_by(Alert.name, Alert.id)
    return [card_of(row, ()) for row in session.scalars(rows)]


def find(session: Session, viewer: Viewer, alert_id: str) -> AlertCard:
    """One's own alert, which nobody else changes until the transaction ends. Raises NotFound for any other."""
    person = reader_of(session, viewer)
    row = _of(session, person, alert_id)
    return card_of(row, standings_of(session, [row.id], person).get(row.id, ()))


def history(
    session: Session, viewer: Viewer, alert_id: str, *, most: int = 50, before: int | None = None
) -> list[EventCard]:
    """The newest lines of the history of one's own alert, or those before the line with that id."""
    return history_of(session, _of(session, reader_of(session, viewer), alert_id), most, before)


def settled(session: Session, viewer: Viewer, draft: Draft, offer: Offer, now: datetime) -> Draft:
    """The draft as it is kept. Raises a Refusal, with a sentence, for everything that could not be checked later."""
    zone, rule = zone_called(draft.zone), draft.rule
    recurrence = ""
    if draft.recurrence.strip():
        when = Recurrence.parse(draft.recurrence)
        when.next_after(now, zone, viewer.context.calendar)
        recurrence = str(when)
    if draft.channel not in offer.channels:
        raise Invalid("There is no such channel here: {text}.", text=draft.channel[:40])
    needs = offer.metrics.get(rule.metric)
    if needs is None or needs & viewer.context.masks:
        raise Invalid("There is no figure called {name}.", name=rule.metric[:60])
    if rule.by and rule.by not in offer.levels[rule.metric]:
        raise Invalid("This figure cannot be watched by {level}.", level=rule.by[:60])
    return Draft(
        name=sharing.settled_name(draft.name),
        view=settled_text(session, viewer, str(View.parse(draft.view)), offer.dashboards),
        rule=rule,
        recipients=settled_recipients(session, draft.recipients, now),
        recurrence=recurrence,
        zone=zone,
        channel=draft.channel,
    )


def is_hidden_from(viewer: Viewer, needs: frozenset[str]) -> Text | None:
    """Why a viewer is told nothing of a metric that needs these; None where it is the viewer's to see."""
    if viewer.context.scope.is_nothing or not viewer.may("dashboards"):
        return say("There is nothing this recipient may see now.")
    return NOT_ALLOWED if needs & viewer.context.masks else None


def forget(session: Session, now: datetime) -> int:
    """Take away for good what was deleted too long ago, and lines of history that are too old; returns how many."""
    over = list(session.scalars(select(Alert).where(Alert.deleted_at <= now - RESTORABLE)))
    for row in over:
        session.delete(row)
    session.execute(delete(AlertEvent).where(AlertEvent.at <= now - HISTORY_KEPT))
    session.execute(delete(AlertCheck).where(AlertCheck.ended_at <= now - HISTORY_KEPT))
    return len(over)


def _owner(session: Session, viewer: Viewer) -> User:
    viewer.require(PERMISSION)
    if viewer.context.scope.is_nothing:
        raise Forbidden("There is nothing you may see, so there is nothing to watch.")
    return sharing.person_of(session, viewer)


def _own(session: Session, viewer: Viewer, alert_id: str) -> Alert:
    return _of(session, _owner(session, viewer), alert_id)


def _of(session: Session, person: User, alert_id: str) -> Alert:
    wanted = select(Alert).where(Alert.id == alert_id, Alert.owner_id == person.id, Alert.deleted_at.is_(None))
    row = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such alert.")
    return row


def _put(row: Alert, draft: Draft) -> None:
    row.name, row.view, row.rule = draft.name, draft.view, draft.rule.stored()
    row.recipients, row.recurrence, row.zone = list(draft.recipients), draft.recurrence, draft.zone
    row.channel = draft.channel


def _touch(row: Alert, now: datetime) -> None:
    row.version += 1
    row.changed_at = now


def _next(row: Alert, calendar: Calendar, now: datetime) -> datetime | None:
    return Recurrence.parse(row.recurrence).next_after(now, row.zone, calendar) if row.recurrence else None


def _look_at_once(session: Session, row: Alert, moment: str, today: date, now: datetime) -> None:
    check = AlertCheck(id=sharing.new_id(), alert_id=row.id, moment=moment, at=now, today=today, state="open", tries=0)
    session.add(check)


def _told(row: Alert) -> dict[str, Any]:
    return {
        "name": row.name,
        "view": row.view,
        "rule": dict(row.rule),
        "recipients": list(row.recipients),
        "recurrence": row.recurrence,
        "zone": row.zone,
        "channel": row.channel,
    }


def _subject(row: Alert) -> str:
    return f"alert:{row.id}"
