"""Listing: the order lines behind a figure, page by page, inside the viewer's scope and masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from app.values.context import QueryContext
from app.values.errors import Forbidden, Invalid, TooBig
from app.values.period import Period
from app.values.selection import Narrowing
from queries.compare import settle
from queries.compile import Slice, conditions, dimensions
from queries.frame import Column, Member
from queries.plan import check_currency
from queries.query import Direction
from queries.sources import SALES, Source, rate_condition
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

LARGEST_PAGE = 10_000
DEFAULT_ORDER: tuple[tuple[str, Direction], ...] = (("order_date", "desc"), ("document", "asc"), ("line_number", "asc"))


@dataclass(frozen=True)
class Listing:
    """One page of lines: columns that know what they mean, rows of members and values, and how many lines in all."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


@dataclass(frozen=True)
class Shown:
    """A column of the list: its value, a name where the value is a member's key, what it joins and what hides it."""

    id: str
    title: str
    value: ColumnElement[Any]
    name: ColumnElement[Any] | None = None
    joins: str | None = None
    unit: str = "text"
    mask: str | None = None

    @property
    def sorts(self) -> ColumnElement[Any]:
        """What the list is ordered by when ordered by this column: what people read."""
        return self.value if self.name is None else self.name


def _member(level: str, title: str, table: str) -> Shown:
    dimension = next(found for found in schema.DIMENSIONS if found.name == table)
    return Shown(level, title, dimension.c[f"{level}_key"], dimension.c[level], table)


_LINE = schema.sales_line.c
_AMOUNT = "amount"
"""The unit of amounts in the document's own currency; shown as money when that is the only currency there is."""

_SHOWN: tuple[Shown, ...] = (
    Shown("document", "Document", _LINE.document_key, _LINE.document_number),
    Shown("line_number", "Line", _LINE.line_number, unit="count"),
    Shown("document_type", "Document type", _LINE.document_type),
    Shown("order_date", "Ordered", _LINE.order_date, unit="date"),
    Shown("invoice_date", "Invoiced", _LINE.invoice_date, unit="date"),
    Shown("payment_date", "Paid", _LINE.payment_date, unit="date"),
    _member("customer", "Customer", "customer"),
    _member("product", "Product", "product"),
    _member("rep", "Rep", "rep"),
    _member("team", "Team", "team"),
    _member("region", "Region", "place"),
    _member("country", "Country", "place"),
    _member("channel", "Channel", "channel"),
    _member("campaign", "Campaign", "campaign"),
    Shown("quantity", "Quantity", _LINE.quantity, unit="quantity"),
    Shown("unit_price", "Unit price", _LINE.unit_price, unit=_AMOUNT),
    Shown("gross", "Gross", _LINE.gross, unit=_AMOUNT),
    Shown("discount", "Discount", _LINE.discount, unit=_AMOUNT),
    Shown("net", "Net", _LINE.net, unit=_AMOUNT),
    Shown("currency", "Currency", _LINE.currency_key),
    Shown("tax", "Tax", _LINE.tax, unit=_AMOUNT),
    Shown("freight", "Freight", _LINE.freight, unit=_AMOUNT),
    Shown("cost", "Cost", _LINE.cost, unit=_AMOUNT, mask="cost"),
    Shown("margin", "Margin", _LINE.net - _LINE.cost, unit=_AMOUNT, mask="cost"),
    Shown("email", "Email", schema.customer.c.email, joins="customer", mask="contact"),
    Shown("phone", "Phone", schema.customer.c.phone, joins="customer", mask="contact"),
)
COLUMN_IDS = tuple(shown.id for shown in _SHOWN)


