"""Fields: what a company keeps of its customers beside our own columns, as far as the viewer's rows tell of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from app.values.context import QueryContext
from app.values.narrowing import LONGEST_FIELD, is_contact, is_day, is_number
from app.values.selection import Narrowing
from queries.catalogue.model import Catalogue
from queries.compare import settle
from queries.compile import conditions, dimensions
from queries.members import EVER
from queries.route import Wanted, route
from queries.slice import Slice
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

Kind = Literal["text", "number", "day"]

MOST_CUSTOMERS = 20_000
"""Customers that are looked at: fields and values that only others have are still found by their names."""

MOST_FIELDS, MOST_VALUES = 60, 40


@dataclass(frozen=True)
class Field:
    """A field of customers: its name as the company writes it, what its values are, and the most frequent of them."""

    name: str
    kind: Kind
    values: tuple[str, ...]


def fields(
    context: QueryContext, known: Catalogue, snapshot: Snapshot, where: Iterable[Narrowing] = ()
) -> tuple[Field, ...]:
    """The fields of the customers in those of the viewer's rows that pass the filters, by name.

    Only these customers' values are told, and no contact data.
    """
    if context.scope.is_nothing:
        return ()
    generation = snapshot.generation
    settled = settle(
        EVER,
        (),
        where,
        today=context.today,
        calendar=context.calendar,
        first=generation.first_day,
        last=generation.last_day,
    )
    levels = frozenset(("customer", *(each.level for each in settled.where))) | context.scope.levels
    wanted = Wanted((), ("customer",), levels, settled.window, "booked", context.currency)
    source = route(wanted, known, context.calendar, generation, {}).source
    asked = Slice(source, (), ("customer",), settled.window, settled.where)
    joined = source.joined(dict.fromkeys(dimensions(asked, context.scope)))
    seen = (
        select(source.table.c.customer_id)
        .select_from(joined)
        .where(*conditions(asked, context.scope, context.currency))
    )
    customer = schema.customer.c
    statement = (
        select(customer.custom)
        .where(customer.custom.is_not(None), customer.customer_id.in_(seen.correlate(None)))
        .order_by(customer.customer_key)
        .limit(MOST_CUSTOMERS)
    )
    return _told(row[0] for row in snapshot.fetch(statement, context.scope))


def _told(texts: Any) -> tuple[Field, ...]:
    found: dict[str, Counter[str]] = {}
    for text in texts:
        held = json.loads(text)
        for name, value in held.items() if isinstance(held, dict) else ():
            if isinstance(value, str | int | float | bool) and value != "" and _can_be_asked(name):
                told = str(value).lower() if isinstance(value, bool) else str(value)
                if not is_contact(told):
                    found.setdefault(name, Counter())[told] += 1
    return tuple(_field(name, found[name]) for name in sorted(found, key=str.casefold)[:MOST_FIELDS])


def _can_be_asked(name: str) -> bool:
    return 0 < len(name) <= LONGEST_FIELD and name.isprintable() and name[0] not in "$/"


def _field(name: str, counted: Counter[str]) -> Field:
    kind: Kind = "text"
    if all(map(is_number, counted)):
        kind = "number"
    elif all(map(is_day, counted)):
        kind = "day"
    values = sorted(value for value, _ in counted.most_common(MOST_VALUES))
    if kind == "number":
        values.sort(key=float)
    return Field(name, kind, tuple(values))
