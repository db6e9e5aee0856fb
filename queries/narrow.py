"""Narrowing: what filters, ranges of amounts, rules on fields and scopes demand of a row, as SQL conditions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Numeric,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.types import UserDefinedType

from app.values.hierarchy import NO_MEMBER
from app.values.narrowing import CONTACT, AmountRange, FieldCondition, FieldRules, is_number
from app.values.scope import Scope
from queries.sources import Source, rate_condition
from queries.warehouse import schema

_CENTS = Decimal("0.0001")
_NUMBER = r"^-?[0-9]{1,15}([.][0-9]{1,6})?$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class _Json(UserDefinedType[str]):
    """The type that every engine reads JSON text as."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"


def member_condition(column: ColumnElement[Any], members: Iterable[str], *, exclude: bool) -> ColumnElement[bool]:
    """Rows whose key is (or is not) among the members; `(none)` stands for a missing key."""
    keys = [key for key in members if key != NO_MEMBER]
    wants_missing = NO_MEMBER in members
    among = column.in_(keys) if keys else false()
    if exclude:
        present = and_(column.is_not(None), not_(among)) if keys else column.is_not(None)
        return present if wants_missing else or_(column.is_(None), not_(among))
    return or_(column.is_(None), among) if wants_missing else among


def scope_condition(source: Source, scope: Scope) -> ColumnElement[bool] | None:
    """The rows of a scope: any clause, all of whose levels match; None when nothing is hidden.

    A clause on a level that the source's rows do not have matches none of them.
    """
    if scope.is_everything:
        return None
    clauses = []
    for clause in sorted(scope.clauses, key=lambda each: sorted((level, sorted(keys)) for level, keys in each)):
        if all(source.has(level) for level, _ in clause):
            fences = (source.key(level).in_(sorted(keys)) for level, keys in sorted(clause, key=lambda each: each[0]))
            clauses.append(and_(true(), *fences))
    return or_(*clauses) if clauses else false()


def in_currency(amount: ColumnElement[Any], currency: str) -> ColumnElement[Any]:
    """An amount of a line in a currency, where its rate is joined beside it; missing where there is none."""
    foreign = amount * schema.rate.c.rate
    return case((schema.sales_line.c.currency_key == currency, amount), else_=foreign)


def net_in(currency: str) -> ColumnElement[Any]:
    """A line's net amount in a currency, where its rate is joined beside it."""
    return in_currency(schema.sales_line.c.net, currency)


def rated(joined: FromClause, currency: str) -> FromClause:
    """The lines with the rate of their day beside each."""
    # Equalities and nothing else: engines compare every line with every rate as soon as there is another condition.
    return joined.join(schema.rate, rate_condition(schema.sales_line, currency), isouter=True)


def line_condition(found: AmountRange, currency: str, in_window: ColumnElement[bool]) -> ColumnElement[bool]:
    """Lines whose own amount is in the range; those in other currencies are looked up by their rates."""
    line = schema.sales_line.c
    foreign = (
        select(line.line_key)
        .select_from(rated(schema.sales_line, currency))
        .where(in_window, line.currency_key != currency, within(line.net * schema.rate.c.rate, found))
    )
    return or_(
        and_(line.currency_key == currency, within(line.net, found)),
        and_(line.currency_key != currency, line.line_key.in_(foreign.correlate(None))),
    )


def within(value: ColumnElement[Any], found: AmountRange) -> ColumnElement[bool]:
    """An amount between the bounds; a missing one is not."""
    bounds = []
    if found.low is not None:
        bounds.append(value >= _literal(found.low))
    if found.high is not None:
        bounds.append(value <= _literal(found.high))
    return and_(true(), *bounds)


def _literal(amount: Decimal) -> ColumnElement[Any]:
    # Written with all its digits: a driver may take 6E+1 for 6.
    return literal(amount.quantize(_CENTS), schema.MONEY)


def fields_condition(rules: FieldRules) -> ColumnElement[bool]:
    """Customers for whom all conditions of some group hold; whoever is no customer has no field."""
    return or_(*(and_(true(), *(_condition(each) for each in group)) for group in rules.groups))


def field_text(name: str) -> ColumnElement[Any]:
    """The value of a customer's own field as text; missing where the field is, holds nothing, or holds contact data.

    These are masked for some, who could otherwise guess them by narrowing to them.
    """
    held: ColumnElement[Any] = cast(schema.customer.c.custom, _Json()).op("->>", return_type=String())(
        cast(literal(name), String)
    )
    return case((held.op("~")(CONTACT), null()), else_=func.nullif(held, ""))


def field_number(name: str) -> ColumnElement[Any]:
    """The same as a number; missing where it is none."""
    text = field_text(name)
    return case((text.op("~")(_NUMBER), cast(text, Numeric(21, 6))))


def _condition(condition: FieldCondition) -> ColumnElement[bool]:
    text = field_text(condition.field)
    match condition.test:
        case "known":
            return text.is_not(None)
        case "unknown":
            return text.is_(None)
        case "is":
            return text.in_(condition.values)
        case "not":
            return or_(text.is_(None), text.not_in(condition.values))
        case "has":
            return text.icontains(condition.values[0], autoescape=True)
    return _compared(text, condition)


def _compared(text: ColumnElement[Any], condition: FieldCondition) -> ColumnElement[bool]:
    """Numbers against numbers, days against days as text; a value of another kind is neither above nor below."""
    (bound,) = condition.values
    if is_number(bound):
        value: ColumnElement[Any] = field_number(condition.field)
        limit: ColumnElement[Any] = cast(literal(bound), Numeric(21, 6))
    else:
        value, limit = case((text.op("~")(_DAY), text)).collate("C"), literal(bound)
    return value >= limit if condition.test == "from" else value <= limit
