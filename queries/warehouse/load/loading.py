"""Loading: a source read through a mapping, judged, reported, and handed whole to an engine."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from app.values.errors import Invalid, NotFound, Refusal
from app.values.scope import Scope
from queries.warehouse.engines.engine import Engine, Mode, Progress
from queries.warehouse.failpoints import failpoint
from queries.warehouse.load import cleaning, currencies, plans, records, staging
from queries.warehouse.load.expressions import MACROS
from queries.warehouse.load.mappings import SourceMapping, open_mapping
from queries.warehouse.load.report import ControlTotal, FeedCount, LoadReport, LoadSettings, summary_of
from queries.warehouse.load.sources import Sources
from queries.warehouse.load.staging import CompiledFeed
from queries.warehouse.load.workshop import shut, working_connection, workshop
from queries.warehouse.schema import STAGED, warehouse
from queries.warehouse.staged import quoted

_READ, _STAGED, _CHECKED = 0.25, 0.4, 0.5
"""How far a load is, when these steps are done; publishing is the rest."""

MOST_ROWS_HELD = 5_000_000
"""More rows than these are staged in a file, compressed; so many take three gigabytes of memory, or spill."""


@dataclass
class _Work:
    """What the steps of one load share."""

    connection: duckdb.DuckDBPyConnection
    sources: Sources
    settings: LoadSettings
    values: dict[str, str]
    feeds: list[CompiledFeed]
    engine: Engine | None
    mode: Mode
    progress: Progress
    company: str  # the currency the company's figures are in once this load stands
    staging: Path  # the file staged rows stand in, unless they are held in memory
    is_held: bool = False
    rows_in: dict[int, int] = field(default_factory=dict)
    source_totals: dict[tuple[int, str], Decimal] = field(default_factory=dict)
    loaded: dict[int, int] = field(default_factory=dict)
    loaded_totals: dict[tuple[int, str], Decimal] = field(default_factory=dict)

    def of(self, table: str) -> list[CompiledFeed]:
        return [feed for feed in self.feeds if feed.feed.table == table]


def load(
    engine: Engine | None,
    mapping: str | SourceMapping,
    source: str | Path,
    *,
    home: Path,
    settings: LoadSettings | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> LoadReport:
    """Bring a source into the warehouse, or (`dry_run`) only say what would happen; all rows or none.

    `mapping` is a shipped name, a mapping file's path or a mapping; `source` a folder, a file or a database URL.
    Raises Invalid, NotFound or TooBig with a sentence naming file, line and column; then nothing has changed.
    Without an engine only a dry run is possible.
    """
    if engine is None and not dry_run:
        raise Invalid("Without a warehouse only a dry run is possible.")
    began, started = time.monotonic(), datetime.now(UTC)
    chosen = open_mapping(mapping) if isinstance(mapping, str) else mapping
    with workshop(home, dry_run=dry_run) as shop, working_connection(shop, engine) as connection:
        report_progress = progress or (lambda _what, _done: None)
        work, report = _prepare(
            engine, chosen, str(source), settings or LoadSettings(), connection, shop, report_progress
        )
        report = replace(report, started=started, dry_run=dry_run, status="dry run" if dry_run else "interrupted")
        try:
            if dry_run or engine is None:
                rows = cleaning.quarantined_rows(connection, work.feeds, work.sources, work.settings.kept_examples)
                examples = tuple(islice(rows, work.settings.kept_examples))
                return replace(report, quarantined=examples, seconds=time.monotonic() - began)
            _refuse_rejects(work, report)
            return _publish(engine, chosen, work, report, home, began)
        finally:
            work.sources.__exit__()


def _prepare(
    engine: Engine | None,
    mapping: SourceMapping,
    source: str,
    settings: LoadSettings,
    connection: duckdb.DuckDBPyConnection,
    shop: Path,
    progress: Progress,
) -> tuple[_Work, LoadReport]:
    """Everything up to a clean staging database, and the report of it."""
    values = mapping.values(settings.mapping_settings)
    sources = Sources(mapping, source, settings, shop).__enter__()
    try:
        present = {alias for alias, table in sources.tables.items() if table.kind != "absent"}
        feeds = [
            staging.compile_feed(feed, number, values, sources.native)
            for number, feed in enumerate(mapping.feeds)
            if feed.source in present
        ]
        company = currencies.code_of(values.get("currency", mapping.currency))
        mode, file = _mode(engine), shop / "staging.duckdb"
        work = _Work(connection, sources, settings, values, feeds, engine, mode, progress, company, file)
        _read(work)
        _stage(work)
        _clean(work)
        _conserve(work)
        _finish(work)
        work.company = currencies.settle(connection, engine, work.mode, mapping, work.company, _tables(work))
        counted = cleaning.counts(connection)
        report = LoadReport(
            None,
            mapping.name,
            sources.shown,
            values,
            True,
            "dry run",
            datetime.now(UTC),
            0.0,
            tuple(_counts(work, counted)),
            tuple(_totals(work)),
            (),
            cleaning.reasons(connection, feeds),
            notes=mapping.notices(values),
        )
    except BaseException:
        sources.__exit__()
        raise
    return work, report


def _mode(engine: Engine | None) -> Mode:
    """The first real data replaces a demo company; later data joins what is there."""
    if engine is None:
        return "replace"
    try:
        with engine.snapshot() as snapshot:
            return "replace" if snapshot.generation.is_demo else "upsert"
    except NotFound:
        return "replace"


def _read(work: _Work) -> None:
    """Read each source table once, with the columns any feed needs."""
    needed: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for compiled in work.feeds:
        needed[compiled.feed.source].update({})
        for alias in compiled.feed.joins:
            needed[alias].update({})
        for alias, column in compiled.needs:
            needed[alias][column] = None
    work.sources.expect({alias: frozenset(columns) for alias, columns in needed.items()})
    for index, (alias, columns) in enumerate(needed.items()):
        work.progress(f"reading {work.sources.tables[alias].title}", _READ * index / len(needed))
        try:
            work.sources.read(work.connection, alias, tuple(columns))
        except duckdb.OutOfMemoryException:
            raise Invalid(f"There is not enough memory to read {work.sources.tables[alias].title}.") from None
    # Publishing goes on in this connection. Mappings do not get there: they may only name their own sources.
    folder = _open_stage(work)
    files = [table.path for table in work.sources.tables.values() if table.kind == "parquet" and table.path]
    shut(work.connection, files, folder)


def _open_stage(work: _Work) -> Path | None:
    """The staging database: in memory where it is small enough and the engine can take it from there.

    Returns the folder that the engine then works in.
    """
    bench = work.engine.workbench() if work.engine else None
    rows = sum(work.sources.tables[compiled.feed.source].rows for compiled in work.feeds)
    work.is_held = bench is not None and rows <= MOST_ROWS_HELD
    if bench is not None and work.is_held:
        work.connection.execute("attach ':memory:' as stage")
        return bench.folder
    # The newest storage format compresses keys while it writes; the default one takes half as long again.
    work.connection.execute(f"attach '{quoted(str(work.staging))}' as stage (storage_version 'latest')")
    return None


def _stage(work: _Work) -> None:
    for macro in MACROS:
        work.connection.execute(macro)
    for index, compiled in enumerate(work.feeds):
        work.progress(f"reading {compiled.feed.title}", _READ + (_STAGED - _READ) * index / len(work.feeds))
        if compiled is work.of(compiled.feed.table)[0]:
            staging.create_table(work.connection, compiled.feed.table)
        try:
            staging.stage(work.connection, compiled)
            if compiled.feed.table in staging.CONTROLLED:
                for currency, total in staging.source_control(work.connection, compiled):
                    work.source_totals[compiled.number, currency] = Decimal(str(total or 0))
        except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException) as error:
            reason = str(error).splitlines()[0].partition(": ")[2]
            raise Invalid(f"The mapping's feed “{compiled.feed.title}” is not understood: {reason}") from None
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise Invalid(f"The mapping's feed “{compiled.feed.title}” fails on this source: {reason}") from None
    for table in _tables(work):
        rows = work.connection.execute(f"select _feed, count(*) from stage.{table} group by 1").fetchall()
        work.rows_in.update(dict(rows))


def _tables(work: _Work) -> list[str]:
    present = {compiled.feed.table for compiled in work.feeds}
    return [table for table in STAGED if table in present]


def _clean(work: _Work) -> None:
    work.progress("checking rows", _STAGED)
    cleaning.prepare(work.connection)
    tables = _tables(work)
    dimensions = [table for table in tables if table in cleaning.MEMBERS.values()]
    for dimension in dimensions:
        existing = _existing(work, dimension, (f"{dimension}_key",))
        cleaning.know_members(work.connection, dimension, [row[0] for row in existing], staged=True)
    for table in tables:
        cleaning.take_out_failed(work.connection, table)
        if table in {"sales_line"}:
            cleaning.take_out_unknown(work.connection, table, dimensions)
        cleaning.take_out_repeated(work.connection, table)
    planned = [table for table in ("budget", "quota") if table in tables]
    if planned:
        for dimension in plans.LOOKED_UP:
            existing = _existing(work, dimension, STAGED[dimension])
            plans.know_dimension(work.connection, dimension, existing, staged=dimension in tables)
        for table in planned:
            cleaning.take_out_unplanned(work.connection, table, dimensions)
    work.progress("checking totals", _CHECKED)


def _existing(work: _Work, dimension: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Members the warehouse has, unless they are the demo's and will go."""
    if work.engine is None or work.mode == "replace":
        return []
    table = warehouse.tables[dimension]
    chosen = [table.c[column] if column in table.c else sa.null().label(column) for column in columns]
    with work.engine.snapshot() as snapshot:
        return snapshot.fetch(sa.select(*chosen).distinct(), Scope.everything(), timeout_s=600)


