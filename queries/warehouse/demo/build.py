"""Building the demo company: staged in a scratch folder, published, and the scratch cleared away."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.values.errors import Invalid
from queries.warehouse.demo.money import COMPANY_CURRENCY
from queries.warehouse.demo.people import COMPANY
from queries.warehouse.demo.plot import Plot
from queries.warehouse.demo.staging import stage_demo
from queries.warehouse.engines.engine import Engine, Progress, Published

DEFAULT_LINES = 300_000
LEAST_LINES, MOST_LINES = 1_000, 1_000_000_000
SOURCE = "demo"
STAGING_PART = 0.4
"""About how much of the time staging takes."""


@dataclass(frozen=True)
class DemoReport:
    """What was built: counts of rows, the days covered and what publishing said."""

    lines: int
    documents: int
    budget_rows: int
    quota_rows: int
    first_day: date
    last_day: date
    published: Published


def build_demo(
    engine: Engine,
    *,
    lines: int = DEFAULT_LINES,
    seed: int = 1,
    today: date,
    scratch: Path,
    progress: Progress | None = None,
    without: frozenset[str] = frozenset(),
) -> DemoReport:
    """Replace the warehouse by the demo company of about `lines` order lines, through `today`.

    The same `lines`, `seed`, `today` and `without` give the same rows. `without` leaves stories out. Sales stay at
    about EUR 270 million a year whatever `lines` is. Raises Invalid for a size or a story that cannot be.
    """
    if not LEAST_LINES <= lines <= MOST_LINES:
        raise Invalid(f"A demo company has {LEAST_LINES:,} to {MOST_LINES:,} lines.")
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=scratch) as folder:
        staging = Path(folder) / "staging.duckdb"
        staged = stage_demo(
            staging, lines=lines, seed=seed, today=today, without=without, progress=_part(progress, 0.0, STAGING_PART)
        )
        published = engine.publish(
            staging,
            note=COMPANY,
            source=SOURCE,
            mode="replace",
            is_demo=True,
            company_currency=COMPANY_CURRENCY,
            progress=_part(progress, STAGING_PART, 1.0),
        )
    return DemoReport(
        lines=staged.lines,
        documents=staged.documents,
        budget_rows=staged.budget_rows,
        quota_rows=staged.quota_rows,
        first_day=Plot(today).start,
        last_day=today,
        published=published,
    )


def _part(progress: Progress | None, begins: float, ends: float) -> Progress | None:
    if progress is None:
        return None
    return lambda doing, done: progress(doing, begins + (ends - begins) * done)
