"""Hooks: other programs that a person has told what happens: registered, changed, tried, switched off, told again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from app.channels.posting import Post
from app.channels.signed import secret_of
from app.models.database import take_turns
from app.models.event import AuditEvent, ChainHead
from app.models.hook import Hook, HookDelivery, HookNotice
from app.models.user import User
from app.services import hook_posts, sharing
from app.services.documents import rights_of
from app.services.hook_events import KINDS, TEST, kind_of
from app.services.ledger import record
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, TooBig
from app.values.viewer import Viewer
from app.values.words import say

PERMISSION = "webhooks"
MOST = 50
"""Hooks of one person."""

LONGEST_ADDRESS = 1_000
ROTATION = timedelta(hours=24)
"""How long the secret before the present one signs, too."""

MOST_AGAIN = 10_000
"""Events that are told again at once."""

MOST_READ = 5 * MOST_AGAIN
"""Events of the ledger that are looked at for them; what lies beyond is never left out in silence."""

BY_HAND = say("It was switched off by hand.")
_NOTHING = "There is no such webhook."


@dataclass(frozen=True)
class Draft:
    """A hook as somebody wants it."""

    name: str
    address: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class HookCard:
    """A hook as its owner sees it. `waiting`, `failed`: deliveries that are owed, and that were given up."""

    id: str
    draft: Draft
    off_at: datetime | None
    off_reason: str
    failing_since: datetime | None
    previous_until: datetime | None
    version: int
    created_at: datetime
    changed_at: datetime
    waiting: int = 0
    failed: int = 0
    sent_at: datetime | None = None


@dataclass(frozen=True)
class DeliveryCard:
    """One event for a hook. `payload` is what was posted last; empty where the owner's rights are others by now."""

    id: str
    message_id: str
    kind: str
    at: datetime
    state: str
    reason: str
    status: int | None
    attempts: int
    next_try_at: datetime | None
    ended_at: datetime | None
    payload: str
    is_hidden: bool


def checked(viewer: Viewer, draft: Draft, post: Post, *, look_up: bool = True) -> Draft:
    """The draft as it is kept; asks what the address leads to, which is not done in a transaction (`look_up`).

    Raises Invalid for an address that is none or is not on the open internet, for no kind and for one that the viewer
    is not told of, Forbidden without the permission.
    """
    viewer.require(PERMISSION)
    kinds = tuple(dict.fromkeys(draft.kinds))
    unknown = [each for each in kinds if each not in KINDS]
    if unknown:
        raise Invalid("There is no kind of event {text}.", text=unknown[0][:80])
    if not kinds:
        raise Invalid("Choose what the webhook is told of.")
    for each in kinds:
        viewer.require(KINDS[each].needs)
    address = draft.address.strip()
    if len(address) > LONGEST_ADDRESS:
        raise Invalid("A webhook’s address has at most {most:,} characters.", most=LONGEST_ADDRESS)
    return Draft(sharing.settled_name(draft.name), post.check(address, look_up=look_up), kinds)


