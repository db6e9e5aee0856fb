"""Checks: what is due becomes a check, a check belongs to one scheduler at a time, and what it found counts once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import CursorResult, Update, or_, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain.alerts import Reading, Standing, Tell, step
from app.models.alert import Alert, AlertCheck, AlertEvent, AlertLetter, AlertSilence, AlertStanding
from app.models.role import Role
from app.models.user import User
from app.services import sharing
from app.services.alert_cards import Draft, draft_of
from app.services.ledger import record
from app.services.schedules import PERMISSION
from app.values.alert import Rule
from app.values.errors import Refusal
from app.values.recurrence import Recurrence
from app.values.words import say
from app.values.zones import local_date

LEASE = timedelta(minutes=5)
"""How long a check belongs to a scheduler; whoever takes longer has lost it."""

CATCH_UP = timedelta(hours=6)
"""How long after its time something is still checked."""

TRY_AGAIN = (timedelta(minutes=1), timedelta(minutes=5))
"""How long to wait after the first and the second time that something broke; then it has failed."""

MISSED = "No scheduler was running when it was due, nor in the six hours after."
DIED = "Schedulers died over it again and again."
ORPHANED = say("Whoever made the alert has no account here any more, or may not have anything watched.")
MOST_CLAIMS = 6


@dataclass(frozen=True)
class Due:
    """A check that is now somebody's: what to look at, for whom, as of when; `owner` ("person:7") has it watched.

    `hopeless`: it is not looked at any more, for this reason.
    """

    check: AlertCheck
    draft: Draft
    is_muted: bool
    owner: str
    owner_name: str
    hopeless: str = ""


@dataclass(frozen=True)
class Found:
    """What a check found for one recipient, in whose rows. `why`: the recipient is told nothing, and why not.

    `nothing` is what is read of a member without rows.
    """

    recipient: str
    readings: tuple[Reading, ...] = ()
    why: str = ""
    currency: str = ""
    nothing: Decimal | None = None


@dataclass(frozen=True)
class News:
    """What there is to tell a recipient after a check."""

    recipient: str
    told: tuple[tuple[Tell, Reading], ...] = field(default_factory=tuple)


def record_due(session: Session, settings: Settings, generation: int | None, now: datetime) -> int:
    """Make a check of whatever is due by the clock or by new data; returns how many. One transaction."""
    made = 0
    by_clock = select(Alert).where(Alert.next_due <= now, Alert.deleted_at.is_(None)).with_for_update()
    for row in session.scalars(by_clock).all():
        made += _by_clock(session, settings, row, now)
    if generation is not None:
        newer = or_(Alert.generation.is_(None), Alert.generation != generation)
        watching = (Alert.recurrence == "", Alert.paused_at.is_(None), Alert.deleted_at.is_(None))
        for row in session.scalars(select(Alert).where(newer, *watching).with_for_update()).all():
            first, row.generation = row.generation is None, generation
            if first:
                # It has been looked at, or is about to be, since it was saved.
                continue
            made += _add(session, settings, row, f"load:{generation}", now)
    return made


def _by_clock(session: Session, settings: Settings, row: Alert, now: datetime) -> int:
    assert row.next_due is not None
    try:
        recurrence = Recurrence.parse(row.recurrence)
        times = (row.next_due, *recurrence.between(row.next_due, now, row.zone, settings.calendar()))
        row.next_due = recurrence.next_after(now, row.zone, settings.calendar())
    except Refusal as refusal:
        _halt(session, row, str(refusal.sentence), now)
        return 0
    # Of several times that were missed the last one tells what there is to know now.
    last = times[-1]
    return _add(session, settings, row, f"due:{last.isoformat()}", last, missed=now - last > CATCH_UP, now=now)


def _halt(session: Session, row: Alert, reason: str, now: datetime) -> None:
    row.paused_at, row.next_due = now, None
    session.add(AlertEvent(alert_id=row.id, check_id="", at=now, recipient="", reason=reason))
    record(session, "scheduler", "alert.paused", f"alert:{row.id}", {"name": row.name, "reason": reason}, at=now)


def _add(
    session: Session,
    settings: Settings,
    row: Alert,
    moment: str,
    at: datetime,
    *,
    missed: bool = False,
    now: datetime | None = None,
) -> int:
    there = select(AlertCheck.id).where(AlertCheck.alert_id == row.id, AlertCheck.moment == moment)
    if session.scalar(there) is not None:
        return 0
    session.add(
        AlertCheck(
            id=sharing.new_id(),
            alert_id=row.id,
            moment=moment,
            at=at,
            today=settings.today or local_date(at, row.zone),
            state="missed" if missed else "open",
            reason=MISSED if missed else "",
            ended_at=now if missed else None,
            tries=0,
        )
    )
    return 1


def claim(session: Session, name: str, now: datetime) -> Due | None:
    """A check that is now `name`'s for a while, the oldest; of an alert only when no earlier one is open."""
    free = or_(AlertCheck.lease_until.is_(None), AlertCheck.lease_until <= now)
    ready = or_(AlertCheck.next_try_at.is_(None), AlertCheck.next_try_at <= now)
    opened = select(AlertCheck.id, AlertCheck.alert_id).where(AlertCheck.state == "open")
    first: dict[str, str] = {}
    for check_id, alert_id in session.execute(opened.order_by(AlertCheck.at, AlertCheck.id)):
        first.setdefault(alert_id, check_id)
    waiting = select(AlertCheck.id).where(AlertCheck.state == "open", free, ready).order_by(AlertCheck.at)
    for check_id in session.scalars(waiting).all():
        if check_id not in first.values():
            continue
        mine = update(AlertCheck).where(AlertCheck.id == check_id, AlertCheck.state == "open", free, ready)
        if not _changed(session, mine.values(claimed_by=name, lease_until=now + LEASE, tries=AlertCheck.tries + 1)):
            continue
        check = session.get_one(AlertCheck, check_id, populate_existing=True)
        row = session.get_one(Alert, check.alert_id)
        owner = session.get_one(User, row.owner_id)
        role = session.get_one(Role, owner.role_id)
        if row.deleted_at is not None or row.paused_at is not None:
            _end(check, "missed", "The alert was paused or deleted.", now)
        elif not owner.active or PERMISSION not in role.permissions:
            _halt(session, row, str(ORPHANED), now)
            _end(check, "missed", str(ORPHANED), now)
        else:
            muted = row.muted_until is not None and row.muted_until > now
            hopeless = DIED if check.tries > MOST_CLAIMS else ""
            return Due(check, draft_of(row), muted, f"person:{owner.id}", owner.name, hopeless)
    return None


