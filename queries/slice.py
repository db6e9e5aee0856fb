"""Slice: what one statement is about, which is one leg of a plan over one window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import or_
from types import MappingProxyType
from typing import Any, NamedTuple

from app.values.selection import Narrowing
from queries.compare import Totalled, Window
from queries.sources import PLANS, Source
from queries.warehouse import schema

COLLECTED: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {"first_day": min, "last_day": max, "months": or_}
)
"""Aggregates that are neither summed nor counted, with what makes one of two."""


class Part(NamedTuple):
    """One aggregate that SQL computes: a measure summed, or, where `counted` names a level, its distinct members.

    `sales_only` leaves credit notes out of what is counted; `credited` names a level without whose member a row counts
    for nothing.
    """

    fact: str
    measure: str
    counted: str | None = None
    sales_only: bool = False
    credited: str | None = None

    @property
    def is_additive(self) -> bool:
        """Whether the whole is the sum of its slices."""
        return self.counted is None and self.measure not in COLLECTED

    @property
    def is_money(self) -> bool:
        """Whether it is an amount, to be converted."""
        return self.fact in PLANS or self.measure in schema.MONEY_MEASURES


@dataclass(frozen=True)
class PlanVersions:
    """Which version of a plan holds in which month, in which currencies, and the last day all of these have rates."""

    version_of: tuple[tuple[date, str], ...] = ()
    currencies: frozenset[str] = frozenset()
    last_rate_day: date | None = None
    open_levels: tuple[str, ...] = ()  # on which it is set for some members, but not for all there are
    digest: str = ""  # of the whole plan's state: what a cache key needs to hold


@dataclass(frozen=True)
class Cut:
    """A window that begins or ends within a month: its whole months, and its other days."""

    months: Window
    days: Window


@dataclass(frozen=True)
class Slice:
    """What a statement is about: the parts wanted, by which levels, of which rows.

    When the rest is asked for, `excluded` holds the keys, one per level of `excluded_by`, of rows already shown; when
    only certain rows are, `only` holds their keys, one per level of `by`. `head` is the position of a part and a
    number: only so many rows are wanted, those with the largest figures there; with `newest`, the position of days
    among the levels, those of the last days before all others.
    `cut`: a rollup is read for the whole months of the window only, and the lines for its other days.
    `few`: of documents by members, whether these are at most as many as a whole number has bits.
    `by_month` adds the plan's month to the levels, for shares of months to be taken afterwards.
    """

    source: Source
    parts: tuple[Part, ...]
    by: tuple[str, ...]
    window: Window
    where: tuple[Narrowing | Totalled, ...]
    totals: bool = False
    by_month: bool = False
    excluded_by: tuple[str, ...] = ()
    excluded: tuple[tuple[Any, ...], ...] = ()
    only: tuple[tuple[Any, ...], ...] = ()
    head: tuple[int, int] | None = None
    newest: int | None = None
    cut: Cut | None = None
    few: bool = False
