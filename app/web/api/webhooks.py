"""Webhooks: other programs that you have told what happens; what each was told, and told again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.channels.posting import Post
from app.services import hook_oversight, hooks
from app.services.hook_oversight import OthersHook
from app.services.hooks import DeliveryCard, Draft, HookCard
from app.web.api.door import HERE, Answer, Call, Door
from app.web.api.fields import Instant
from app.web.api.fresh import need_fresh_proof
from app.web.api.shapes import Page, Paged, Sent, Told

SCOPE = "webhooks"
EventKind = Annotated[
    str, Field(max_length=40, description="A kind of event; /webhook-kinds lists them.", examples=["data.loaded"])
]
Target = Annotated[
    str,
    Field(
        max_length=1000,
        description="Where messages are posted: https, on the open internet. Redirects are not followed.",
        examples=["https://example.com/salient"],
    ),
]


class WebhookKind(Told):
    """Something that can be told."""

    id: str
    meaning: str


class Webhook(Told):
    """Another program that you have told what happens. `version` grows with every change."""

    id: str
    name: str
    address: Target
    kinds: list[str]
    is_on: bool
    reason: str = Field(description="Why it is switched off.")
    failing_since: Instant | None = Field(
        description="Since when every try has failed; after five days it is switched off."
    )
    previous_secret_until: Instant | None = Field(
        description="Until when the secret before the present one signs, too."
    )
    version: int
    created_at: Instant
    changed_at: Instant


class WebhookMade(Told):
    """A webhook with its secret, which is shown this once. Messages are signed with it as Standard Webhooks say."""

    webhook: Webhook
    secret: str = Field(description="Begins with whsec_.")


class NewWebhook(Sent):
    """A program to be told."""

    name: str = Field(max_length=200)
    address: Target
    kinds: list[EventKind] = Field(min_length=1, max_length=100)


class WebhookChange(Sent):
    """What is to be different; what is left out stays."""

    name: str | None = Field(default=None, max_length=200)
    address: Target | None = None
    kinds: list[EventKind] | None = Field(default=None, min_length=1, max_length=100)
    is_on: bool | None = Field(default=None, description="false: it is told nothing until it is true again.")


class HookDelivery(Told):
    """One event for a webhook. `payload` is what was posted last, or null where your rights are others by now."""

    id: str = Field(description="Of the delivery; the message’s own, which its receiver reads, is message_id.")
    message_id: str
    kind: str
    at: Instant
    state: Literal["pending", "sending", "sent", "parked", "refused"]
    reason: str
    status: int | None = Field(description="The HTTP status of the last answer.")
    tries: int
    next_try_at: Instant | None
    ended_at: Instant | None
    payload: str | None


class OthersWebhook(Told):
    """A webhook of somebody else, as far as it is an administrator's to know."""

    id: str
    owner: str
    email: str = Field(description="Of its owner.")
    name: str
    host: str = Field(description="Of its address; the rest is its owner’s.")
    kinds: list[str]
    is_on: bool
    reason: str = Field(description="Why it is switched off.")
    failing_since: Instant | None
    created_at: Instant


class Span(Sent):
    """From when until when events are told again."""

    since: Instant
    until: Instant
    everything: bool = Field(default=False, description="Also what did arrive.")


def add(door: Door) -> None:
    """/webhook-kinds and /webhooks."""
    _looking(door)
    _registering(door)
    _changing(door)
    _told_so_far(door)
    _overseeing(door)


def _looking(door: Door) -> None:
    @door.operation("GET", "/webhook-kinds", scope=SCOPE, query=Paged, answers=Page[WebhookKind])
    def kinds(call: Call) -> Page[WebhookKind]:
        """What webhooks can be told of, as far as it can be told to you."""
        found = [WebhookKind(id=name, meaning=str(title)) for name, title in hooks.offered(call.viewer).items()]
        return call.page(found, key=lambda each: (each.id,))

    @door.operation("GET", "/webhooks", scope=SCOPE, query=Paged, answers=Page[Webhook])
    def index(call: Call) -> Page[Webhook]:
        """Your webhooks, by name."""
        with call.reading() as session:
            found = hooks.listed(session, call.viewer)
        return call.page([_hook(each) for each in found], key=lambda each: (each.name.casefold(), each.id))


