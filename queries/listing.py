"""Listing: the order lines behind a figure, page by page, inside the viewer's scope and masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.values.context import QueryContext
from app.values.errors import Invalid, TooBig
from app.values.period import Period
from app.values.selection import Narrowing
from queries.blocks import Block, block_of, in_order
from queries.compare import settle
from queries.compile import conditions, dimensions
from queries.fields import Field
from queries.frame import Column
from queries.line_columns import Shown, check_order, chosen, column_of, shown_to, values_of
from queries.narrow import rated as with_rates
from queries.plan import check_currency
from queries.query import Direction
from queries.slice import Slice
from queries.sources import SALES, Source
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

_LINE = schema.sales_line.c
LARGEST_PAGE = 10_000
LARGEST_BLOCK = 20_000
"""Lines read at once for a file."""

Order = tuple[tuple[str, Direction], ...]
Ordering = tuple[tuple[Shown, bool], ...]
DEFAULT_ORDER: Order = (("order_date", "desc"), ("document", "asc"), ("line_number", "asc"))


@dataclass(frozen=True)
class Listing:
    """One page of lines: columns that know what they mean, rows of members and values, and how many lines in all."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


def lines(
    where: Iterable[Narrowing],
    period: Period,
    basis: str,
    context: QueryContext,
    snapshot: Snapshot,
    *,
    offset: int = 0,
    limit: int = 100,
    order: Order = (),
    columns: Iterable[str] = (),
    own: Iterable[Field] = (),
) -> Listing:
    """A page of the lines that pass filters and scope, with the columns chosen; masked ones are not even read.

    `own` are the fields of customers that can be columns, too.

    Raises Forbidden for an order by a hidden column, Invalid for one by an unknown column, TooBig for a huge page,
    NotAskable for a currency without rates.
    """
    check_currency(context.currency, snapshot.generation)
    if limit > LARGEST_PAGE:
        raise TooBig("A page has at most {most:,} lines.", most=LARGEST_PAGE)
    shown = shown_to(context, snapshot.generation, own)
    ordering = lines_ordering(order, shown, context)
    laid = of_lines(chosen(columns, shown))
    asked = asked_lines(where, period, basis, context, snapshot)
    heads = tuple(column_of(each, context, snapshot.generation) for each in laid)
    ((total,),) = snapshot.fetch(narrowed(asked, context, select(func.count())), context.scope)
    if not total or offset >= total or limit < 1:
        return Listing(heads, (), total)
    page = snapshot.fetch(_page(asked, context, ordering, max(offset, 0), limit), context.scope, masks=context.masks)
    return Listing(heads, read_lines(page, laid, asked, context, snapshot), total)


Place = tuple[date, str]
"""Where a line stands among all, the newest first: its day of order and its key."""


def newest(
    where: Iterable[Narrowing],
    period: Period,
    basis: str,
    context: QueryContext,
    snapshot: Snapshot,
    *,
    after: Place | None = None,
    limit: int = 100,
    each: str | None = None,
) -> list[tuple[Place, dict[str, Any]]]:
    """Lines after a place, the newest first, as values by column; masked ones are not even read.

    With `each`, a level, they are so many of every member. Pages that follow places neither repeat nor leave out a
    line, whatever comes in between them. Raises TooBig for a huge page, NotAskable for a currency without rates.
    """
    check_currency(context.currency, snapshot.generation)
    if limit > LARGEST_PAGE:
        raise TooBig("A page has at most {most:,} lines.", most=LARGEST_PAGE)
    laid = of_lines(chosen((), shown_to(context, snapshot.generation)))
    asked = asked_lines(where, period, basis, context, snapshot)
    page = snapshot.fetch(_newest(asked, context, after, limit, each), context.scope, masks=context.masks)
    rows = read_lines([(key, day) for key, day, _ in page], laid, asked, context, snapshot)
    heads = [shown.id for shown in laid]
    places = [(ordered, key) for key, _, ordered in page]
    return [(place, dict(zip(heads, row, strict=True))) for place, row in zip(places, rows, strict=True)]


