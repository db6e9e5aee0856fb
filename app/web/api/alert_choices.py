"""Choices about alerts: nothing more of somebody else's, and for a while nothing of one member."""

from __future__ import annotations

from pydantic import Field

from app.services import alert_choices
from app.web.api.door import Call, Door
from app.web.api.fields import Instant
from app.web.api.shapes import Page, Paged, Sent, Told


class AlertSubscription(Told):
    """An alert of somebody else that tells you; with `is_ended` you want nothing more of it."""

    alert: str
    name: str
    owner: str
    is_ended: bool


class MemberMute(Sent):
    """Which member of an alert, and until when you are told nothing of it; null to be told again."""

    member: str = Field(max_length=200, examples=["iberia"])
    until: Instant | None


def add(door: Door) -> None:
    """/alert-subscriptions and /alerts/{alert}/mute-member."""

    @door.operation("GET", "/alert-subscriptions", scope="read", query=Paged, answers=Page[AlertSubscription])
    def index(call: Call) -> Page[AlertSubscription]:
        """The alerts of others that tell you, by name."""
        with call.reading() as session:
            found = alert_choices.reaching(session, call.viewer)
        told = [
            AlertSubscription(alert=each.alert_id, name=each.name, owner=each.owner, is_ended=each.is_left)
            for each in found
        ]
        return call.page(told, key=lambda each: (each.name.casefold(), each.alert))

    @door.operation("DELETE", "/alert-subscriptions/{alert}", scope="write", status=204)
    def end(call: Call, alert: str) -> None:
        """Want nothing more of somebody else’s alert."""
        alert_choices.leave(call.session, call.viewer, alert, now=call.now)

    @door.operation("PUT", "/alert-subscriptions/{alert}", scope="write", status=204)
    def begin_again(call: Call, alert: str) -> None:
        """Want an alert again that still reaches you."""
        alert_choices.come_back(call.session, call.viewer, alert, now=call.now)

    @door.operation("POST", "/alerts/{alert}/mute-member", scope="write", takes=MemberMute, status=204)
    def mute(call: Call, alert: str) -> None:
        """Be told nothing of one member for a while, of an alert of yours or of somebody else’s that tells you."""
        wish = call.body
        alert_choices.silence(call.session, call.viewer, alert, wish.member, wish.until, now=call.now)
