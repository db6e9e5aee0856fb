"""Cleaning: rows that fail, name what nobody knows or repeat a key are taken out of staging and remembered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import duckdb
import pyarrow as pa

from queries.warehouse.load.expressions import ident, references
from queries.warehouse.load.mappings import KEYS
from queries.warehouse.load.report import QuarantinedRow
from queries.warehouse.load.sources import SourceTable
from queries.warehouse.load.staging import CONTROLLED, CompiledFeed, literal, spelled_reason, staged_types
from queries.warehouse.schema import PLAN_LEVELS

QUARANTINED, DUPLICATE = "quarantined", "duplicate"

MEMBERS: Mapping[str, str] = {
    "place_key": "place",
    "team_key": "team",
    "rep_key": "rep",
    "product_key": "product",
    "customer_key": "customer",
    "campaign_key": "campaign",
    "channel_key": "channel",
}
"""Key columns of facts and the dimension each names. (Currencies are codes, not members.)"""

_CHECK_UNKNOWN, _CHECK_CONFLICT = 0, -1
"""Stand where a check's number would, for the reasons that only show across rows."""
_CROSS_ROW = {_CHECK_UNKNOWN: "unknown_member", _CHECK_CONFLICT: "same_key"}


class Sources(Protocol):
    """Where the rows came from, as far as it is told of those kept out."""

    @property
    def tables(self) -> Mapping[str, SourceTable]:
        """By alias."""
        ...

    def places(
        self, into: duckdb.DuckDBPyConnection, table: SourceTable, rows: Sequence[int], columns: Sequence[str]
    ) -> dict[int, tuple[int, dict[str, str | None]]]:
        """For rows of a table: the line each stands on, and its cells of these columns."""
        ...


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """The table of everything that is kept out."""
    connection.execute(
        "create temp table rejected (feed smallint, row bigint, fate varchar, check_number integer,"
        " column_name varchar, value varchar, other_row bigint, other_feed smallint,"
        " currency varchar, amount decimal(18, 4))"
    )


def _reject(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    condition: str,
    fate: str,
    check: str,
    column: str = "null",
    value: str = "null",
) -> None:
    money = "coalesce(currency_key, '?')" if table in CONTROLLED else "null"
    amount = CONTROLLED.get(table, "null")
    connection.execute(
        f"insert into rejected select _feed, _row, '{fate}', {check}, {column}, {value}, null, null, {money}, {amount}"
        f" from stage.{table} where {condition}"
    )
    connection.execute(f"delete from stage.{table} where {condition}")