def _newest(asked: Slice, context: QueryContext, after: Place | None, limit: int, each: str | None) -> Select[Any]:
    """Keys, days of the basis and days of order of so many lines after a place."""
    order = (_LINE.order_date.desc(), _LINE.line_key)
    keys = narrowed(asked, context, select(_LINE.line_key, asked.source.day.label("day"), _LINE.order_date))
    if after is not None:
        day, key = after
        keys = keys.where(or_(_LINE.order_date < day, and_(_LINE.order_date == day, _LINE.line_key > key)))
    if each is None:
        return keys.order_by(*order).limit(limit)
    numbered = func.row_number().over(partition_by=asked.source.key(each), order_by=order).label("number")
    inner = keys.add_columns(numbered).subquery()
    few = select(inner.c.line_key, inner.c.day, inner.c.order_date).where(inner.c.number <= limit)
    return few.order_by(inner.c.order_date.desc(), inner.c.line_key)


def of_lines(found: Mapping[str, Shown]) -> tuple[Shown, ...]:
    """Of the chosen columns those that say something of a line."""
    return tuple(each for each in found.values() if not each.only_customers)


def page_of(
    asked: Slice, context: QueryContext, snapshot: Snapshot, ordering: Ordering, laid: tuple[Shown, ...], span: range
) -> tuple[tuple[Any, ...], ...]:
    """The values of the lines at these places in the order."""
    page = snapshot.fetch(_page(asked, context, ordering, span.start, len(span)), context.scope, masks=context.masks)
    return read_lines(page, laid, asked, context, snapshot)


def read_lines(
    page: list[tuple[Any, ...]], laid: tuple[Shown, ...], asked: Slice, context: QueryContext, snapshot: Snapshot
) -> tuple[tuple[Any, ...], ...]:
    """The values of lines whose keys and dates are known, in their order."""
    if not page:
        return ()
    rows = snapshot.fetch(_full(page, laid, asked, context), context.scope, masks=context.masks)
    read = {row[0]: values_of(row[1:], laid) for row in rows}
    return tuple(read[key] for key, _ in page if key in read)


@dataclass(frozen=True)
class Whole:
    """All lines in their order: columns, how many lines there are, and they themselves block by block."""

    columns: tuple[Column, ...]
    total: int
    blocks: Iterator[Block]

    @property
    def pieces(self) -> Iterator[list[tuple[Any, ...]]]:
        """The blocks as rows of values."""
        return (block.rows() for block in self.blocks)


def whole(
    where: Iterable[Narrowing],
    period: Period,
    basis: str,
    context: QueryContext,
    snapshot: Snapshot,
    *,
    order: Order = (),
    columns: Iterable[str] = (),
    own: Iterable[Field] = (),
) -> Whole:
    """All lines that pass filters and scope, read as they are taken: hold the snapshot until then.

    In the default order each block is some days of orders, so that the cost grows with the number of lines; in another
    their keys are read first. Refuses as `lines` does.
    """
    check_currency(context.currency, snapshot.generation)
    known = shown_to(context, snapshot.generation, own)
    laid = of_lines(chosen(columns, known))
    asked = asked_lines(where, period, basis, context, snapshot)
    heads = tuple(column_of(each, context, snapshot.generation) for each in laid)
    ordering = lines_ordering(order, known, context)
    if order:
        page = snapshot.columns(_page(asked, context, ordering, 0, None), context.scope, masks=context.masks)
        stretches = (page.slice(at, LARGEST_PAGE) for at in range(0, len(page), LARGEST_PAGE))
        return Whole(heads, len(page), (_looked_up(each, laid, asked, context, snapshot) for each in stretches))
    by_day = narrowed(asked, context, select(_LINE.order_date, func.count())).group_by(_LINE.order_date)
    days = sorted(snapshot.fetch(by_day, context.scope), reverse=True)

    def blocks() -> Iterator[Block]:
        for first, last, count in _stretches(days):
            yield from blocks_of(asked, context, snapshot, ordering, laid, count, _LINE.order_date.between(first, last))

    return Whole(heads, sum(count for _, count in days), blocks())


def blocks_of(
    asked: Slice,
    context: QueryContext,
    snapshot: Snapshot,
    ordering: Ordering,
    laid: tuple[Shown, ...],
    count: int,
    *conditions: ColumnElement[bool],
) -> Iterator[Block]:
    """So many lines that meet further conditions, in the order, a block at a time."""
    everything = _chosen(asked, context, laid, ordering).where(*conditions).order_by(*_by(ordering))
    for offset in range(0, count, LARGEST_BLOCK):
        some = everything.offset(offset).limit(LARGEST_BLOCK)
        yield block_of(snapshot.columns(some, context.scope, masks=context.masks), laid)