def lines(
    where: Iterable[Narrowing],
    period: Period,
    basis: str,
    context: QueryContext,
    snapshot: Snapshot,
    *,
    offset: int = 0,
    limit: int = 100,
    order: tuple[tuple[str, Direction], ...] = (),
) -> Listing:
    """A page of the lines that pass filters and scope; masked columns are not even read.

    Raises Forbidden for an order by a hidden column, Invalid for one by an unknown column, TooBig for a huge page,
    NotAskable for a currency without rates.
    """
    check_currency(context.currency, snapshot.generation)
    if limit > LARGEST_PAGE:
        raise TooBig("A page has at most {most:,} lines.", most=LARGEST_PAGE)
    shown = _shown(context, snapshot)
    ordering = _ordering(order, shown, context)
    asked = _asked(where, period, basis, context, snapshot)
    columns = tuple(_column(each, context, snapshot) for each in shown.values())
    ((total,),) = snapshot.fetch(_narrowed(asked, context, select(func.count())), context.scope)
    if not total or offset >= total or limit < 1:
        return Listing(columns, (), total)
    page = snapshot.fetch(_page(asked, context, ordering, max(offset, 0), limit), context.scope)
    rows = snapshot.fetch(_full(page, tuple(shown.values()), asked, context), context.scope)
    read = {row[0]: _values(row[1:], tuple(shown.values())) for row in rows}
    return Listing(columns, tuple(read[key] for key, _ in page if key in read), total)


@dataclass(frozen=True)
class Whole:
    """All lines in the default order: columns, how many lines there are, and the rows piece by piece."""

    columns: tuple[Column, ...]
    total: int
    pieces: Iterator[list[tuple[Any, ...]]]


def whole(where: Iterable[Narrowing], period: Period, basis: str, context: QueryContext, snapshot: Snapshot) -> Whole:
    """All lines that pass filters and scope, read as they are taken: hold the snapshot until then.

    Each piece is some days of orders, so that the cost grows with the number of lines. Refuses as `lines` does.
    """
    check_currency(context.currency, snapshot.generation)
    columns_of = _shown(context, snapshot)
    asked = _asked(where, period, basis, context, snapshot)
    columns = tuple(_column(each, context, snapshot) for each in columns_of.values())
    by_day = _narrowed(asked, context, select(_LINE.order_date, func.count())).group_by(_LINE.order_date)
    days = sorted(snapshot.fetch(by_day, context.scope), reverse=True)
    by = [each.sorts.desc() if down else each.sorts.asc() for each, down in _ordering((), columns_of, context)]
    shown = tuple(columns_of.values())
    chosen = _chosen(asked, context, shown).order_by(*by, _LINE.line_key)

    def pieces() -> Iterator[list[tuple[Any, ...]]]:
        for first, last, count in _stretches(days):
            some = chosen.where(_LINE.order_date.between(first, last))
            for offset in range(0, count, LARGEST_PAGE):
                rows = snapshot.fetch(some.offset(offset).limit(LARGEST_PAGE), context.scope)
                yield [_values(row[1:], shown) for row in rows]

    return Whole(columns, sum(count for _, count in days), pieces())


def _stretches(days: list[tuple[date, int]]) -> Iterator[tuple[date, date, int]]:
    """Days in falling order, with their lines, put together to stretches of one page at most, or of one day."""
    stretch: list[tuple[date, int]] = []
    for day, count in days:
        if stretch and sum(some for _, some in stretch) + count > LARGEST_PAGE:
            yield stretch[-1][0], stretch[0][0], sum(some for _, some in stretch)
            stretch = []
        stretch.append((day, count))
    if stretch:
        yield stretch[-1][0], stretch[0][0], sum(some for _, some in stretch)


def _shown(context: QueryContext, snapshot: Snapshot) -> dict[str, Shown]:
    found = {each.id: each for each in _SHOWN if each.mask not in context.masks}
    if set(snapshot.generation.currencies) - {context.currency}:
        converted = _LINE.net * schema.rate.c.rate
        own = list(found.values())
        own.insert(COLUMN_IDS.index("currency") + 1, Shown("net_sales", "Net sales", converted, unit="money"))
        return {each.id: each for each in own}
    return found


