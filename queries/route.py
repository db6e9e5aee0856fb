"""Routing: the coarsest rollup that may answer a leg, and a named reason for every one that may not.

A rollup is disqualified when it lacks a level that the question, its filters or the viewer's scope touch; when its
grain cannot give the asked level of time; when the period starts or ends inside its grain; when a distinct count
needs members it does not hold; when documents are counted over levels that split documents; or when it has no sums in
the reporting currency. Of those left, the one with the fewest rows answers; with none left, the fact does.

    day ─ week
      └── month ─ quarter ─ year        weeks cannot be made from months, nor months from weeks or years
            └──── fiscal levels         unless fiscal periods are made of weeks
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import prod
from typing import Any

from sqlalchemy import Select, func, literal_column, select, union_all

from app.values.calendar import Calendar
from app.values.hierarchy import ACCOUNT_OWNER, TIME_LEVELS
from queries.catalogue.model import Catalogue
from queries.compare import Window
from queries.slice import COLLECTED, Part
from queries.sources import SALES, Source
from queries.warehouse.engines.engine import Generation
from queries.warehouse.rollups import Grain, Rollup, rollup_table

MISSING_LEVEL = "missing_level"
ACCOUNT_OWNER_SCOPE = "account_owner_scope"
GRAIN_NOT_DERIVABLE = "grain_not_derivable"
PERIOD_NOT_ALIGNED = "period_not_aligned"
NEVER_ADDITIVE = "never_additive"
LINE_LEVEL_ORDERS = "line_level_orders"
CURRENCY_NOT_ROLLED_UP = "currency_not_rolled_up"
COARSER_CHOSEN = "coarser_chosen"

REASONS = {
    MISSING_LEVEL: "it does not hold a level that is asked for, filtered or scoped",
    ACCOUNT_OWNER_SCOPE: "the viewer's rows are those of accounts owned today, and it holds no customers",
    GRAIN_NOT_DERIVABLE: "the asked level of time cannot be made from its grain",
    PERIOD_NOT_ALIGNED: "the period starts or ends inside its grain",
    NEVER_ADDITIVE: "distinct members cannot be counted from its sums",
    LINE_LEVEL_ORDERS: "documents are counted over levels on which the lines of one document differ",
    CURRENCY_NOT_ROLLED_UP: "it holds no sums in the reporting currency",
    COARSER_CHOSEN: "a smaller one answers as well",
}
"""What each reason means, for people."""

_MONTHLY = frozenset({"month", "quarter", "year"})
_FISCAL = frozenset({"fiscal_month", "fiscal_quarter", "fiscal_year"})

USUAL_MEMBERS = {
    "market": 3,
    "country": 9,
    "region": 15,
    "state": 50,
    "city": 150,
    "department": 3,
    "team": 8,
    "rep": 40,
    "category": 4,
    "subcategory": 20,
    "product": 400,
    "industry": 10,
    "segment": 4,
    "customer": 8000,
    "channel": 3,
    "campaign": 20,
    "document_type": 3,
    "currency": 9,
}
"""How many members a level usually has: only orders of size are taken from it."""


@dataclass(frozen=True)
class Wanted:
    """What of a leg decides its route: `levels` are all touched ones, by the question, its filters and the scope."""

    parts: tuple[Part, ...]
    by: tuple[str, ...]
    levels: frozenset[str]
    window: Window
    basis: str
    currency: str


@dataclass(frozen=True)
class Route:
    """The source chosen, and why each other rollup was not: (rollup, reason)."""

    source: Source
    refusals: tuple[tuple[str, str], ...]


Sizes = Mapping[str, int]
"""How many rows each rollup has in this state of the warehouse, by name."""


def route(wanted: Wanted, known: Catalogue, calendar: Calendar, generation: Generation, sizes: Sizes) -> Route:
    """Choose a source for a leg of sales."""
    eligible: list[Rollup] = []
    refusals: list[tuple[str, str]] = []
    for rollup in known.rollups:
        reason = refusal(rollup, wanted, known, calendar, generation)
        if reason is None:
            eligible.append(rollup)
        else:
            refusals.append((rollup.name, reason))
    if not eligible:
        return Route(Source(SALES, wanted.basis), tuple(refusals))
    chosen = min(eligible, key=lambda rollup: sizes.get(rollup.name, _usual_rows(rollup)))
    refusals += [(rollup.name, COARSER_CHOSEN) for rollup in eligible if rollup != chosen]
    return Route(Source(SALES, wanted.basis, chosen), tuple(refusals))


def refusal(rollup: Rollup, wanted: Wanted, known: Catalogue, calendar: Calendar, generation: Generation) -> str | None:
    """Why a rollup may not answer, or None."""
    source = Source(SALES, wanted.basis, rollup)
    lacking = [level for level in sorted(wanted.levels) if level not in TIME_LEVELS and not source.has(level)]
    if ACCOUNT_OWNER in lacking:
        return ACCOUNT_OWNER_SCOPE
    if lacking:
        return MISSING_LEVEL
    if not _derivable(rollup.grain, wanted.by, calendar):
        return GRAIN_NOT_DERIVABLE
    if not _is_aligned(rollup.grain, wanted.window, wanted.basis, generation):
        return PERIOD_NOT_ALIGNED
    reason = _uncountable(wanted, rollup, known, generation)
    if reason is not None:
        return reason
    return None if wanted.currency in generation.reporting else CURRENCY_NOT_ROLLED_UP


def _derivable(grain: Grain, by: Iterable[str], calendar: Calendar) -> bool:
    if grain != "month":
        return grain == "day" or not any(level in TIME_LEVELS and level != "year" for level in by)
    fiscal = frozenset() if calendar.is_week_calendar else _FISCAL
    return all(level in _MONTHLY or level in fiscal for level in by if level in TIME_LEVELS)


def _is_aligned(grain: Grain, window: Window, basis: str, generation: Generation) -> bool:
    """Whether whole months or years hold the same rows as the window: they may be cut where no line lies beyond."""
    if grain == "day":
        return True
    first, last = generation.first_day, generation.last_day
    for span in window.spans:
        starts, ends = (_begins(grain, day) for day in (span.start, span.end_exclusive))
        if basis == "booked" and first is not None and last is not None:
            starts = starts or span.start <= first
            ends = ends or span.end_exclusive > last
        if not (starts and ends):
            return False
    return True


def _begins(grain: Grain, day: date) -> bool:
    return day.day == 1 and (grain == "month" or day.month == 1)


def _uncountable(wanted: Wanted, rollup: Rollup, known: Catalogue, generation: Generation) -> str | None:
    for part in wanted.parts:
        if part.counted == "document":
            split = any(not known.level(level).document_level for level in wanted.levels)
            # Invoices and payments of one document may be spread over its lines' own dates.
            if split or wanted.basis != "booked" or not generation.uniform_documents:
                return LINE_LEVEL_ORDERS
        elif part.measure in COLLECTED:
            if part.measure == "last_day" and rollup.last_day:
                continue
            if rollup.grain == "year" or (part.measure != "months" and rollup.grain == "month"):
                return GRAIN_NOT_DERIVABLE
        elif part.counted is not None and part.counted not in rollup.closed_levels:
            return NEVER_ADDITIVE
    return None


def sizes_of(known: Catalogue, basis: str) -> Select[Any] | None:
    """Counts the rows of every rollup on a basis: (name, rows)."""
    counted: list[Any] = [
        select(literal_column(f"'{rollup.name}'").label("name"), func.count().label("size")).select_from(
            rollup_table(rollup, basis)
        )
        for rollup in known.rollups
    ]
    if not counted:
        return None
    together = union_all(*counted).subquery()
    return select(*together.c)


def _usual_rows(rollup: Rollup) -> int:
    days = {"day": 365, "month": 12, "year": 1}[rollup.grain]
    return days * prod(USUAL_MEMBERS.get(level, 1) for level in rollup.levels)