def create(
    session: Session, viewer: Viewer, draft: Draft, secret: str, *, now: datetime | None = None
) -> tuple[HookCard, str]:
    """Register a hook that was `checked`; returns it with its secret, which is told this once.

    `secret` is the workspace's. Raises Forbidden, TooBig for too many.
    """
    owner, now = _owner(session, viewer), now or datetime.now(UTC)
    take_turns(session, f"hooks of {owner.id}")
    kept = session.scalar(select(func.count()).select_from(Hook).where(Hook.owner_id == owner.id)) or 0
    if kept >= MOST:
        raise TooBig("You have {most} webhooks. Delete one you no longer need.", most=MOST)
    row = Hook(
        id=sharing.new_id(),
        owner_id=owner.id,
        name=draft.name,
        address=draft.address,
        kinds=list(draft.kinds),
        secret_version=1,
        since=session.scalar(select(ChainHead.sequence)) or 0,
        version=1,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    record(session, viewer, "hook.created", f"hook:{row.id}", _told(row), at=now)
    return _card(row), secret_of(secret, row.id, 1)


def change(
    session: Session, viewer: Viewer, hook_id: str, draft: Draft, *, version: int, now: datetime | None = None
) -> HookCard:
    """Change one's own hook, as a whole, to a draft that was `checked`. Conflict when somebody was quicker."""
    row, now = _own(session, viewer, hook_id, for_change=True), now or datetime.now(UTC)
    if row.version != version:
        raise Conflict("{name} was changed meanwhile: look at it again, then save.", name=row.name)
    before = _told(row)
    row.name, row.address, row.kinds = draft.name, draft.address, list(draft.kinds)
    if _told(row) != before:
        _touch(row, now)
        record(session, viewer, "hook.changed", f"hook:{row.id}", {"before": before, "after": _told(row)}, at=now)
    return _card(row)


def rotate(session: Session, viewer: Viewer, hook_id: str, secret: str, *, now: datetime | None = None) -> str:
    """A new secret, told this once; the one before signs, too, for a day. Raises NotFound."""
    row, now = _own(session, viewer, hook_id, for_change=True), now or datetime.now(UTC)
    row.secret_version += 1
    row.previous_until = now + ROTATION
    _touch(row, now)
    told = {"name": row.name, "previous_until": row.previous_until.isoformat()}
    record(session, viewer, "hook.secret-rotated", f"hook:{row.id}", told, at=now)
    return secret_of(secret, row.id, row.secret_version)


def switch_off(session: Session, viewer: Viewer, hook_id: str, *, now: datetime | None = None) -> None:
    """Tell it nothing more; what is owed waits."""
    row = _own(session, viewer, hook_id, for_change=True)
    hook_posts.switch_off(session, viewer, row, str(BY_HAND), now or datetime.now(UTC))


def switch_on(session: Session, viewer: Viewer, hook_id: str, *, now: datetime | None = None) -> None:
    """Go on telling it; what happened meanwhile is told when it is asked for (`tell_again`)."""
    row, now = _own(session, viewer, hook_id, for_change=True), now or datetime.now(UTC)
    if row.off_at is not None:
        row.off_at, row.off_reason, row.failing_since = None, "", None
        _touch(row, now)
        record(session, viewer, "hook.switched-on", f"hook:{row.id}", {"name": row.name}, at=now)


def remove(session: Session, viewer: Viewer, hook_id: str, *, now: datetime | None = None) -> None:
    """Forget a hook with its deliveries."""
    row = _own(session, viewer, hook_id)
    told = {"name": row.name}
    # Deliveries before their hook, as whoever sends does.
    for kept in (HookDelivery, HookNotice):
        session.execute(delete(kept).where(kept.hook_id == row.id))
    session.execute(delete(Hook).where(Hook.id == row.id))
    record(session, viewer, "hook.deleted", f"hook:{hook_id}", told, at=now)


def listed(session: Session, viewer: Viewer) -> list[HookCard]:
    """One's own hooks, by name."""
    owner = _owner(session, viewer)
    rows = list(session.scalars(select(Hook).where(Hook.owner_id == owner.id)))
    counts = _counts(session, [row.id for row in rows])
    cards = [_card(row, counts.get(row.id)) for row in rows]
    return sorted(cards, key=lambda each: (each.draft.name.casefold(), each.id))


def find(session: Session, viewer: Viewer, hook_id: str) -> HookCard:
    """One's own hook. Raises NotFound for somebody else's as for one that does not exist."""
    row = _own(session, viewer, hook_id)
    return _card(row, _counts(session, [row.id]).get(row.id))


def deliveries(
    session: Session,
    viewer: Viewer,
    hook_id: str,
    *,
    before: tuple[datetime, str] | None = None,
    most: int = 50,
) -> list[DeliveryCard]:
    """What one's own hook was told, the newest first; with `before` those that come after that (`at`, `id`)."""
    row = _own(session, viewer, hook_id)
    told = select(HookDelivery).where(HookDelivery.hook_id == row.id, _is_known())
    if before is not None:
        at, last = before
        told = told.where((HookDelivery.at < at) | ((HookDelivery.at == at) & (HookDelivery.id < last)))
    newest = told.order_by(HookDelivery.at.desc(), HookDelivery.id.desc()).limit(most)
    # What was not looked at yet may turn out not to be the owner's to know.
    return [
        _delivery(each, viewer) for each in session.scalars(newest) if each.attempts or each.state not in ("pending",)
    ]


def find_delivery(session: Session, viewer: Viewer, hook_id: str, delivery_id: str) -> DeliveryCard:
    """One event that one's own hook was told, or is. Raises NotFound."""
    return _delivery(_told_to(session, viewer, hook_id, delivery_id), viewer)


def send_test(session: Session, viewer: Viewer, hook_id: str, *, now: datetime | None = None) -> DeliveryCard:
    """Owe a hook a message that says nothing. Raises Conflict while it is switched off."""
    row, now = _on(session, viewer, hook_id), now or datetime.now(UTC)
    made = hook_posts.add(session, row, f"{TEST}:{sharing.new_id()}", TEST, now, now)
    session.flush()
    record(session, viewer, "hook.tested", f"hook:{row.id}", {"name": row.name, "message": made.message_id}, at=now)
    return _delivery(made, viewer)


def send_again(
    session: Session, viewer: Viewer, hook_id: str, delivery_id: str, *, now: datetime | None = None
) -> None:
    """Tell one event again, under the name it had; what is still owed goes out at once. NotFound, Conflict."""
    row, now = _on(session, viewer, hook_id), now or datetime.now(UTC)
    found = _told_to(session, viewer, hook_id, delivery_id)
    if found.state == "pending":
        found.next_try_at = now
    hook_posts.reset(session, (HookDelivery.id == found.id,), now)
    told = {"name": row.name, "message": found.message_id}
    record(session, viewer, "hook.sent-again", f"hook:{row.id}", told, at=now)


def tell_again(
    session: Session,
    viewer: Viewer,
    hook_id: str,
    since: datetime,
    until: datetime,
    *,
    all_of_them: bool = False,
    now: datetime | None = None,
) -> None:
    """Tell everything of a span again that did not arrive, also what happened while the hook was switched off; with
    `all_of_them` what did arrive, too. Raises Invalid, TooBig, NotFound, Conflict.
    """
    row, now = _on(session, viewer, hook_id), now or datetime.now(UTC)
    if not since < until:
        raise Invalid("A span begins before it ends.")
    actions = {action for kind in row.kinds if kind in KINDS for action in KINDS[kind].actions}
    span = select(AuditEvent).where(AuditEvent.at >= since, AuditEvent.at < until, AuditEvent.action.in_(actions))
    read = list(session.scalars(span.limit(MOST_READ + 1)))
    events = [each for each in read if kind_of(each) in row.kinds]
    if len(events) > MOST_AGAIN or len(read) > MOST_READ:
        raise TooBig("At most {most:,} events are told again at once: choose a shorter span.", most=MOST_AGAIN)
    known = set(session.scalars(select(HookDelivery.event).where(HookDelivery.hook_id == row.id)))
    fresh = [each for each in events if f"ledger:{each.sequence}" not in known]
    ended = ("sent", "parked", "refused", "withheld") if all_of_them else ("parked", "refused")
    mine = (HookDelivery.hook_id == row.id, HookDelivery.at >= since, HookDelivery.at < until)
    count = hook_posts.reset(session, (*mine, HookDelivery.state.in_(ended)), now)
    count += sum(hook_posts.owe(session, row, each, now) is not None for each in fresh)
    told = {"name": row.name, "since": since.isoformat(), "until": until.isoformat(), "events": count}
    record(session, viewer, "hook.told-again", f"hook:{row.id}", told, at=now)


def offered(viewer: Viewer) -> dict[str, str]:
    """The kinds that the viewer may choose: name → what it is."""
    return {name: each.title for name, each in KINDS.items() if viewer.may(each.needs)}


def _owner(session: Session, viewer: Viewer) -> User:
    viewer.require(PERMISSION)
    if not viewer.may("dashboards"):
        raise Forbidden("A webhook is told what you see: this takes the right to read, too.")
    if viewer.context.scope.is_nothing:
        raise Forbidden("There is nothing you may see, so there is nothing to tell.")
    return sharing.person_of(session, viewer)


def _own(session: Session, viewer: Viewer, hook_id: str, *, for_change: bool = False) -> Hook:
    owner = _owner(session, viewer)
    row = session.get(Hook, hook_id, with_for_update=for_change or None, populate_existing=for_change)
    if row is None or row.owner_id != owner.id:
        raise NotFound(_NOTHING)
    return row


def _on(session: Session, viewer: Viewer, hook_id: str) -> Hook:
    row = _own(session, viewer, hook_id)
    if row.off_at is not None:
        raise Conflict("{name} is switched off: switch it on first.", name=row.name)
    return row


def _told_to(session: Session, viewer: Viewer, hook_id: str, delivery_id: str) -> HookDelivery:
    row = _own(session, viewer, hook_id)
    found = session.get(HookDelivery, delivery_id)
    if found is None or found.hook_id != row.id or found.state == "withheld":
        raise NotFound("There is no such delivery.")
    return found


def _is_known() -> ColumnElement[bool]:
    """What the owner may be told of: an event that was not looked at yet may turn out not to be the owner's to know."""
    looked_at = or_(HookDelivery.attempts > 0, HookDelivery.payload != "", HookDelivery.kind == TEST)
    return and_(HookDelivery.state != "withheld", looked_at)


def _counts(session: Session, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Hook → what is owed, what was given up, and when it was told something last."""
    rows = session.execute(
        select(HookDelivery.hook_id, HookDelivery.state, func.count(), func.max(HookDelivery.ended_at))
        .where(HookDelivery.hook_id.in_(ids), _is_known())
        .group_by(HookDelivery.hook_id, HookDelivery.state)
    )
    found: dict[str, dict[str, Any]] = {}
    for hook_id, state, count, last in rows:
        told = found.setdefault(hook_id, {"waiting": 0, "failed": 0, "sent_at": None})
        if state in hook_posts.OPEN:
            told["waiting"] += count
        elif state in ("parked", "refused"):
            told["failed"] += count
        elif state == "sent":
            told["sent_at"] = last
    return found


def _touch(row: Hook, now: datetime) -> None:
    row.version += 1
    row.changed_at = now


def host_of(row: Hook) -> str:
    """The host and no more of the address, whose path or query may be a secret of the receiver's."""
    return row.address.partition("://")[2].partition("/")[0].partition("?")[0]


def _told(row: Hook) -> dict[str, Any]:
    return {"name": row.name, "host": host_of(row), "kinds": list(row.kinds)}


def _card(row: Hook, counts: dict[str, Any] | None = None) -> HookCard:
    return HookCard(
        id=row.id,
        draft=Draft(row.name, row.address, tuple(row.kinds)),
        off_at=row.off_at,
        off_reason=row.off_reason,
        failing_since=row.failing_since,
        previous_until=row.previous_until,
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        **(counts or {}),
    )


def _delivery(row: HookDelivery, viewer: Viewer) -> DeliveryCard:
    # A token of the owner's reads no more of it than its scopes give.
    may_know = row.kind not in KINDS or viewer.may(KINDS[row.kind].needs)
    is_hidden = bool(row.payload) and not (may_know and row.rights == rights_of(viewer))
    return DeliveryCard(
        id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        at=row.at,
        state=row.state,
        reason=row.reason,
        status=row.status,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        ended_at=row.ended_at,
        payload="" if is_hidden else row.payload,
        is_hidden=is_hidden,
    )