def _conserve(work: _Work) -> None:
    """Count what is left, and refuse if a row or a cent went astray."""
    for table in _tables(work):
        amount = staging.CONTROLLED.get(table)
        columns = f", currency_key, sum({amount})" if amount else ", null, null"
        rows = work.connection.execute(f"select _feed, count(*){columns} from stage.{table} group by all").fetchall()
        for number, count, currency, total in rows:
            work.loaded[number] = work.loaded.get(number, 0) + count
            if amount:
                work.loaded_totals[number, currency] = Decimal(total)
    counted = cleaning.counts(work.connection)
    for compiled in work.feeds:
        out = sum(count for (feed, _), count in counted.items() if feed == compiled.number)
        if work.rows_in.get(compiled.number, 0) != work.loaded.get(compiled.number, 0) + out:
            raise Invalid(f"Rows of “{compiled.feed.title}” went astray while they were checked; nothing was loaded.")
    for total in _totals(work):
        if total.source != total.loaded + total.quarantined + total.duplicates:
            raise Invalid(
                f"The control total of “{total.title}” in {total.currency} differs: the source has {total.source},"
                f" accounted for are {total.loaded + total.quarantined + total.duplicates}; nothing was loaded."
            )


def _counts(work: _Work, counted: dict[tuple[int, str], int]) -> Iterator[FeedCount]:
    for compiled in work.feeds:
        feed, number = compiled.feed, compiled.number
        rows_in = work.rows_in.get(number, 0)
        table = work.sources.tables[feed.source]
        read = rows_in if feed.distinct else table.rows
        yield FeedCount(
            feed.table,
            feed.title,
            table.title,
            read,
            read - rows_in,
            work.loaded.get(number, 0),
            counted.get((number, cleaning.QUARANTINED), 0),
            counted.get((number, cleaning.DUPLICATE), 0),
        )


