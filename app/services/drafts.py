"""Drafts: a schedule as somebody wants it, looked through before it is kept, so that nothing fails at seven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.message import mailbox, one_line
from app.models.role import Role
from app.models.user import User
from app.services import sharing
from app.services.contents import settled_text
from app.services.recipients import live_grant, team_key
from app.values.condition import ALWAYS, Condition
from app.values.errors import Forbidden, Invalid, TooBig
from app.values.recipient import Recipient
from app.values.recurrence import Recurrence
from app.values.viewer import Viewer
from app.values.words import say
from app.values.zones import zone_called
from layouts.dashboard import Dashboard

MOST_VIEWS, MOST_FORMATS, MOST_RECIPIENTS = 10, 6, 1_000
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Draft:
    """What is sent: texts of views (or "view:<id>"), formats, when, where clocks are read, to whom, on which condition.

    An empty `subject` is the schedule's name. `as_one`: the views are sections of one file, where a format has these.
    """

    name: str
    views: tuple[str, ...]
    formats: tuple[str, ...]
    recurrence: str
    zone: str
    recipients: tuple[str, ...]
    condition: Condition = ALWAYS
    subject: str = ""
    channel: str = "mail"
    as_one: bool = False


@dataclass(frozen=True)
class Offer:
    """What a schedule can be made of here: the house's dashboards, formats and channels, and the metrics by name with
    the masks that hide them.
    """

    dashboards: Sequence[Dashboard]
    formats: frozenset[str]
    channels: frozenset[str]
    metrics: Mapping[str, frozenset[str]]


def settled(session: Session, viewer: Viewer, draft: Draft, offer: Offer, now: datetime) -> Draft:
    """The draft as it is kept. Raises a Refusal, with a sentence, for everything that could not be sent later."""
    recurrence = Recurrence.parse(draft.recurrence)
    zone = zone_called(draft.zone)
    recurrence.next_after(now, zone, viewer.context.calendar)
    if draft.channel not in offer.channels:
        raise Invalid("There is no such channel here: {text}.", text=draft.channel[:40])
    needs = offer.metrics.get(draft.condition.metric)
    if draft.condition.metric and (needs is None or needs & viewer.context.masks):
        # Whether somebody was sent it would tell of what is hidden.
        raise Invalid("There is no figure called {name}.", name=draft.condition.metric[:60])
    return Draft(
        name=sharing.settled_name(draft.name),
        views=_views(session, viewer, draft.views, offer),
        formats=_formats(draft.formats, offer),
        recurrence=str(recurrence),
        zone=zone,
        recipients=settled_recipients(session, draft.recipients, now),
        condition=draft.condition,
        subject=_subject(draft.subject),
        channel=draft.channel,
        as_one=draft.as_one,
    )


def _subject(text: str) -> str:
    subject = one_line(text.strip(), say("A subject"))
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid("A subject has at most {most} characters.", most=LONGEST_SUBJECT)
    return subject


def _views(session: Session, viewer: Viewer, texts: Sequence[str], offer: Offer) -> tuple[str, ...]:
    if not texts:
        raise Invalid("Choose at least one view to send.")
    if len(texts) > MOST_VIEWS:
        raise TooBig("A schedule sends {most} views at most.", most=MOST_VIEWS)
    return tuple(dict.fromkeys(settled_text(session, viewer, text, offer.dashboards) for text in texts))


def _formats(wanted: Sequence[str], offer: Offer) -> tuple[str, ...]:
    if not wanted:
        raise Invalid("Choose at least one format.")
    if len(set(wanted)) > MOST_FORMATS:
        raise TooBig("A schedule sends {most} formats at most.", most=MOST_FORMATS)
    unknown = [each for each in wanted if each not in offer.formats]
    if unknown:
        raise Invalid("There is no such format: choose from {known}.", known=", ".join(sorted(offer.formats)))
    return tuple(dict.fromkeys(wanted))


def settled_recipients(session: Session, texts: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Recipients as they are kept. Raises a Refusal for nobody, too many, and those that cannot be reached."""
    found = tuple(dict.fromkeys(Recipient.parse(text) for text in texts))
    if not found:
        raise Invalid("Choose at least one recipient.")
    if len(found) > MOST_RECIPIENTS:
        raise TooBig("A schedule has {most:,} recipients at most: choose a role or a team.", most=MOST_RECIPIENTS)
    people = {user.id: user for user in session.scalars(select(User))}
    roles = set(session.scalars(select(Role.id)))
    teams = {team for user in people.values() for team in sharing.teams_of(user)}
    addresses = {user.email for user in people.values()}
    for each in found:
        match each.kind:
            case "person":
                person = people.get(int(each.key))
                if person is None or not person.active:
                    raise Invalid("A recipient has no account here, or one that is switched off.")
            case "role" if each.key not in roles:
                raise Invalid("There is no role {text}.", text=each.key[:60])
            case "team" if team_key(each) not in teams:
                raise Invalid("Nobody belongs to the team {text}.", text=each.key[:60])
            case "address":
                _outside(session, each.key, addresses, now)
            case "channel" if live_grant(session, each.key, now) is None:
                raise Forbidden("Sending into this room needs an administrator’s leave.")
    return tuple(str(each) for each in found)


def _outside(session: Session, address: str, people: set[str], now: datetime) -> None:
    mailbox(address)
    if address in people:
        raise Invalid("{address} is somebody with an account here: choose the person.", address=address)
    if live_grant(session, address, now) is None:
        raise Forbidden("Sending to {address} needs an administrator’s leave.", address=address)
