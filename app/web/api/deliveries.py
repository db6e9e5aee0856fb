"""Deliveries: every time a schedule was due, with what became of each message; and what one is sent oneself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from app.services import deliveries, subscriptions
from app.services.deliveries import DeliveryCard, RunCard
from app.values.recurrence import Recurrence
from app.values.words import words
from app.web.api.door import Call, Door
from app.web.api.fields import Instant, RecurrenceText, Zone
from app.web.api.shapes import Page, Paged, Told


class Delivery(Told):
    """One message to one recipient. `reason` says why it was not sent, or not yet."""

    recipient: str
    name: str
    address: str
    channel: str
    state: Literal["pending", "sending", "sent", "failed", "skipped", "uncertain", "done"]
    reason: str
    message_id: str
    attempts: int
    repeats: int
    next_try_at: Instant | None
    handed_at: Instant | None
    files: list[str]


class ScheduleRun(Told):
    """One time a schedule was due, or was sent by hand or as a test. `generation` is the state of the data it shows;
    `audiences` is how many different sets of rows its recipients see.
    """

    id: str
    due_at: Instant
    kind: str
    state: str
    reason: str
    is_late: bool
    is_stale: bool
    generation: int | None
    audiences: int
    started_at: Instant | None
    ended_at: Instant | None
    deliveries: list[Delivery]


class Subscription(Told):
    """A schedule that reaches you; with `is_ended` you want no more of it."""

    schedule: str
    name: str
    owner: str
    recurrence: RecurrenceText
    said: str
    zone: Zone
    next_due: Instant | None
    is_ended: bool


def add(door: Door) -> None:
    """/schedules/{schedule}/runs and /subscriptions."""

    @door.operation(
        "GET",
        "/schedules/{schedule}/runs",
        scope="read",
        query=Paged,
        answers=Page[ScheduleRun],
    )
    def runs(call: Call, schedule: str) -> Page[ScheduleRun]:
        """The log of a schedule, the newest first: its owner’s and administrators’; others see what they were sent."""
        limit, before = call.query.limit, call.after
        with call.reading() as session:
            found = deliveries.log(
                session,
                call.viewer,
                schedule,
                most=limit + 1,
                before=None if before is None else (datetime.fromisoformat(before[0]), before[1]),
            )
        shown = found[:limit]
        more = len(found) > limit
        following = call.cursor((shown[-1].due_at.isoformat(), shown[-1].id)) if more else None
        return Page(items=[_run(call, each) for each in shown], next=following)

    @door.operation("GET", "/subscriptions", scope="read", query=Paged, answers=Page[Subscription])
    def mine(call: Call) -> Page[Subscription]:
        """What you are sent, whoever sends it, by name."""
        with call.reading() as session:
            found = subscriptions.mine(session, call.viewer)
        told = [_subscription(call, each) for each in found]
        return call.page(told, key=lambda each: (each.name.casefold(), each.schedule))

    @door.operation("DELETE", "/subscriptions/{schedule}", scope="write", status=204)
    def end(call: Call, schedule: str) -> None:
        """Want no more of a schedule that reaches you."""
        subscriptions.end(call.session, call.viewer, schedule, now=call.now)

    @door.operation("PUT", "/subscriptions/{schedule}", scope="write", status=204)
    def begin_again(call: Call, schedule: str) -> None:
        """Want a schedule again that still reaches you."""
        subscriptions.begin_again(call.session, call.viewer, schedule, now=call.now)


def _subscription(call: Call, each: subscriptions.Subscription) -> Subscription:
    return Subscription(
        schedule=each.schedule_id,
        name=each.name,
        owner=each.owner,
        recurrence=each.recurrence,
        said=Recurrence.parse(each.recurrence).said(words(call.viewer.context.locale)),
        zone=each.zone,
        next_due=each.next_due,
        is_ended=each.is_ended,
    )


def _run(call: Call, card: RunCard) -> ScheduleRun:
    told: dict[str, Any] = {**vars(card), "reason": words(call.viewer.context.locale)(card.reason)}
    return ScheduleRun(**told | {"deliveries": [_delivery(call, each) for each in card.deliveries]})


def _delivery(call: Call, card: DeliveryCard) -> Delivery:
    told: dict[str, Any] = {**vars(card), "reason": words(call.viewer.context.locale)(card.reason)}
    files = [str(each.get("name", "")) for each in told.pop("documents")]
    return Delivery(**told, files=files)
