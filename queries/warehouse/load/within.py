"""Within: which clean sales lines lie outside a scope, be it as they were sent or as they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from app.values.errors import NotFound
from app.values.hierarchy import ACCOUNT_OWNER, HIERARCHIES
from app.values.scope import Scope
from queries.warehouse.engines.engine import Engine, Snapshot
from queries.warehouse.schema import campaign, channel, customer, place, product, rep, sales_line, team

_ON_THE_LINE = {"document_type": "document_type", "currency": "currency_key", "channel": "channel_key"}
_ON_THE_LINE |= {"campaign": "campaign_key"}
_OF = {"place": place, "team": team, "goods": product, "customer": customer}
_MANY = 1_000

Levels = Mapping[str, str | None]
"""The member of each level that a line belongs to."""


def of_keys(payload: bytes, keys: pa.Array) -> pa.Table:
    """Those of packed lines that have one of the keys."""
    lines = pa.ipc.open_stream(payload).read_all()
    return lines.filter(pc.is_in(lines["line_key"], value_set=keys))


def outside(engine: Engine, scope: Scope, lines: pa.Table, waiting: Iterable[pa.Table] = ()) -> list[int]:
    """Numbers (from 0) of staged lines that are not in the scope, or that would take the place of one which is not.

    `waiting` are lines that will be there before: read them before you ask.
    """
    rows, before = lines.to_pylist(), [row for each in waiting for row in each.to_pylist()]
    try:
        with engine.snapshot() as snapshot:
            sent, sent_before = list(_levels_of(snapshot, rows)), list(_levels_of(snapshot, before))
            foreign = _foreign(snapshot, scope, [row["line_key"] for row in rows])
    except NotFound:
        sent, sent_before, foreign = [_on_the_line(row) for row in rows], [_on_the_line(row) for row in before], set()
    foreign |= {row["line_key"] for row, levels in zip(before, sent_before, strict=True) if not _is_in(scope, levels)}
    return [
        number
        for number, (row, levels) in enumerate(zip(rows, sent, strict=True))
        if row["line_key"] in foreign or not _is_in(scope, levels)
    ]


def _is_in(scope: Scope, levels: Levels) -> bool:
    return any(all(levels.get(level) in members for level, members in clause) for clause in scope.clauses)


def _on_the_line(row: Mapping[str, Any]) -> dict[str, str | None]:
    found = {level: row[column] for level, column in _ON_THE_LINE.items()}
    return found | {"rep": row["rep_key"], "customer": row["customer_key"], "product": row["product_key"]}


def _levels_of(snapshot: Snapshot, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str | None]]:
    """Reps, teams and products as they were on the day, customers and their places as they are now."""
    keys = ("customer_key", *(column.name for column in place.c if column.name.endswith("_key")))
    beside = ("industry_key", "segment_key", "owner_rep_key")
    of_customers = sa.select(*(customer.c[name] for name in ("customer_key", *beside)), *(place.c[n] for n in keys[1:]))
    of_customers = of_customers.select_from(customer.outerjoin(place, place.c.place_id == customer.c.place_id))
    buyers = {
        row[0]: dict(zip((*("customer_key", *beside), *keys[1:]), row, strict=True))
        for some in _parts({row["customer_key"] for row in rows})
        for row in snapshot.fetch(of_customers.where(customer.c.customer_key.in_(some)), Scope.everything())
    }
    reps = _versions(snapshot, rep, "rep_key", ("team_key",), {row["rep_key"] for row in rows})
    teams = _versions(snapshot, team, "team_key", ("department_key",), None)
    goods = {row["product_key"] for row in rows}
    products = _versions(snapshot, product, "product_key", ("category_key", "subcategory_key"), goods)
    for row in rows:
        day, found = row["order_date"], _on_the_line(row)
        buyer = buyers.get(row["customer_key"], {})
        found |= {level: buyer.get(f"{level}_key") for level in ("industry", "segment", *HIERARCHIES["place"])}
        found[ACCOUNT_OWNER] = buyer.get("owner_rep_key")
        found["team"] = row["team_key"] or _as_on(reps, row["rep_key"], day).get("team_key")
        found["department"] = _as_on(teams, found["team"], day).get("department_key")
        article = _as_on(products, row["product_key"], day)
        yield found | {level: article.get(f"{level}_key") for level in ("category", "subcategory")}


def _versions(
    snapshot: Snapshot, table: sa.Table, key: str, columns: Sequence[str], wanted: set[str | None] | None
) -> dict[str, list[tuple[date, dict[str, str | None]]]]:
    """The versions of members by key, the oldest first, each with its first day."""
    statement = sa.select(table.c[key], table.c.valid_from, *(table.c[name] for name in columns))
    found: dict[str, list[tuple[date, dict[str, str | None]]]] = {}
    parts = [None] if wanted is None else list(_parts(wanted))
    for some in parts:
        chosen = statement if some is None else statement.where(table.c[key].in_(some))
        for member, begins, *values in snapshot.fetch(chosen, Scope.everything()):
            version = (begins or date.min, dict(zip(columns, values, strict=True)))
            found.setdefault(member, []).append(version)
    for versions in found.values():
        versions.sort(key=lambda version: version[0])
    return found


def _as_on(
    members: Mapping[str, list[tuple[date, dict[str, str | None]]]], key: str | None, day: date
) -> dict[str, str | None]:
    """The last version begun by a day; before the first one, the first."""
    versions = members.get(key or "", [])
    begun = [values for begins, values in versions if begins <= day]
    return begun[-1] if begun else versions[0][1] if versions else {}


def _foreign(snapshot: Snapshot, scope: Scope, keys: Sequence[str]) -> set[str]:
    """Those of the lines that are there already and not in the scope."""
    line = sales_line.c
    joined = sales_line.outerjoin(customer, customer.c.customer_id == line.customer_id)
    for table, column in ((place, "place_id"), (team, "team_id"), (rep, "rep_id"), (product, "product_id")):
        joined = joined.outerjoin(table, table.c[column] == line[column])
    joined = joined.outerjoin(channel, channel.c.channel_id == line.channel_id)
    joined = joined.outerjoin(campaign, campaign.c.campaign_id == line.campaign_id)
    tables = {level: table for name, table in _OF.items() for level in HIERARCHIES[name]} | {"rep": rep}
    levels = {level: table.c[f"{level}_key"] for level, table in tables.items()}
    levels |= {ACCOUNT_OWNER: customer.c.owner_rep_key, "document_type": line.document_type}
    levels |= {"currency": line.currency_key, "channel": channel.c.channel_key, "campaign": campaign.c.campaign_key}
    statement = sa.select(line.line_key, *levels.values()).select_from(joined)
    return {
        key
        for some in _parts(set(keys))
        for key, *members in snapshot.fetch(statement.where(line.line_key.in_(some)), Scope.everything(), timeout_s=600)
        if not _is_in(scope, dict(zip(levels, members, strict=True)))
    }


def _parts(keys: Iterable[str | None]) -> Iterator[list[str]]:
    known = sorted(key for key in keys if key is not None)
    return (known[start : start + _MANY] for start in range(0, len(known), _MANY))
