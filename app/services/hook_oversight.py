"""Oversight of hooks: what administrators see of other people's webhooks, and that they can switch them off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.hook import Hook
from app.models.user import User
from app.services import hook_posts, hooks, sharing
from app.values.errors import NotFound
from app.values.viewer import Viewer
from app.values.words import say

PERMISSION = "admin:users"
BY_ADMINISTRATOR = say("An administrator switched it off.")


@dataclass(frozen=True)
class OthersHook:
    """Somebody's hook as far as it is an administrator's to know: of its address the host alone, and no secret."""

    id: str
    owner: str
    email: str
    name: str
    host: str
    kinds: tuple[str, ...]
    off_at: datetime | None
    off_reason: str
    failing_since: datetime | None
    created_at: datetime


def listed(session: Session, viewer: Viewer) -> list[OthersHook]:
    """The hooks of everybody else, by owner and name. Raises Forbidden."""
    own = _administrator(session, viewer)
    rows = session.execute(select(Hook, User).join(User, User.id == Hook.owner_id).where(Hook.owner_id != own))
    found = [_card(hook, owner) for hook, owner in rows]
    return sorted(found, key=lambda each: (each.owner.casefold(), each.name.casefold(), each.id))


def switch_off(session: Session, viewer: Viewer, hook_id: str, *, now: datetime | None = None) -> OthersHook:
    """Tell somebody's hook nothing more; its owner is told so by mail. Raises Forbidden, NotFound."""
    own = _administrator(session, viewer)
    row = session.get(Hook, hook_id, with_for_update=True, populate_existing=True)
    if row is None or row.owner_id == own:
        raise NotFound("There is no such webhook of somebody else.")
    hook_posts.switch_off(session, viewer, row, str(BY_ADMINISTRATOR), now or datetime.now(UTC), tell=True)
    return _card(row, session.get_one(User, row.owner_id))


def _administrator(session: Session, viewer: Viewer) -> int:
    viewer.require(hooks.PERMISSION)
    viewer.require(PERMISSION)
    return sharing.person_of(session, viewer).id


def _card(row: Hook, owner: User) -> OthersHook:
    return OthersHook(
        id=row.id,
        owner=owner.name,
        email=owner.email,
        name=row.name,
        host=hooks.host_of(row),
        kinds=tuple(row.kinds),
        off_at=row.off_at,
        off_reason=row.off_reason,
        failing_since=row.failing_since,
        created_at=row.created_at,
    )
