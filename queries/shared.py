"""Shared: what the questions of one dashboard read alike but for their aggregates is read once, with all of these."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from queries.plan import Plan, slice_of
from queries.slice import Part, Slice

Made = TypeVar("Made")
Rows = list[tuple[Any, ...]]


class Shared:
    """The slices of several plans, for one viewer and one snapshot. Any number of threads may fetch."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._together: dict[Hashable, _Together] = {}
        self._slices: dict[Slice, _Wanted] = {}
        for plan in plans:
            for leg in plan.legs:
                if not leg.absent:
                    asked = slice_of(leg, plan)
                    wanted = self._slices.setdefault(replace(asked, parts=()), _Wanted(threading.Lock()))
                    wanted.parts = tuple(dict.fromkeys((*wanted.parts, *asked.parts)))

    def fetch(self, asked: Slice, read: Callable[[Slice], Rows]) -> Rows:
        """The rows of a slice, read by `read` unless a slice that has them was read before."""
        # What no plan names, such as where a plan is set, may be asked for several times as well.
        wanted = self._slices.setdefault(replace(asked, parts=()), _Wanted(threading.Lock(), asked.parts))
        if not set(asked.parts) <= set(wanted.parts):
            return read(asked)
        with wanted.lock:
            if wanted.rows is None:
                wanted.rows = read(replace(asked, parts=wanted.parts))
        if asked.parts == wanted.parts:
            return wanted.rows
        first = len(asked.by) + asked.by_month + (asked.totals and bool(asked.by))
        places = [first + wanted.parts.index(part) for part in asked.parts]
        return [(*row[:first], *[row[place] for place in places], *row[-2:]) for row in wanted.rows]

    def together(self, key: Hashable, gather: Callable[[], Made]) -> Made:
        """What was gathered under the key: plans that differ only in order and limit read the same rows."""
        kept = self._together.setdefault(key, _Together(threading.Lock()))
        with kept.lock:
            if kept.found is None:
                kept.found = gather()
        return cast("Made", kept.found)


@dataclass
class _Together:
    """What one of several plans gathers for all of them."""

    lock: threading.Lock
    found: Any = None


@dataclass
class _Wanted:
    """One slice: the aggregates that any question wants of it, and its rows once they are read."""

    lock: threading.Lock
    parts: tuple[Part, ...] = ()
    rows: Rows | None = None
