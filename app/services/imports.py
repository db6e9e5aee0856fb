"""Imports: what was done to the warehouse, told in the ledger.

The warehouse is no part of the application database's transaction: an event is written once the deed stands,
and nobody waits for a lock of the database while it is done.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.config import Settings
from app.models.database import Database
from app.services.ledger import Actor, record
from queries.warehouse.demo.build import DemoReport
from queries.warehouse.engines.engine import Engine, Generation, Progress, Published
from queries.warehouse.load import LoadReport, LoadSettings, load


def bring_in(
    settings: Settings,
    engine: Engine,
    database: Database | None,
    actor: Actor,
    mapping: str,
    source: str,
    *,
    given: Mapping[str, str] | None = None,
    accept_rejects: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> LoadReport:
    """Load a source through a mapping inside the limits of the settings, and tell it in the ledger of `database`.

    Raises a Refusal; then nothing has changed.
    """
    report = load(
        engine,
        mapping,
        source,
        home=settings.home.resolve(),
        settings=LoadSettings(
            max_rows=settings.import_max_rows or None,
            max_bytes=settings.import_max_bytes or None,
            mapping_settings=dict(given or {}),
            allow_rejects=accept_rejects,
        ),
        dry_run=dry_run,
        progress=progress,
    )
    if database is not None:
        with database.write() as session:
            tell_import(session, actor, report)
    return report


def tell_import(session: Session, actor: Actor, report: LoadReport) -> None:
    """A load that was done, its source (without a password) and its counts of rows; a dry run is not told."""
    if report.dry_run:
        return
    detail = {
        "mapping": report.mapping,
        "source": report.source,
        "status": report.status,
        "generation": report.generation,
        "rows_in": report.rows_in,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "quarantined": report.quarantined_count,
        "duplicates": report.duplicates,
    }
    record(session, actor, "warehouse.imported", f"import:{report.id}", detail)


def tell_sent(session: Session, actor: Actor, sheaves: int, published: Published) -> None:
    """Rows that programs sent stand in a new state."""
    detail = {
        "mapping": "api",
        "source": "rows sent by programs",
        "status": "loaded",
        "generation": published.generation,
        "sheaves": sheaves,
        "new": published.new,
        "changed": published.changed,
        "unchanged": published.unchanged,
    }
    record(session, actor, "warehouse.imported", f"generation:{published.generation}", detail)


def tell_demo(session: Session, actor: Actor, report: DemoReport, seed: int) -> None:
    """The demo company was built anew."""
    number = report.published.generation
    detail = {"source": "demo", "seed": seed, "lines": report.lines, "generation": number}
    record(session, actor, "warehouse.demo_built", f"generation:{number}", detail)


def roll_back(database: Database, actor: Actor, engine: Engine, number: int | None) -> Generation:
    """Make a kept generation (by default the one before) current again. Raises NotFound."""
    before = engine.versions()
    generation = engine.rollback(number)
    _tell_generation(database, actor, "warehouse.rolled_back", generation, before[0].number if before else None)
    return generation


def compact(database: Database, actor: Actor, engine: Engine) -> Generation:
    """Fold small additions into one base. Raises NotFound."""
    before = engine.versions()
    generation = engine.compact()
    _tell_generation(database, actor, "warehouse.compacted", generation, before[0].number if before else None)
    return generation


def _tell_generation(database: Database, actor: Actor, action: str, now: Generation, before: int | None) -> None:
    detail = {"source": now.source, "generation": now.number, "before": before, "lines": now.lines}
    with database.write() as session:
        record(session, actor, action, f"generation:{now.number}", detail)
