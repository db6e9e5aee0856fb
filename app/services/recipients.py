"""Recipients: whom a schedule reaches now, each as the Viewer whose rows the message is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.policy import Terms, Trees, viewer_for
from app.auth.sessions import person_of
from app.models.role import Role
from app.models.schedule import Grant
from app.models.user import User
from app.services import sharing
from app.services.contents import Content, closed_to
from app.values.context import QueryContext
from app.values.recipient import Recipient
from app.values.scope import Scope
from app.values.viewer import Viewer
from app.values.words import Text, say
from layouts.dashboard import Dashboard

SENDS_FILES = "export"
"""What it takes to receive figures as files."""


@dataclass(frozen=True)
class Reader:
    """One recipient at this moment. `viewer` is None for whoever may be sent nothing; then `why` says so.

    Outside there is a `grant_id`; of a room or program the `address` is its host, and `hook`, a secret, where to post.
    """

    recipient: str
    name: str = ""
    address: str = ""
    viewer: Viewer | None = None
    why: Text | None = None
    grant_id: str = ""
    hook: str = ""

    @property
    def to(self) -> str:
        """Where the message goes."""
        return self.hook or self.address


def people_of_reps(session: Session, reps: Iterable[str]) -> dict[str, str]:
    """The people with an account who are these reps, each with the rep's key, as recipients."""
    keys = frozenset(reps)
    people = session.scalars(select(User).where(User.active, User.rep_key.is_not(None)).order_by(User.id))
    return {str(Recipient("person", str(each.id))): each.rep_key for each in people if each.rep_key in keys}


def spelled_out(session: Session, recipients: Iterable[str]) -> tuple[str, ...]:
    """Each person and address once: roles and teams are the people in them now, active ones."""
    wanted = [Recipient.parse(text) for text in recipients]
    people = list(session.scalars(select(User).order_by(User.id)))
    known = {user.email for user in people}
    found: dict[str, None] = {}
    for each in wanted:
        match each.kind:
            case "person":
                found[str(each)] = None
            case "address" if each.key not in known:
                found[str(each)] = None
            case "channel":
                found[str(each)] = None
            case "role":
                found |= _all_of(user for user in people if user.role_id == each.key)
            case "team":
                team = team_key(each)
                found |= {
                    f"person:{user.id}": None for user in people if user.active and team in sharing.teams_of(user)
                }
            case _:
                # A user's own address: whoever it belongs to is chosen as a person, under that person's rights.
                continue
    return tuple(found)


def _all_of(people: Iterable[User]) -> dict[str, None]:
    return {f"person:{user.id}": None for user in people if user.active}


def team_key(recipient: Recipient) -> str:
    """The key of a team, department or place as people carry it: "team:T1", "country:spain"."""
    return recipient.key if ":" in recipient.key else f"team:{recipient.key}"


def reader(session: Session, recipient: str, trees: Trees, terms: Terms, now: datetime) -> Reader:
    """Who a recipient is at this moment, with the rights of this moment and `terms.today` as the day."""
    one = Recipient.parse(recipient)
    outside = one.kind in ("address", "channel")
    return _outside(session, one, terms, now) if outside else _person(session, one, trees, terms)


def way_to(session: Session, recipient: str, usual: str) -> str:
    """The channel by which a recipient is reached; it stays the same, whatever becomes of the leave."""
    one = Recipient.parse(recipient)
    if one.kind != "channel":
        return usual
    return session.scalar(select(Grant.channel).where(Grant.address == one.key).limit(1)) or usual


def _person(session: Session, one: Recipient, trees: Trees, terms: Terms) -> Reader:
    row = session.execute(
        select(User, Role).outerjoin(Role, Role.id == User.role_id).where(User.id == int(one.key))
    ).one_or_none()
    if row is None:
        return Reader(str(one), why=say("This person has no account here any more."))
    user, role = row
    if not user.active:
        return Reader(str(one), user.name, user.email, why=say("The account is switched off."))
    return Reader(str(one), user.name, user.email, viewer_for(person_of(user, role), trees, terms))


def _outside(session: Session, one: Recipient, terms: Terms, now: datetime) -> Reader:
    grant = live_grant(session, one.key, now)
    if grant is None:
        shown = one.key if one.kind == "address" else ""
        return Reader(str(one), address=shown, why=say("There is no leave to send to this address, or no longer."))
    context = QueryContext(
        scope=scope_of(grant),
        today=terms.today,
        currency=terms.currency,
        masks=frozenset(grant.masks),
        zone=terms.zone,
        locale=terms.locale,
        calendar=terms.calendar,
        segmentation=terms.segmentation,
    )
    name = grant.name or one.key
    may = frozenset({"dashboards", SENDS_FILES})
    address = one.key if one.kind == "address" else urlsplit(grant.hook).hostname or ""
    viewer = Viewer("job", f"grant:{grant.id}", name, address, "outside", may, context)
    return Reader(str(one), name, address, viewer, grant_id=grant.id, hook=grant.hook)


def live_grant(session: Session, address: str, now: datetime) -> Grant | None:
    """The newest leave for an address that still counts; none does whose giver has no live account any more."""
    return session.scalar(
        select(Grant)
        .join(User, User.id == Grant.granted_by)
        .where(Grant.address == address, Grant.revoked_at.is_(None), Grant.expires_at > now, User.active)
        .order_by(Grant.created_at.desc())
        .limit(1)
    )


def scope_of(grant: Grant) -> Scope:
    """The rows a leave is pinned to; without a clause: none."""
    scope = Scope.nothing()
    for clause in grant.scope:
        scope = scope | Scope.of(**clause) if clause else Scope.everything()
    return scope


def kept_from(viewer: Viewer, contents: Sequence[Content], dashboards: Sequence[Dashboard]) -> Text | None:
    """Why a viewer gets nothing of these contents now; None where they are the viewer's to see."""
    if viewer.context.scope.is_nothing or not viewer.may("dashboards"):
        return say("There is nothing this recipient may see now.")
    if not viewer.may(SENDS_FILES):
        return say("This recipient may not receive figures as files now.")
    if any(closed_to(viewer, each, dashboards) for each in contents):
        return say("A dashboard of this schedule is not open to this recipient now.")
    return None


def as_seen_together(viewer: Viewer, other: Viewer) -> Viewer:
    """What the viewer may be shown of another's message: never a row or column more than either of the two sees."""
    context = replace(
        other.context,
        scope=viewer.context.scope & other.context.scope,
        masks=viewer.context.masks | other.context.masks,
    )
    return replace(other, permissions=viewer.permissions & other.permissions, context=context)
