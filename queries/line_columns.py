"""Line columns: what a list of order lines can show, and what the row of a customer above them says of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, case, func, literal_column, type_coerce

from app.values.context import QueryContext
from app.values.errors import Forbidden, Invalid
from app.values.words import Text, say
from queries.fields import Field
from queries.frame import Column, Member
from queries.narrow import field_number, field_text, in_currency
from queries.warehouse import schema
from queries.warehouse.engines.engine import Generation

Told = Literal["nothing", "same", "sum", "ratio", "last", "documents", "lines", "products"]
"""What the row of a customer says of a column: nothing · what each of its lines says · the sum · sum ÷ sum · the last
day · how many there are."""


@dataclass(frozen=True)
class Shown:
    """A column of the list: its value, a name where the value is a member's key, what it joins and what hides it.

    With `over` the value is divided by it once both are read. `told` is what the row of a customer says; a column that
    is of `only_customers` says nothing of a line: its value and what it is divided by are aggregates. `rated` ones need
    the rate beside the line.
    """

    id: str
    title: str
    value: ColumnElement[Any]
    name: ColumnElement[Any] | None = None
    joins: str | None = None
    unit: str = "text"
    mask: str | None = None
    over: ColumnElement[Any] | None = None
    told: Told = "nothing"
    only_customers: bool = False
    rated: bool = False

    @property
    def sorts(self) -> ColumnElement[Any]:
        """What the list is ordered by when ordered by this column: what people read."""
        if self.over is not None:
            return case((self.over != 0, self.value * literal_column("1.0") / self.over))
        return self.value if self.name is None else self.name

    @property
    def cells(self) -> tuple[ColumnElement[Any], ...]:
        """What is read for it."""
        beside = self.name if self.name is not None else self.over
        return (self.value,) if beside is None else (self.value, beside)


def _member(level: str, title: str, table: str, told: Told = "nothing") -> Shown:
    dimension = next(found for found in schema.DIMENSIONS if found.name == table)
    return Shown(level, title, dimension.c[f"{level}_key"], dimension.c[level], table, told=told)


def _customers(name: str, title: str, mask: str | None = None) -> Shown:
    """What is known of a customer itself, whichever line it stands beside."""
    return Shown(name, title, schema.customer.c[name], joins="customer", mask=mask, told="same")


FIELD = "field."
"""Begins the id of a column that holds a field the company keeps of its customers."""


def _field(field: Field) -> Shown:
    # The company's own word is said as it stands in every language.
    title = Text("{field}", {"field": field.name})
    value, unit = (field_number, "quantity") if field.kind == "number" else (field_text, "text")
    return Shown(f"{FIELD}{field.name}", title, value(field.name), joins="customer", unit=unit, told="same")


_LINE = schema.sales_line.c
AMOUNT = "amount"
"""The unit of amounts in the document's own currency; shown as money when that is the only currency there is."""

_SALE = _LINE.document_type != literal_column("'credit_note'")
_SALES = func.count(_LINE.document_id.distinct()).filter(_SALE)
_DAYS = func.count(_LINE.order_date.distinct()).filter(_SALE)
_FIRST, _LAST = (pick(_LINE.order_date).filter(_SALE) for pick in (func.min, func.max))

SHOWN: tuple[Shown, ...] = (
    Shown("document", say("Document"), _LINE.document_key, _LINE.document_number, told="documents"),
    Shown("line_number", say("Line"), _LINE.line_number, unit="count", told="lines"),
    Shown("document_type", say("Document type"), _LINE.document_type),
    Shown("order_date", say("Ordered"), _LINE.order_date, unit="date", told="last"),
    Shown("invoice_date", say("Invoiced"), _LINE.invoice_date, unit="date", told="last"),
    Shown("payment_date", say("Paid"), _LINE.payment_date, unit="date", told="last"),
    _member("customer", say("Customer"), "customer"),
    _member("product", say("Product"), "product", "products"),
    _member("rep", say("Rep"), "rep"),
    _member("team", say("Team"), "team"),
    _member("region", say("Region"), "place"),
    _member("country", say("Country"), "place"),
    _member("channel", say("Channel"), "channel"),
    _member("campaign", say("Campaign"), "campaign"),
    Shown("quantity", say("Quantity"), _LINE.quantity, unit="quantity", told="sum"),
    Shown("unit_price", say("Unit price"), _LINE.unit_price, unit=AMOUNT),
    Shown("gross", say("Gross"), _LINE.gross, unit=AMOUNT, told="sum"),
    Shown("discount", say("Discount"), _LINE.discount, unit=AMOUNT, told="sum"),
    Shown("discount_rate", say("Discount rate"), _LINE.discount, unit="ratio", over=_LINE.gross, told="ratio"),
    Shown("net", say("Net"), _LINE.net, unit=AMOUNT, told="sum"),
    Shown("net_price", say("Price after discount"), _LINE.net, unit=AMOUNT, over=_LINE.quantity, told="ratio"),
    Shown("currency", say("Currency"), _LINE.currency_key),
    Shown("tax", say("Tax"), _LINE.tax, unit=AMOUNT, told="sum"),
    Shown("freight", say("Freight"), _LINE.freight, unit=AMOUNT, told="sum"),
    Shown("cost", say("Cost"), _LINE.cost, unit=AMOUNT, mask="cost", told="sum"),
    Shown("margin", say("Margin"), _LINE.net - _LINE.cost, unit=AMOUNT, mask="cost", told="sum"),
    _customers("email", say("Email"), mask="contact"),
    _customers("phone", say("Phone"), mask="contact"),
    _customers("customer_type", say("Customer type")),
    _customers("industry", say("Industry")),
    _customers("segment", say("Segment")),
    Shown(
        "quantity_per_order",
        say("Quantity per order"),
        func.sum(_LINE.quantity),
        unit="quantity",
        over=_SALES,
        only_customers=True,
    ),
    Shown(
        "days_between",
        say("Days between orders"),
        type_coerce(_LAST - _FIRST, Integer),
        unit="days",
        over=type_coerce(_DAYS - 1, Integer),
        only_customers=True,
    ),
)
COLUMN_IDS = tuple(shown.id for shown in SHOWN)
OF_LINES = tuple(shown.id for shown in SHOWN if not shown.only_customers)

