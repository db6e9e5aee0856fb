"""Series: members over time, as the pictures and the words about them read an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.values.hierarchy import NO_MEMBER
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from queries.frame import Member

MONTHS = 14
"""So that the last complete month is seen beside the same month a year earlier, and the running one after it."""


@dataclass(frozen=True)
class Series:
    """A member's figures, oldest first; None where there is none."""

    member: Member
    name: str
    values: tuple[Decimal | None, ...]


def series_of(answered: AnsweredPanel) -> tuple[list[str], list[Series]]:
    """The keys of the last fourteen months, and everybody's figures in them, the largest sum first."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None or len(frame.columns) < 3:
        return [], []
    at = frame.index(metric.id)
    by_member: dict[Member, dict[str, Decimal]] = {}
    for row in frame.rows:
        member, month, figure = row[0], row[1], number(row[at])
        if isinstance(member, Member) and isinstance(month, Member) and figure is not None:
            by_member.setdefault(member, {})[month.key] = Decimal(figure)
    months = sorted({key for found in by_member.values() for key in found})[-MONTHS:]
    level, locale = frame.columns[0].level, answered.context.locale
    found = [
        Series(member, member_text(member, level, locale), tuple(figures.get(month) for month in months))
        for member, figures in by_member.items()
        if member.key != NO_MEMBER and any(figures.get(month) for month in months)
    ]
    return months, sorted(found, key=lambda each: (-sum(filter(None, each.values), Decimal(0)), each.name))


def is_running(month: str, today: date) -> bool:
    """Whether the month is not over."""
    return month == f"{today.year}-{today.month:02d}" and (today + timedelta(days=1)).day != 1


def last_complete(each: Series, running: bool) -> int:
    """The position of the last month that is over."""
    return len(each.values) - (2 if running and len(each.values) > 1 else 1)


def by_member(answered: AnsweredPanel) -> dict[Member, dict[str, Decimal]]:
    """Each member's first figure by the key of its step, in the order of the answer."""
    frame, metric = answered.frame, answered.metric
    found: dict[Member, dict[str, Decimal]] = {}
    if frame is None or metric is None or len(frame.columns) < 3:
        return found
    at = frame.index(metric.id)
    for row in frame.rows:
        member, step, value = row[0], row[1], number(row[at])
        if isinstance(member, Member) and isinstance(step, Member) and value is not None:
            found.setdefault(member, {})[step.key] = Decimal(value)
    return found