def _registering(door: Door) -> None:
    @door.operation(
        "POST",
        "/webhooks",
        scope=SCOPE,
        takes=NewWebhook,
        answers=WebhookMade,
        status=201,
        holds_secret=True,
        writes=False,
    )
    def create(call: Call) -> Answer:
        """Register a webhook.

        It is told what you may know at that moment: takes a token with the scope “read”, too.
        """
        need_fresh_proof(call)
        wanted, house = call.body, call.house
        draft = hooks.checked(call.viewer, Draft(wanted.name, wanted.address, tuple(wanted.kinds)), _post(call))
        # Outside of a transaction until here: whose address it is was asked of the name servers.
        with house.database.write() as session:
            card, secret = hooks.create(session, call.viewer, draft, house.secret, now=call.now)
        made = WebhookMade(webhook=_hook(card), secret=secret)
        return Answer(made, headers={"Location": f"{HERE}/webhooks/{card.id}"})

    @door.operation(
        "POST", "/webhooks/{webhook}/rotate", scope=SCOPE, answers=WebhookMade, status=200, holds_secret=True
    )
    def rotate(call: Call, webhook: str) -> WebhookMade:
        """Give it a new secret. The one before signs, too, for a day."""
        need_fresh_proof(call)
        secret = hooks.rotate(call.session, call.viewer, webhook, call.house.secret, now=call.now)
        return WebhookMade(webhook=_hook(hooks.find(call.session, call.viewer, webhook)), secret=secret)


def _changing(door: Door) -> None:
    @door.operation("GET", "/webhooks/{webhook}", scope=SCOPE, answers=Webhook, etag=True)
    def show(call: Call, webhook: str) -> Webhook:
        """One webhook."""
        with call.reading() as session:
            return _hook(hooks.find(session, call.viewer, webhook))

    @door.operation(
        "PATCH", "/webhooks/{webhook}", scope=SCOPE, takes=WebhookChange, answers=Webhook, matches=show, etag=True
    )
    def change(call: Call, webhook: str) -> Webhook:
        """Change a webhook, switch it off or on. What happened while it was off is told when asked for."""
        need_fresh_proof(call)
        wanted, session, viewer = call.body, call.session, call.viewer
        held = hooks.find(session, viewer, webhook)
        name = held.draft.name if wanted.name is None else wanted.name
        address = held.draft.address if wanted.address is None else wanted.address
        kinds = held.draft.kinds if wanted.kinds is None else tuple(wanted.kinds)
        draft = hooks.checked(viewer, Draft(name, address, kinds), _post(call), look_up=False)
        hooks.change(session, viewer, webhook, draft, version=held.version, now=call.now)
        if wanted.is_on is not None:
            switch = hooks.switch_on if wanted.is_on else hooks.switch_off
            switch(session, viewer, webhook, now=call.now)
        return _hook(hooks.find(session, viewer, webhook))

    @door.operation("DELETE", "/webhooks/{webhook}", scope=SCOPE, status=204, matches=show)
    def remove(call: Call, webhook: str) -> None:
        """Forget a webhook, with what it was told."""
        hooks.remove(call.session, call.viewer, webhook, now=call.now)

    @door.operation("POST", "/webhooks/{webhook}/test", scope=SCOPE, answers=HookDelivery, status=202)
    def test(call: Call, webhook: str) -> HookDelivery:
        """Have it sent a message that says nothing."""
        return _delivery(hooks.send_test(call.session, call.viewer, webhook, now=call.now))