def apply(
    session: Session, due: Due, found: Sequence[Found], generation: int | None, now: datetime
) -> list[News] | None:
    """Let what was found count: standings, history and the end of the check, in the caller's transaction.

    None when the check is no longer this scheduler's, or the alert was changed meanwhile: nothing has happened then.
    """
    check = session.get_one(AlertCheck, due.check.id, with_for_update=True, populate_existing=True)
    row = session.get_one(Alert, check.alert_id, with_for_update=True, populate_existing=True)
    if check.state != "open" or check.claimed_by != due.check.claimed_by:
        return None
    if row.deleted_at is not None or row.paused_at is not None or draft_of(row) != due.draft:
        _end(check, "missed", "The alert was changed meanwhile.", now)
        return None
    news = []
    before, quiet = _standings(session, row.id), silenced(session, row.id, now)
    for one in found:
        told = _stepped(session, due, one, before.get(one.recipient, {}), quiet, now)
        if told:
            news.append(News(one.recipient, tuple(told)))
    check.generation = generation
    _end(check, "done", "", now)
    return news


def fail(session: Session, due: Due, reason: str, now: datetime) -> bool:
    """Write down that something broke: it is tried again, twice. Returns whether it has failed for good."""
    check = session.get_one(AlertCheck, due.check.id, with_for_update=True, populate_existing=True)
    if check.state != "open" or check.claimed_by != due.check.claimed_by:
        return False
    if check.tries > len(TRY_AGAIN):
        _end(check, "failed", reason, now)
        told = {"alert_id": check.alert_id, "check_id": check.id, "at": now, "reason": reason}
        session.add(AlertEvent(**told, recipient=""))
        return True
    check.claimed_by, check.lease_until, check.reason = None, None, reason
    check.next_try_at = now + TRY_AGAIN[check.tries - 1]
    return False


def silenced(session: Session, alert_id: str, now: datetime) -> frozenset[tuple[str, str]]:
    """Recipients and members that nothing is told of now."""
    rows = select(AlertSilence).where(AlertSilence.alert_id == alert_id, AlertSilence.until > now)
    return frozenset((each.recipient, each.member) for each in session.scalars(rows))


def _standings(session: Session, alert_id: str) -> dict[str, dict[str, AlertStanding]]:
    """Where all members stand, by recipient."""
    found: defaultdict[str, dict[str, AlertStanding]] = defaultdict(dict)
    for each in session.scalars(select(AlertStanding).where(AlertStanding.alert_id == alert_id)):
        found[each.recipient][each.member] = each
    return found


