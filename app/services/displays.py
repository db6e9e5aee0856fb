"""Displays: leave for a screen without a session to show one view, as its creator may see it at that moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth import sessions
from app.auth.policy import Terms, Trees, viewer_for
from app.models.display import Display
from app.models.role import Role
from app.models.user import User
from app.services import named_sets, sharing
from app.services.ledger import record
from app.values.errors import Invalid, NotFound, TooBig
from app.values.leave import Leave
from app.values.view import View
from app.values.viewer import Viewer

PERMISSION = "embed"
"""What it takes to put a view on a screen; whoever loses it loses the screens too."""

LONGEST, USUAL = timedelta(days=365), timedelta(days=90)
MOST = 50
"""Displays of one person that still show something."""

_SEEN_AGAIN = timedelta(minutes=1)
_OVER = "This screen may not show anything, or no longer. Ask whoever set it up for a new address."


@dataclass(frozen=True)
class DisplayCard:
    """A display as its creator, or an administrator, sees it. The token is not among what is kept."""

    id: str
    name: str
    creator: str
    view: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True)
class Screen:
    """What a screen is let in as, for one request: a viewer who may look and do nothing else, and the one view.

    The view’s sets are looked up already, as the creator has them; one that is gone is said on each panel.
    """

    id: str
    viewer: Viewer
    view: View

    def shows(self, asked: View) -> bool:
        """Whether an address is the granted view, or a panel of it."""
        return self.view.covers(asked)


def grant(
    session: Session,
    viewer: Viewer,
    *,
    name: str,
    view: str,
    lasts: timedelta = USUAL,
    now: datetime | None = None,
) -> tuple[DisplayCard, str]:
    """Let a screen show a view for a while. Returns the card, and the token: it is told this once and kept as a hash.

    Raises Forbidden without the permission, Invalid for what is no view or span, TooBig beyond MOST.
    """
    creator = sharing.person_of(session, viewer)
    viewer.require(PERMISSION)
    now = now or datetime.now(UTC)
    if not timedelta() < lasts <= LONGEST:
        raise Invalid("A screen is let in for a year at most.")
    live = (Display.creator_id == creator.id) & Display.revoked_at.is_(None) & (Display.expires_at > now)
    if (session.scalar(select(func.count()).where(live)) or 0) >= MOST:
        raise TooBig("You have {most} screens. Take one away that you no longer need.", most=MOST)
    token = sessions.new_token()
    row = Display(
        id=sharing.new_id(),
        name=sharing.settled_name(name),
        token_hash=sessions.hash_of(token),
        creator_id=creator.id,
        view=str(View.parse(view)),
        created_at=now,
        expires_at=now + lasts,
    )
    session.add(row)
    session.flush()
    told = {"name": row.name, "view": row.view, "expires_at": row.expires_at.isoformat()}
    record(session, viewer, "display.granted", f"display:{row.id}", told, at=now)
    return _card(row, creator), token


def revoke(session: Session, viewer: Viewer, display_id: str, *, now: datetime | None = None) -> None:
    """Take a screen's leave away, by its next request. One's own; administrators may take away any."""
    person = sharing.person_of(session, viewer)
    row = session.scalar(select(Display).where(Display.id == display_id).with_for_update())
    if row is None or (row.creator_id != person.id and not viewer.may("admin:users")):
        raise NotFound("There is no such screen.")
    if row.revoked_at is None:
        row.revoked_at = now or datetime.now(UTC)
        record(session, viewer, "display.revoked", f"display:{row.id}", {"name": row.name}, at=now)


def listed(session: Session, viewer: Viewer) -> list[DisplayCard]:
    """One's own displays, the latest first, ended ones too; to administrators everybody's."""
    person = sharing.person_of(session, viewer)
    statement = select(Display, User).join(User, User.id == Display.creator_id).order_by(Display.created_at.desc())
    if not viewer.may("admin:users"):
        statement = statement.where(Display.creator_id == person.id)
    return [_card(row, creator) for row, creator in session.execute(statement)]


def enter(
    session: Session,
    token: str,
    *,
    trees: Callable[[], Trees],
    terms: Callable[[], Terms],
    now: datetime,
    demo: bool = False,
) -> Screen:
    """Who a screen is at this moment: ask on every request, so that whatever changed acts on the next.

    Rows and hidden columns are the creator's of now, contact data are hidden on top. Raises NotFound, always in the
    same words, for a token that is unknown, expired or revoked, and when the creator is off, sees no rows or lost the
    permission; a persona of the demo company counts only while `demo`.
    """
    found = session.execute(
        select(Display, User, Role)
        .join(User, User.id == Display.creator_id)
        .outerjoin(Role, Role.id == User.role_id)
        .where(
            Display.token_hash == sessions.hash_of(token),
            Display.revoked_at.is_(None),
            Display.expires_at > now,
            User.active,
        )
    ).one_or_none()
    if found is None:
        raise NotFound(_OVER)
    row, user, role = found
    creator = viewer_for(sessions.person_of(user, role), trees(), terms())
    is_gone = (user.persona and not demo) or creator.context.scope.is_nothing
    if is_gone or not (creator.may(PERMISSION) and creator.may("dashboards")):
        raise NotFound(_OVER)
    view = View.parse(row.view)
    looked_up = view.with_selection(named_sets.look_up(session, creator, view.selection))
    return Screen(row.id, _guest(row, creator, looked_up), looked_up)


def note_seen(session: Session, display_id: str, now: datetime) -> None:
    """Remember when a screen last asked, to the minute."""
    row = session.get(Display, display_id)
    if row is not None and (row.seen_at is None or now - row.seen_at >= _SEEN_AGAIN):
        row.seen_at = now


def _guest(row: Display, creator: Viewer, view: View) -> Viewer:
    context = replace(creator.context, masks=creator.context.masks | {"contact"})
    return Viewer(
        kind="embed",
        id=f"display:{row.id}",
        name=row.name,
        email="",
        role=creator.role,
        permissions=frozenset({"dashboards"}),
        context=context,
        only=Leave(view),
    )


def _card(row: Display, creator: User) -> DisplayCard:
    return DisplayCard(
        id=row.id,
        name=row.name,
        creator=creator.name,
        view=row.view,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        seen_at=row.seen_at,
    )
