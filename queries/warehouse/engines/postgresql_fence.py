"""The second fence: PostgreSQL itself shows a reading role only the rows of the scope that its transaction names.

Each clause of a scope is one bit. A row keeps the bits of the clauses whose members it has, level by level, and is
visible while one is left. A transaction that names no scope sees nothing; a clause on a level that a table does not
hold matches none of its rows. On purpose all this is worked out here without the compiler's help.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import Table

from app.values.errors import TooBig
from app.values.hierarchy import ACCOUNT_OWNER, HIERARCHIES
from app.values.scope import Scope
from queries.warehouse.rollups import Rollup, level_column, rollup_name, rollup_table
from queries.warehouse.schema import BASIS_DATES, PLAN_LEVELS, budget, customer, quota, sales_line

READER = "salient_reader"
SETTING = "salient.scope"
"""The clauses whose rows a transaction may see: a JSON list of {level: [member, …]}; not set means nothing."""

_MOST_CLAUSES = 62
_FIRST_RELEASE = 150_000

_CUSTOMER = (*HIERARCHIES["customer"], ACCOUNT_OWNER)
_BY_ID = {
    "place": HIERARCHIES["place"],
    "team": ("department", "team"),
    "rep": ("rep",),
    "product": HIERARCHIES["goods"],
    "customer": _CUSTOMER,
    "campaign": ("campaign",),
    "channel": ("channel",),
}
"""The levels that a fact knows through a dimension's number."""
_ON_THE_LINE = {
    "document_type": "document_type",
    "currency": "currency_key",
    "document": "document_key",
    "line": "line_key",
}

Connection = psycopg.Connection[tuple[Any, ...]]


def scope_text(scope: Scope) -> str:
    """A scope as `SETTING` holds it. Raises TooBig."""
    if len(scope.clauses) > _MOST_CLAUSES:
        raise TooBig("This account's rows are described in too many ways for PostgreSQL to guard them.")
    clauses = [{level: sorted(members) for level, members in clause} for clause in scope.clauses]
    return json.dumps(sorted(clauses, key=json.dumps))


def obtain_reader(connection: Connection) -> bool:
    """Whether the login may act as the reading role, made now where it may make roles."""
    if not _is_recent(connection):
        return False
    if _may_read_as(connection):
        return True
    try:
        with connection.transaction():
            exists = connection.execute("select 1 from pg_roles where rolname = %s", (READER,)).fetchone()
            if not exists:
                connection.execute(f"create role {READER} nologin")
            connection.execute(f"grant {READER} to current_user")
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        pass
    return _may_read_as(connection)


def weakness(connection: Connection, fenced: bool) -> str | None:
    """Why PostgreSQL does not guard rows itself, with what to do about it; None when it does."""
    if fenced:
        return None
    if not _is_recent(connection):
        return "PostgreSQL itself does not guard rows: that needs release 15 or newer."
    if _may_read_as(connection) or _may_make_roles(connection):
        return "PostgreSQL itself does not guard rows yet: the next import or `salient warehouse compact` sets it up."
    return (
        f"PostgreSQL itself does not guard rows: the login may not create the role {READER}. Let an administrator run"
        f' "create role {READER} nologin; grant {READER} to {connection.info.user}", then `salient warehouse compact`.'
    )


def _is_recent(connection: Connection) -> bool:
    return connection.info.server_version >= _FIRST_RELEASE


def _may_read_as(connection: Connection) -> bool:
    row = connection.execute(
        "select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = %s", (READER,)
    ).fetchone()
    return bool(row and row[0])


def _may_make_roles(connection: Connection) -> bool:
    row = connection.execute(
        "select rolsuper or rolcreaterole and not exists (select 1 from pg_roles where rolname = %s)"
        " from pg_roles where rolname = current_user",
        (READER,),
    ).fetchone()
    return bool(row and row[0])


def stands(connection: Connection, rows: str) -> bool:
    """Whether the login may read as the reading role and the fact is fenced against it."""
    row = connection.execute(
        "select pg_has_role(current_user, r.oid, 'member') and c.relrowsecurity and has_table_privilege(r.oid, c.oid,"
        " 'select') from pg_roles r, pg_class c where r.rolname = %s and c.oid = to_regclass(%s)",
        (READER, f"{rows}.{sales_line.name}"),
    ).fetchone()
    return bool(row and row[0])


def fence(rows: str, now: str, tables: Iterable[Table], rollups: Sequence[Rollup]) -> Iterable[str]:
    """DDL of the fence around the tables of schema `rows` and the views of schema `now`; may be run again."""
    yield f"grant usage on schema {rows}, {now} to {READER}"
    yield from _functions(rows, now)
    policies = dict(_policies(rows, rollups))
    rolled_up = [rollup_table(rollup, basis) for rollup in rollups for basis in BASIS_DATES]
    for table in (*tables, *rolled_up):
        yield f'grant select on {rows}."{table.name}", {now}."{table.name}" to {READER}'
        # The reader's own rights and rows count behind a view, not those of whoever made it.
        yield f'alter view {now}."{table.name}" set (security_invoker = true)'
        policy = policies.get(table.name)
        if policy is not None:
            yield f'alter table {rows}."{table.name}" enable row level security'
            yield f'drop policy if exists in_scope on {rows}."{table.name}"'
            yield f'create policy in_scope on {rows}."{table.name}" for select to {READER} using ({policy})'