def take_out_failed(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Rows some check has marked."""
    if _any(connection, f"select 1 from stage.{table} where _fail <> 0"):
        _reject(connection, table, "_fail <> 0", QUARANTINED, "_fail")


def take_out_unknown(connection: duckdb.DuckDBPyConnection, table: str, known: Iterable[str]) -> None:
    """Fact rows that name a member of a dimension in `known` which `known_<dimension>` does not hold."""
    present = set(known)
    for column, dimension in MEMBERS.items():
        if dimension not in present or column not in staged_types(table):
            continue
        strangers = (
            f"select distinct {column} as member from stage.{table} where {column} is not null"
            f" and {column} not in (select member from known_{dimension})"
        )
        connection.execute(f"create or replace temp table stranger as {strangers}")
        if _any(connection, "select 1 from stranger"):
            _reject(
                connection,
                table,
                f"{column} in (select member from stranger)",
                QUARANTINED,
                str(_CHECK_UNKNOWN),
                f"'{column}'",
                column,
            )


def take_out_repeated(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Rows whose key an earlier row has: a duplicate if all else is equal, otherwise quarantined, never chosen from."""
    keys = ", ".join(KEYS[table])
    # Hashes are grouped, being ten times faster than texts; the exact keys are looked at only where two meet.
    twice = f"select hash({keys}) as h from stage.{table} group by 1 having count(*) > 1"
    connection.execute(f"create or replace temp table meeting as {twice}")
    if not _any(connection, "select 1 from meeting"):
        return
    names = ", ".join(ident(name) for name in staged_types(table))
    window = f"over (partition by {keys} order by _feed, _row rows between unbounded preceding and current row)"
    connection.execute(
        f"create or replace temp table repeated as select rowid as row_id, _feed, _row,"
        f" first_value(_row) {window} as other_row, first_value(_feed) {window} as other_feed,"
        f" first_value(hash({names})) {window} = hash({names}) as is_same, row_number() {window} as place,"
        f" concat_ws(' ', {keys}) as value"
        f"{_money_columns(table)} from stage.{table} where hash({keys}) in (select h from meeting) qualify place > 1"
    )
    connection.execute(
        f"insert into rejected select _feed, _row, case when is_same then '{DUPLICATE}' else '{QUARANTINED}' end,"
        f" {_CHECK_CONFLICT}, '{KEYS[table][0]}', value, other_row, other_feed, currency, amount from repeated"
    )
    connection.execute(f"delete from stage.{table} where rowid in (select row_id from repeated)")


def _money_columns(table: str) -> str:
    if table not in CONTROLLED:
        return ", null as currency, null as amount"
    return f", coalesce(currency_key, '?') as currency, {CONTROLLED[table]} as amount"


def _any(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    return connection.execute(f"{query} limit 1").fetchone() is not None


def counts(connection: duckdb.DuckDBPyConnection) -> dict[tuple[int, str], int]:
    """Rows kept out, by feed number and fate."""
    rows = connection.execute("select feed, fate, count(*) from rejected group by all").fetchall()
    return {(feed, fate): count for feed, fate, count in rows}


def amounts(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str, Decimal | None]]:
    """(feed, currency, fate, sum) of the amounts kept out."""
    return connection.execute(
        "select feed, currency, fate, sum(amount) from rejected where currency is not null group by all"
    ).fetchall()


def reasons(connection: duckdb.DuckDBPyConnection, feeds: Sequence[CompiledFeed]) -> dict[str, int]:
    """Quarantined rows by reason code."""
    found: defaultdict[str, int] = defaultdict(int)
    checks = {feed.number: feed.checks for feed in feeds}
    rows = connection.execute(
        f"select feed, check_number, count(*) from rejected where fate = '{QUARANTINED}' group by all order by all"
    ).fetchall()
    for feed, check, count in rows:
        code = checks[feed][check - 1].code if check > 0 else _CROSS_ROW[check]
        found[code] += count
    return dict(found)


def quarantined_rows(
    connection: duckdb.DuckDBPyConnection, feeds: Sequence[CompiledFeed], sources: Sources, limit: int | None
) -> Iterator[QuarantinedRow]:
    """Each quarantined row with its line, column, reason and raw value, in the order of feeds and rows."""
    for compiled in feeds:
        rows = connection.execute(
            "select row, check_number, column_name, value, other_row, other_feed from rejected"
            f" where feed = {compiled.number} and fate = '{QUARANTINED}' order by row"
            f"{f' limit {limit}' if limit is not None else ''}"
        ).fetchall()
        if rows:
            yield from _described(connection, compiled, sources, rows, {feed.number: feed for feed in feeds})


def _described(
    connection: duckdb.DuckDBPyConnection,
    compiled: CompiledFeed,
    sources: Sources,
    rows: list[tuple[int, int, str | None, str | None, int | None, int | None]],
    feeds: Mapping[int, CompiledFeed],
) -> Iterator[QuarantinedRow]:
    table = sources.tables[compiled.feed.source]
    shown = [_shown(compiled, check, column) for _, check, column, *_ in rows]
    columns = list(dict.fromkeys(name for name in shown if name is not None))
    places = sources.places(connection, table, [row[0] for row in rows], columns)
    others = _lines_of_others(connection, sources, rows, feeds)
    for (row, check, column, value, other_row, other_feed), name in zip(rows, shown, strict=True):
        line, cells = places.get(row, (row, {}))
        raw = cells.get(name) if name is not None else value
        if check > 0:
            found = compiled.checks[check - 1]
            code, reason = found.code, spelled_reason(found, raw)
        elif check == _CHECK_UNKNOWN:
            dimension = MEMBERS[str(column)]
            code = _CROSS_ROW[check]
            reason = f"There is no {dimension} “{value}”, neither in this source nor in the warehouse."
        else:
            code = _CROSS_ROW[check]
            reason = f"“{value}” came before with other values, {others.get((other_feed, other_row), '')}."
        yield QuarantinedRow(compiled.feed.table, table.title, line, name or "", code, reason, raw)


def _shown(compiled: CompiledFeed, check: int, column: str | None) -> str | None:
    """The column of the feed's own source that a reason is about."""
    if check > 0:
        shown = compiled.checks[check - 1].column
        return shown[1] if shown and shown[0] == compiled.feed.source else None
    text = compiled.feed.columns.get(column or "", "")
    found = references(text, (compiled.feed.source,))
    return found[0][1] if found else None


def _lines_of_others(
    connection: duckdb.DuckDBPyConnection,
    sources: Sources,
    rows: Iterable[tuple[int, int, str | None, str | None, int | None, int | None]],
    feeds: Mapping[int, CompiledFeed],
) -> dict[tuple[int | None, int | None], str]:
    wanted: defaultdict[int, set[int]] = defaultdict(set)
    for *_, other_row, other_feed in rows:
        if other_row is not None and other_feed is not None:
            wanted[other_feed].add(other_row)
    found: dict[tuple[int | None, int | None], str] = {}
    for feed, numbers in wanted.items():
        table = sources.tables[feeds[feed].feed.source]
        for row, (line, _) in sources.places(connection, table, sorted(numbers), ()).items():
            found[feed, row] = f"on line {line} of {table.title}"
    return found


def know_members(
    connection: duckdb.DuckDBPyConnection, dimension: str, existing: Sequence[str], *, staged: bool
) -> None:
    """`known_<dimension>`: the members of this load and those the warehouse has.

    A member whose own row is quarantined (a bad date of birth, say) is known too: its sales need not go with it.
    """
    connection.execute(f"create or replace temp table known_{dimension} (member varchar)")
    if staged:
        connection.execute(
            f"insert into known_{dimension} select distinct {dimension}_key from stage.{dimension}"
            f" where {dimension}_key is not null"
        )
    if existing:
        connection.register("existing", pa.table({"member": pa.array(list(existing), pa.string())}))
        connection.execute(f"insert into known_{dimension} select member from existing")
        connection.unregister("existing")


PLAN_MEMBERS: Mapping[str, tuple[str, str]] = {
    f"{level}_key": (dimension, f"{level}_key")
    for dimension, levels in {
        "place": ("market", "country", "region", "state", "city"),
        "team": ("department", "team"),
        "rep": ("rep",),
        "product": ("category", "subcategory", "product"),
        "channel": ("channel",),
    }.items()
    for level in levels
}
"""Plan columns and where their members are listed: (dimension, its column)."""

assert set(PLAN_MEMBERS) == {f"{level}_key" for level in PLAN_LEVELS}


def take_out_unplanned(connection: duckdb.DuckDBPyConnection, table: str, staged: Iterable[str]) -> None:
    """Plan rows set for a member (at any level) that a dimension of this load and the warehouse do not have."""
    present = set(staged)
    for column, (dimension, name) in PLAN_MEMBERS.items():
        if dimension not in present:
            continue
        unknown = (
            f"{column} is not null and {column} not in (select {name} from all_{dimension} where {name} is not null)"
        )
        if _any(connection, f"select 1 from stage.{table} where {unknown}"):
            _reject(connection, table, unknown, QUARANTINED, str(_CHECK_UNKNOWN), literal(column), column)
