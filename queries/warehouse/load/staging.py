"""Staging: the feeds of a mapping evaluated as SQL, every row marked with the first thing that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from app.values.errors import Invalid
from queries.warehouse.load import reach
from queries.warehouse.load.expressions import READERS, Compiler, ident, references, words
from queries.warehouse.load.mappings import KEYS, MONTHS, Feed
from queries.warehouse.schema import DOCUMENT_TYPES, STAGED, warehouse
from queries.warehouse.staged import quoted, sql_type

CONTROLLED: Mapping[str, str] = {"sales_line": "net", "budget": "amount", "quota": "amount"}
"""The amount of each table that control totals are made of."""

_NOTHING: Mapping[str, Mapping[str, str]] = {
    "sales_line": {"tax": "0", "freight": "0", "discount": "0", "returned": "0", "recurring": "false"},
    "budget": {"version": "'original'", MONTHS: "1"},
    "quota": {"version": "'original'", MONTHS: "1"},
}
"""What a column is when neither mapping nor row says anything."""

_BOOKKEEPING = {"_row": "bigint", "_feed": "smallint", "_fail": "smallint"}


@dataclass(frozen=True)
class Check:
    """One thing that may be wrong with a row."""

    code: str
    reason: str  # ends a sentence that begins with the value, or stands alone
    column: tuple[str, str] | None  # source and column to show
    fails: str  # SQL over the middle select


@dataclass(frozen=True)
class CompiledFeed:
    """A feed as SQL, with what it needs of each source."""

    feed: Feed
    number: int
    needs: tuple[tuple[str, str], ...]  # (alias, column)
    middle: str  # one row per source row: staged columns, `_row`, and what checks look at
    checks: tuple[Check, ...]

    @property
    def currency(self) -> str:
        """SQL of the currency a row's control amount is in."""
        return "currency_key"


def staged_types(table: str) -> dict[str, str]:
    """SQL types of a staging table's columns, the pseudo column of plans included."""
    types = {column.name: sql_type(column.type) for column in warehouse.tables[table].columns}
    columns = {name: types.get(name, "varchar") for name in STAGED[table]}
    if table in {"budget", "quota"}:
        columns[MONTHS] = "smallint"
    return columns


def required(table: str) -> tuple[str, ...]:
    """Staged columns that may not be missing."""
    columns = warehouse.tables[table].columns
    return tuple(name for name in STAGED[table] if name in columns and not columns[name].nullable)


def compile_feed(
    feed: Feed,
    number: int,
    settings: Mapping[str, str],
    native: Callable[[str, str], str] = lambda _alias, _column: "",
) -> CompiledFeed:
    """SQL for one feed. Raises Invalid where the mapping names what it does not have."""
    aliases = (feed.source, *feed.joins)
    compiler = Compiler(aliases, settings, native)
    shared = [f"({compiler.outer(sql)}) as {ident(f'let.{name}')}" for name, sql in feed.let.items()]
    spelled = _spelled(feed, compiler)
    rules = [(rule, compiler.outer(rule.that)) for rule in feed.rules]
    joins = "".join(
        f" left join source_{alias} as {alias} on ({compiler.inner(condition)})"
        for alias, condition in feed.joins.items()
    )
    where = f" where ({compiler.inner(feed.where)})" if feed.where else ""
    inner = [f"{alias}.{ident(column)} as {ident(f'{alias}.{column}')}" for alias, column in compiler.references]
    for index, read in enumerate(compiler.reads):
        inner += [f"{read.value} as _read{index}", f"{read.text} as _text{index}"]
    inner.append(f"{feed.source}._row as _row")
    rows = f"select {', '.join(inner)} from source_{feed.source} as {feed.source}{joins}{where}"
    if shared:
        rows = f"select *, {', '.join(shared)} from ({rows})"
    middle = f"select *, {', '.join(spelled)} from ({rows})"
    checks = [
        Check(
            READERS[read.reader].code,
            READERS[read.reader].reason,
            read.column,
            f"_read{i} is null and _text{i} is not null",
        )
        for i, read in enumerate(compiler.reads)
    ]
    checks += _own_checks(feed, aliases)
    for rule, sql in rules:
        shown = references(rule.column or rule.that, aliases) or _column_behind(feed, rule.that, aliases)
        checks.append(
            Check("rule", f"Not true: {rule.require}.", shown[0] if shown else None, f"not coalesce(({sql}), false)")
        )
    return CompiledFeed(feed, number, tuple(compiler.references), middle, tuple(checks))


def _spelled(feed: Feed, compiler: Compiler) -> list[str]:
    """The staged columns, and what control totals and `latest` need, as select items."""
    types = staged_types(feed.table)
    defaults = _NOTHING.get(feed.table, {})
    spelled = []
    for name, kind in types.items():
        sql = compiler.outer(feed.columns[name]) if name in feed.columns else "null"
        if name in defaults:
            sql = f"coalesce(({sql}), {defaults[name]})" if sql != "null" else defaults[name]
        spelled.append(f"{'cast' if kind == 'varchar' else 'try_cast'}(({sql}) as {kind}) as {ident(name)}")
    if feed.table in CONTROLLED:
        amount = compiler.outer(feed.control) if feed.control else ident(CONTROLLED[feed.table])
        spelled.append(f"try_cast(({amount}) as decimal(18, 4)) as _control")
    if feed.latest:
        spelled.append(f"({compiler.outer(feed.latest)}) as _latest")
    return spelled


