"""Import records: what each load did, kept beside the warehouse with every quarantined row."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.values.errors import Invalid, NotFound
from queries.warehouse.engines.engine import Engine, Generation
from queries.warehouse.load.report import (
    ControlTotal,
    FeedCount,
    LoadReport,
    LoadSummary,
    QuarantinedRow,
    summary_of,
)

_ROWS = 50_000
_LOADS = 1_000
_SHAPE = pa.schema(
    [
        ("table", pa.string()),
        ("source", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("reason", pa.string()),
        ("raw", pa.string()),
    ]
)


def folder_of(home: Path) -> Path:
    """Where a workspace keeps its import records."""
    return home / "warehouse" / "imports"


def left_behind(home: Path) -> list[Path]:
    """The workshops of loads that were killed: their process is no more."""
    left = []
    for shop in sorted(folder_of(home).glob("work-*-*")):
        try:
            os.kill(int(shop.name.split("-")[1]), 0)
        except (ProcessLookupError, ValueError):
            left.append(shop)
        except PermissionError:
            continue
    return left


def sweep(home: Path) -> int:
    """Remove what killed loads left behind; says how many workshops went."""
    left = left_behind(home)
    for shop in left:
        shutil.rmtree(shop, ignore_errors=True)
    return len(left)


def claim(folder: Path) -> int:
    """The next free number, taken by creating its file."""
    folder.mkdir(parents=True, exist_ok=True)
    number = max((int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit()), default=0)
    while True:
        number += 1
        try:
            (folder / f"{number:06d}.json").touch(exist_ok=False)
        except FileExistsError:
            continue
        return number


def keep(folder: Path, report: LoadReport) -> None:
    """Write a report whole, or leave the former one."""
    path = folder / f"{report.id or 0:06d}.json"
    kept = dataclasses.asdict(dataclasses.replace(report, quarantined=()))
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as stream:
        json.dump(kept, stream, ensure_ascii=False, default=str)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


def forget(folder: Path, number: int) -> None:
    """Take back a number whose load came to nothing."""
    for path in folder.glob(f"{number:06d}.*"):
        path.unlink()


def keep_rows(folder: Path, number: int, rows: Iterable[QuarantinedRow]) -> None:
    """Write the quarantined rows of a load; no file where there are none."""
    writer: pq.ParquetWriter | None = None
    waiting: list[dict[str, Any]] = []
    path = folder / f"{number:06d}.parquet"
    beside = path.with_suffix(".rows")
    try:
        for row in rows:
            writer = writer or pq.ParquetWriter(beside, _SHAPE)
            waiting.append(dataclasses.asdict(row))
            if len(waiting) == _ROWS:
                writer.write_table(pa.Table.from_pylist(waiting, _SHAPE))
                waiting.clear()
        if writer is not None:
            writer.write_table(pa.Table.from_pylist(waiting, _SHAPE))
    finally:
        if writer is not None:
            writer.close()
            beside.replace(path)


def imports(home: Path, engine: Engine | None = None) -> list[LoadSummary]:
    """Past loads of a workspace, newest first.

    A load killed after its publication stands as `interrupted`; with the engine at hand, which knows, as `loaded`, or
    as `unknown` once the states of that time are gone.
    """
    reports = [_read(path) for path in sorted(folder_of(home).glob("*.json"), reverse=True)]
    published = {str(kept.get("id")) for kept in engine.loads()} if engine is not None else set()
    known_since = min((kept.created_at for kept in engine.versions()), default=None) if engine is not None else None
    summaries = [summary_of(report) for report in reports if report is not None]
    return [_settled(summary, published, known_since) for summary in summaries]


def _settled(summary: LoadSummary, published: set[str], known_since: datetime | None) -> LoadSummary:
    """A load that never became visible, or brought what was there, loaded nothing, however many rows were fit."""
    if summary.status == "interrupted" and str(summary.id) in published:
        return replace(summary, status="loaded")
    if summary.status == "interrupted" and known_since is not None and summary.started < known_since:
        return replace(summary, status="unknown")
    return replace(summary, loaded=0) if summary.status in {"interrupted", "unchanged"} else summary


def left_out(home: Path, generation: Generation) -> int:
    """Rows that stand in quarantine beside a state: those the newest load of each source left out of it.

    The demo company has none. Sources beyond the newest thousand loads are not looked at.
    """
    if generation.is_demo:
        return 0
    found: dict[tuple[str, str], int] = {}
    for path in sorted(folder_of(home).glob("*.json"), reverse=True)[:_LOADS]:
        report = _read(path)
        if report is None or report.generation is None or report.generation > generation.number:
            continue
        found.setdefault((report.mapping, report.source), report.quarantined_count)
    return sum(found.values())


def last_recorded(home: Path) -> int:
    """Differs after every change of the import records."""
    try:
        return folder_of(home).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def import_detail(home: Path, number: int, limit: int | None = None) -> LoadReport:
    """One past load with its quarantined rows (the first `limit`, or all). Raises NotFound."""
    path = folder_of(home) / f"{number:06d}.json"
    report = _read(path) if path.is_file() else None
    if report is None:
        raise NotFound(f"There is no import {number}.")
    rows = path.with_suffix(".parquet")
    if not rows.is_file():
        return report
    found: list[QuarantinedRow] = []
    with pq.ParquetFile(rows) as file:
        for batch in file.iter_batches(_ROWS):
            found += [QuarantinedRow(**row) for row in batch.to_pylist()]
            if limit is not None and len(found) >= limit:
                break
    return dataclasses.replace(report, quarantined=tuple(found[:limit]))


def _read(path: Path) -> LoadReport | None:
    if not re.fullmatch(r"\d{6,}", path.stem) or path.stat().st_size == 0:
        return None  # claimed a moment ago, nothing known yet
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise Invalid(f"The import record {path.name} is damaged.") from None
    raw["started"] = datetime.fromisoformat(raw["started"])
    raw["feeds"] = tuple(FeedCount(**feed) for feed in raw["feeds"])
    raw["totals"] = tuple(
        ControlTotal(
            total["table"],
            total["title"],
            total["currency"],
            *(Decimal(total[name]) for name in ("source", "loaded", "quarantined", "duplicates")),
        )
        for total in raw["totals"]
    )
    raw["quarantined"], raw["notes"] = (), tuple(raw["notes"])
    return LoadReport(**raw)
