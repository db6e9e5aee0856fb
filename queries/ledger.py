"""Ledger: order lines under the customers who bought them, both read page by page inside the viewer's scope and masks.

Every amount is in the reporting currency, so that a customer's figures and the totals are sums of the lines below them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, case, func, literal_column, or_, select, type_coerce

from app.values.context import QueryContext
from app.values.errors import Invalid, TooBig
from app.values.hierarchy import NO_MEMBER
from app.values.period import Period
from app.values.selection import Filter, Narrowing
from queries.blocks import Block, by_customer
from queries.compile import EXACT
from queries.fields import Field
from queries.frame import Column, Member
from queries.line_columns import Shown, check_order, chosen, column_of, quotient, shown_to
from queries.listing import (
    LARGEST_BLOCK,
    LARGEST_PAGE,
    Order,
    Whole,
    asked_lines,
    blocks_of,
    lines_ordering,
    narrowed,
    of_lines,
    page_of,
)
from queries.narrow import member_condition
from queries.plan import check_currency
from queries.slice import Slice
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

MOST_OPEN = 50
"""Customers whose lines stand open at once."""

DEFAULT_COLUMNS = (
    "customer",
    "document",
    "order_date",
    "document_type",
    "product",
    "quantity",
    "net_price",
    "discount_rate",
    "net",
    "quantity_per_order",
    "days_between",
    "unit_price",
    "discount",
)
"""The columns where nobody chose any."""

DEFAULT_ORDER: Order = (("net", "desc"),)

_KEY, _NAME = schema.customer.c.customer_key, schema.customer.c.customer
_LINE = schema.sales_line.c


@dataclass(frozen=True)
class LedgerRow:
    """A customer with what its lines come to, or one of these lines. `lines` is how many a customer has."""

    kind: Literal["customer", "line"]
    customer: Member
    values: tuple[Any, ...]
    lines: int = 0
    is_open: bool = False


@dataclass(frozen=True)
class Ledger:
    """Some rows of the ledger, and how many there are in all while these customers are open."""

    columns: tuple[Column, ...]
    rows: tuple[LedgerRow, ...]
    total: int


@dataclass(frozen=True)
class Sum:
    """All lines together: how many lines, documents and customers, and what the columns come to."""

    columns: tuple[Column, ...]
    values: tuple[Any, ...]
    lines: int
    documents: int
    customers: int


@dataclass(frozen=True)
class Asked:
    """The lines a ledger is of, its columns from left to right, what orders it, and the fields that can be columns."""

    where: tuple[Narrowing, ...]
    period: Period
    basis: str
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    order: Order = DEFAULT_ORDER
    own: tuple[Field, ...] = ()


@dataclass(frozen=True)
class _Read:
    """What a ledger is read by: the viewer's columns, the lines, and the orders of customers and of lines."""

    asked: Asked
    context: QueryContext
    snapshot: Snapshot
    known: Mapping[str, Shown]
    slice: Slice

    @property
    def laid(self) -> tuple[Shown, ...]:
        """The columns, the customer's always the first."""
        found = chosen(self.asked.columns, self.known)
        return (self.known["customer"], *(each for each in found.values() if each.id != "customer"))

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the columns are."""
        generation = self.snapshot.generation
        return tuple(column_of(each, self.context, generation, converted=True) for each in self.laid)

    def fetch(self, statement: Select[Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self.snapshot.fetch(statement, self.context.scope, masks=self.context.masks)

    def of(self, customer: str) -> Slice:
        """The lines of one customer."""
        only = Filter("customer", (customer,))
        return replace(self.slice, where=(*self.slice.where, only))


def page(asked: Asked, opened: Iterable[str], span: range, context: QueryContext, snapshot: Snapshot) -> Ledger:
    """The rows at these places of the ledger: customers in order, the lines of opened ones below them.

    Raises TooBig beyond MOST_OPEN customers or LARGEST_PAGE rows, Invalid and Forbidden as the list of lines does.
    """
    keys = tuple(dict.fromkeys(opened))
    if len(keys) > MOST_OPEN:
        raise TooBig("At most {most} customers can be open at once: close some first.", most=MOST_OPEN)
    if len(span) > LARGEST_PAGE:
        raise TooBig("A page has at most {most:,} lines.", most=LARGEST_PAGE)
    read = _read(asked, context, snapshot)
    customers, places = _places(read, keys)
    total = customers + sum(count for _, _, count in places)
    rows: list[LedgerRow] = []
    wanted = range(max(span.start, 0), min(span.stop, total))
    shown = _stretches(customers, places, wanted)
    at = [piece for piece in shown if isinstance(piece, range)]
    found = _customers(read, range(at[0].start, at[-1].stop), frozenset(keys)) if at else {}
    for piece in shown:
        if isinstance(piece, range):
            rows += [found[place] for place in piece if place in found]
        else:
            rows += _lines(read, *piece)
    return Ledger(read.columns, tuple(rows), total)


def total(asked: Asked, context: QueryContext, snapshot: Snapshot) -> Sum:
    """What all lines come to, whichever of them stand on the screen."""
    read = _read(asked, context, snapshot)
    laid = read.laid
    cells = [cell for each in laid for cell in _told(each)]
    documents, customers = (func.count(column.distinct()) for column in (_LINE.document_id, _KEY))
    nobody = func.max(case((_KEY.is_(None), literal_column("1")), else_=literal_column("0")))
    statement = _over_customers(read, select(func.count(), documents, customers, nobody, *_labelled(cells)))
    ((lines, found, buyers, others, *values),) = read.fetch(statement)
    summed = _summed(tuple(values), laid, None)
    return Sum(read.columns, summed, lines, found, buyers + (others or 0))


def whole(asked: Asked, context: QueryContext, snapshot: Snapshot) -> Whole:
    """All lines in the order of the ledger, every customer open: customer after customer, piece by piece."""
    read = _read(asked, context, snapshot)
    laid = of_lines({each.id: each for each in read.laid})
    columns = tuple(column_of(each, context, snapshot.generation, converted=True) for each in laid)
    ordered = _ordered(read)
    customers = [
        (row[0] or NO_MEMBER, row[1]) for row in read.fetch(select(ordered.c.k, ordered.c.n).order_by(ordered.c.place))
    ]

    ordering = lines_ordering(asked.order, read.known, context)

    def blocks() -> Iterator[Block]:
        for some, count in _batches(customers):
            only = replace(read.slice, where=(*read.slice.where, Filter("customer", some)))
            for block in blocks_of(only, context, snapshot, ordering, laid, count):
                yield by_customer(block, some)

    return Whole(columns, sum(count for _, count in customers), blocks())


def _read(asked: Asked, context: QueryContext, snapshot: Snapshot) -> _Read:
    check_currency(context.currency, snapshot.generation)
    known = shown_to(context, snapshot.generation, asked.own, converted=True)
    for column, direction in asked.order:
        check_order(column, known, context)
        if direction not in ("asc", "desc"):
            raise Invalid("An order is asc or desc.")
    slice_ = asked_lines(asked.where, asked.period, asked.basis, context, snapshot)
    return _Read(asked, context, snapshot, known, slice_)


# ---- what the row of a customer says of a column ----


def _told(shown: Shown) -> tuple[ColumnElement[Any], ...]:
    """The aggregates of a column over the lines of a customer, or of all."""
    if shown.only_customers:
        return shown.cells
    match shown.told:
        case "same":
            return (func.min(shown.value),)
        case "sum":
            return (_sum(shown.value),)
        case "ratio":
            return (_sum(shown.value), _sum(shown.over if shown.over is not None else shown.value))
        case "last":
            return (func.max(shown.value),)
        case "documents":
            return (func.count(_LINE.document_id.distinct()),)
        case "lines":
            return (func.count(),)
        case "products":
            return (func.count(shown.value.distinct()),)
    return ()


def _sum(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(func.sum(value), EXACT)


def _summed(read: tuple[Any, ...], laid: tuple[Shown, ...], customer: Member | None) -> tuple[Any, ...]:
    """What was read of a customer, a value a column."""
    cells = iter(read)
    values: list[Any] = []
    for each in laid:
        own = [next(cells) for _ in _told(each)]
        value = None if not own else own[0] if len(own) == 1 else quotient(*own)
        if each.told == "same" and customer is None:
            value = None
        values.append(customer if each.id == "customer" else value)
    return tuple(values)


def _rank(shown: Shown) -> ColumnElement[Any]:
    """What customers are ordered by when ordered by this column: what their row says of it, or else their name."""
    cells = _told(shown)
    if not cells:
        return func.min(_NAME)
    if len(cells) == 1:
        return cells[0]
    return case((cells[1] != 0, cells[0] * literal_column("1.0") / cells[1]))


# ---- customers ----


def _over_customers(read: _Read, chosen_columns: Select[Any]) -> Select[Any]:
    joins = ("customer", *(each.joins for each in read.laid if each.joins))
    return narrowed(read.slice, read.context, chosen_columns, *joins, rated=_is_rated(read))


def _is_rated(read: _Read) -> bool:
    ordered = (read.known[column] for column, _ in read.asked.order)
    return any(each.rated for each in (*read.laid, *ordered))


def _turn(read: _Read) -> list[ColumnElement[Any]]:
    """The order of customers: as asked, then by name and key."""
    ranks = []
    for column, direction in read.asked.order or DEFAULT_ORDER:
        rank = _rank(read.known[column])
        ranks.append((rank.desc() if direction == "desc" else rank.asc()).nulls_last())
    return [*ranks, func.min(_NAME).asc().nulls_last(), _KEY.asc().nulls_last()]


def _ordered(read: _Read) -> Any:
    """Every customer's key `k`, its number of lines `n`, its `place` in the order from 0, and how many there are."""
    place = func.row_number().over(order_by=_turn(read)) - 1
    statement = select(_KEY.label("k"), func.count().label("n"), place.label("place"), func.count().over().label("all"))
    return _over_customers(read, statement).group_by(_KEY).subquery()