def _told_so_far(door: Door) -> None:
    @door.operation("GET", "/webhooks/{webhook}/deliveries", scope=SCOPE, query=Paged, answers=Page[HookDelivery])
    def index(call: Call, webhook: str) -> Page[HookDelivery]:
        """What it was told, the newest first; kept for 30 days."""
        limit = call.query.limit
        with call.reading() as session:
            before = None if call.after is None else (datetime.fromisoformat(call.after[0]), str(call.after[1]))
            found = hooks.deliveries(session, call.viewer, webhook, before=before, most=limit + 1)
        shown = found[:limit]
        more = call.cursor([shown[-1].at.isoformat(), shown[-1].id]) if len(found) > limit else None
        return Page(items=[_delivery(each) for each in shown], next=more)

    @door.operation("GET", "/webhooks/{webhook}/deliveries/{delivery}", scope=SCOPE, answers=HookDelivery, etag=True)
    def show(call: Call, webhook: str, delivery: str) -> HookDelivery:
        """One event that it was told."""
        with call.reading() as session:
            return _delivery(hooks.find_delivery(session, call.viewer, webhook, delivery))

    @door.operation(
        "POST", "/webhooks/{webhook}/deliveries/{delivery}/again", scope=SCOPE, answers=HookDelivery, status=202
    )
    def again(call: Call, webhook: str, delivery: str) -> HookDelivery:
        """Tell it one event again, under the same message_id."""
        hooks.send_again(call.session, call.viewer, webhook, delivery, now=call.now)
        call.session.expire_all()
        return _delivery(hooks.find_delivery(call.session, call.viewer, webhook, delivery))

    @door.operation("POST", "/webhooks/{webhook}/again", scope=SCOPE, takes=Span, status=202)
    def span(call: Call, webhook: str) -> None:
        """Tell it again what it missed in a span, also while it was switched off."""
        wanted = call.body
        hooks.tell_again(
            call.session,
            call.viewer,
            webhook,
            wanted.since,
            wanted.until,
            all_of_them=wanted.everything,
            now=call.now,
        )


def _overseeing(door: Door) -> None:
    @door.operation(
        "GET",
        "/others-webhooks",
        scope="admin",
        permission=hook_oversight.PERMISSION,
        query=Paged,
        answers=Page[OthersWebhook],
    )
    def index(call: Call) -> Page[OthersWebhook]:
        """The webhooks of everybody else, for administrators. Their secrets are told to nobody."""
        with call.reading() as session:
            found = hook_oversight.listed(session, call.viewer)
        told = [_others(each) for each in found]
        return call.page(told, key=lambda each: (each.owner.casefold(), each.name.casefold(), each.id))

    @door.operation(
        "POST",
        "/others-webhooks/{webhook}/off",
        scope="admin",
        permission=hook_oversight.PERMISSION,
        answers=OthersWebhook,
        status=200,
    )
    def switch_off(call: Call, webhook: str) -> OthersWebhook:
        """Switch off a webhook of somebody else, who is told so by mail."""
        need_fresh_proof(call)
        return _others(hook_oversight.switch_off(call.session, call.viewer, webhook, now=call.now))


def _post(call: Call) -> Post:
    return Post(allowed=call.house.settings.hook_hosts)


def _hook(card: HookCard) -> Webhook:
    return Webhook(
        id=card.id,
        name=card.draft.name,
        address=card.draft.address,
        kinds=list(card.draft.kinds),
        is_on=card.off_at is None,
        reason=card.off_reason,
        failing_since=card.failing_since,
        previous_secret_until=card.previous_until,
        version=card.version,
        created_at=card.created_at,
        changed_at=card.changed_at,
    )


def _others(card: OthersHook) -> OthersWebhook:
    return OthersWebhook(
        id=card.id,
        owner=card.owner,
        email=card.email,
        name=card.name,
        host=card.host,
        kinds=list(card.kinds),
        is_on=card.off_at is None,
        reason=card.off_reason,
        failing_since=card.failing_since,
        created_at=card.created_at,
    )


def _delivery(card: DeliveryCard) -> HookDelivery:
    return HookDelivery(
        id=card.id,
        message_id=card.message_id,
        kind=card.kind,
        at=card.at,
        state=card.state,  # type: ignore[arg-type]
        reason=card.reason,
        status=card.status,
        tries=card.attempts,
        next_try_at=card.next_try_at,
        ended_at=card.ended_at,
        payload=None if card.is_hidden else card.payload,
    )