def _own_checks(feed: Feed, aliases: tuple[str, ...]) -> list[Check]:
    """What holds for every mapping: needed values are there, types are known, a line's amounts add up."""
    checks = []
    for name in required(feed.table):
        shown = references(feed.columns.get(name, ""), aliases)
        checks.append(
            Check(
                "missing",
                f"The value is missing, and {name} needs one.",
                shown[0] if shown else None,
                f"{ident(name)} is null",
            )
        )
    if feed.table == "sales_line":
        kinds = ", ".join(f"'{kind}'" for kind in DOCUMENT_TYPES)
        shown = references(feed.columns.get("document_type", ""), aliases)
        checks.append(
            Check(
                "unknown_document_type",
                f"is not a document type (known: {', '.join(DOCUMENT_TYPES)})",
                shown[0] if shown else None,
                f"document_type not in ({kinds})",
            )
        )
        shown = references(feed.columns.get("net", ""), aliases)
        checks.append(
            Check(
                "does_not_add_up",
                "The net amount is not gross less discount less returned.",
                shown[0] if shown else None,
                "net <> gross - discount - returned",
            )
        )
    return checks


def _column_behind(feed: Feed, text: str, aliases: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The source column behind the first staged column a rule names."""
    for word in words(text):
        if word in feed.columns:
            return references(feed.columns[word], aliases)
    return ()


def create_table(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """The empty staging table, with the bookkeeping columns that `finish` takes away again."""
    columns = staged_types(table) | _BOOKKEEPING
    spelled = ", ".join(f"{ident(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"create table stage.{table} ({spelled})")


def stage(connection: duckdb.DuckDBPyConnection, compiled: CompiledFeed) -> None:
    """Bring a feed's rows into its staging table; `_fail` is 0 or the number of the first check that failed."""
    connection.execute(staging_sql(connection, compiled))
    if compiled.feed.joins and not compiled.feed.distinct:
        _refuse_fan_out(connection, compiled)


def staging_sql(connection: duckdb.DuckDBPyConnection, compiled: CompiledFeed) -> str:
    """The statement of `stage`, judged. Raises Invalid for one that reaches beyond the feed's own sources."""
    chosen = ", ".join(ident(name) for name in staged_types(compiled.feed.table))
    return (
        f"insert into stage.{compiled.feed.table} ({chosen}, _row, _feed, _fail)"
        f" select {chosen}, _row, {compiled.number}, _fail from ({marked_sql(connection, compiled)})"
    )


def marked_sql(connection: duckdb.DuckDBPyConnection, compiled: CompiledFeed) -> str:
    """The rows that `stage` brings in: staged columns, `_row` and `_fail`; judged as `staging_sql` is."""
    feed = compiled.feed
    names = list(staged_types(feed.table))
    branches = " ".join(f"when {check.fails} then {index}" for index, check in enumerate(compiled.checks, 1))
    fail = f"cast(case {branches} else 0 end as smallint)" if branches else "0"
    chosen = ", ".join(ident(name) for name in names)
    latest = ", _latest" if feed.latest else ""
    marked = f"select {chosen}, _row, {fail} as _fail{latest} from ({compiled.middle})"
    reach.judge(connection, feed.title, marked, {f"source_{alias}" for alias in (feed.source, *feed.joins)})
    return _one_per_key(feed, names, marked) if feed.distinct else marked


def _one_per_key(feed: Feed, names: list[str], marked: str) -> str:
    keys = ", ".join(KEYS[feed.table])
    whole = ", ".join(f"{ident(name)} := {ident(name)}" for name in [*names, "_row"])
    order = "(_latest, -_row)" if feed.latest else "-_row"
    return (
        f"select unnest(one), 0 as _fail from (select arg_max(struct_pack({whole}), {order}) as one"
        f" from ({marked}) where _fail = 0 group by {keys})"
    )


def _refuse_fan_out(connection: duckdb.DuckDBPyConnection, compiled: CompiledFeed) -> None:
    feed = compiled.feed
    row = connection.execute(
        f"select _row, count(*) from stage.{feed.table} where _feed = {compiled.number}"
        " group by _row having count(*) > 1 order by _row limit 1"
    ).fetchone()
    if row:
        raise Invalid(
            f"The mapping finds {row[1]} rows of {' or '.join(feed.joins)} for row {row[0]} of {feed.source}"
            f" ({feed.title}); it may find one at most."
        )


def source_control(connection: duckdb.DuckDBPyConnection, compiled: CompiledFeed) -> list[tuple[str, object]]:
    """The control amount by currency, summed over the source's rows before anything is kept out."""
    feed = compiled.feed
    rows, amount = f"({compiled.middle})", "_control"
    if feed.control is None and not feed.distinct:
        # The amount is the staged one, and until rows are taken out it is cheaper to read than to compute again.
        rows, amount = f"stage.{feed.table} where _feed = {compiled.number}", CONTROLLED[feed.table]
    return connection.execute(
        f"select coalesce({compiled.currency}, '?'), sum({amount}) from {rows} group by 1 order by 1"
    ).fetchall()


def spelled_reason(check: Check, raw: str | None) -> str:
    """The reason as a sentence about the value."""
    if check.reason[0].isupper():
        return check.reason
    shown = re.sub(r"\s+", " ", raw or "")
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return f"“{shown}” {check.reason}."


def literal(text: str | None) -> str:
    """Text as an SQL literal."""
    return "null" if text is None else f"'{quoted(text)}'"
