"""Views: kept under a name, alone or for others; changed, deleted, brought back, pinned and opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.user import User
from app.models.view import SavedView, ViewUse
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Conflict, Forbidden, NotFound, TooBig
from app.values.row_layouts import RowLayouts
from app.values.view import View
from app.values.viewer import Viewer

MOST = 500
"""Views of one person."""

RESTORABLE = timedelta(days=30)
"""How long a deleted view can be brought back."""

_OPENED_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True)
class ViewCard:
    """A saved view as one person sees it. `view` is its address and `layout` the text of its RowLayouts."""

    id: str
    name: str
    description: str
    dashboard: str
    view: str
    layout: str
    owner: str
    is_mine: bool
    visibility: str
    roles: tuple[str, ...]
    version: int
    created_at: datetime
    changed_at: datetime
    deleted_at: datetime | None = None
    is_pinned: bool = False
    opened_at: datetime | None = None


def save(
    session: Session,
    viewer: Viewer,
    *,
    name: str,
    view: str,
    description: str = "",
    layout: str = "",
    visibility: str = "private",
    roles: Iterable[str] = (),
    now: datetime | None = None,
) -> ViewCard:
    """Keep a view under a name of its own, as it is written: what is relative in it stays so.

    Raises Invalid for what is no view, name or layout, Conflict for a name the viewer uses already, TooBig beyond a
    limit, Forbidden to share without being allowed to.
    """
    owner = sharing.person_of(session, viewer)
    now = now or datetime.now(UTC)
    seen = View.parse(view)
    given = sharing.audience(session, viewer, owner, visibility, roles)
    take_turns(session, f"views of {owner.id}")
    kept = session.scalar(select(func.count()).where(SavedView.owner_id == owner.id, SavedView.deleted_at.is_(None)))
    if (kept or 0) >= MOST:
        raise TooBig("You have {most} saved views. Delete one you no longer need.", most=MOST)
    row = SavedView(
        id=sharing.new_id(),
        owner_id=owner.id,
        name=sharing.settled_name(name),
        description=sharing.settled_description(description),
        dashboard=seen.dashboard,
        view=str(seen),
        layout=str(RowLayouts.parse(layout)),
        visibility=given.visibility,
        roles=list(given.roles),
        version=1,
        created_at=now,
        changed_at=now,
    )
    row.folded_name = _free(session, owner, row.name)
    session.add(row)
    session.flush()
    record(session, viewer, "view.saved", _subject(row), _told(row), at=now)
    return _card(row, owner, owner, None)


def change(
    session: Session,
    viewer: Viewer,
    view_id: str,
    *,
    version: int,
    name: str | None = None,
    view: str | None = None,
    description: str | None = None,
    layout: str | None = None,
    visibility: str | None = None,
    roles: Iterable[str] = (),
    now: datetime | None = None,
) -> ViewCard:
    """Change one's own view; None leaves a part as it is, and `roles` go with a visibility of "role".

    `version` is that of the card the changes were made on. Raises Conflict when somebody was quicker.
    """
    row, owner = _own(session, viewer, view_id)
    if row.version != version:
        raise Conflict("{name} was changed meanwhile: look at it again, then save.", name=row.name)
    before = _told(row)
    if name is not None:
        row.name = sharing.settled_name(name)
        row.folded_name = _free(session, owner, row.name, row.id)
    if view is not None:
        seen = View.parse(view)
        row.view, row.dashboard = str(seen), seen.dashboard
    if description is not None:
        row.description = sharing.settled_description(description)
    if layout is not None:
        row.layout = str(RowLayouts.parse(layout))
    if visibility is not None:
        given = sharing.audience(session, viewer, owner, visibility, roles)
        row.visibility, row.roles = given.visibility, list(given.roles)
    if session.is_modified(row):
        row.version += 1
        row.changed_at = now or datetime.now(UTC)
        record(session, viewer, "view.changed", _subject(row), {"before": before, "after": _told(row)}, at=now)
    return _card(row, owner, owner, session.get(ViewUse, (owner.id, row.id)))


def remove(session: Session, viewer: Viewer, view_id: str, *, now: datetime | None = None) -> None:
    """Delete one's own view; it can be restored for 30 days. Nobody else finds it from now on."""
    row, _ = _own(session, viewer, view_id)
    row.deleted_at = now or datetime.now(UTC)
    row.version += 1
    record(session, viewer, "view.deleted", _subject(row), {"name": row.name}, at=now)


def restore(session: Session, viewer: Viewer, view_id: str, *, now: datetime | None = None) -> ViewCard:
    """Bring back a view one deleted. Raises Conflict when its name was given to another meanwhile."""
    owner = sharing.person_of(session, viewer)
    take_turns(session, f"views of {owner.id}")
    row = session.scalar(
        select(SavedView).where(SavedView.owner_id == owner.id, SavedView.id == view_id).with_for_update()
    )
    now = now or datetime.now(UTC)
    if row is None or row.deleted_at is None or row.deleted_at <= now - RESTORABLE:
        raise NotFound("There is no such view.")
    _free(session, owner, row.name)
    row.deleted_at = None
    row.version += 1
    session.flush()
    record(session, viewer, "view.restored", _subject(row), {"name": row.name}, at=now)
    return _card(row, owner, owner, session.get(ViewUse, (owner.id, row.id)))


def listed(session: Session, viewer: Viewer, *, dashboard: str | None = None) -> list[ViewCard]:
    """The viewer's own views and those shared with the viewer, by name; of one dashboard or of all."""
    viewer.require("dashboards")
    wanted: list[ColumnElement[bool]] = [SavedView.deleted_at.is_(None)]
    if dashboard is not None:
        wanted.append(SavedView.dashboard == dashboard)
    return _cards(session, viewer, *wanted)