def _column(shown: Shown, context: QueryContext, snapshot: Snapshot) -> Column:
    unit = shown.unit
    if unit == _AMOUNT:
        # Amounts in several currencies are numbers beside a currency's code, not money of the reporting currency.
        unit = "quantity" if set(snapshot.generation.currencies) - {context.currency} else "money"
    role = "dimension" if unit in ("text", "date") else "metric"
    level = shown.id if shown.name is not None else None
    return Column(shown.id, shown.title, role, level=level, unit=unit)  # type: ignore[arg-type]


def _ordering(
    order: tuple[tuple[str, Direction], ...], shown: Mapping[str, Shown], context: QueryContext
) -> tuple[tuple[Shown, bool], ...]:
    """The whitelisted columns to order by, each with whether it runs downwards."""
    for column, direction in order:
        if column not in shown:
            if any(each.id == column and each.mask in context.masks for each in _SHOWN):
                raise Forbidden("This column is not shown to your role.")
            raise Invalid("The lines cannot be ordered by {column!r}.", column=column[:40])
        if direction not in ("asc", "desc"):
            raise Invalid("An order is asc or desc.")
    asked = {column for column, _ in order}
    rest = tuple(each for each in DEFAULT_ORDER if each[0] not in asked)
    return tuple((shown[column], direction == "desc") for column, direction in (*order, *rest))


def _asked(where: Iterable[Narrowing], period: Period, basis: str, context: QueryContext, snapshot: Snapshot) -> Slice:
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


def _narrowed(
    asked: Slice, context: QueryContext, chosen: Select[Any], *joins: str, rated: bool = False
) -> Select[Any]:
    """A select over the lines that pass filters and scope."""
    needed = dict.fromkeys((*dimensions(asked, context.scope), *joins))
    joined = asked.source.joined(needed)
    if rated:
        joined = joined.join(schema.rate, rate_condition(schema.sales_line, context.currency), isouter=True)
    return chosen.select_from(joined).where(*conditions(asked, context.scope, context.currency))


def _page(
    asked: Slice, context: QueryContext, ordering: tuple[tuple[Shown, bool], ...], offset: int, limit: int
) -> Select[Any]:
    """The keys and dates of a page's lines: only what filters and orders is read for all lines."""
    joins = [shown.joins for shown, _ in ordering if shown.joins]
    rated = any(shown.id == "net_sales" for shown, _ in ordering)
    chosen = _narrowed(asked, context, select(_LINE.line_key, asked.source.day), *joins, rated=rated)
    by = [(shown.sorts.desc() if down else shown.sorts.asc()).nulls_last() for shown, down in ordering]
    return chosen.order_by(*by, _LINE.line_key).offset(offset).limit(limit)


def _full(page: list[tuple[Any, ...]], shown: tuple[Shown, ...], asked: Slice, context: QueryContext) -> Select[Any]:
    """All columns of a page's lines; the dates let the engine skip everything else."""
    days: list[date] = [day for _, day in page]
    day = asked.source.day
    full = _chosen(asked, context, shown)
    return full.where(and_(day >= min(days), day <= max(days), _LINE.line_key.in_([key for key, _ in page])))


def _chosen(asked: Slice, context: QueryContext, shown: tuple[Shown, ...]) -> Select[Any]:
    """A line's key and all its columns, a name beside each key that has one."""
    columns: list[ColumnElement[Any]] = []
    for each in shown:
        columns += [each.value] if each.name is None else [each.value, each.name]
    labelled = (column.label(f"c{index}") for index, column in enumerate(columns))
    joins = [each.joins for each in shown if each.joins]
    rated = any(each.id == "net_sales" for each in shown)
    return _narrowed(asked, context, select(_LINE.line_key, *labelled), *joins, rated=rated)


def _values(read: tuple[Any, ...], shown: tuple[Shown, ...]) -> tuple[Any, ...]:
    cells = iter(read)
    values: list[Any] = []
    for each in shown:
        value = next(cells)
        if each.name is None:
            values.append(value)
            continue
        name = next(cells)
        values.append(None if value is None else Member(value, name or value))
    return tuple(values)