def _stepped(
    session: Session,
    due: Due,
    one: Found,
    before: dict[str, AlertStanding],
    quiet: frozenset[tuple[str, str]],
    now: datetime,
) -> list[tuple[Tell, Reading]]:
    """Each member's next standing for a recipient."""
    alert_id, rule = due.check.alert_id, due.draft.rule
    if one.why:
        # What was known of rows that are the recipient's no more goes with the right to see them.
        for each in before.values():
            session.delete(each)
        if before or not _said_last(session, alert_id, one):
            session.add(_event(due, one, Reading(), now, reason=one.why))
        return []
    told: list[tuple[Tell, Reading]] = []
    for reading in _complete(rule, one, before):
        was = before.get(reading.key)
        standing = None if was is None else Standing(was.state, was.since, was.held, was.is_open, was.told)  # type: ignore[arg-type]
        muted = due.is_muted or (one.recipient, reading.key) in quiet
        after, tell = step(rule, standing, reading, now, muted=muted)
        if was is None:
            was = AlertStanding(alert_id=alert_id, recipient=one.recipient, member=reading.key[:200], state="")
            session.add(was)
        if (was.state or "normal") != after.state or tell:
            session.add(_event(due, one, reading, now, was=was.state, state=after.state, tell=tell or ""))
        _put(was, after, reading, one, now)
        if tell:
            told.append((tell, reading))
    if rule.by and "" in before and all(each.key for each in one.readings):
        session.delete(before[""])
    return told


def _complete(rule: Rule, one: Found, before: dict[str, AlertStanding]) -> list[Reading]:
    """A reading for every member that was or is: one without rows has nothing; what concerns all concerns each."""
    known = {each.member: each.name for each in before.values() if each.member}
    whole = next((each for each in one.readings if not each.key), None)
    if rule.by and whole is not None and known:
        return [Reading(key, name, whole.value, None, whole.why, whole.problem) for key, name in known.items()]
    read = {each.key for each in one.readings}
    gone = [
        Reading(
            key, name, one.nothing, one.nothing, "" if one.nothing is not None else "There is no figure to compare."
        )
        for key, name in known.items()
        if key not in read
    ]
    return [*one.readings, *gone]


def _put(row: AlertStanding, after: Standing, reading: Reading, one: Found, now: datetime) -> None:
    row.name, row.state, row.since, row.held = reading.name[:200], after.state, after.since, after.held
    row.is_open, row.told, row.checked_at = after.is_open, after.told, now
    row.value, row.currency = _figure(reading.value), one.currency
    row.reason = str(reading.problem or reading.why)


def _event(
    due: Due,
    one: Found,
    reading: Reading,
    now: datetime,
    *,
    was: str = "",
    state: str = "",
    tell: str = "",
    reason: str = "",
) -> AlertEvent:
    return AlertEvent(
        alert_id=due.check.alert_id,
        check_id=due.check.id,
        at=now,
        recipient=one.recipient,
        member=reading.key[:200],
        name=reading.name[:200],
        was=was,
        state=state,
        value=_figure(reading.value),
        currency=one.currency,
        told=tell,
        reason=reason or str(reading.problem or reading.why),
    )


def _said_last(session: Session, alert_id: str, one: Found) -> bool:
    """Whether the newest line about a recipient says just this."""
    own = (AlertEvent.alert_id == alert_id, AlertEvent.recipient == one.recipient)
    last = session.scalar(select(AlertEvent).where(*own).order_by(AlertEvent.id.desc()).limit(1))
    return last is not None and last.reason == one.why


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{round(value, 8).normalize():f}"


def _end(check: AlertCheck, state: str, reason: str, now: datetime) -> None:
    check.state, check.reason, check.ended_at = state, reason, now
    check.claimed_by = check.lease_until = check.next_try_at = None


def _changed(session: Session, statement: Update) -> bool:
    done: Any = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1


def letter_of(
    due: Due, recipient: str, channel: str, message_id: str, rights: str, content: dict[str, Any]
) -> AlertLetter:
    """A message that is owed from now on."""
    return AlertLetter(
        id=sharing.new_id(),
        check_id=due.check.id,
        alert_id=due.check.alert_id,
        recipient=recipient,
        channel=channel,
        rights=rights,
        content=content,
        message_id=message_id,
        state="pending",
        attempts=0,
        repeats=0,
    )
