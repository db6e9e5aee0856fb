"""Alerts: what is watched and how it stands; made, changed, muted, paused and checked at once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from app.services import alerts
from app.services.alert_cards import AlertCard, Draft, EventCard, MemberCard
from app.services.alert_choices import silent_until
from app.services.alerts import PERMISSION
from app.values.alert import Rule
from app.values.words import words
from app.watching import offer
from app.web.api.door import Answer, Call, Door
from app.web.api.fields import Address, DecimalText, Instant, Kept, Recipients, RecurrenceText, Zone, decimal_text
from app.web.api.files import place_of
from app.web.api.schedules import oneself
from app.web.api.shapes import Page, Paged, Sent, Told

State = Literal["firing", "error", "pending", "no-data", "normal", ""]
_WHEN = "When it is checked; without it, whenever new data have come."


class AlertRule(Sent):
    """What is looked for in a metric.

    “threshold”: the figure is above or below `bound`. “change”: its relative change against `versus` is, -0.1 being ten
    per cent less. “target”: the attainment of a budget or quota is below the share `bound`. “anomaly”: the last
    complete `step` is that many robust deviations off what its history lets expect. “no-data”: that many complete days
    without a sale. “rhythm”: customers are silent for `bound` times the longest that is usual for each.
    """

    metric: str = Field(examples=["net_sales"])
    looks_for: Literal["threshold", "change", "target", "anomaly", "no-data", "rhythm"]
    bound: DecimalText
    test: Literal["above", "below", "either"] = "below"
    ends_at: DecimalText | None = Field(
        default=None, description="Once it fires it ends there only, on the good side of the bound."
    )
    versus: Literal["previous", "last-year", "budget"] | None = Field(default=None, description="For “change”.")
    step: Literal["day", "week", "month"] | None = Field(default=None, description="For “anomaly”.")
    by: str | None = Field(
        default=None, description="A level: each of its members is watched, not the whole.", examples=["region"]
    )
    holds: int = Field(default=1, ge=1, le=30, description="Checks in a row after which it fires.")


class Alert(Told):
    """An alert as it was made; `version` grows with every change."""

    id: str
    name: str
    view: Address
    rule: AlertRule
    recipients: Recipients
    recurrence: RecurrenceText | None = Field(description=_WHEN)
    zone: Zone
    channel: str
    version: int
    muted_until: Instant | None
    paused_at: Instant | None
    deleted_at: Instant | None


class AlertStand(Alert):
    """An alert and where it stands for you: the worst `state` of what it watches, empty before the first check."""

    state: State
    firing: int = Field(description="How many members fire.")
    checked_at: Instant | None
    changed_state_at: Instant | None
    next_due: Instant | None


class NewAlert(Sent):
    """An alert to keep. Without recipients you are told."""

    name: str = Field(examples=["Iberia falls behind"])
    view: Address
    rule: AlertRule
    recipients: Recipients = Field(default_factory=list)
    recurrence: RecurrenceText | None = Field(default=None, description=_WHEN)
    zone: Zone | None = Field(default=None, description="Where its clocks are read; without it, yours.")
    channel: str = Field(default="mail", description="The way it tells.")


class AlertChange(Sent):
    """What is to be different; what is left out stays. An empty `recurrence`: whenever new data have come."""

    name: str | None = None
    view: Address | None = None
    rule: AlertRule | None = None
    recipients: Recipients | None = Field(default=None, min_length=1)
    recurrence: RecurrenceText | None = None
    zone: Zone | None = None
    channel: str | None = None


class Mute(Sent):
    """Until when nobody is told; null to speak again."""

    until: Instant | None


class AlertMember(Told):
    """Where one member stands in your rows; of the whole, `member` is empty."""

    member: str
    name: str
    state: State
    since: Instant
    value: str
    currency: str
    reason: str
    muted_until: Instant | None


class AlertEvent(Told):
    """A member changed its state, or somebody got nothing, and why."""

    at: Instant
    who: str
    name: str
    was: str
    state: str
    value: str
    currency: str
    told: str
    reason: str


def add(door: Door) -> None:
    """/alerts."""
    _looking(door)
    _keeping(door)
    _acting(door)


def _looking(door: Door) -> None:
    def operation(path: str, **more: Any) -> Any:
        return door.operation("GET", path, scope="read", **more)

    @operation("/alerts", query=Kept, answers=Page[AlertStand])
    def index(call: Call) -> Page[AlertStand]:
        """Your alerts by name, and where each stands."""
        with call.reading() as session:
            if call.query.deleted:
                found = alerts.deleted(session, call.viewer, now=call.now)
            else:
                found = alerts.listed(session, call.viewer)
        return call.page([_standing(each) for each in found], key=lambda each: (each.name.casefold(), each.id))

    @operation("/alerts/{alert}", answers=Alert, etag=True)
    def show(call: Call, alert: str) -> Alert:
        """One alert."""
        return _held(call, alert)

    @operation("/alerts/{alert}/members", query=Paged, answers=Page[AlertMember])
    def members(call: Call, alert: str) -> Page[AlertMember]:
        """Where every member stands in your rows."""
        with call.reading() as session:
            card = alerts.find(session, call.viewer, alert)
            quiet = silent_until(session, call.viewer, alert, call.now)
        told = [_member(call, each, quiet.get(each.member)) for each in card.members]
        return call.page(told, key=lambda each: (each.member,))

    @operation("/alerts/{alert}/history", query=Paged, answers=Page[AlertEvent])
    def history(call: Call, alert: str) -> Page[AlertEvent]:
        """What has happened, the newest first; of others only why they got nothing."""
        limit, before = call.query.limit, call.after
        with call.reading() as session:
            found = alerts.history(
                session, call.viewer, alert, most=limit + 1, before=None if before is None else before[0]
            )
        following = call.cursor((found[limit - 1].id,)) if len(found) > limit else None
        return Page(items=[_event(call, each) for each in found[:limit]], next=following)


def _held(call: Call, alert: str) -> Alert:
    with call.reading() as session:
        return _told(alerts.find(session, call.viewer, alert))


def _keeping(door: Door) -> None:
    def operation(method: str, path: str, **more: Any) -> Any:
        return door.operation(method, path, scope="write", permission=PERMISSION, **more)

    @operation("POST", "/alerts", takes=NewAlert, answers=Alert, status=201)
    def create(call: Call) -> Answer:
        """Have something watched; it is checked for the first time at once.

        Everybody is told of the own rows, as they are then.
        """
        wish = call.body
        draft = Draft(
            name=wish.name,
            view=wish.view,
            rule=rule_of(wish.rule),
            recipients=tuple(wish.recipients) or oneself(call),
            recurrence=wish.recurrence or "",
            zone=wish.zone or call.viewer.context.zone,
            channel=wish.channel,
        )
        today = call.house.today()
        made = alerts.create(call.session, call.viewer, draft, offer(call.house), today=today, now=call.now)
        return Answer(_told(made), headers={"Location": place_of("alerts", made.id)})

    @operation("PATCH", "/alerts/{alert}", takes=AlertChange, answers=Alert, matches=_held, etag=True)
    def change(call: Call, alert: str) -> Alert:
        """Change an alert of yours; with another rule, view or recipients it begins anew."""
        before = alerts.find(call.session, call.viewer, alert)
        changed = alerts.change(
            call.session,
            call.viewer,
            alert,
            _changed(before.draft, call.body),
            offer(call.house),
            version=before.version,
            today=call.house.today(),
            now=call.now,
        )
        return _told(changed)

    @operation("DELETE", "/alerts/{alert}", status=204, matches=_held)
    def remove(call: Call, alert: str) -> None:
        """Delete an alert: it tells nothing more. It can be restored for 30 days."""
        alerts.remove(call.session, call.viewer, alert, now=call.now)


def _acting(door: Door) -> None:
    def operation(act: str, **more: Any) -> Any:
        return door.operation("POST", f"/alerts/{{alert}}/{act}", scope="write", permission=PERMISSION, **more)

    @operation("mute", takes=Mute, answers=Alert)
    def mute(call: Call, alert: str) -> Alert:
        """Tell nobody anything until a moment; it is checked all the same."""
        alerts.mute(call.session, call.viewer, alert, call.body.until, now=call.now)
        return _held(call, alert)

    @operation("pause", answers=Alert)
    def pause(call: Call, alert: str) -> Alert:
        """Check it no more until it is resumed."""
        alerts.pause(call.session, call.viewer, alert, now=call.now)
        return _held(call, alert)

    @operation("resume", answers=Alert)
    def resume(call: Call, alert: str) -> Alert:
        """Go on, with a check at once."""
        offered, today = offer(call.house), call.house.today()
        alerts.resume(call.session, call.viewer, alert, offered, today=today, now=call.now)
        return _held(call, alert)

    @operation("restore", answers=Alert)
    def restore(call: Call, alert: str) -> Alert:
        """Bring back an alert that you deleted; it comes back paused."""
        alerts.restore(call.session, call.viewer, alert, now=call.now)
        return _held(call, alert)

    @operation("check", answers=Alert, status=202)
    def check(call: Call, alert: str) -> Alert:
        """Have it checked at once, beside its times: it counts and tells as every check does."""
        alerts.check_now(call.session, call.viewer, alert, today=call.house.today(), now=call.now)
        return _held(call, alert)


def rule_of(wish: AlertRule) -> Rule:
    """The rule that was written. Raises Invalid for what cannot be."""
    return Rule(
        metric=wish.metric,
        kind=wish.looks_for,
        bound=Decimal(wish.bound),
        test=wish.test,
        clear=None if wish.ends_at is None else Decimal(wish.ends_at),
        versus=wish.versus or "",
        by=wish.by or "",
        step=wish.step or "",
        holds=wish.holds,
    )


def _changed(before: Draft, wish: AlertChange) -> Draft:
    told: dict[str, Any] = wish.model_dump(exclude={"rule"}, exclude_none=True)
    if wish.rule is not None:
        told["rule"] = rule_of(wish.rule)
    if wish.recipients is not None:
        told["recipients"] = tuple(wish.recipients)
    return Draft(**{**vars(before), **told})


def _told(card: AlertCard) -> Alert:
    return Alert(**_definition(card))


def _standing(card: AlertCard) -> AlertStand:
    return AlertStand(
        **_definition(card),
        state=card.state,  # type: ignore[arg-type]
        firing=card.firing,
        checked_at=card.checked_at,
        changed_state_at=card.changed_state_at,
        next_due=card.next_due,
    )


def _definition(card: AlertCard) -> dict[str, Any]:
    draft, rule = card.draft, card.draft.rule
    return {
        "id": card.id,
        "name": draft.name,
        "view": draft.view,
        "rule": AlertRule(
            metric=rule.metric,
            looks_for=rule.kind,
            bound=decimal_text(rule.bound),
            test=rule.test,
            ends_at=None if rule.clear is None else decimal_text(rule.clear),
            versus=rule.versus or None,  # type: ignore[arg-type]
            step=rule.step or None,  # type: ignore[arg-type]
            by=rule.by or None,
            holds=rule.holds,
        ),
        "recipients": list(draft.recipients),
        "recurrence": draft.recurrence or None,
        "zone": draft.zone,
        "channel": draft.channel,
        "version": card.version,
        "muted_until": card.muted_until,
        "paused_at": card.paused_at,
        "deleted_at": card.deleted_at,
    }


def _member(call: Call, each: MemberCard, muted_until: datetime | None) -> AlertMember:
    reason = words(call.viewer.context.locale)(each.reason)
    return AlertMember(**{**vars(each), "reason": reason, "muted_until": muted_until})


def _event(call: Call, each: EventCard) -> AlertEvent:
    told = {name: value for name, value in vars(each).items() if name != "id"}
    return AlertEvent(**{**told, "reason": words(call.viewer.context.locale)(each.reason)})
