"""The head of a ranking: its first rows asked for in SQL, so that ten of a million are shown without fetching them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod

from app.values.hierarchy import TIME_LEVELS
from queries.catalogue.model import Catalogue, Distinct, Documents, Sum
from queries.gather import Gathered, Keys, Reading, take, whole
from queries.plan import ASKED, Leg, Plan, slice_of, total_of
from queries.route import USUAL_MEMBERS
from queries.slice import Part
from queries.sources import SALES
from queries.spell import Bucket, own_parts

LONG = 300
"""Rows from which a ranking is worth cutting in SQL; shorter ones come whole in one statement."""
_ENDLESS = 1_000_000


@dataclass(frozen=True)
class Head:
    """The first rows of a ranking in order, how many more there are, and these as one row per period."""

    gathered: Gathered
    shown: list[Keys]
    hidden: int
    rest: dict[str, Bucket]


def head_of(plan: Plan, known: Catalogue, reading: Reading) -> Head | None:
    """The head, where SQL alone can tell which rows are first; None where all rows have to be compared.

    Rows that only a comparison or a plan knows have no sales in the asked period. They rank behind every row with a
    positive figure, so as long as the last row shown has one, none of them belongs among the first.
    """
    sales = [each for each in plan.legs if each.period == ASKED and each.fact == SALES and not each.absent]
    part = _ranked_by(plan, known)
    limit = plan.query.limit
    if len(sales) != 1 or part is None or limit is None:
        return None
    leg = sales[0]
    others = [each for each in plan.legs if each is not leg and not each.absent]
    position = leg.parts.index(part)
    newest = _newest_first(plan)
    if others and newest is not None:
        return None
    rows = reading.fetch(replace(slice_of(leg, plan), totals=False, head=(position, limit), newest=newest))
    groups, held = (rows[0][-2], rows[0][-1]) if rows else (0, 0)
    width = len(leg.by)
    if others and (groups <= limit or rows[-1][width + position] <= 0):
        return None
    if others and part.is_money and rows[-1][-4] == rows[-1][-3]:
        # The last row shown is held altogether: it has no figure.
        return None
    gathered = Gathered(headed=True)
    calendar = reading.context.calendar
    take(gathered, leg, plan, [row[:-2] for row in rows], calendar)
    gathered.held = held
    raw = tuple(row[:width] for row in rows)
    for each in plan.legs:
        if each.absent:
            gathered.note(each.absent)
        elif each is not leg:
            take(gathered, each, plan, reading.fetch(replace(slice_of(each, plan), totals=False, only=raw)), calendar)
            if each.is_plan and not _is_planned(gathered, each):
                return None
    gathered.complete()
    return _completed(plan, known, reading, gathered, raw, groups)


def _completed(
    plan: Plan, known: Catalogue, reading: Reading, gathered: Gathered, raw: tuple[Keys, ...], groups: int
) -> Head:
    """Totals, asked for as one row, and the rest: what sums leave of it once the rows shown are taken off."""
    shown = list(gathered.rows[ASKED]) if ASKED in gathered.rows else []
    shown = shown[: len(raw)]
    hidden = groups - len(shown)
    rest: dict[str, Bucket] = {}
    summed = {leg.period: leg for leg in plan.legs if not leg.absent and _adds_up(leg)}
    for period, leg in summed.items():
        if plan.query.totals or (plan.query.others and hidden):
            total = _total(leg, plan, known, reading)
            if plan.query.totals:
                _merge(gathered.totals.setdefault(period, Bucket()), total)
            _merge(rest.setdefault(period, Bucket()), less(total, leg, gathered.rows.get(period, {}).values()))
    for leg in plan.legs:
        if leg.absent or _adds_up(leg):
            continue
        if plan.query.totals:
            _merge(gathered.totals.setdefault(leg.period, Bucket()), whole(leg, plan, reading))
        if plan.query.others and hidden:
            _merge(rest.setdefault(leg.period, Bucket()), whole(leg, plan, reading, raw))
    return Head(gathered, shown, hidden, rest)


def _adds_up(leg: Leg) -> bool:
    return not leg.is_plan and all(part.is_additive for part in leg.parts)


def _total(leg: Leg, plan: Plan, known: Catalogue, reading: Reading) -> Bucket:
    return whole(total_of(leg, plan, reading.context, known, reading.snapshot.generation), plan, reading)


def less(total: Bucket, leg: Leg, shown: Iterable[Bucket]) -> Bucket:
    """What a leg's sums leave of their total once the rows shown are taken off."""
    rest = Bucket(dict(total.parts), total.rows, total.held)
    for each in shown:
        taken = [-(each.parts.get(part) or 0) for part in leg.parts]
        rest.add(leg.parts, taken, -each.rows, -each.held)
    return rest


def _merge(into: Bucket, other: Bucket) -> None:
    into.add(tuple(other.parts), tuple(other.parts.values()), other.rows, other.held)


def _ranked_by(plan: Plan, known: Catalogue) -> Part | None:
    """The one aggregate that decides the order, of a long ranking from the top or of each day's, the last day first."""
    query = plan.query
    newest = _newest_first(plan)
    timed = [level for level in query.by if level in TIME_LEVELS]
    if not query.limit or not query.by or timed != ([] if newest is None else ["day"]):
        return None
    if prod(USUAL_MEMBERS.get(level, _ENDLESS) for level in query.by) < LONG:
        return None
    order = query.order or (((query.metrics[0], "desc"),) if len(query.by) == 1 else ())
    order = order if newest is None else order[1:]
    if len(order) != 1 or order[0][1] != "desc" or order[0][0] not in query.metrics:
        return None
    metric = known.metric(order[0][0])
    match metric.expression:
        case Sum(((1, _),)) | Documents() | Distinct():
            return own_parts(metric)[0] if metric.fact == SALES else None
    return None


def _newest_first(plan: Plan) -> int | None:
    """The position of days among several levels, where the last day comes before all else; alone they are a series."""
    query = plan.query
    sorts = query.order[:1] == (("day", "desc"),) and "day" in query.by and len(query.by) > 1
    return query.by.index("day") if sorts else None


def _is_planned(gathered: Gathered, leg: Leg) -> bool:
    return any(part in bucket.parts for bucket in gathered.rows.get(leg.period, {}).values() for part in leg.parts)
