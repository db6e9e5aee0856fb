"""The workshop of a load: a folder and a database that last no longer than it does."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from queries.warehouse.engines.engine import Engine
from queries.warehouse.load import records


@contextlib.contextmanager
def workshop(home: Path, *, dry_run: bool) -> Iterator[Path]:
    """A folder for what lasts no longer than the load, beside the warehouse; a dry run leaves the home alone."""
    folder = None
    if not dry_run:
        folder = records.folder_of(home)
        folder.mkdir(parents=True, exist_ok=True)
        records.sweep(home)
    shop = Path(tempfile.mkdtemp(prefix=f"work-{os.getpid()}-", dir=folder))
    try:
        yield shop
    finally:
        shutil.rmtree(shop, ignore_errors=True)


@contextlib.contextmanager
def working_connection(shop: Path, engine: Engine | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory, spilling into the workshop, made as the engine wants those it publishes from."""
    config: dict[str, Any] = {"temp_directory": str(shop / "spill")}
    bench = engine.workbench() if engine else None
    if bench is not None:
        config["threads"] = bench.threads
        if bench.memory_limit:
            config["memory_limit"] = bench.memory_limit
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("set python_enable_replacements = false")
        yield connection
    finally:
        connection.close()
