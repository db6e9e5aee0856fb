"""Embeds: leave for pages of other sites to show a view, as its maker may see it at that moment, inside a row rule."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth import embeds as signed
from app.models.embed import EmbedGrant
from app.models.user import User
from app.services import embed_keys, preferences, sharing
from app.services.embed_keys import PERMISSION, own
from app.services.ledger import record
from app.values.errors import Invalid, NotFound, TooBig
from app.values.hierarchy import LEVELS
from app.values.leave import CAPABILITIES, PARAMETERS, parameters_of
from app.values.view import CURRENCY_FILTER, View
from app.values.viewer import Viewer

THEMES = ("auto", "light", "dark")
LONGEST_DAYS, USUAL_DAYS = 730, 365
MOST, MOST_ORIGINS = 500, 20
"""Grants of one person that still show something, and sites of one grant."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """What is to be embedded, where, and what may be done with it there.

    `locked` None locks all that narrows the view. `rule` maps levels to the members that are shown. `acts_as` is the
    address of a person whose rows bound it, too. `key` is the key that signs for visitors; without one, whoever opens
    a page of the sites is let in. `locale` None is the maker’s.
    """

    name: str
    view: str
    origins: Sequence[str]
    capabilities: Sequence[str] = ()
    locked: Sequence[str] | None = None
    rule: Mapping[str, Sequence[str] | str] = field(default_factory=dict)
    acts_as: str = ""
    key: str = ""
    theme: str = "auto"
    locale: str | None = None
    days: int = USUAL_DAYS


@dataclass(frozen=True)
class GrantCard:
    """A grant as its maker, or an administrator, sees it. `id` is public: it is the address, `/embed/<id>`."""

    id: str
    name: str
    creator: str
    view: str
    origins: tuple[str, ...]
    capabilities: tuple[str, ...]
    locked: tuple[str, ...]
    rule: Mapping[str, tuple[str, ...]]
    acts_as: str
    key: str
    theme: str
    locale: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    seen_at: datetime | None


def grant(session: Session, viewer: Viewer, wanted: Wanted, *, now: datetime | None = None) -> GrantCard:
    """Let pages of other sites show a view. Raises Forbidden without the permission, NotFound for a key or person there
    is not, Invalid for what cannot be, TooBig beyond MOST.
    """
    creator = sharing.person_of(session, viewer)
    viewer.require(PERMISSION)
    now = now or datetime.now(UTC)
    live = (EmbedGrant.creator_id == creator.id) & EmbedGrant.revoked_at.is_(None) & (EmbedGrant.expires_at > now)
    if (session.scalar(select(func.count()).where(live)) or 0) >= MOST:
        raise TooBig("You have {most} embeds. Take one away that you no longer need.", most=MOST)
    if not 1 <= wanted.days <= LONGEST_DAYS:
        raise Invalid("An embed lasts from 1 to {most} days.", most=LONGEST_DAYS)
    view, acts_as = View.parse(wanted.view), _person_named(session, wanted.acts_as)
    row = EmbedGrant(
        id=sharing.new_id(),
        name=sharing.settled_name(wanted.name),
        creator_id=creator.id,
        acts_as_id=acts_as.id if acts_as else None,
        key_id=embed_keys.usable(session, creator, wanted.key).id if wanted.key else None,
        view=str(view),
        origins=list(_origins(wanted.origins)),
        capabilities=list(_chosen(wanted.capabilities, CAPABILITIES)),
        locked=list(_locked(wanted.locked, view)),
        rule={level: list(members) for level, members in _rule(wanted.rule).items()},
        theme=_chosen((wanted.theme,), THEMES)[0],
        locale=_chosen((wanted.locale,), preferences.LOCALES)[0] if wanted.locale else None,
        created_at=now,
        expires_at=now + timedelta(days=wanted.days),
    )
    session.add(row)
    session.flush()
    record(session, viewer, "embed.granted", f"embed:{row.id}", _told(row), at=now)
    return _card(row, creator, acts_as)


def revoke(session: Session, viewer: Viewer, grant_id: str, *, now: datetime | None = None) -> GrantCard:
    """Take a grant away, by its next request. One's own; administrators any. Raises NotFound."""
    row = session.scalar(own(session, viewer, EmbedGrant).where(EmbedGrant.id == grant_id).with_for_update())
    if row is None:
        raise NotFound("There is no such embed.")
    _end(session, viewer, row, now or datetime.now(UTC))
    return _card_of(session, row)


