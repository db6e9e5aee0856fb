"""Answering: gathered rows become a frame, ordered, cut to the limit, with others, totals, names and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.values.context import QueryContext
from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.words import Text, say
from queries.catalogue.model import Catalogue
from queries.compare import BEFORE_SALES
from queries.coverage import other_months, part_of
from queries.figuring import Figuring, Periods, figuring_of
from queries.frame import OTHERS_ROW, TOTALS_ROW, Frame, Member, Provenance, Row, Source
from queries.gather import Gathered, Keys, Reading, gather, rest_of
from queries.head import head_of
from queries.moved import moved_of
from queries.names import Names
from queries.plan import ASKED, Leg, Plan, plan_name
from queries.shared import Shared
from queries.slice import PlanVersions
from queries.warehouse.engines.engine import Snapshot

OTHERS = Member("(others)", "Others")
TOTAL = Member("(total)", "Total")
NOT_ALLOCATED = say("Not allocated")
NO_EARLIER_SALES = say("There is no comparison: it lies before the first sale.")
CUT_MONTHS = say("Of a month that is cut, the plan counts by its working days.")
_DENSEST = 1_500
"""Members of time up to which gaps in a series are filled."""


@dataclass
class _Work:
    """What the steps of answering share."""

    plan: Plan
    known: Catalogue
    gathered: Gathered
    figuring: Figuring
    reasons: dict[tuple[int, str], str] = field(default_factory=dict)


def answer(
    plan: Plan,
    context: QueryContext,
    known: Catalogue,
    snapshot: Snapshot,
    versions: Mapping[str, PlanVersions],
    names: Names,
    shared: Shared | None = None,
) -> Frame:
    """Ask the warehouse and put the answer together."""
    reading = Reading(context, snapshot, versions, shared)
    head = None if context.scope.is_nothing else moved_of(plan, known, reading) or head_of(plan, known, reading)
    gathered = head.gathered if head else gather(plan, reading)
    work = _Work(plan, known, gathered, figuring_of(plan, known))
    query = plan.query
    ordered = head.shown if head else _ordered(work, _keys(work, context), names, snapshot)
    shown = ordered[: query.limit] if query.limit else ordered
    hidden = ordered[len(shown) :]
    hidden_count = head.hidden if head else len(hidden)
    members = [
        names.members(known.level(level), {key[position] for key in shown}, snapshot)
        for position, level in enumerate(query.by)
    ]
    cells = gathered.cells(shown, work.figuring.periods)
    columns = [*_members(work, shown, members), *_figures(work, 0, cells)]
    rows = tuple(zip(*columns, strict=True)) if columns else ((),) * len(shown)
    others = None
    if hidden_count and query.others:
        rest = head.rest if head else rest_of(plan, reading, gathered, shown)
        remaining = {period: [gathered.rest(period, hidden, rest.get(period))] for period in work.figuring.periods}
        others = (*_heading(query.by, OTHERS), *_row(work, OTHERS_ROW, remaining))
    totals = None
    if query.totals and not context.scope.is_nothing:
        whole = {period: [gathered.total(period)] for period in work.figuring.periods}
        totals = (*_heading(query.by, TOTAL), *_row(work, TOTALS_ROW, whole))
    covered = {} if context.scope.is_nothing else _covered(work, reading, names)
    return Frame(
        columns=work.figuring.columns,
        rows=rows,
        provenance=_provenance(work, snapshot),
        currency=context.currency,
        totals=totals,
        others=others,
        others_count=hidden_count,
        reasons=work.reasons,
        notes=_notes(work, context, versions, covered),
        partial={fact: words for fact, (words, _) in covered.items()},
    )


def _figures(work: _Work, first: int, cells: Periods) -> list[list[Any]]:
    """Figures column by column, noting reasons for rows numbered from `first`."""
    found = []
    for column, figures in zip(work.figuring.ids, work.figuring.figures(cells), strict=True):
        found.append([value for value, _ in figures])
        for number, (_, reason) in enumerate(figures, first):
            if reason is not None:
                work.reasons[number, column] = reason
    return found


def _row(work: _Work, number: int, cells: Periods) -> Row:
    """One row's figures."""
    return tuple([figures[0] for figures in _figures(work, number, cells)])


def _keys(work: _Work, context: QueryContext) -> list[Keys]:
    """Every row's key: of all facts and periods, and for a lone series of time also where nothing happened."""
    if context.scope.is_nothing:
        # The statements ran and found nothing; zeros would suggest that there is something to see.
        return []
    plan = work.plan
    by = plan.query.by
    if not by:
        return [()]
    found = dict.fromkeys(key for rows in work.gathered.rows.values() for key in rows)
    if len(by) == 1 and by[0] in TIME_LEVELS and found:
        series = plan.settled.window.keys(by[0], context.calendar)
        if len(series) <= _DENSEST and not any(each.level in TIME_LEVELS for each in plan.query.where if each.exclude):
            found.update(dict.fromkeys((key,) for key in series))
    return list(found)


