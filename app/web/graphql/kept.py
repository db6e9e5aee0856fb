"""Kept: saved views, reports, schedules and alerts, as their services list them for whoever asks."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.services import alerts as alerting
from app.services import reports as reporting
from app.services import schedules as scheduling
from app.services import views as viewing
from app.web.graphql.asking import Asking


@strawberry.type
class SavedView:
    """A view under a name; `view` is its address."""

    id: strawberry.ID
    name: str
    description: str
    dashboard: strawberry.ID
    view: str
    owner: str
    is_mine: bool
    visibility: str
    version: int
    changed_at: datetime


@strawberry.type
class Report:
    """A report; `views` are the addresses of its parts."""

    id: strawberry.ID
    name: str
    description: str
    kind: str
    views: list[str]
    formats: list[str]
    owner: str
    is_mine: bool
    version: int
    changed_at: datetime


@strawberry.type
class Schedule:
    """What is sent when."""

    id: strawberry.ID
    name: str
    views: list[str]
    formats: list[str]
    recurrence: str
    zone: str
    owner: str
    is_mine: bool
    version: int
    next_due: datetime | None
    paused_at: datetime | None


@strawberry.type
class AlertMember:
    """Where one member stands."""

    member: str
    name: str
    state: str
    value: str
    currency: str
    since: datetime


@strawberry.type
class Alert:
    """A figure that is watched."""

    id: strawberry.ID
    name: str
    view: str
    metric: str
    by: str | None
    state: str
    firing: int
    members: list[AlertMember]
    version: int
    checked_at: datetime | None
    next_due: datetime | None


def saved_views(asking: Asking) -> list[SavedView]:
    """One's own and shared ones. Raises Forbidden."""
    with asking.house.database.read() as session:
        found = viewing.listed(session, asking.viewer)
    return [
        SavedView(
            id=strawberry.ID(each.id),
            name=each.name,
            description=each.description,
            dashboard=strawberry.ID(each.dashboard),
            view=each.view,
            owner=each.owner,
            is_mine=each.is_mine,
            visibility=each.visibility,
            version=each.version,
            changed_at=each.changed_at,
        )
        for each in found
    ]


def reports(asking: Asking) -> list[Report]:
    """One's own and shared ones. Raises Forbidden."""
    with asking.house.database.read() as session:
        found = reporting.listed(session, asking.viewer)
    return [
        Report(
            id=strawberry.ID(each.id),
            name=each.report.name,
            description=each.report.description,
            kind=each.report.kind,
            views=[part.view for part in each.report.parts],
            formats=list(each.report.formats),
            owner=each.owner,
            is_mine=each.is_mine,
            version=each.version,
            changed_at=each.changed_at,
        )
        for each in found
    ]


def schedules(asking: Asking) -> list[Schedule]:
    """One's own; to administrators everybody's. Raises Forbidden."""
    with asking.house.database.read() as session:
        found = scheduling.listed(session, asking.viewer)
    return [
        Schedule(
            id=strawberry.ID(each.id),
            name=each.draft.name,
            views=list(each.draft.views),
            formats=list(each.draft.formats),
            recurrence=each.draft.recurrence,
            zone=each.draft.zone,
            owner=each.owner,
            is_mine=each.is_mine,
            version=each.version,
            next_due=each.next_due,
            paused_at=each.paused_at,
        )
        for each in found
    ]


def alerts(asking: Asking) -> list[Alert]:
    """One's own. Raises Forbidden."""
    with asking.house.database.read() as session:
        found = alerting.listed(session, asking.viewer)
    return [
        Alert(
            id=strawberry.ID(each.id),
            name=each.draft.name,
            view=each.draft.view,
            metric=each.draft.rule.metric,
            by=each.draft.rule.by or None,
            state=each.state,
            firing=each.firing,
            members=[
                AlertMember(
                    member=one.member,
                    name=one.name,
                    state=one.state,
                    value=one.value,
                    currency=one.currency,
                    since=one.since,
                )
                for one in each.members
            ],
            version=each.version,
            checked_at=each.checked_at,
            next_due=each.next_due,
        )
        for each in found
    ]