def _places(read: _Read, opened: tuple[str, ...]) -> tuple[int, list[tuple[int, str, int]]]:
    """How many customers there are, and of the opened ones the place, the key and the number of lines."""
    ordered = _ordered(read)
    wanted = (
        or_(ordered.c.place == 0, member_condition(ordered.c.k, opened, exclude=False))
        if opened
        else (ordered.c.place == 0)
    )
    rows = read.fetch(select(ordered.c.k, ordered.c.n, ordered.c.place, ordered.c.all).where(wanted))
    places = sorted((place, key or NO_MEMBER, count) for key, count, place, _ in rows if (key or NO_MEMBER) in opened)
    return (rows[0][3] if rows else 0), places


def _customers(read: _Read, span: range, opened: frozenset[str]) -> dict[int, LedgerRow]:
    """The rows of the customers at these places."""
    laid = read.laid
    cells = [cell for each in laid for cell in _told(each)]
    statement = _over_customers(read, select(_KEY, func.min(_NAME), func.count(), *_labelled(cells)))
    statement = statement.group_by(_KEY).order_by(*_turn(read)).offset(span.start).limit(len(span))
    found = {}
    for at, (key, name, count, *values) in enumerate(read.fetch(statement), start=span.start):
        member = Member(NO_MEMBER, NO_MEMBER) if key is None else Member(key, name or key)
        summed = _summed(tuple(values), laid, member)
        found[at] = LedgerRow("customer", member, summed, count, member.key in opened)
    return found