def _ordered(work: _Work, keys: list[Keys], names: Names, snapshot: Snapshot) -> list[Keys]:
    """Rows in the asked order, ties by key; unasked, time runs on, one level ranks by figure, several go by name."""
    query = work.plan.query
    order = query.order
    if not order:
        if len(query.by) == 1 and query.by[0] not in TIME_LEVELS:
            order = ((query.metrics[0], "desc"),)
        else:
            order = tuple((level, "asc") for level in query.by)
    keys = sorted(keys)
    for column, direction in reversed(order):
        ranks = _ranks(work, column, keys, names, snapshot)
        # Python's reverse keeps equal rows in their former order, and what is missing goes last either way.
        places = range(len(keys))
        present = [at for at in places if ranks[at] is not None]
        present.sort(key=ranks.__getitem__, reverse=direction == "desc")
        keys = [keys[at] for at in (*present, *(at for at in places if ranks[at] is None))]
    return keys


def _ranks(work: _Work, column: str, keys: list[Keys], names: Names, snapshot: Snapshot) -> list[Any]:
    """What each row is ordered by; None for rows that go last."""
    if column not in work.plan.query.by:
        return work.figuring.ranked_by(column, work.gathered.cells(keys, work.figuring.periods))
    position = work.plan.query.by.index(column)
    own = [key[position] for key in keys]
    if column in TIME_LEVELS:
        return [None if key == NO_MEMBER else key for key in own]
    members = names.members(work.known.level(column), set(own), snapshot)
    ranks = {key: (member.name.casefold(), member.key) for key, member in members.items() if member.key != NO_MEMBER}
    return [ranks.get(key) for key in own]


def _members(work: _Work, keys: list[Keys], members: list[dict[str, Member]]) -> list[list[Member]]:
    """Members column by column."""
    found = [[members[position][key[position]] for key in keys] for position in range(len(members))]
    for number, key in enumerate(keys):
        if NO_MEMBER in key and not _is_sold(work.gathered, key):
            for column in found:
                if column[number].key == NO_MEMBER:
                    column[number] = Member(NO_MEMBER, NOT_ALLOCATED)
    return found


def _is_sold(gathered: Gathered, key: Keys) -> bool:
    return any(key in rows and rows[key].rows for rows in gathered.rows.values())


def _heading(by: tuple[str, ...], member: Member) -> tuple[Member | None, ...]:
    return (member, *(None for _ in by[1:])) if by else ()


def _provenance(work: _Work, snapshot: Snapshot) -> Provenance:
    plan = work.plan
    sources = {
        (leg.fact, table): Source(leg.fact, table, refusals) for leg in plan.legs for table, refusals in _tables(leg)
    }
    window = plan.settled.window
    return Provenance(
        generation=snapshot.generation.number,
        as_of=snapshot.generation.as_of,
        span=window.hull if window.spans else None,
        references={each.versus: each.window.hull for each in plan.references if each.window and each.window.spans},
        rows_left_out={"missing_fx_rate": work.gathered.held} if work.gathered.held else {},
        sources=tuple(sources.values()),
    )


def _tables(leg: Leg) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """The tables a leg reads, with the rollups that would not do."""
    if leg.absent:
        return []
    days = [(leg.fact, leg.days_refusals)] if leg.cut else []
    return [(leg.source.name, leg.refusals), *days]


def _covered(work: _Work, reading: Reading, names: Names) -> dict[str, tuple[Text, Text]]:
    """The plans that are set for a part of what is asked: in few words, and as a sentence."""
    found = {}
    for leg in _asked_plans(work):
        told = part_of(leg, work.plan, reading, work.known, names) or other_months(leg, work.plan, work.known)
        if told is not None:
            found[leg.fact] = told
    return found


def _asked_plans(work: _Work) -> list[Leg]:
    return [leg for leg in work.plan.legs if leg.is_plan and leg.period == ASKED and not leg.absent]


def _notes(
    work: _Work, context: QueryContext, versions: Mapping[str, PlanVersions], covered: Mapping[str, tuple[Text, Text]]
) -> tuple[str, ...]:
    if context.scope.is_nothing:
        return (say("There are no rows that you may see."),)
    notes = list(work.gathered.notes)
    asked = _asked_plans(work)
    for leg in asked:
        note = _plan_note(work, leg, versions.get(leg.fact, PlanVersions()))
        if note is not None:
            notes.append(note)
        elif leg.fact in covered:
            notes.append(covered[leg.fact][1])
    if any(each.reason == BEFORE_SALES for each in work.plan.references):
        notes.append(NO_EARLIER_SALES)
    if any(leg.by_month and _cuts(leg) for leg in asked):
        notes.append(CUT_MONTHS)
    return tuple(dict.fromkeys(notes))


def _cuts(leg: Leg) -> bool:
    return any(span.start.day != 1 or span.end_exclusive.day != 1 for span in leg.window.spans)


def _plan_note(work: _Work, leg: Leg, versions: PlanVersions) -> Text | None:
    """What to say when a plan exists but not as finely as asked."""
    plan_told = plan_name(leg.fact, work.known)
    rows = work.gathered.rows.get(ASKED, {})
    planned = [key for key, bucket in rows.items() if any(part in bucket.parts for part in leg.parts)]
    if not planned:
        months = set(leg.window.months())
        if any(month in months for month, _ in versions.version_of):
            return say("No plan at this level: there is no {plan} for what is shown.", plan=plan_told)
        return say("There is no {plan} for this period.", plan=plan_told)
    for position, level in enumerate(work.plan.query.by):
        if level not in TIME_LEVELS and all(key[position] == NO_MEMBER for key in planned):
            by = say(work.known.level(level).title.lower())
            return say("No plan at this level: {plan} is not set by {level}.", plan=plan_told, level=by)
    return None
