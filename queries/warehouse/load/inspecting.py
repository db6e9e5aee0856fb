"""Inspecting: rows that programs send, judged in memory by the checks and the cleaner that files go through.

One inspector serves one process: its database holds every kind's tables and its statements are prepared once, so that a
single row costs a few milliseconds and twenty thousand cost little more than reading them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import duckdb
import pyarrow as pa

from app.values.errors import Invalid, TooBig
from queries.warehouse.load import cleaning, staging
from queries.warehouse.load.expressions import MACROS, OTHERS, ident
from queries.warehouse.load.mappings import KEYS, SourceMapping, open_mapping
from queries.warehouse.load.report import QuarantinedRow
from queries.warehouse.load.sources import SourceTable
from queries.warehouse.load.staging import CompiledFeed
from queries.warehouse.staged import quoted

KINDS: Mapping[str, str] = {
    "sales": "sales_line",
    "customers": "customer",
    "products": "product",
    "reps": "rep",
    "teams": "team",
    "budget": "budget",
    "quotas": "quota",
    "campaigns": "campaign",
    "rates": "published_rate",
}
"""What can be sent, as the mapping of our own templates calls it, and the table of the star each row is one of."""

MOST_OUT = 10_000
"""More rows kept out than these, and a batch is refused whole: something is wrong with all of it."""

_SHORT_SIGHTED = "statistics_propagation,compressed_materialization"
"""Optimisers that take what the tables hold when a statement is prepared for what they will always hold."""

_AT_A_GLANCE, _SPELLED_OUT = 1_000, 20
_ROW = "_row"


@dataclass(frozen=True)
class Inspected:
    """What became of one batch: `rows` = `accepted` + the quarantined + `duplicates` (numbers of rows, from 1).

    `totals` are, by currency, the accepted rows that carry money and their sum.
    """

    rows: int
    accepted: int
    quarantined: tuple[QuarantinedRow, ...]
    duplicates: tuple[int, ...]
    totals: Mapping[str, tuple[int, Decimal]] = field(default_factory=dict)


def totalled(kind: str, found: Sequence[Inspected], rows: pa.Table) -> list[Inspected]:
    """The same with their totals; `rows` are the clean rows of all of them, in the order they came."""
    amount = staging.CONTROLLED.get(KINDS[kind])
    if amount is None:
        return list(found)
    told, start = [], 0
    for each in found:
        part, start = rows.slice(start, each.accepted), start + each.accepted
        sums: dict[str, tuple[int, Decimal]] = {}
        for currency, money in zip(part["currency_key"].to_pylist(), part[amount].to_pylist(), strict=True):
            count, before = sums.get(currency or "", (0, Decimal(0)))
            sums[currency or ""] = (count + 1, before + (money or 0))
        told.append(replace(each, totals=dict(sorted(sums.items()))))
    return told


@dataclass(frozen=True)
class _Places:
    """Where the cleaner looks up rows: what was sent has no lines but its own numbers."""

    tables: Mapping[str, SourceTable]

    def places(
        self, into: duckdb.DuckDBPyConnection, table: SourceTable, rows: Sequence[int], columns: Sequence[str]
    ) -> dict[int, tuple[int, dict[str, str | None]]]:
        """The cells of these columns, by row."""
        numbers = ", ".join(str(row) for row in rows)
        chosen = ", ".join([_ROW, *(ident(column) for column in columns)])
        found = into.execute(f"select {chosen} from {table.view} where {_ROW} in ({numbers})").fetchall()
        return {row[0]: (row[0], dict(zip(columns, row[1:], strict=True))) for row in found}


@dataclass(frozen=True)
class _Kind:
    """One kind of rows, compiled: its feeds (the last one is the rows themselves) and its columns."""

    name: str
    feeds: tuple[CompiledFeed, ...]
    columns: tuple[str, ...]  # those an expression names
    needed: frozenset[str]  # those that may not be missing altogether
    takes_others: bool

    @property
    def source(self) -> str:
        return f"source_{self.name}"

    @property
    def own(self) -> CompiledFeed:
        return self.feeds[-1]


@dataclass
class Inspector:
    """`currency` is that of rows which name none."""

    currency: str
    threads: int = 1
    _connection: duckdb.DuckDBPyConnection = field(init=False)
    _kinds: dict[str, _Kind] = field(init=False)
    _prepared: set[str] = field(default_factory=set, init=False)
    _is_staged: bool = field(default=False, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": self.threads})
        # A schema, not a database of its own: statements over one catalogue stay prepared.
        settings = ("set python_enable_replacements = false", f"set disabled_optimizers = '{_SHORT_SIGHTED}'")
        for statement in (*settings, "create schema stage", *MACROS):
            self._connection.execute(statement.replace("create temp macro", "create macro"))
        mapping = open_mapping("template")
        self._kinds = {name: _compiled(mapping, name, self.currency) for name in KINDS}

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()

    def columns(self, kind: str) -> tuple[str, ...]:
        """The columns that rows of a kind may have; customers may have others besides."""
        return self._kinds[kind].columns

    def judge_columns(self, kind: str, names: Sequence[str]) -> None:
        """Invalid, naming it, for a column that there is not or one that is needed and missing."""
        known = self._kinds[kind]
        for name in names:
            is_name = name.strip() and "\x00" not in name and name.lower() != _ROW
            if name not in known.columns and not (known.takes_others and is_name):
                raise Invalid("{kind} have no column {name}.", kind=kind.capitalize(), name=name[:80] or "“”")
        for name in known.columns:
            if name in known.needed and name not in names:
                raise Invalid("The column {name} is missing.", name=name)

    def inspect(self, kind: str, batches: Sequence[pa.Table]) -> tuple[list[Inspected], dict[str, pa.Table]]:
        """What became of each batch, and the clean rows of all of them by table of the star, in the order they came.

        A batch is columns of text (missing = null) that `judge_columns` has passed. A row is held against the others
        of its own batch only. Raises TooBig where more than MOST_OUT rows of a batch are kept out, Invalid where a
        value is beyond what can be counted with.
        """
        with self._lock:
            return self._inspect(self._kinds[kind], batches)

    def _inspect(self, kind: _Kind, batches: Sequence[pa.Table]) -> tuple[list[Inspected], dict[str, pa.Table]]:
        self._prepare(kind)
        try:
            self._fill(kind, batches)
            tables = self._glanced(kind, batches)
            if tables is not None:
                return [Inspected(batch.num_rows, batch.num_rows, (), ()) for batch in batches], tables
            if len(batches) > 1:
                return self._one_by_one(kind, batches)
            self._is_staged = True
            for feed in kind.feeds:
                self._connection.execute(f"execute stage_{kind.name}_{feed.feed.table}")
            found = self._cleaned(kind, batches[0].num_rows)
            tables = {feed.feed.table: self._clean(kind, feed) for feed in kind.feeds}
            if found.accepted != tables[kind.own.feed.table].num_rows:
                raise Invalid("Rows went astray while they were checked; nothing was taken.")
            return [found], tables
        except (duckdb.DataError, duckdb.InvalidInputException) as error:
            raise Invalid("The load failed and nothing was changed: {text}", text=str(error).splitlines()[0]) from error
        finally:
            self._empty(kind)

    def _glanced(self, kind: _Kind, batches: Sequence[pa.Table]) -> dict[str, pa.Table] | None:
        """The clean rows by table, if nothing is wrong with any of a few; None for the cleaner to look closer."""
        count = sum(batch.num_rows for batch in batches)
        tables = {
            feed.feed.table: self._connection.execute(f"execute look_{kind.name}_{feed.feed.table}").to_arrow_table()
            for feed in (kind.feeds if count <= _AT_A_GLANCE else ())
        }
        own = tables.get(kind.own.feed.table)
        if own is None or own.num_rows != count or any(own["_fail"].to_pylist()):
            return None
        keys = [own[name].to_pylist() for name in KEYS[kind.own.feed.table]]
        if len(set(zip(*keys, strict=True))) < count:
            return None
        return {name: table.drop_columns([_ROW, "_fail"]) for name, table in tables.items()}

    def _one_by_one(self, kind: _Kind, batches: Sequence[pa.Table]) -> tuple[list[Inspected], dict[str, pa.Table]]:
        """What is wrong is told of each batch alone; a key that two of them name is right in both."""
        self._empty(kind)
        each = [self._inspect(kind, [batch]) for batch in batches]
        tables = {
            feed.feed.table: pa.concat_tables([parts[feed.feed.table] for _, parts in each]) for feed in kind.feeds
        }
        return [found[0] for found, _ in each], tables

    def _prepare(self, kind: _Kind) -> None:
        if kind.name in self._prepared:
            return
        run = self._connection.execute
        if not self._prepared:
            cleaning.prepare(self._connection)
        others = (OTHERS,) if kind.takes_others else ()
        spelled = ", ".join(f"{ident(name)} varchar" for name in (*kind.columns, *others))
        run(f"create table {kind.source} ({spelled}, {_ROW} bigint)")
        for feed in kind.feeds:
            table = feed.feed.table
            staging.create_table(self._connection, table)
            run(f"prepare stage_{kind.name}_{table} as {staging.staging_sql(self._connection, feed)}")
            marked = staging.marked_sql(self._connection, feed)
            run(f"prepare look_{kind.name}_{table} as select * from ({marked}) order by {_ROW}")
            names = ", ".join(ident(name) for name in staging.staged_types(table))
            run(f"prepare clean_{kind.name}_{table} as select {names} from stage.{table} order by {_ROW}")
        self._prepared.add(kind.name)

    def _fill(self, kind: _Kind, batches: Sequence[pa.Table]) -> None:
        """Put the rows into the source's table, numbered through."""
        count = 0
        if len({tuple(batch.column_names) for batch in batches}) == 1:
            batches = [pa.concat_tables(batches)] if len(batches) > 1 else batches
        for batch in batches:
            numbers = pa.array(range(count + 1, count + batch.num_rows + 1), pa.int64())
            columns = [name for name in batch.column_names if name in kind.columns]
            if batch.num_rows <= _SPELLED_OUT and len(columns) == batch.num_columns:
                self._spell(kind, columns, batch, count)
                count += batch.num_rows
                continue
            arriving = batch.select(columns).append_column(_ROW, numbers)
            rest = [name for name in batch.column_names if name not in kind.columns]
            chosen = ", ".join(f"nullif({ident(name)}, '')" for name in columns)
            others = ""
            if rest and kind.takes_others:
                arriving = pa.table({**{n: arriving[n] for n in arriving.column_names}, **{n: batch[n] for n in rest}})
                some = ", ".join(f"nullif({ident(name)}, '')" for name in rest)
                pairs = ", ".join(f"'{quoted(name)}', nullif({ident(name)}, '')" for name in rest)
                others = (
                    f", case when coalesce({some}) is not null then"
                    f" cast(json_merge_patch('{{}}', json_object({pairs})) as varchar) end"
                )
            into = ", ".join([*(ident(name) for name in columns), _ROW, *([ident(OTHERS)] if others else [])])
            self._connection.register("arriving", arriving)
            try:
                self._connection.execute(
                    f"insert into {kind.source} ({into}) select {chosen}, {_ROW}{others} from arriving"
                )
            finally:
                self._connection.unregister("arriving")
            count += batch.num_rows

    def _spell(self, kind: _Kind, columns: Sequence[str], batch: pa.Table, count: int) -> None:
        """Put in very few rows: for them, handing over an Arrow table costs more than all the rest."""
        cells = zip(*(batch[name].to_pylist() for name in columns), strict=True)
        values: list[str | int | None] = []
        for number, row in enumerate(cells, count + 1):
            values += [cell or None for cell in row]
            values.append(number)
        places = ", ".join([f"({', '.join('?' * (len(columns) + 1))})"] * batch.num_rows)
        into = ", ".join([*(ident(name) for name in columns), _ROW])
        self._connection.execute(f"insert into {kind.source} ({into}) values {places}", values)

    def _cleaned(self, kind: _Kind, rows: int) -> Inspected:
        """Take out what is wrong with the one batch there is, and say what that was."""
        for feed in kind.feeds:
            cleaning.take_out_failed(self._connection, feed.feed.table)
            cleaning.take_out_repeated(self._connection, feed.feed.table)
        out = self._connection.execute(
            f"select row, fate from rejected where feed = {kind.own.number} order by row limit {MOST_OUT + 1}"
        ).fetchall()
        if len(out) > MOST_OUT:
            first = next(iter(self._quarantined(kind, 1)), None)
            raise TooBig(
                "More than {most:,} of {rows:,} rows cannot be loaded: nothing was taken. Line {line}: {reason}",
                most=MOST_OUT,
                rows=rows,
                line=first.line if first else 1,
                reason=first.reason if first else "",
            )
        quarantined = tuple(self._quarantined(kind, None))
        duplicates = tuple(row for row, fate in out if fate == cleaning.DUPLICATE)
        return Inspected(rows, rows - len(quarantined) - len(duplicates), quarantined, duplicates)

    def _quarantined(self, kind: _Kind, limit: int | None) -> Iterator[QuarantinedRow]:
        feed = kind.own
        header = (*kind.columns, *((OTHERS,) if kind.takes_others else ()))
        sent = SourceTable(kind.name, "sql", kind.name, header=header)
        return cleaning.quarantined_rows(self._connection, [feed], _Places({kind.name: sent}), limit)

    def _clean(self, kind: _Kind, feed: CompiledFeed) -> pa.Table:
        return self._connection.execute(f"execute clean_{kind.name}_{feed.feed.table}").to_arrow_table()

    def _empty(self, kind: _Kind) -> None:
        self._connection.execute(f"truncate {kind.source}")
        if not self._is_staged:
            return
        for table in ("rejected", *(f"stage.{feed.feed.table}" for feed in kind.feeds)):
            self._connection.execute(f"truncate {table}")
        self._is_staged = False


def _compiled(mapping: SourceMapping, name: str, currency: str) -> _Kind:
    settings = mapping.values({"currency": currency})
    feeds = tuple(
        staging.compile_feed(feed, number, settings) for number, feed in enumerate(mapping.feeds) if feed.source == name
    )
    columns = dict.fromkeys(column for feed in feeds for _, column in feed.needs)
    takes_others = OTHERS in columns
    columns.pop(OTHERS, None)
    optional = mapping.optional_columns.get(name, frozenset())
    return _Kind(name, feeds, tuple(columns), frozenset(columns) - optional, takes_others)
