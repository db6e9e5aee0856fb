"""Buying: what derivations about customers read off answers, by customer key and by month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.domain.flow import Buyer
from app.values.hierarchy import NO_MEMBER
from app.values.words import Words
from layouts.columns import number
from queries.frame import Column, Frame, Member


def members_of(frame: Frame) -> Mapping[str, Member]:
    """The members of a frame's first level by key, without those of nobody."""
    return frame.once(
        "members",
        lambda own: {row[0].key: row[0] for row in own.rows if isinstance(row[0], Member) and row[0].key != NO_MEMBER},
    )


def amounts_of(frame: Frame | None, column_id: str = "net_sales") -> Mapping[str, Decimal]:
    """Each member's figure in a column; those without one left out."""
    return {} if frame is None else frame.once(("amounts", column_id), lambda own: _amounts(own, column_id))


def _amounts(frame: Frame, column_id: str) -> dict[str, Decimal]:
    at = frame.index(column_id)
    found = {row[0].key: row[at] for row in frame.rows if isinstance(row[0], Member)}
    found.pop(NO_MEMBER, None)
    return {
        key: figure if isinstance(figure, Decimal) else Decimal(number(figure) or 0)
        for key, figure in found.items()
        if isinstance(figure, Decimal) or number(figure) is not None
    }


def last_days_of(frame: Frame | None) -> Mapping[str, date]:
    """Each member's `last_order`; those without one left out."""
    return {} if frame is None else frame.once("last days", _last_days)


def _last_days(frame: Frame) -> dict[str, date]:
    at = frame.index("last_order")
    return {row[0].key: day for row in frame.rows if isinstance(row[0], Member) and isinstance(day := row[at], date)}


def last_order_column(t: Words) -> Column:
    """The column of a member's last order."""
    return Column("last_order", t("Last order"), "metric", "last_order", unit="day", format="day")


def days_of(frame: Frame | None) -> dict[str, list[date]]:
    """The days of each member in a frame by a level and day."""
    found: dict[str, list[date]] = {}
    for row in () if frame is None else frame.rows:
        who, day = row[0], row[1]
        if isinstance(who, Member) and isinstance(day, Member) and day.key != NO_MEMBER:
            found.setdefault(who.key, []).append(_day(day.key))
    return found


@lru_cache(maxsize=4_096)
def _day(key: str) -> date:
    return date.fromisoformat(key)


def last_month_of(frame: Frame) -> int:
    """The last month of a frame's period, counted through: 12 × year + month − 1."""
    span = frame.provenance.span
    return 0 if span is None else month_number(span.last_day)


def month_number(day: date) -> int:
    """The month of a day, counted through."""
    return day.year * 12 + day.month - 1


def buyers_by_quarter(frame: Frame) -> list[Buyer]:
    """Each member with the quarters, counted through, of `months_bought`."""
    return frame.once("buyers by quarter", _buyers)


def _buyers(frame: Frame) -> list[Buyer]:
    last, at = last_month_of(frame), frame.index("months_bought")
    masks: dict[int, int] = {}
    for back in range(61):
        quarter = (last - back) // 3
        masks[quarter] = masks.get(quarter, 0) | 1 << back
    bits = {
        row[0].key: found
        for row in frame.rows
        if isinstance(row[0], Member) and isinstance(found := row[at], int) and row[0].key != NO_MEMBER
    }
    bought = {own: frozenset([quarter for quarter, mask in masks.items() if own & mask]) for own in set(bits.values())}
    return [Buyer(key, bought[own]) for key, own in bits.items()]


def complete_quarters(frame: Frame, count: int) -> range:
    """The last `count` quarters that are over when the period is."""
    after = (last_month_of(frame) + 1) // 3
    return range(after - count, after)


def quarter_member(quarter: int) -> Member:
    """A quarter counted through as a member of time."""
    key = f"{quarter // 4}-Q{quarter % 4 + 1}"
    return Member(key, key)


def both(now: Mapping[str, Decimal], before: Mapping[str, Decimal]) -> list[str]:
    """The keys of either, in order."""
    return sorted(now.keys() | before.keys())