def _looked_up(
    page: pa.Table, laid: tuple[Shown, ...], asked: Slice, context: QueryContext, snapshot: Snapshot
) -> Block:
    """The lines whose keys and dates these are, in their order."""
    keys, days = (column.to_pylist() for column in page.columns)
    statement = _full(list(zip(keys, days, strict=True)), laid, asked, context)
    return block_of(in_order(snapshot.columns(statement, context.scope, masks=context.masks), keys), laid)


def _stretches(days: list[tuple[date, int]]) -> Iterator[tuple[date, date, int]]:
    """Days in falling order, with their lines, put together to stretches of one block at most, or of one day."""
    stretch: list[tuple[date, int]] = []
    for day, count in days:
        if stretch and sum(some for _, some in stretch) + count > LARGEST_BLOCK:
            yield stretch[-1][0], stretch[0][0], sum(some for _, some in stretch)
            stretch = []
        stretch.append((day, count))
    if stretch:
        yield stretch[-1][0], stretch[0][0], sum(some for _, some in stretch)


def lines_ordering(order: Order, shown: Mapping[str, Shown], context: QueryContext) -> tuple[tuple[Shown, bool], ...]:
    """The whitelisted columns to order by, each with whether it runs downwards."""
    for column, direction in order:
        check_order(column, shown, context)
        if direction not in ("asc", "desc"):
            raise Invalid("An order is asc or desc.")
    asked = {column for column, _ in order}
    rest = tuple(each for each in DEFAULT_ORDER if each[0] not in asked)
    found = tuple((shown[column], direction == "desc") for column, direction in (*order, *rest))
    return tuple((each, down) for each, down in found if not each.only_customers)


def asked_lines(
    where: Iterable[Narrowing], period: Period, basis: str, context: QueryContext, snapshot: Snapshot
) -> Slice:
    """The slice of lines that a listing is of, its time settled."""
    generation = snapshot.generation
    settled = settle(
        period,
        (),
        where,
        today=context.today,
        calendar=context.calendar,
        first=generation.first_day,
        last=generation.last_day,
    )
    return Slice(Source(SALES, basis), (), (), settled.window, settled.where)


def narrowed(asked: Slice, context: QueryContext, chosen: Select[Any], *joins: str, rated: bool = False) -> Select[Any]:
    """A select over the lines that pass filters and scope."""
    needed = dict.fromkeys((*dimensions(asked, context.scope), *joins))
    joined = asked.source.joined(needed)
    if rated:
        joined = with_rates(joined, context.currency)
    return chosen.select_from(joined).where(*conditions(asked, context.scope, context.currency))


def _page(asked: Slice, context: QueryContext, ordering: Ordering, offset: int, limit: int | None) -> Select[Any]:
    """The keys and dates of a page's lines: only what filters and orders is read for all lines."""
    joins = [shown.joins for shown, _ in ordering if shown.joins]
    rated = any(shown.rated for shown, _ in ordering)
    keys = narrowed(asked, context, select(_LINE.line_key, asked.source.day), *joins, rated=rated)
    return keys.order_by(*_by(ordering)).offset(offset).limit(limit)


def _by(ordering: Ordering) -> list[ColumnElement[Any]]:
    by = [(shown.sorts.desc() if down else shown.sorts.asc()).nulls_last() for shown, down in ordering]
    return [*by, _LINE.line_key]


def _full(page: list[tuple[Any, ...]], shown: tuple[Shown, ...], asked: Slice, context: QueryContext) -> Select[Any]:
    """All columns of a page's lines; the dates let the engine skip everything else."""
    days: list[date] = [day for _, day in page]
    day = asked.source.day
    full = _chosen(asked, context, shown)
    return full.where(and_(day >= min(days), day <= max(days), _LINE.line_key.in_([key for key, _ in page])))


def _chosen(asked: Slice, context: QueryContext, shown: tuple[Shown, ...], ordering: Ordering = ()) -> Select[Any]:
    """A line's key and all its columns, a name beside each key that has one."""
    columns = [column for each in shown for column in each.cells]
    labelled = (column.label(f"c{index}") for index, column in enumerate(columns))
    read = (*shown, *(each for each, _ in ordering))
    joins = [each.joins for each in read if each.joins]
    rated = any(each.rated for each in read)
    return narrowed(asked, context, select(_LINE.line_key, *labelled), *joins, rated=rated)