def deleted(session: Session, viewer: Viewer, *, now: datetime | None = None) -> list[ViewCard]:
    """One's own views that can still be restored."""
    owner = sharing.person_of(session, viewer)
    since = (now or datetime.now(UTC)) - RESTORABLE
    return _cards(session, viewer, SavedView.owner_id == owner.id, SavedView.deleted_at > since)


def pinned(session: Session, viewer: Viewer) -> list[ViewCard]:
    """What stands on the viewer's rail, in the order it was put there."""
    person = sharing.person_of(session, viewer)
    mine = select(ViewUse.view_id).where(ViewUse.user_id == person.id, ViewUse.pinned_at.is_not(None))
    cards = _cards(session, viewer, SavedView.deleted_at.is_(None), SavedView.id.in_(mine))
    at = dict(session.execute(select(ViewUse.view_id, ViewUse.pinned_at).where(ViewUse.user_id == person.id)).all())
    return sorted(cards, key=lambda card: (at[card.id], card.id))


def find(session: Session, viewer: Viewer, view_id: str) -> ViewCard:
    """One view. Raises NotFound for one that is not there for the viewer, as for one that does not exist."""
    viewer.require("dashboards")
    cards = _cards(session, viewer, SavedView.deleted_at.is_(None), SavedView.id == view_id)
    if not cards:
        raise NotFound("There is no such view.")
    return cards[0]


def held(session: Session, viewer: Viewer, view_id: str) -> ViewCard:
    """One's own view, which nobody else changes until the transaction ends. Raises as `change` does."""
    row, owner = _own(session, viewer, view_id)
    return _card(row, owner, owner, session.get(ViewUse, (owner.id, row.id)))


def pin(
    session: Session, viewer: Viewer, view_id: str, *, to_rail: bool = True, now: datetime | None = None
) -> ViewCard:
    """Put a view on one's own rail, or take it off; a shared one too."""
    person, card = sharing.person_of(session, viewer), find(session, viewer, view_id)
    if card.is_pinned != to_rail:
        now = now or datetime.now(UTC)
        _use(session, person, view_id).pinned_at = now if to_rail else None
        record(session, viewer, "view.pinned" if to_rail else "view.unpinned", f"view:{view_id}", at=now)
    return find(session, viewer, view_id)


def note_opened(session: Session, viewer: Viewer, view_id: str, *, now: datetime | None = None) -> None:
    """Remember when the viewer last opened a view, to the minute. Reading is no act: the ledger is not told."""
    person, card = sharing.person_of(session, viewer), find(session, viewer, view_id)
    now = now or datetime.now(UTC)
    if card.opened_at is None or now - card.opened_at >= _OPENED_AGAIN:
        _use(session, person, view_id).opened_at = now


def forget_deleted(session: Session, now: datetime) -> int:
    """Take away for good what was deleted too long ago to be restored; returns how many."""
    over = SavedView.deleted_at <= now - RESTORABLE
    count = session.scalar(select(func.count()).where(over)) or 0
    session.execute(delete(SavedView).where(over))
    return count


def _cards(session: Session, viewer: Viewer, *wanted: ColumnElement[bool]) -> list[ViewCard]:
    person = sharing.known_person(session, viewer)
    statement = (
        select(SavedView, User, ViewUse)
        .join(User, User.id == SavedView.owner_id)
        .outerjoin(
            ViewUse, (ViewUse.view_id == SavedView.id) & (ViewUse.user_id == (person.id if person is not None else 0))
        )
        .where(sharing.reachable(SavedView, person), *wanted)
        .order_by(SavedView.folded_name, SavedView.id)
    )
    return [
        _card(row, owner, person, use)
        for row, owner, use in session.execute(statement)
        if sharing.may_use(row, owner, person, viewer.role)
    ]


def _own(session: Session, viewer: Viewer, view_id: str) -> tuple[SavedView, User]:
    """One's own view, to be written; Forbidden for one that is only shared with the viewer."""
    owner = sharing.person_of(session, viewer)
    take_turns(session, f"views of {owner.id}")
    row = sharing.own(session, SavedView, view_id, owner)
    if row is None:
        belongs_to = find(session, viewer, view_id).owner
        raise Forbidden("This view belongs to {owner}: save a copy of your own.", owner=belongs_to)
    return row, owner


def _free(session: Session, owner: User, name: str, besides: str = "") -> str:
    """The folded name, if none of the owner's other views has it."""
    folded = sharing.free_name(session, SavedView, owner, name, besides)
    if folded is None:
        raise Conflict("You have a view called {name} already.", name=name)
    return folded


def _use(session: Session, person: User, view_id: str) -> ViewUse:
    # Two of a person's windows may do this at once.
    take_turns(session, f"views of {person.id}")
    use = session.get(ViewUse, (person.id, view_id), populate_existing=True)
    if use is None:
        use = ViewUse(user_id=person.id, view_id=view_id)
        session.add(use)
        session.flush()
    return use


def _card(row: SavedView, owner: User, person: User | None, use: ViewUse | None) -> ViewCard:
    return ViewCard(
        id=row.id,
        name=row.name,
        description=row.description,
        dashboard=row.dashboard,
        view=row.view,
        layout=row.layout,
        owner=owner.name,
        is_mine=person is not None and row.owner_id == person.id,
        visibility=row.visibility,
        roles=tuple(row.roles),
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        deleted_at=row.deleted_at,
        is_pinned=use is not None and use.pinned_at is not None,
        opened_at=use.opened_at if use is not None else None,
    )


def _told(row: SavedView) -> dict[str, Any]:
    return {"name": row.name, "view": row.view, "visibility": row.visibility, "roles": list(row.roles)}


def _subject(row: SavedView) -> str:
    return f"view:{row.id}"
