"""The workshop of a load: a folder and a database that last no longer than it does."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from queries.warehouse.engines.engine import Engine
from queries.warehouse.load import records
from queries.warehouse.staged import alone, quoted


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


def shut(connection: duckdb.DuckDBPyConnection, files: Iterable[Path], folder: Path | None) -> None:
    """From here on the connection reaches these files and this folder, loads no extension, and cannot be reopened."""
    run = connection.execute
    # A file is asked for as a pattern and then opened by its name.
    run(f"set allowed_paths = [{_texts(name for file in files for name in (file, alone(file)))}]")
    if folder is not None:
        run(f"set allowed_directories = [{_texts([f'{folder}/'])}]")
    run("set autoinstall_known_extensions = false")
    run("set autoload_known_extensions = false")
    run("set enable_external_access = false")
    run("set lock_configuration = true")


def _texts(values: Iterable[object]) -> str:
    return ", ".join(f"'{quoted(str(value))}'" for value in values)
