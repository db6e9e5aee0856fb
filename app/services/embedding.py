"""Embedding: frames on other sites are let in, and told who they are, on every request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.auth import embeds as signed
from app.auth import sessions
from app.auth.embeds import Pass
from app.auth.policy import Terms, Trees, viewer_for
from app.models.embed import EmbedAssertion, EmbedGrant, EmbedKey
from app.models.role import Role
from app.models.user import User
from app.services import named_sets
from app.services.embed_keys import PERMISSION
from app.values.errors import NotFound
from app.values.leave import Leave
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say

OVER = say("This view is not shown here, or no longer. Ask whoever runs this page.")
_SEEN_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True)
class Frame:
    """What the page of a grant is made with, before anybody is let in."""

    grant: str
    origins: tuple[str, ...]
    theme: str
    locale: str | None
    is_signed: bool
    capabilities: tuple[str, ...]
    locked: tuple[str, ...]
    view: str
    expires_at: datetime


def frame(session: Session, grant_id: str, now: datetime) -> Frame:
    """What the page of a grant says of itself. Raises NotFound, always in the same words."""
    row = session.get(EmbedGrant, grant_id)
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise NotFound(OVER)
    return Frame(
        grant=row.id,
        origins=tuple(row.origins),
        theme=row.theme,
        locale=row.locale or session.get_one(User, row.creator_id).locale,
        is_signed=row.key_id is not None,
        capabilities=tuple(row.capabilities),
        locked=tuple(row.locked),
        view=row.view,
        expires_at=row.expires_at,
    )


def origins(session: Session, grant_id: str) -> tuple[str, ...]:
    """The sites a grant is, or was, for; none for one that never was."""
    row = session.get(EmbedGrant, grant_id)
    return tuple(row.origins) if row is not None else ()


def admit(session: Session, grant_id: str, assertion: str | None, now: datetime) -> Pass:
    """What a frame is let in with: its public id alone, or what the grant’s key has signed, which counts once.

    Raises NotFound, always in the same words.
    """
    row = session.get(EmbedGrant, grant_id)
    if (
        row is None
        or row.revoked_at is not None
        or row.expires_at <= now
        or (row.key_id is None) != (assertion is None)
    ):
        raise NotFound(OVER)
    if row.seen_at is None or now - row.seen_at >= _SEEN_AGAIN:
        row.seen_at = now
    if row.key_id is None or assertion is None:
        return Pass(row.id)
    key = session.get(EmbedKey, row.key_id)
    said = signed.read_assertion(key.public_key, key.id, row.id, assertion, now) if key else None
    if key is None or said is None or key.revoked_at is not None:
        raise NotFound(OVER)
    _use_up(session, key, said, now)
    return Pass(row.id, said.visitor, said.rule, key.id)


def enter(
    session: Session,
    given: Pass,
    *,
    trees: Callable[[], Trees],
    terms: Callable[[], Terms],
    now: datetime,
    demo: bool = False,
) -> Viewer:
    """Who a frame is at this moment: ask on every request, so that whatever changed acts on the next.

    Rows are the maker’s of now inside the grant’s rule, the pass’s, and those of whom it acts as; contact data are
    hidden on top. Raises NotFound, always in the same words, for a grant or key that is over, and when the maker is
    off, sees no rows or lost the permission; a persona of the demo company counts only while `demo`.
    """
    maker, their_role, other, other_role = User, Role, aliased(User), aliased(Role)
    found = session.execute(
        select(EmbedGrant, maker, their_role, other, other_role, EmbedKey)
        .join(maker, maker.id == EmbedGrant.creator_id)
        .outerjoin(their_role, their_role.id == maker.role_id)
        .outerjoin(other, other.id == EmbedGrant.acts_as_id)
        .outerjoin(other_role, other_role.id == other.role_id)
        .outerjoin(EmbedKey, EmbedKey.id == EmbedGrant.key_id)
        .where(EmbedGrant.id == given.grant, EmbedGrant.revoked_at.is_(None), EmbedGrant.expires_at > now)
    ).one_or_none()
    if found is None:
        raise NotFound(OVER)
    row, creator, role, named, named_role, key = found
    is_signed = key is not None and key.revoked_at is None and key.id == given.key
    if (row.key_id is None and given.key) or (row.key_id is not None and not is_signed):
        raise NotFound(OVER)
    people = [(creator, role), *([(named, named_role)] if named is not None else [])]
    if any(not each.active or (each.persona and not demo) for each, _ in people):
        raise NotFound(OVER)
    known, company = trees(), terms()
    seen = [viewer_for(sessions.person_of(each, its_role), known, company) for each, its_role in people]
    guest = _guest(session, row, seen, given)
    if (
        guest.context.scope.is_nothing
        or not seen[0].may(PERMISSION)
        or not all(each.may("dashboards") for each in seen)
    ):
        raise NotFound(OVER)
    return guest


def _guest(session: Session, row: EmbedGrant, people: Sequence[Viewer], given: Pass) -> Viewer:
    """One who may look at the view, and do what was granted as far as everybody behind it may."""
    context = people[0].context
    rules = [signed.scope_of(signed.settled_rule(row.rule) or {}), signed.scope_of(given.rule)]
    scope = reduce(lambda one, other: one & other, [*rules, *(each.context.scope for each in people)])
    masks = frozenset({"contact"}).union(*(each.context.masks for each in people))
    allowed = reduce(frozenset.__and__, (each.permissions for each in people))
    view = View.parse(row.view)
    view = view.with_selection(named_sets.look_up(session, people[-1], view.selection))
    able = frozenset(each for each in row.capabilities if each in ("filter", "drill") or each in allowed)
    return Viewer(
        kind="embed",
        id=f"grant:{row.id}" + (f":{given.visitor}" if given.visitor else ""),
        name=given.visitor or row.name,
        email="",
        role=people[0].role,
        permissions=frozenset({"dashboards"}) | (able & {"rows", "export"}),
        context=replace(context, scope=scope, masks=masks, locale=row.locale or context.locale),
        only=Leave(view, able, frozenset(row.locked), f"/embed/{row.id}"),
    )


def _use_up(session: Session, key: EmbedKey, said: signed.Assertion, now: datetime) -> None:
    # By the clock of another process it may be good still.
    session.execute(delete(EmbedAssertion).where(EmbedAssertion.expires_at <= now - signed.CLOCKS_APART))
    number = hashlib.sha256(said.number.encode()).hexdigest()
    session.add(EmbedAssertion(key_id=key.id, number_hash=number, expires_at=said.expires_at))
    try:
        session.flush()
    except IntegrityError:
        # Somebody came with it before: whoever overheard it gets nothing.
        raise NotFound(OVER) from None
