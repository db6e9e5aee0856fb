"""Lists: pages of members and of customers, products and reps, by key, in rows that whoever asks may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.questions import LISTED, PERMISSION, filters_of
from app.values.period import Period
from app.web.graphql.answers import wheres
from app.web.graphql.asking import Asking
from app.web.graphql.paging import Connection, after_of, checked, page
from app.web.graphql.parts import Filters
from queries.frame import Member as FoundMember
from queries.members import Search


def entities(
    asking: Asking,
    kind: type[Any],
    search: str,
    where: Filters | None,
    period: str,
    first: int,
    after: str | None,
) -> Connection[Any]:
    """A page of customers, products, reps or members, by key: those in rows that the viewer may see."""
    level = kind.level
    return members(asking, level, search, where, period, first, after, lambda each: kind(key=each.key, name=each.name))


def members(
    asking: Asking,
    level: str,
    search: str,
    where: Filters | None,
    period: str,
    first: int,
    after: str | None,
    made: Callable[[FoundMember], Any],
) -> Connection[Any]:
    """A page of members, by key."""
    asking.viewer.require(PERMISSION)
    known = asking.house.catalogue.level(level).id
    if known in LISTED:
        asking.viewer.require("rows")
    context, name = asking.viewer.context, f"members {known}"
    place = after_of(asking, name, after)
    wanted = Search(
        known,
        search,
        where=filters_of(asking.house, context, wheres(where)),
        period=Period.parse(period),
        limit=checked(first) + 1,
        after=place[0] if place else "",
    )
    found = asking.house.asker.options(wanted, context).members
    counted = replace(wanted, limit=1, after="")
    things = [((each.key,), made(each)) for each in found]
    return page(asking, name, things, first, after, lambda: asking.house.asker.options(counted, context).total)
