"""Compiling: one leg of a plan over one window becomes one SELECT, with the viewer's scope inside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    type_coerce,
)

from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.narrowing import BOUNDS, AmountRange, FieldRules
from app.values.scope import Scope
from app.values.selection import Narrowing
from queries.compare import Totalled, Window
from queries.cut import with_days
from queries.narrow import fields_condition, line_condition, member_condition, net_in, rated, scope_condition, within
from queries.slice import COLLECTED, Part, PlanVersions, Slice
from queries.sources import PLANS, SALES, Source, rate_condition
from queries.sources import is_sale as _is_sale
from queries.warehouse import schema

EXACT = Numeric(38, 12)
QUANTITY = Numeric(38, 4)

MONTHS_BACK = 60
"""How far back bits of months reach: a whole number has room for no more."""


def compile_slice(
    asked: Slice, scope: Scope, currency: str, *, converts: bool, versions: PlanVersions | None = None
) -> Select[Any]:
    """One SELECT: a key per level, the month, a flag that is 1 on the row of totals, the parts, rows and rows held.

    With a head there follow the number of all rows of the answer and of all lines held.

    `converts` is False when every amount is in the reporting currency already, so that no rate is needed.
    """
    asked = _cut(asked, scope, currency, converts)
    source = asked.source
    needed = dict.fromkeys(dimensions(asked, scope))
    joined = source.joined(needed)
    if converts and source.rollup is None:
        joined = joined.join(schema.rate, _rate(source, currency, versions), isouter=True)
    keys = [source.key(level).label(f"k{i}") for i, level in enumerate(asked.by)]
    if asked.by_month:
        keys.append(source.day.label("plan_month"))
    grouped = [key.element for key in keys]
    columns: list[ColumnElement[Any]] = [*keys]
    if asked.totals and keys:
        columns.append(type_coerce(func.grouping(grouped[0]), Integer).label("is_total"))
    figures = [_aggregate(part, asked, converts) for part in asked.parts]
    rows, held = _rows(source), _held(source, converts)
    columns += [figure.label(f"p{i}") for i, figure in enumerate(figures)]
    columns += [rows.label("n"), held.label("held")]
    if asked.head is not None:
        columns += [
            func.count().over().label("groups"),
            type_coerce(func.sum(held).over(), BigInteger).label("all_held"),
        ]
    statement = select(*columns).select_from(joined).where(*conditions(asked, scope, currency, versions))
    if not keys:
        return statement
    if asked.totals:
        return statement.group_by(func.rollup(tuple_(*grouped)))
    statement = statement.group_by(*grouped)
    if asked.head is None:
        return statement
    position, count = asked.head
    # Amounts of rows that are held altogether are missing and rank last; equal ones go by key, byte by byte everywhere.
    rank = case((held == rows, None), else_=figures[position]) if asked.parts[position].is_money else figures[position]
    texts = (cast(key, Text) if isinstance(key.type, Date) else key for key in grouped)
    ties = (func.coalesce(key, literal_column(f"'{NO_MEMBER}'")).collate("C") for key in texts)
    first = () if asked.newest is None else (grouped[asked.newest].desc().nulls_last(),)
    return statement.order_by(*first, rank.desc().nulls_last(), *ties).limit(count)


def _cut(asked: Slice, scope: Scope, currency: str, converts: bool) -> Slice:
    """The same of a source that has the days beside the rollup's months, where there are any."""
    if asked.cut is None:
        return asked
    source, lines = asked.source, Source(SALES, asked.source.basis)
    measures = dict.fromkeys(_measure(part) for part in asked.parts)
    months, days = _in_window(source, asked.cut.months), _in_window(lines, asked.cut.days)
    levels = {*_touched(asked, scope), *(part.counted for part in asked.parts if part.counted)}
    both = with_days(source, levels, tuple(measures), currency, converts=converts, months=months, days=days)
    return replace(asked, source=both)


def _measure(part: Part) -> str:
    """The column of a rollup that a part is read from."""
    if part.counted == "document":
        return "orders"
    if part.measure == "last_day":
        return "last_day"
    return "sale_lines" if part.counted or part.measure in COLLECTED else part.measure


def _touched(asked: Slice, scope: Scope) -> Iterable[str]:
    counted = [part.counted for part in asked.parts if part.counted and part.counted not in ("customer", "document")]
    credited = [part.credited for part in asked.parts if part.credited]
    filtered = [each.level for each in asked.where]
    return (*asked.by, *counted, *credited, *asked.excluded_by, *filtered, *sorted(scope.levels))