def revoke_page(session: Session, viewer: Viewer, dashboard: str, *, now: datetime | None = None) -> int:
    """Take away every grant, that is one's own to take away, of a dashboard and its panels; returns how many."""
    now = now or datetime.now(UTC)
    found = session.scalars(own(session, viewer, EmbedGrant).where(EmbedGrant.revoked_at.is_(None)).with_for_update())
    rows = [row for row in found if View.parse(row.view).dashboard == dashboard]
    for row in rows:
        _end(session, viewer, row, now)
    return len(rows)


def listed(session: Session, viewer: Viewer) -> list[GrantCard]:
    """One's own grants, the latest first, ended ones too; to administrators everybody's."""
    rows = session.scalars(own(session, viewer, EmbedGrant).order_by(EmbedGrant.created_at.desc(), EmbedGrant.id))
    return [_card_of(session, row) for row in rows]


def find(session: Session, viewer: Viewer, grant_id: str) -> GrantCard:
    """One grant of those listed. Raises NotFound."""
    row = session.scalar(own(session, viewer, EmbedGrant).where(EmbedGrant.id == grant_id))
    if row is None:
        raise NotFound("There is no such embed.")
    return _card_of(session, row)


def _end(session: Session, viewer: Viewer, row: EmbedGrant, now: datetime) -> None:
    if row.revoked_at is None:
        row.revoked_at = now
        record(session, viewer, "embed.revoked", f"embed:{row.id}", {"name": row.name}, at=now)


def _person_named(session: Session, email: str) -> User | None:
    if not email:
        return None
    found = session.scalar(select(User).where(User.email == email.strip().lower(), User.active))
    if found is None:
        raise NotFound("There is nobody with the address {email}.", email=email[:80])
    return found


def _origins(given: Sequence[str]) -> tuple[str, ...]:
    settled = tuple(dict.fromkeys(origin_of(each) for each in given if each.strip()))
    if not settled:
        raise Invalid("Name the site that shows it, such as https://portal.example.com.")
    if len(settled) > MOST_ORIGINS:
        raise TooBig("An embed stands on {most} sites at most.", most=MOST_ORIGINS)
    return settled


def origin_of(text: str) -> str:
    """An origin as browsers write it: `origin_of("HTTPS://A.example:443/") == "https://a.example"`. Raises Invalid."""
    odd = Invalid("{text!r} is not a site: write https:// and its name, without a path.", text=text.strip()[:80])
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError:
        raise odd from None
    host, is_plain = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc, parts.path in ("", "/")
    is_host = text.strip().isprintable() and _HOST.fullmatch(host) and ".." not in host
    if not is_host or not is_plain or parts.query or parts.fragment:
        raise odd
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise odd
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _chosen(given: Sequence[str | None], known: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(str(each) for each in given))
    for each in wanted:
        if each not in known:
            raise Invalid("{text!r} cannot be chosen here: choose of {known}.", text=each[:40], known=", ".join(known))
    return wanted


def _locked(given: Sequence[str] | None, view: View) -> list[str]:
    if given is None:
        return list(parameters_of(view))
    return _chosen(given, (*PARAMETERS, CURRENCY_FILTER, *sorted(LEVELS)))


def _rule(given: Mapping[str, Sequence[str] | str]) -> Mapping[str, tuple[str, ...]]:
    settled = signed.settled_rule(given)
    if settled is None:
        raise Invalid(
            "A row rule names members of {levels}, such as customer=acme.", levels=", ".join(signed.RULE_LEVELS)
        )
    return settled


def _told(row: EmbedGrant) -> dict[str, Any]:
    told: dict[str, Any] = {"name": row.name, "view": row.view, "origins": row.origins, "rule": row.rule}
    told |= {"capabilities": row.capabilities, "locked": row.locked, "acts_as": row.acts_as_id, "key": row.key_id}
    return {**told, "expires_at": row.expires_at.isoformat()}


def _card_of(session: Session, row: EmbedGrant) -> GrantCard:
    acts_as = session.get(User, row.acts_as_id) if row.acts_as_id is not None else None
    return _card(row, session.get_one(User, row.creator_id), acts_as)


def _card(row: EmbedGrant, creator: User, acts_as: User | None) -> GrantCard:
    return GrantCard(
        id=row.id,
        name=row.name,
        creator=creator.name,
        view=row.view,
        origins=tuple(row.origins),
        capabilities=tuple(row.capabilities),
        locked=tuple(row.locked),
        rule={level: tuple(members) for level, members in row.rule.items()},
        acts_as=acts_as.email if acts_as else "",
        key=row.key_id or "",
        theme=row.theme,
        locale=row.locale,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        seen_at=row.seen_at,
    )
