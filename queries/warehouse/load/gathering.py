"""Gathering: clean rows that came one after the other, put together and published as one load."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from app.values.errors import Invalid, NotFound
from app.values.scope import Scope
from queries.warehouse.engines.duckdb_writer import refusal_of
from queries.warehouse.engines.engine import Engine, Mode, Progress, Published
from queries.warehouse.load import plans, records, staging
from queries.warehouse.load.expressions import ident
from queries.warehouse.load.inspecting import KINDS
from queries.warehouse.load.mappings import KEYS, MONTHS
from queries.warehouse.load.report import ControlTotal, FeedCount, LoadReport, QuarantinedRow
from queries.warehouse.load.workshop import working_connection, workshop
from queries.warehouse.schema import STAGED, warehouse
from queries.warehouse.staged import quoted

SOURCE = "api"
"""What lines name as their source, and the mapping of the import records of each day."""

_FEW = 1_000
_FEW_AT_ONCE = 5_000
_COUNTED = frozenset({"sales_line", "budget", "quota"})


def packed(table: pa.Table) -> bytes:
    """Clean rows as they are kept until they are published."""
    stream = io.BytesIO()
    # For few rows, making ready to compress each column takes longer than all the rest.
    options = pa.ipc.IpcWriteOptions(compression="zstd" if table.num_rows > _FEW else None)
    with pa.ipc.new_stream(stream, table.schema, options=options) as writer:
        writer.write_table(table)
    return stream.getvalue()


def mode_for(engine: Engine) -> Mode:
    """The first real rows replace a demo company."""
    try:
        with engine.snapshot() as snapshot:
            return "replace" if snapshot.generation.is_demo else "upsert"
    except NotFound:
        return "replace"


def can_begin(engine: Engine, tables: Sequence[str]) -> bool:
    """Whether rows of these tables can be published now: a warehouse begins with sales lines or a plan."""
    return mode_for(engine) == "upsert" or not _COUNTED.isdisjoint(tables)


def publish(
    engine: Engine, home: Path, pieces: Sequence[tuple[str, bytes]], currency: str, progress: Progress
) -> Published:
    """Publish packed rows by table, in the order they came: of two with one key the later one counts.

    All of them or none. `currency` is the company's where the warehouse begins with these rows. Doing it again changes
    nothing. Raises Invalid for values that cannot be counted with, what `Engine.publish` raises, and whatever
    `progress` does: then nothing has changed.
    """
    try:
        with workshop(home, dry_run=False) as shop, working_connection(shop, engine) as connection:
            return _published(engine, shop, connection, pieces, currency, progress)
    except (duckdb.Error, OSError) as error:
        raise refusal_of(error) from error


def _published(
    engine: Engine,
    shop: Path,
    connection: duckdb.DuckDBPyConnection,
    pieces: Sequence[tuple[str, bytes]],
    currency: str,
    progress: Progress,
) -> Published:
    mode, is_held = mode_for(engine), engine.workbench() is not None
    file = shop / "staging.duckdb"
    connection.execute(f"attach '{':memory:' if is_held else quoted(str(file))}' as stage")
    arrived: defaultdict[str, list[pa.Table]] = defaultdict(list)
    try:
        for table, payload in pieces:
            arrived[table].append(pa.ipc.open_stream(payload).read_all())
        if sum(part.num_rows for parts in arrived.values() for part in parts) <= _FEW_AT_ONCE:
            # Two hundred small statements: handing each to a second thread costs a quarter more than it spares.
            connection.execute("set threads = 1")
        for table, parts in arrived.items():
            _stage(connection, table, pa.concat_tables(parts))
        for table in ("budget", "quota"):
            if table in arrived:
                _plan(connection, engine, table, tuple(arrived), mode)
    except (duckdb.DataError, duckdb.InvalidInputException, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise Invalid("The load failed and nothing was changed: {text}", text=str(error).splitlines()[0]) from error
    if not is_held:
        connection.execute("detach stage")
    return engine.publish(
        connection if is_held else file,
        note=ROWS_SENT,
        source=SOURCE,
        mode=mode,
        company_currency=currency if mode == "replace" else None,
        quick=True,
        progress=progress,
    )


def _stage(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    types = staging.staged_types(table)
    if table in {"budget", "quota"}:
        types |= {"_row": "bigint", "_feed": "smallint", "_fail": "smallint"}
    spelled = ", ".join(f"{ident(name)} {kind}" for name, kind in types.items())
    connection.execute(f"create table stage.{table} ({spelled})")
    names = ", ".join(ident(name) for name in staging.staged_types(table))
    keys = ", ".join(ident(name) for name in KEYS[table])
    connection.register("arriving", rows.append_column("_came", pa.array(range(rows.num_rows), pa.int64())))
    # Few keys come twice, and hashing all of them is cheaper than ranking all rows.
    twice = f"select hash({keys}) from arriving group by 1 having count(*) > 1"
    older = (
        f"select _came from arriving where hash({keys}) in ({twice})"
        f" qualify row_number() over (partition by {keys} order by _came desc) > 1"
    )
    connection.execute(
        f"insert into stage.{table} ({names}) select {names} from arriving where _came not in ({older}) order by _came"
    )
    connection.unregister("arriving")


def _plan(
    connection: duckdb.DuckDBPyConnection, engine: Engine, table: str, arrived: Sequence[str], mode: Mode
) -> None:
    """Bring plans to months and levels, as a load from files does."""
    for dimension in plans.LOOKED_UP:
        existing = []
        if mode == "upsert":
            columns = warehouse.tables[dimension].c
            chosen = [columns[name] if name in columns else sa.null().label(name) for name in STAGED[dimension]]
            with engine.snapshot() as snapshot:
                existing = snapshot.fetch(sa.select(*chosen).distinct(), Scope.everything(), timeout_s=600)
        plans.know_dimension(connection, dimension, existing, staged=False)
        if dimension in arrived:
            names = ", ".join(ident(name) for name in STAGED[dimension])
            connection.execute(f"insert into all_{dimension} select {names} from stage.{dimension}")
    plans.spread(connection, table)
    plans.fill_above(connection, table)
    for column in (MONTHS, "_row", "_feed", "_fail"):
        connection.execute(f"alter table stage.{table} drop column {column}")


@dataclass(frozen=True)
class Came:
    """Rows of one kind that came on a day: `rows` = `accepted` + `quarantined` + `duplicates`.

    `totals` are the money of those accepted, by currency; that of the others cannot be told.
    """

    kind: str
    rows: int
    accepted: int
    quarantined: int
    duplicates: int
    totals: Mapping[str, tuple[int, Decimal]] = field(default_factory=dict)


def note_day(
    home: Path, number: int, day: date, came: Sequence[Came], kept_out: Sequence[QuarantinedRow], generation: int | None
) -> None:
    """Write the import record of what programs sent on a day, in place of what it said before."""
    folder = records.folder_of(home)
    records.keep_rows(folder, number, kept_out)
    report = LoadReport(
        number,
        SOURCE,
        ROWS_SENT,
        {},
        dry_run=False,
        status="loaded",
        started=datetime.combine(day, time(), UTC),
        seconds=0.0,
        feeds=tuple(
            FeedCount(KINDS[each.kind], each.kind, ROWS_SENT, each.rows, 0, *(getattr(each, fate) for fate in _FATES))
            for each in came
        ),
        totals=tuple(
            ControlTotal(KINDS[each.kind], f"{each.kind}, accepted rows", currency, money, money, _NONE, _NONE)
            for each in came
            for currency, (_, money) in sorted(each.totals.items())
        ),
        quarantined=(),
        reasons=dict(Counter(row.code for row in kept_out)),
        generation=generation,
    )
    records.keep(folder, report)


def new_number(home: Path) -> int:
    """A number for the record of a day."""
    return records.claim(records.folder_of(home))


ROWS_SENT = "rows sent by programs"
"""The source of all days: of the rows kept out, those of the newest day stand in quarantine."""

_NONE = Decimal(0)
_FATES = ("accepted", "quarantined", "duplicates")
