"""The demo company at a size, built once and kept in the ignored work folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from app.values.context import QueryContext
from app.values.scope import Scope
from queries.asking import Asker
from queries.cache import Cache, MemoryBackend
from queries.catalogue import catalogue
from queries.catalogue.rollups import ROLLUPS
from queries.warehouse.demo import build_demo
from queries.warehouse.engines import Engine, open_engine

TODAY = date(2026, 11, 21)


@dataclass(frozen=True)
class Company:
    """A warehouse of so many lines, and who asks."""

    lines: int
    home: Path
    engine: Engine
    context: QueryContext

    def by_hand(self) -> Callable[[str], list[tuple[Any, ...]]]:
        """A way to run hand-written SQL on the newest base, as its analyst would: on two threads, without Salient."""
        base = max((self.home / "warehouse").glob("base-*.duckdb"))
        connection = duckdb.connect(config={"threads": os.cpu_count() or 2})
        connection.execute(f"ATTACH '{base}' AS w (READ_ONLY)")
        connection.execute("USE w")
        return lambda sql: connection.execute(sql).fetchall()

    def asker(self, *, cached: bool) -> Asker:
        """With an empty cache of its own, or with none."""
        return Asker(self.engine, catalogue(), Cache(MemoryBackend() if cached else None, b"bench"))


def company(work: Path, lines: int) -> Company:
    """The company, built now if it is not there yet."""
    context = QueryContext(scope=Scope.everything(), today=TODAY, currency="EUR")
    home = work / f"{lines}"
    engine = open_engine("", home, ROLLUPS, context.calendar, "EUR", ())
    if not engine.versions():
        print(f"building {lines:,} lines …", file=sys.stderr, flush=True)
        build_demo(engine, lines=lines, seed=1, today=TODAY, scratch=work / "scratch", progress=None)
    return Company(lines, home, engine, context)
