"""Audience: the recipients of a run, as the people they are now, grouped so that equal rights share one document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.assembly import House
from app.auth.policy import Terms
from app.models.delivery import Delivery
from app.services import deliveries
from app.services.contents import Content, closed_to, own_of
from app.services.recipients import Reader, kept_from, reader
from app.values.context import QueryContext
from app.values.view import View
from app.values.viewer import Viewer
from layouts.dashboard import Dashboard

OWNER = deliveries.NOTICE
"""Begins the recipient of what the owner is told about a run."""


@dataclass(frozen=True)
class Audience:
    """Recipients whose documents are the same, because their contexts and views, sets looked up, are, and which of the
    views are open to them. `key` says which these are; `reader` is one of them.
    """

    key: str
    context: QueryContext
    reader: str
    views: tuple[View, ...]
    opened: tuple[bool, ...]
    deliveries: tuple[str, ...]

    @property
    def memory(self) -> str:
        """What stands for the same audience on other days, and under other versions of a role."""
        return self.key.partition(".")[0]


def terms_on(house: House, today: date) -> Terms:
    """The company's side of every context, with the day that counts."""
    return replace(house.terms(), today=today)


def opened_by(viewer: Viewer, views: Sequence[View], dashboards: Sequence[Dashboard]) -> tuple[bool, ...]:
    """Which of the views are open to a viewer: who sees the same rows may still open less."""
    return tuple(closed_to(viewer, Content(view), dashboards) is None for view in views)


def key_of(viewer: Viewer, views: Sequence[View], opened: Sequence[bool]) -> str:
    """Equal for equal contexts through equal views, sets of people looked up, as far as they are open; the part before
    the dot leaves the day out.
    """
    context = viewer.context
    lasting = [
        context.scope.fingerprint(),
        sorted(context.masks),
        context.currency,
        context.zone,
        context.locale,
        str(context.calendar),
        [str(view) for view in views],
        [repr([each.found for each in view.selection.filters]) for view in views],
        list(opened),
    ]
    passing = [context.today.isoformat(), context.epoch, context.segmentation.version]
    return f"{_hashed(lasting)}.{_hashed(passing)}"


def seen_by(house: House, viewer: Viewer, contents: Sequence[Content]) -> tuple[View, ...]:
    """The views as this reader gets them: about the reader where they are about somebody, with the reader's sets."""
    return tuple(house.looked_up(viewer, view) for view in _all_of(house, contents))


def gathered(
    house: House, run_id: str, today: date, contents: Sequence[Content], now: datetime
) -> tuple[list[Audience], list[tuple[str, Reader, str]]]:
    """The audiences of all that is owed now, and what nobody may be sent any more: (delivery, reader, reason)."""
    terms, trees = terms_on(house, today), house.trees()
    with house.database.read() as session:
        readers = [(row.id, reader(session, row.recipient, trees, terms, now)) for row in owed(session, run_id, now)]
    found: dict[str, Audience] = {}
    refused: list[tuple[str, Reader, str]] = []
    known: dict[QueryContext, tuple[View, ...]] = {}
    for delivery_id, one in readers:
        why = one.why or (kept_from(one.viewer, contents, house.dashboards) if one.viewer else None)
        if why or one.viewer is None:
            refused.append((delivery_id, one, str(why)))
            continue
        views = _views(house, one.viewer, contents, known)
        opened = opened_by(one.viewer, views, house.dashboards)
        key = key_of(one.viewer, views, opened)
        audience = found.get(key) or Audience(key, one.viewer.context, one.recipient, views, opened, ())
        found[key] = replace(audience, deliveries=(*audience.deliveries, delivery_id))
    return list(found.values()), refused


def owed(session: Session, run_id: str, now: datetime) -> list[Delivery]:
    """What is to be handed over now, and what was in hand when a scheduler died. Notices are no part of it."""
    return _ready(session, run_id, now, Delivery.notice == "")


def owed_notices(session: Session, run_id: str, now: datetime) -> list[Delivery]:
    """What owners are still to be told."""
    return _ready(session, run_id, now, Delivery.notice != "")


def _ready(session: Session, run_id: str, now: datetime, which: ColumnElement[bool]) -> list[Delivery]:
    ready = or_(Delivery.next_try_at.is_(None), Delivery.next_try_at <= now)
    return list(
        session.scalars(
            select(Delivery)
            .where(Delivery.run_id == run_id, Delivery.state.in_(deliveries.OPEN), ready, which)
            .order_by(Delivery.recipient)
        )
    )


def _views(
    house: House, viewer: Viewer, contents: Sequence[Content], known: dict[QueryContext, tuple[View, ...]]
) -> tuple[View, ...]:
    """The views of a reader; where they name no set, everybody of a context has the same."""
    plain = _all_of(house, contents)
    if any(each.sets for view in plain for each in view.selection.filters):
        return seen_by(house, viewer, contents)
    return known.setdefault(viewer.context, plain)


def _all_of(house: House, contents: Sequence[Content]) -> tuple[View, ...]:
    return tuple(own_of(view, house.dashboards) for each in contents for view in each.views)


def _hashed(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
