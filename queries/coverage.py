"""Coverage: whether a plan is set for a part of the sales only, so that the two cannot be held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, literal_column, select, union_all

from app.values.hierarchy import HIERARCHIES, NO_MEMBER, TIME_LEVELS
from app.values.period import Span
from app.values.scope import Scope
from app.values.words import Text, say
from queries.catalogue.model import Catalogue
from queries.gather import Reading
from queries.names import Names
from queries.plan import Leg, Plan, plan_name
from queries.route import Wanted, route
from queries.slice import Part, PlanVersions, Slice
from queries.sources import BUDGET, FACTS, QUOTA, SALES, Source
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

MATERIAL = Decimal("0.05")
"""Sales outside the plan's members that are a smaller share than this do not change what a comparison says."""

NAMED = 3
"""Members up to which they are named."""

_LEVELS: Mapping[str, tuple[str, ...]] = {
    # The finest level says it all for those above it; people come and go, and what they sell is credited by rep.
    BUDGET: ("channel", "region", "market", "category", "department"),
    QUOTA: ("channel", "region", "market", "category"),
}
_CREDITED = {BUDGET: None, QUOTA: "rep"}
_WHOLE: Mapping[str, Text] = {BUDGET: say("net sales"), QUOTA: say("credited sales")}


def open_levels(fact: str, version_of: Iterable[tuple[date, str]], snapshot: Snapshot) -> tuple[str, ...]:
    """The levels on which a plan names members, but in some month not all there are: most plans have none of these."""
    table, levels, in_force = FACTS[fact], _LEVELS[fact], set(version_of)
    named: dict[str, Any] = {level: literal_column(f"'{level}'").label("level") for level in levels}
    held = (
        select(named[level], table.c.month, table.c.version, table.c[f"{level}_key"].label("member")).distinct()
        for level in levels
    )
    planned: dict[tuple[str, date], set[str | None]] = {}
    for level, month, version, member in snapshot.fetch(select(union_all(*held).subquery()), Scope.everything()):
        if (month, version) in in_force:
            planned.setdefault((level, month), set()).add(member)
    keys = {level: _dimension(level) for level in levels}
    listed = (
        select(named[level], key.label("member")).where(key.is_not(None)).distinct() for level, key in keys.items()
    )
    known: dict[str, set[str]] = {level: set() for level in levels}
    for level, member in snapshot.fetch(select(union_all(*listed).subquery()), Scope.everything()):
        known[level].add(member)
    found = {level for (level, _), members in planned.items() if None not in members and known[level] - members}
    return tuple(level for level in levels if level in found)


def _dimension(level: str) -> Column[Any]:
    name = Source(SALES, "booked").dimension(level)
    return next(table for table in schema.DIMENSIONS if table.name == name).c[f"{level}_key"]


def part_of(leg: Leg, plan: Plan, reading: Reading, known: Catalogue, names: Names) -> tuple[Text, Text] | None:
    """For a plan that is set for a part of the sales it stands beside: its members in words, and the sentence."""
    versions = reading.versions.get(leg.fact, PlanVersions())
    for level in versions.open_levels:
        if _is_told_apart(level, plan.query.by):
            continue
        planned = {
            row[0] for row in reading.fetch(Slice(leg.source, leg.parts, (level,), leg.window, plan.settled.where))
        }
        if not planned or None in planned or not _sells_elsewhere(leg.fact, level, planned, plan, reading, known):
            continue
        members = names.members(known.level(level), planned, reading.snapshot)
        sorted_names = sorted(member.name for member in members.values() if member.key != NO_MEMBER)
        plural = say(known.level(level).plural.lower())
        few = len(sorted_names) <= NAMED
        who = tuple(sorted_names) if few else say("{count} {level}", count=len(sorted_names), level=plural)
        told = {"plan": plan_name(leg.fact, known), "who": who, "whole": _WHOLE[leg.fact], "level": plural}
        sentence = say("The {plan} is set for {who} only.", **told)
        if any(not each.is_plan for each in plan.legs):
            sentence = say("The {plan} is set for {who} only; {whole} beside it are of all {level}.", **told)
        return say("{who} only", who=who), sentence
    return None


def other_months(leg: Leg, plan: Plan, known: Catalogue) -> tuple[Text, Text] | None:
    """The same for a plan whose months, over all time, are not those with sales."""
    window = plan.settled.window
    by_time = any(level in TIME_LEVELS for level in plan.query.by)
    if by_time or plan.settled.period.form != "all" or not leg.window.spans or not window.spans:
        return None
    planned, sold = leg.window.hull, window.hull
    ours, theirs = _months(planned), _months(sold)
    if ours == theirs:
        return None
    told = {"plan": plan_name(leg.fact, known), "ours": ours, "whole": _WHOLE[leg.fact], "theirs": theirs}
    if any(not each.is_plan for each in plan.legs):
        return say("Other months"), say("The {plan} is set for {ours}; {whole} beside it are of {theirs}.", **told)
    return say("Other months"), say("The {plan} is set for {ours}.", **told)


def _months(span: Span) -> Text:
    first, last = span.start, span.last_day
    if (first.year, first.month) == (last.year, last.month):
        return say("{first:%b %Y}", first=first)
    return say("{first:%b %Y} – {last:%b %Y}", first=first, last=last)


def _is_told_apart(level: str, by: Iterable[str]) -> bool:
    """Whether the rows of the answer show which of the level's members have a plan."""
    path = next((path for path in HIERARCHIES.values() if level in path), (level,))
    return any(each in path[path.index(level) :] for each in by)


def _sells_elsewhere(
    fact: str, level: str, planned: set[str | None], plan: Plan, reading: Reading, known: Catalogue
) -> bool:
    part = Part(SALES, "net", credited=_CREDITED[fact])
    context, where, basis = reading.context, plan.settled.where, plan.query.basis
    touched = (
        frozenset((level, *(each.level for each in where), *filter(None, (part.credited,)))) | context.scope.levels
    )
    wanted = Wanted((part,), (level,), touched, plan.settled.window, basis, context.currency)
    source = route(wanted, known, context.calendar, reading.snapshot.generation, {}).source
    rows = reading.fetch(Slice(source, (part,), (level,), plan.settled.window, where))
    whole = sum((abs(Decimal(row[1] or 0)) for row in rows), Decimal(0))
    outside = sum((abs(Decimal(row[1] or 0)) for row in rows if row[0] not in planned), Decimal(0))
    return whole > 0 and outside >= MATERIAL * whole
