"""Identity: who a customer is as the company knows it today, told of customers in the viewer's rows and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.values.context import QueryContext
from app.values.errors import NotAskable
from app.values.hierarchy import ACCOUNT_OWNER
from app.values.narrowing import is_contact, is_day
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter, Narrowing
from app.values.words import say
from queries.frame import Frame, Member, Row, Value
from queries.query import Query
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

Ask = Callable[[Query, QueryContext], Frame]

FIELD = "field:"
"""What the key of one of the company's own fields begins with."""

FACTS = {
    "customer": say("Customer"),
    "customer_type": say("Type"),
    "industry": say("Industry"),
    "segment": say("Segment"),
    "place": say("Place"),
    "owner": say("Account owner"),
    "since": say("Customer since"),
    "email": say("Email"),
    "phone": say("Phone"),
}
"""What is told, in this order, as far as it is known; the company's own fields follow by name."""

OUTSIDE = "(outside)"
"""Stands for an owner whose own rows the viewer does not see."""

_CONTACT = ("email", "phone")
_EVER = Period.parse("all")


def identity(where: tuple[Narrowing, ...], context: QueryContext, snapshot: Snapshot, ask: Ask) -> list[Row]:
    """A member per fact (key of FACTS or FIELD + name) and what it says; nothing where nobody of the viewer's is named.

    NotAskable where the filters name several customers. Contact data are not read for those they are hidden from.
    """
    named = tuple(each for each in where if isinstance(each, Filter) and each.level == "customer" and not each.exclude)
    if not named or context.scope.is_nothing:
        return []
    seen = ask(Query(("lines",), by=("customer",), where=named, period=_EVER, limit=2), context)
    found = [row[0] for row in seen.rows if isinstance(row[0], Member)]
    if len(found) > 1:
        raise NotAskable("This is told of one customer, and several are chosen.")
    if not found:
        return []
    # That the customer is in the viewer's rows is known by now; dimensions are read in the scope of everything.
    read = snapshot.fetch(_customer(found[0].key, context), Scope.everything(), masks=context.masks)
    return [] if not read else _facts(found[0], read[0], context, snapshot, ask)


def _customer(key: str, context: QueryContext) -> Select[Any]:
    customer, place = schema.customer, schema.place
    contact = [customer.c[name] for name in _CONTACT] if "contact" not in context.masks else []
    return (
        select(
            customer.c.customer_type,
            customer.c.industry,
            customer.c.segment,
            place.c.city,
            place.c.region,
            place.c.country,
            customer.c.owner_rep_key,
            customer.c.since,
            customer.c.custom,
            *contact,
        )
        .select_from(customer.outerjoin(place, place.c.place_id == customer.c.place_id))
        .where(customer.c.customer_key == key)
    )


def _facts(customer: Member, read: Any, context: QueryContext, snapshot: Snapshot, ask: Ask) -> list[Row]:
    kind, industry, segment, city, region, country, owner, since, custom, *contact = read
    told: dict[str, Value] = {
        "customer": f"{customer.name} ({customer.key})",
        "customer_type": kind,
        "industry": industry,
        "segment": segment,
        "place": ", ".join(dict.fromkeys(each for each in (city, region, country) if each)),
        "owner": _owner(owner, context, snapshot, ask) if owner else None,
        "since": since,
        **dict(zip(_CONTACT, contact, strict=False)),
    }
    rows: list[Row] = [(Member(fact, FACTS[fact]), value) for fact, value in told.items() if value]
    return rows + _own_fields(custom, shows_contact="contact" not in context.masks)


def _owner(key: str, context: QueryContext, snapshot: Snapshot, ask: Ask) -> Member:
    """The rep with today's team; somebody without a name where the viewer has no rows of theirs."""
    own = any(key in members for clause in context.scope.clauses for at, members in clause if at in _OWN)
    if not own and not context.scope.is_everything:
        sold = ask(Query(("lines",), by=("rep",), where=(Filter("rep", (key,)),), period=_EVER), context)
        if not sold.rows:
            return Member(OUTSIDE, OUTSIDE)
    rep, team = schema.rep.c, schema.team.c
    statement = (
        select(rep.rep, rep.valid_from, team.team, team.valid_from)
        .select_from(schema.rep.outerjoin(schema.team, team.team_key == rep.team_key))
        .where(rep.rep_key == key)
    )
    versions = snapshot.fetch(statement, Scope.everything())
    if not versions:
        return Member(key, key)
    name, _, team_name, _ = max(versions, key=lambda row: (row[1] or date.min, row[3] or date.min))
    return Member(key, f"{name or key} · {team_name}" if team_name else name or key)


_OWN = frozenset({"rep", ACCOUNT_OWNER})
"""Levels by which a scope names a rep."""


def _own_fields(custom: str | None, *, shows_contact: bool) -> list[Row]:
    held = json.loads(custom) if custom else {}
    rows: list[Row] = []
    for name in sorted(held, key=str.casefold) if isinstance(held, dict) else ():
        value = held[name]
        if not isinstance(value, str | int | float | bool) or value == "" or not name:
            continue
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        if shows_contact or not is_contact(text):
            rows.append((Member(FIELD + name, name), _day_of(text) or text))
    return rows


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if is_day(text) else None
    except ValueError:
        return None