def _totals(work: _Work) -> Iterator[ControlTotal]:
    out: defaultdict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
    for owner, currency, fate, amount in cleaning.amounts(work.connection):
        out[owner, currency, fate] = Decimal(amount or 0)
    for compiled in work.feeds:
        number, feed = compiled.number, compiled.feed
        for currency in sorted(currency for owner, currency in work.source_totals if owner == number):
            yield ControlTotal(
                feed.table,
                feed.title,
                currency,
                work.source_totals[number, currency],
                work.loaded_totals.get((number, currency), Decimal(0)),
                out[number, currency, cleaning.QUARANTINED],
                out[number, currency, cleaning.DUPLICATE],
            )


def _finish(work: _Work) -> None:
    """Bring plans to months and levels, and leave only what the staging contract names."""
    tables = _tables(work)
    for table in tables:
        extra = ["_row", "_feed", "_fail"]
        if table in {"budget", "quota"}:
            plans.spread(work.connection, table)
            plans.fill_above(work.connection, table)
            extra.append("months")
        for column in extra:
            work.connection.execute(f"alter table stage.{table} drop column {column}")


def _refuse_rejects(work: _Work, report: LoadReport) -> None:
    limit = work.settings.max_reject_share
    if work.settings.allow_rejects or report.quarantined_count <= limit * report.rows_in:
        return
    examples = islice(cleaning.quarantined_rows(work.connection, work.feeds, work.sources, 3), 3)
    shown = " ".join(f"{row.source}, line {row.line}, column {row.column}: {row.reason}" for row in examples)
    raise Invalid(
        f"{report.quarantined_count:,} of {report.rows_in:,} rows cannot be loaded, more than {limit:.0%};"
        f" nothing was changed. Confirm to load the others all the same. {shown}"
    )


def _publish(
    engine: Engine, mapping: SourceMapping, work: _Work, report: LoadReport, home: Path, began: float
) -> LoadReport:
    folder = records.folder_of(home)
    number = records.claim(folder)
    try:
        rows = cleaning.quarantined_rows(work.connection, work.feeds, work.sources, None)
        records.keep_rows(folder, number, rows)
        report = replace(report, id=number)
        records.keep(folder, report)
        if not work.is_held:
            work.connection.execute("detach stage")
        failpoint("load-staged")
        published = engine.publish(
            work.connection if work.is_held else work.staging,
            note=f"import {mapping.name}",
            source=mapping.name,
            mode=work.mode,
            load={key: str(value) for key, value in vars(summary_of(report)).items()} | {"notices": report.notes},
            company_currency=work.company,
            progress=lambda what, done: work.progress(what, _CHECKED + (1 - _CHECKED) * done),
        )
    except (Refusal, duckdb.Error, OSError):
        records.forget(folder, number)
        raise
    failpoint("load-published")
    report = replace(
        report,
        status="loaded" if published.is_new else "unchanged",
        generation=published.generation,
        new=published.new,
        changed=published.changed,
        unchanged=published.unchanged,
        seconds=time.monotonic() - began,
    )
    records.keep(folder, report)
    failpoint("load-recorded")
    return records.import_detail(home, number, work.settings.kept_examples)
