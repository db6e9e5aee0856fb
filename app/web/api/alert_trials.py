"""Trials: what an alert's rule finds now, before anybody is told of anything."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from app.services import alerts
from app.services.alert_cards import Draft
from app.services.alerts import PERMISSION
from app.values.words import words
from app.watching import offer, readings, seen_by
from app.web.api.alerts import AlertRule, rule_of
from app.web.api.door import Call, Door
from app.web.api.fields import Address, decimal_text
from app.web.api.schedules import oneself
from app.web.api.shapes import Sent, Told


class AlertTrial(Sent):
    """A rule to try out."""

    view: Address
    rule: AlertRule


class AlertReading(Told):
    """What the rule reads now of one member of your rows; `why_not` says why there is nothing to judge."""

    member: str
    name: str
    value: str | None
    judged: str | None = Field(description="What is held against the bound.")
    is_beyond: bool
    why_not: str


class AlertReadings(Told):
    """What a rule finds now."""

    items: list[AlertReading]


def add(door: Door) -> None:
    """/alert-trials."""

    @door.operation(
        "POST",
        "/alert-trials",
        scope="read",
        permission=PERMISSION,
        takes=AlertTrial,
        answers=AlertReadings,
        writes=False,
    )
    def trial(call: Call) -> AlertReadings:
        """Try a rule out: what it finds now in your rows. Nothing is kept, nobody is told."""
        viewer, wish = call.viewer, call.body
        with call.reading() as session:
            zone = viewer.context.zone
            draft = Draft("Trial", wish.view, rule_of(wish.rule), oneself(call), zone=zone)
            draft = alerts.settled(session, viewer, draft, offer(call.house), call.now)
        t, found = words(viewer.context.locale), []
        for each in readings(call.house, viewer, seen_by(call.house, viewer, draft.view), draft.rule):
            beyond = each.judged is not None and draft.rule.is_breached_by(each.judged)
            value, judged = _number(each.value), _number(each.judged)
            why = t(each.why) if each.why else ""
            told = AlertReading(
                member=each.key, name=each.name, value=value, judged=judged, is_beyond=beyond, why_not=why
            )
            found.append(told)
        return AlertReadings(items=found)


def _number(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)