_AFTER_CURRENCY = OF_LINES.index("currency") + 1
DEFAULT_COLUMNS: tuple[str, ...] = (*OF_LINES[:_AFTER_CURRENCY], "net_sales", *OF_LINES[_AFTER_CURRENCY:])
"""The columns of the plain list where nobody chose any; `net_sales` is there where lines are in several currencies."""


def is_mixed(generation: Generation, currency: str) -> bool:
    """Whether lines are booked in other currencies than this one."""
    return bool(set(generation.currencies) - {currency})


def shown_to(
    context: QueryContext, generation: Generation, own: Iterable[Field] = (), *, converted: bool = False
) -> dict[str, Shown]:
    """The columns there are for a viewer, by id, the company's `own` fields of its customers last.

    `converted`: every amount is in the reporting currency.
    """
    found = {each.id: each for each in (*SHOWN, *map(_field, own)) if each.mask not in context.masks}
    if not is_mixed(generation, context.currency):
        return found
    if converted:
        return {name: _converted(each, context.currency) for name, each in found.items()}
    listed = list(found.values())
    net_sales = Shown("net_sales", say("Net sales"), in_currency(_LINE.net, context.currency), unit="money", rated=True)
    listed.insert(COLUMN_IDS.index("currency") + 1, net_sales)
    return {each.id: each for each in listed}


def _converted(shown: Shown, currency: str) -> Shown:
    if shown.unit == AMOUNT:
        return replace(shown, value=in_currency(shown.value, currency), rated=True)
    if shown.id == "discount_rate" and shown.over is not None:
        # Over several lines, shares are those of the converted amounts.
        return replace(
            shown, value=in_currency(shown.value, currency), over=in_currency(shown.over, currency), rated=True
        )
    return shown


def chosen(columns: Iterable[str], shown: Mapping[str, Shown]) -> dict[str, Shown]:
    """Of the columns there are those that were chosen, in their order; all of them where none was.

    What a mask hides is left out, and so is a field that no customer has any more. Raises Invalid for a column that
    there is not.
    """
    wanted = tuple(columns)
    for column in wanted:
        if column not in COLUMN_IDS and column != "net_sales" and not column.startswith(FIELD):
            raise Invalid("The lines have no column {column!r}.", column=column[:40])
    found = {column: shown[column] for column in wanted if column in shown}
    return found or {column: each for column, each in shown.items() if not each.only_customers}


def check_order(column: str, shown: Mapping[str, Shown], context: QueryContext) -> None:
    """Forbidden for an order by a hidden column, Invalid for one by an unknown column."""
    if column not in shown:
        if any(each.id == column and each.mask in context.masks for each in SHOWN):
            raise Forbidden("This column is not shown to your role.")
        raise Invalid("The lines cannot be ordered by {column!r}.", column=column[:40])


def column_of(shown: Shown, context: QueryContext, generation: Generation, *, converted: bool = False) -> Column:
    """What the column is, for those who write its values out."""
    unit = shown.unit
    if unit == AMOUNT:
        # Amounts in several currencies are numbers beside a currency's code, not money of the reporting currency.
        unit = "money" if converted or not is_mixed(generation, context.currency) else "quantity"
    role = "dimension" if unit in ("text", "date") else "metric"
    level = shown.id if shown.name is not None else None
    return Column(shown.id, shown.title, role, level=level, unit=unit)  # type: ignore[arg-type]


def values_of(read: tuple[Any, ...], shown: tuple[Shown, ...]) -> tuple[Any, ...]:
    """What was read of a line, a value a column: a member for a key with its name, quotients divided."""
    cells = iter(read)
    values: list[Any] = []
    for each in shown:
        value = next(cells)
        if each.name is not None:
            name = next(cells)
            value = None if value is None else Member(value, name or value)
        elif each.over is not None:
            value = quotient(value, next(cells))
        values.append(value)
    return tuple(values)


def quotient(above: Any, below: Any) -> Decimal | None:
    """One figure divided by another; missing where there is nothing to divide, or to divide by."""
    if above is None or not below:
        return None
    return Decimal(above) / Decimal(below) + 0  # nothing divided by less than nothing is nothing, without a sign