def _functions(rows: str, now: str) -> Iterable[str]:
    clauses = (
        f"jsonb_array_elements(nullif(current_setting('{SETTING}', true), '')::jsonb) with ordinality c(clause, number)"
    )
    bits = "coalesce(bit_or(1::bigint << (number - 1)::integer), 0)"
    # The clauses that restrict nothing but these levels, those that restrict none of them, and each member's.
    yield _function(
        f"{rows}.clauses_within(levels text[]) returns bigint",
        f"return (select {bits} from {clauses}"
        " where not exists (select from jsonb_object_keys(clause) level where level <> all(levels)));",
    )
    yield _function(
        f"{rows}.clauses_beside(levels text[]) returns bigint",
        f"return (select {bits} from {clauses} where not clause ?| levels);",
    )
    yield _function(
        f"{rows}.clauses_by_member(level text) returns jsonb",
        "return (select jsonb_object_agg(member, bits) from (select member, bit_or(1::bigint << (number - 1)::integer)"
        f" as bits from {clauses}, jsonb_array_elements_text(clause -> level) member group by 1) m);",
    )
    for dimension, levels in _BY_ID.items():
        keys = [f"d.{_column(level)}" for level in levels]
        yield _function(
            f"{rows}.clauses_by_{dimension}() returns bigint[]",
            f"return (with restricted as materialized (select {rows}.clauses_beside({_array(levels)}) as others),"
            f" marks as materialized (select {_marks(rows, levels)}),"
            f" known as (select {dimension}_id as id,"
            f" {' & '.join(f'(coalesce((m{i} ->> {key})::bigint, 0) | o{i})' for i, key in enumerate(keys))} as bits"
            f" from {now}.{dimension} d, marks)"
            " select array_agg(coalesce(known.bits, others) order by number) from restricted,"
            " generate_series(1, (select max(id) from known)) number left join known on known.id = number"
            f" where others <> {rows}.clauses_beside(array[]::text[]));",
        )


def _marks(rows: str, levels: Sequence[str]) -> str:
    return ", ".join(
        f"{rows}.clauses_by_member('{level}') as m{i}, {rows}.clauses_beside(array['{level}']) as o{i}"
        for i, level in enumerate(levels)
    )


def _function(signature: str, body: str) -> str:
    written = f"$body$ begin {body} end $body$"
    return f"create or replace function {signature} language plpgsql stable parallel safe as {written}"


def _column(level: str) -> str:
    return "owner_rep_key" if level == ACCOUNT_OWNER else f"{level}_key"


def _array(levels: Iterable[str]) -> str:
    return f"array[{', '.join(repr(level) for level in levels)}]::text[]"


def _policies(rows: str, rollups: Sequence[Rollup]) -> Iterable[tuple[str, str]]:
    """The condition of each table that is fenced."""
    yield sales_line.name, _visible(rows, _ON_THE_LINE, tuple(_BY_ID))
    for plan in (budget, quota):
        yield plan.name, _visible(rows, {level: f"{level}_key" for level in PLAN_LEVELS})
    for rollup in rollups:
        held = {level: level_column(level) for level in rollup.closed_levels if level != "customer"}
        dimensions = ("customer",) if "customer" in rollup.closed_levels else ()
        for basis in BASIS_DATES:
            yield rollup_name(rollup, basis), _visible(rows, held, dimensions)
    # A customer's own row is not a sale: it is hidden only by what a scope says of customers.
    yield customer.name, _any(_terms(rows, {level: _column(level) for level in _CUSTOMER}, ()))


def _visible(rows: str, held: dict[str, str], dimensions: Sequence[str] = ()) -> str:
    levels = [*held, *(level for name in dimensions for level in _BY_ID[name])]
    within = f"(select {rows}.clauses_within({_array(levels)}))"
    return _any([within, *_terms(rows, held, dimensions)], f"(select {rows}.clauses_within(array[]::text[])) <> 0")


def _any(terms: Iterable[str], shortcut: str = "false") -> str:
    # Subselects are computed once per statement; a scope that hides nothing costs one comparison per row.
    return f"{shortcut} or ({' & '.join(terms)}) <> 0"


def _terms(rows: str, held: dict[str, str], dimensions: Sequence[str]) -> Iterable[str]:
    for name in dimensions:
        beside = f"(select {rows}.clauses_beside({_array(_BY_ID[name])}))"
        yield f"coalesce((select {rows}.clauses_by_{name}())[{name}_id], {beside})"
    for level, column in held.items():
        beside = f"(select {rows}.clauses_beside({_array((level,))}))"
        yield f'(coalesce(((select {rows}.clauses_by_member({level!r})) ->> "{column}")::bigint, 0) | {beside})'