def dimensions(asked: Slice, scope: Scope) -> Iterable[str]:
    """The dimension tables that levels, filters and scope need joined."""
    for level in _touched(asked, scope):
        if level in TIME_LEVELS or asked.source.has(level):
            name = asked.source.dimension(level)
            if name is not None:
                yield name


def _rate(source: Source, currency: str, versions: PlanVersions | None) -> ColumnElement[bool]:
    if source.fact not in PLANS:
        return rate_condition(source.table, currency)
    # A plan looks ahead, rates do not: months to come are converted at the last known rate.
    month, last = source.table.c.month, versions.last_rate_day if versions else None
    day: ColumnElement[Any] = month if last is None else case((month > last, literal(last)), else_=month)
    return and_(
        schema.rate.c.currency_key == source.table.c.currency_key,
        schema.rate.c.reporting_key == currency,
        schema.rate.c.day == day,
    )


def _aggregate(part: Part, asked: Slice, converts: bool) -> ColumnElement[Any]:
    source = asked.source
    if part.counted is not None:
        return _distinct(part, source)
    if part.measure in COLLECTED:
        return _collected(part, source, asked.window)
    table = source.table
    if source.rollup is not None:
        kind: Any = EXACT if part.is_money else QUANTITY if part.measure == "quantity" else BigInteger
        held = _credited(func.sum(table.c[part.measure]), part, source)
        return type_coerce(func.coalesce(held, literal_column("0")), kind)
    if part.is_money:
        amount: ColumnElement[Any] = table.c["amount" if source.fact in PLANS else _money_column(part.measure)]
        total: Any = func.sum(amount * schema.rate.c.rate if converts else amount)
        if part.measure == "costed_net":
            total = total.filter(table.c.cost.is_not(None))
        return type_coerce(func.coalesce(_credited(total, part, source), literal_column("0")), EXACT)
    match part.measure:
        case "quantity":
            return type_coerce(func.coalesce(func.sum(table.c.quantity), literal_column("0")), QUANTITY)
        case "lines":
            return func.count()
        case "sale_lines":
            return func.count().filter(_is_sale(source))
        case "new_customers":
            return type_coerce(func.coalesce(func.sum(table.c.first_sale), literal_column("0")), BigInteger)
    raise KeyError(part.measure)


def _collected(part: Part, source: Source, window: Window) -> ColumnElement[Any]:
    """The first or last day with a sale, or the months with one as bits, counted back from the window's last month."""
    if part.measure == "last_day" and source.rollup is not None and source.rollup.last_day:
        return type_coerce(func.max(source.table.c.last_day), Date)
    if part.measure != "months":
        pick = func.min if part.measure == "first_day" else func.max
        return type_coerce(pick(source.day).filter(_sold(source)), Date)
    if not window.spans:
        return type_coerce(literal_column("null"), BigInteger)
    last = window.hull.last_day
    year, month = (cast(func.date_part(literal_column(f"'{each}'"), source.day), Integer) for each in ("year", "month"))
    back: ColumnElement[Any] = literal_column(str(last.year * 12 + last.month)) - (year * 12 + month)
    bit = cast(literal_column("1"), BigInteger).op("<<")(back)
    known = case((and_(back >= 0, back <= MONTHS_BACK), bit))
    return type_coerce(func.bit_or(known).filter(_sold(source)), BigInteger)


def _credited(total: Any, part: Part, source: Source) -> Any:
    """The sum over the rows that have a member of the level that is credited, where there is one."""
    return total if part.credited is None else total.filter(source.key(part.credited).is_not(None))


def _money_column(measure: str) -> str:
    return "net" if measure == "costed_net" else measure


def _distinct(part: Part, source: Source) -> ColumnElement[Any]:
    """The number of distinct members, asked for; of documents, over a rollup, the number of their heads."""
    table = source.table
    if part.counted == "document":
        if source.rollup is not None:
            return type_coerce(func.coalesce(func.sum(table.c.orders), literal_column("0")), BigInteger)
        counted = func.count(table.c.document_id.distinct())
    elif part.counted == "customer" or source.rollup is not None:
        counted = func.count(_identity(part.counted or "", source).distinct())
    else:
        # Versions of one member have one key but several ids, so the key is counted.
        counted = func.count(source.key(part.counted or "").distinct())
    if not part.sales_only:
        return counted
    return counted.filter(_sold(source))


def _identity(level: str, source: Source) -> ColumnElement[Any]:
    return source.table.c.customer_id if level == "customer" else source.key(level)


def _sold(source: Source) -> ColumnElement[bool]:
    return source.table.c.sale_lines > 0 if source.rollup is not None else _is_sale(source)


