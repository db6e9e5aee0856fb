"""Moved: the members that differ most from a comparison, found in SQL; of thousands only those shown are fetched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy import type_coerce as told

from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from queries.catalogue.model import Catalogue, Sum
from queries.gather import Gathered, Reading, take
from queries.head import LONG, Head, less
from queries.plan import ASKED, Leg, Plan, slice_of, statement
from queries.route import USUAL_MEMBERS
from queries.slice import Part
from queries.sources import SALES
from queries.spell import Bucket, own_parts

_ENDLESS = 1_000_000
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class _Ranked:
    """The asked leg and the one compared with, the aggregate whose difference decides, and from which end on."""

    legs: tuple[Leg, Leg]
    part: Part
    falling: bool
    limit: int


def moved_of(plan: Plan, known: Catalogue, reading: Reading) -> Head | None:
    """The first rows by difference, from the top or the bottom; None where all rows have to be compared."""
    ranked = _ranked(plan, known)
    if ranked is None:
        return None

    def read() -> Rows:
        return reading.snapshot.fetch(_statement(ranked, plan, reading), reading.context.scope)

    # Both ends are read at once: whoever asks for one of them as a rule asks for the other as well.
    alike = ("moved", plan.legs, plan.settled, plan.query.by, ranked.part, ranked.limit)
    rows = reading.shared.together(alike, read) if reading.shared else read()
    return _head(ranked, plan, reading, rows) if rows else None


def _ranked(plan: Plan, known: Catalogue) -> _Ranked | None:
    """What decides, where that is the difference of sums of sales alone and there are many members."""
    query = plan.query
    if not query.limit or not query.by or len(query.order) != 1 or len(plan.legs) != 2:
        return None
    metric, _, rest = query.order[0][0].partition("@")
    asked, other = sorted(plan.legs, key=lambda leg: leg.period != ASKED)
    if rest != f"{other.period}:delta" or asked.period != ASKED or asked.parts != other.parts:
        return None
    if any(leg.absent or leg.fact != SALES or not all(part.is_additive for part in leg.parts) for leg in plan.legs):
        return None
    many = prod(USUAL_MEMBERS.get(level, _ENDLESS) for level in query.by) >= LONG
    if not many or any(level in TIME_LEVELS for level in query.by):
        return None
    match known.metric(metric).expression:
        case Sum(((1, _),)):
            return _Ranked((asked, other), own_parts(known.metric(metric))[0], query.order[0][1] == "desc", query.limit)
    return None


def _head(ranked: _Ranked, plan: Plan, reading: Reading, rows: Rows) -> Head:
    """The rows of one end, all others as one row per period, and the totals."""
    place = -2 if ranked.falling else -1
    first = sorted((row for row in rows if row[place] <= ranked.limit), key=lambda row: row[place])
    begin = width = len(plan.query.by)
    gathered = Gathered(headed=True)
    totals: dict[str, Bucket] = {}
    for leg in ranked.legs:
        here = begin + len(leg.parts) + 2
        # A member without a row in one of the periods has none there, rather than one of zeros.
        own = [(*row[:width], *row[begin:here]) for row in first if row[here]]
        take(gathered, leg, plan, own, reading.context.calendar)
        begin = here + 1 + len(leg.parts) + 2
        *sums, count, held = rows[0][here + 1 : begin]
        totals[leg.period] = Bucket(dict(zip(leg.parts, sums, strict=True)), count, held)
    gathered.held = totals[ASKED].held
    gathered.complete()
    gathered.totals = totals if plan.query.totals else {}
    rest = {leg.period: less(totals[leg.period], leg, gathered.rows[leg.period].values()) for leg in ranked.legs}
    return Head(gathered, [row[:width] for row in first], rows[0][begin] - len(first), rest)


def _statement(ranked: _Ranked, plan: Plan, reading: Reading) -> Select[Any]:
    """A row a member: its keys; of each leg sums, lines, lines held and whether it has any, and then the same of all
    members but for the last; how many members there are, and the places from the top and from the bottom.
    """
    met = _met(ranked, plan, reading)
    keys = [met.c[f"k{i}"] for i in range(len(plan.query.by))]
    columns: list[ColumnElement[Any]] = [*keys]
    figures: list[ColumnElement[Any]] = []
    for number, leg in enumerate(ranked.legs):
        own = [met.c[name] for name in _names(number, leg)]
        sums: list[ColumnElement[Any]] = [told(func.sum(column), column.type) for column in own[:-3]]
        rows, held, here = (cast(func.sum(column), BigInteger) for column in own[-3:])
        columns += [*sums, rows, held, here]
        columns += [told(func.sum(each).over(), each.type) for each in sums]
        columns += [cast(func.sum(each).over(), BigInteger) for each in (rows, held)]
        figure = sums[leg.parts.index(ranked.part)]
        # Amounts of rows that are held altogether are missing and rank last, from either end.
        gone = and_(held > 0, held == rows)
        figures.append(case((gone, None), else_=figure) if ranked.part.is_money else figure)
    ties = [key.collate("C") for key in keys]
    difference = figures[0] - figures[1]
    ends = (difference.desc().nulls_last(), difference.asc().nulls_last())
    columns += [func.count().over(), *(told(func.row_number().over(order_by=(end, *ties)), Integer) for end in ends)]
    placed = select(*(column.label(f"c{i}") for i, column in enumerate(columns))).group_by(*keys).subquery("placed")
    top, bottom = list(placed.c)[-2:]
    return select(placed).where(or_(top <= ranked.limit, bottom <= ranked.limit))


def _met(ranked: _Ranked, plan: Plan, reading: Reading) -> Any:
    """The rows of both legs one below the other, each with nothing in the columns of the other."""
    context = reading.context
    sides = []
    for number, leg in enumerate(ranked.legs):
        asked = replace(slice_of(leg, plan), totals=False)
        rows = statement(asked, context.scope, context.currency, reading.snapshot.generation, reading.versions)
        read = rows.subquery(f"leg{number}").c
        columns: list[ColumnElement[Any]] = [
            func.coalesce(read[f"k{i}"], literal_column(f"'{NO_MEMBER}'")).label(f"k{i}") for i in range(len(leg.by))
        ]
        for other, each in enumerate(ranked.legs):
            own = (*(read[f"p{i}"] for i in range(len(each.parts))), read.n, read.held, literal_column("1"))
            columns += [
                (column if other == number else told(literal_column("0"), column.type)).label(name)
                for name, column in zip(_names(other, each), own, strict=True)
            ]
        sides.append(select(*columns))
    return union_all(*sides).subquery("met")


def _names(number: int, leg: Leg) -> list[str]:
    """The columns of a leg: its sums, lines, lines held, and 1 for a row of its own."""
    return [f"{name}_{number}" for name in (*(f"p{i}" for i in range(len(leg.parts))), "n", "held", "here")]
