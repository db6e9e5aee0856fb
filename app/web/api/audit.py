"""Audit: who did what, as the ledger has it, for those with the permission."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.models.event import AuditEvent
from app.services import ledger
from app.services.ledger import PERMISSION, Wanted
from app.values.errors import NotFound
from app.web.api.door import Call, Door
from app.web.api.fields import Instant
from app.web.api.fresh import need_fresh_proof
from app.web.api.shapes import Flag, Page, Paged, Told


class Event(Told):
    """Something that was done. `digest` seals it and, through the digests before it, all that came earlier."""

    id: str = Field(description="Its number in the chain.")
    at: Instant
    actor: str = Field(description="Such as person:7, token:…, cli or system.")
    action: str
    subject: str
    detail: dict[str, Any] = Field(description="What belongs to it; its fields depend on the action.")
    digest: str


class EventsAsked(Paged):
    """Which events."""

    actor: str | None = Field(default=None, max_length=254)
    action: str | None = Field(default=None, max_length=80, description="One of them, or user. for all that begin so.")
    subject: str | None = Field(default=None, max_length=254)
    since: Instant | None = None
    until: Instant | None = Field(default=None, description="The first moment that no longer belongs to it.")
    oldest_first: Flag = False


def add(door: Door) -> None:
    """/audit/events."""

    @door.operation(
        "GET", "/audit/events", scope="admin", permission=PERMISSION, query=EventsAsked, answers=Page[Event]
    )
    def index(call: Call) -> Page[Event]:
        """What was done, the newest first."""
        need_fresh_proof(call)
        asked = call.query
        wanted = Wanted(asked.actor, asked.action, asked.subject, asked.since, asked.until)
        after = None if call.after is None else int(call.after[0])
        with call.reading() as session:
            found = ledger.events(
                session, call.viewer, wanted, after=after, most=asked.limit + 1, oldest_first=asked.oldest_first
            )
        shown = found[: asked.limit]
        more = call.cursor([shown[-1].sequence]) if len(found) > asked.limit else None
        return Page(items=[_told(each) for each in shown], next=more)

    @door.operation("GET", "/audit/events/{event}", scope="admin", permission=PERMISSION, answers=Event, etag=True)
    def show(call: Call, event: str) -> Event:
        """One event."""
        need_fresh_proof(call)
        if not (event.isascii() and event.isdecimal() and len(event) < 10):
            raise NotFound("There is no such event.")
        with call.reading() as session:
            return _told(ledger.event_numbered(session, call.viewer, int(event)))


def _told(event: AuditEvent) -> Event:
    return Event(
        id=str(event.sequence),
        at=event.at,
        actor=event.actor,
        action=event.action,
        subject=event.subject,
        detail=event.detail,
        digest=event.digest,
    )