def _labelled(cells: Iterable[ColumnElement[Any]]) -> list[Any]:
    return [cell.label(f"c{at}") for at, cell in enumerate(cells)]


def _stretches(customers: int, places: list[tuple[int, str, int]], wanted: range) -> list[range | tuple[str, range]]:
    """What stands at the wanted places: customers by their places, and lines of opened ones by their numbers."""
    pieces: list[range | tuple[str, range]] = []
    before = 0
    first = 0
    for place, key, count in [*places, (customers - 1, "", 0)]:
        heads = range(first, place + 1)
        shown = _cut(heads, before, wanted)
        if shown:
            pieces.append(shown)
        before += len(heads)
        inner = _cut(range(count), before, wanted)
        if inner:
            pieces.append((key, inner))
        before += count
        first = place + 1
    return pieces


def _cut(numbers: range, at: int, wanted: range) -> range:
    """Of numbers that stand from a place on those at wanted places."""
    start = max(wanted.start - at, 0)
    return numbers[start : max(wanted.stop - at, start)]


# ---- lines ----


def _lines(read: _Read, customer: str, span: range) -> list[LedgerRow]:
    laid = read.laid
    own = of_lines({each.id: each for each in laid})
    ordering = lines_ordering(read.asked.order, read.known, read.context)
    rows = page_of(read.of(customer), read.context, read.snapshot, ordering, own, span)
    member = Member(customer, customer)
    return [LedgerRow("line", member, _spread(row, laid)) for row in rows]


def _spread(row: tuple[Any, ...], laid: tuple[Shown, ...]) -> tuple[Any, ...]:
    """A line's values, with nothing where only customers have something to say."""
    values = iter(row)
    return tuple(None if each.only_customers else next(values) for each in laid)


def _batches(customers: list[tuple[str, int]]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Customers in their order, put together to batches of one block of lines at most, or of one customer."""
    batch: list[tuple[str, int]] = []
    for customer, count in customers:
        if batch and sum(some for _, some in batch) + count > LARGEST_BLOCK:
            yield tuple(key for key, _ in batch), sum(some for _, some in batch)
            batch = []
        batch.append((customer, count))
    if batch:
        yield tuple(key for key, _ in batch), sum(some for _, some in batch)