def _rows(source: Source) -> ColumnElement[Any]:
    if source.rollup is None:
        return func.count()
    return _counted(source.table.c.lines)


def _counted(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A sum of counts: cast, for the wider numbers that engines sum to are slow to read."""
    return cast(func.coalesce(func.sum(column), literal_column("0")), BigInteger)


def _held(source: Source, converts: bool) -> ColumnElement[Any]:
    if source.rollup is not None:
        return _counted(source.table.c.held)
    if not converts:
        return type_coerce(literal_column("0"), BigInteger)
    return func.count() - func.count(schema.rate.c.rate)


def conditions(
    asked: Slice, scope: Scope, currency: str, versions: PlanVersions | None = None
) -> Iterable[ColumnElement[bool]]:
    """What every row must pass: the window, the filters and, inside every statement, the viewer's scope."""
    source = asked.source
    if source.cut is None:
        if source.rollup is not None:
            yield source.table.c.reporting == currency
        yield _in_window(source, asked.window)
    if source.fact in PLANS:
        yield _in_force(source, asked.window, versions or PlanVersions())
    for each in asked.where:
        yield _narrowed(each, asked, scope, currency)
    fence = scope_condition(source, scope)
    if fence is not None:
        yield fence
    if asked.only:
        yield or_(*(and_(*map(_same, map(source.key, asked.by), keys)) for keys in asked.only))
    if asked.excluded:
        shown = (and_(*map(_same, map(source.key, asked.excluded_by), keys)) for keys in asked.excluded)
        yield not_(or_(*shown))


def _narrowed(each: Narrowing | Totalled, asked: Slice, scope: Scope, currency: str) -> ColumnElement[bool]:
    match each:
        case AmountRange():
            return line_condition(each, currency, _in_window(asked.source, asked.window))
        case FieldRules():
            return fields_condition(each)
        case Totalled():
            return _totalled(each, asked, scope, currency)
    return member_condition(asked.source.key(each.level), each.members, exclude=each.exclude)


def _totalled(found: Totalled, asked: Slice, scope: Scope, currency: str) -> ColumnElement[bool]:
    """Rows of documents or customers whose total is in the range, over the lines that all else leaves in the scope."""
    column = "document_id" if found.range.of == "document" else "customer_id"
    over = BOUNDS[BOUNDS.index(found.range.of) :]
    before = tuple(each for each in asked.where if not (isinstance(each, Totalled) and each.range.of in over))
    lines = Slice(Source(SALES, asked.source.basis), (), (), found.window or asked.window, before)
    joined = rated(lines.source.joined(dict.fromkeys(dimensions(lines, scope))), currency)
    member = schema.sales_line.c[column]
    totals = select(member).select_from(joined).where(*conditions(lines, scope, currency), member.is_not(None))
    having = within(func.sum(net_in(currency)), found.range)
    return asked.source.table.c[column].in_(totals.group_by(member).having(having).correlate(None))


def _same(column: ColumnElement[Any], key: Any) -> ColumnElement[bool]:
    # Plain equality with a missing key is unknown, and NOT unknown would drop the row from the rest.
    return column.is_(None) if key is None else and_(column.is_not(None), column == key)


def _in_window(source: Source, window: Window) -> ColumnElement[bool]:
    """Ranges directly on the stored date, so that the engine skips what lies outside."""
    if not window.spans:
        return false()
    grain = source.rollup.grain if source.rollup is not None else "month" if source.fact in PLANS else "day"
    ranges = []
    for span in window.spans:
        start = span.start if grain == "day" else span.start.replace(day=1)
        start = start.replace(month=1) if grain == "year" else start
        ranges.append(and_(source.day >= start, source.day < span.end_exclusive))
    return ranges[0] if len(ranges) == 1 else or_(*ranges)


def _in_force(source: Source, window: Window, versions: PlanVersions) -> ColumnElement[bool]:
    """Each month's plan is the version loaded last for it: an original and its revision never add up."""
    months = set(window.months())
    by_version: dict[str, list[date]] = {}
    for month, version in versions.version_of:
        if month in months:
            by_version.setdefault(version, []).append(month)
    table = source.table
    if not by_version:
        return false()
    if len(by_version) == 1:
        return table.c.version == next(iter(by_version))
    return or_(*(and_(table.c.version == version, table.c.month.in_(held)) for version, held in by_version.items()))


def plan_versions(fact: str) -> Select[Any]:
    """Which versions a plan has: month, version, currency and last load."""
    table = Source(fact, "booked").table
    held = (table.c.month, table.c.version, table.c.currency_key)
    return select(*held, cast(func.max(table.c.load_id), Integer).label("load_id")).group_by(*held)
