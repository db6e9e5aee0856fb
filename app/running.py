"""Running: the web processes and the scheduler, started, watched and refused."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from app.assembly import assemble, current_day, demo_password, open_application_database, open_warehouse
from app.config import Settings, read_settings
from app.factory import create_app
from app.services import accounts, ingest, ledger
from app.telling import notice, progress_bar
from app.values.errors import Invalid, Refusal
from queries.warehouse.demo import build_demo
from queries.warehouse.demo.personas import PERSONAS
from queries.warehouse.load import left_behind

SHORTEST_KEY = 32
THREADS_PER_WORKER = max(4, min(8, 2 * (os.cpu_count() or 1) + 1))
"""Those who send rows wait for each other to share a check and a commit: dashboards are drawn meanwhile."""


def make_application() -> WSGIApplication:
    """What each web process serves; settings are read anew in each."""
    application = create_app(assemble(read_settings()))
    spare_the_collector()
    return application


def spare_the_collector() -> None:
    """Take what stands for good out of every search for garbage: an answer of thousands of rows sets off dozens."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def run_here(settings: Settings, port: int | None) -> None:
    """The demo on loopback: build the company on first use, seed its people, then web and scheduler until Ctrl-C."""
    port = port or settings.port
    settings = replace(settings, demo=True, external_url=None)
    os.environ["SALIENT_DEMO"] = "1"
    os.environ["SALIENT_PORT"] = str(port)  # what the scheduler mails leads here
    os.environ.pop("SALIENT_EXTERNAL_URL", None)
    is_demo = ensure_demo(settings)
    notice(f"\nSalient is at http://127.0.0.1:{port}\n")
    if is_demo:
        _introduce(settings)
    scheduler = subprocess.Popen([sys.executable, "-m", "scheduler"])
    try:
        _web("127.0.0.1", port, workers=1)
    finally:
        scheduler.terminate()
        scheduler.wait(30)


def ensure_demo(settings: Settings) -> bool:
    """Build the demo company where there is nothing, or a demo that ended before today; says whether it is there."""
    engine = open_warehouse(settings)
    today = current_day(settings)
    try:
        kept = engine.versions()
        if kept and not kept[0].is_demo:
            return False
        if not kept or kept[0].as_of is None or kept[0].as_of < today:
            notice(f"Building the demo company of {settings.demo_lines:,} order lines up to {today} …")
            scratch = settings.home.resolve() / "scratch"
            with progress_bar() as progress:
                build_demo(engine, lines=settings.demo_lines, today=today, scratch=scratch, progress=progress)
        return True
    finally:
        engine.close()


def _introduce(settings: Settings) -> None:
    password = demo_password(settings)
    with open_application_database(settings).write() as session:
        accounts.seed_personas(session, PERSONAS, password)
    for persona in PERSONAS:
        notice(f"  {persona.email:<24} {persona.name:<18} {persona.role}")
    notice(f"\n  One password for all: {password}\n")


def serve_production(settings: Settings, port: int | None, workers: int) -> None:
    """The production server; raises Invalid for settings that are too weak for it."""
    refuse_weak(settings)
    _say_what_is_unguarded(settings)
    _web(settings.host, port or settings.port, workers=workers)


def _say_what_is_unguarded(settings: Settings) -> None:
    engine = open_warehouse(settings)
    weakness = engine.weakness()
    engine.close()
    if weakness:
        notice(weakness)


def refuse_weak(settings: Settings) -> None:
    """Raise Invalid, naming the setting, unless they are fit for production."""
    if settings.demo:
        raise Invalid("SALIENT_DEMO must be off in production: it lets anyone sign in as a persona.")
    if not settings.secret_key or len(settings.secret_key) < SHORTEST_KEY or len(set(settings.secret_key)) < 8:
        raise Invalid(
            "SALIENT_SECRET_KEY must be set to at least {shortest_key} random characters in production.",
            shortest_key=SHORTEST_KEY,
        )
    if not settings.external_url or not settings.external_url.startswith("https://"):
        raise Invalid("SALIENT_EXTERNAL_URL must be set to the https address people type.")


def _web(host: str, port: int, *, workers: int) -> None:
    Granian(
        "app.running:make_application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS_PER_WORKER,
        respawn_failed_workers=True,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()


def run_scheduler(settings: Settings, *, once: bool) -> None:
    """The scheduler process, or with `once` what is due now."""
    from scheduler import clock

    house = assemble(settings)
    if once:
        clock.once(house)
        house.close()
    else:
        clock.keep_time(house)


def examine(settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """What doctor says: (name, whether it is well, words)."""
    yield "workspace", *_writable(settings.home)
    try:
        with open_application_database(settings).read() as session:
            people = len(accounts.list_users(session, "cli"))
            faults = ledger.faults(session)
            failures = ingest.failures(session)
        yield "application database", True, f"up to date, {people} people"
        unfit = f"{failures} times the warehouse did not take rows that programs sent; the audit trail says why"
        yield "rows sent by programs", not failures, unfit if failures else "all loaded, or waiting their turn"
        yield "audit trail", not faults, faults[0] if faults else "unbroken"
    except Exception as error:
        yield "application database", False, _words(error)
    try:
        engine = open_warehouse(settings)
        with engine.snapshot() as snapshot:
            generation = snapshot.generation
        weakness = engine.weakness()
        age = datetime.now(UTC) - generation.created_at
        words = (
            f"generation {generation.number}, {generation.lines:,} lines, as of {generation.as_of}, {age.days} days old"
        )
        yield "warehouse", True, words
        yield "second fence", True, weakness or "the warehouse's engine keeps readers to their rows itself"
    except Exception as error:
        yield "warehouse", False, _words(error)
    left = len(left_behind(settings.home.resolve()))
    killed = f"{left} killed before the end left files behind; the next import or the scheduler removes them"
    yield "imports", True, killed if left else "none was killed and left files behind"
    try:
        refuse_weak(settings)
        yield "production settings", True, "fit for `salient serve`"
    except Refusal as refusal:
        yield "production settings", True, f"not for `salient serve` yet: {refusal.sentence}"


def _writable(folder: Path) -> tuple[bool, str]:
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        return False, f"{folder} cannot be written: {error.strerror}"
    return True, f"{folder} can be written"


def _words(error: Exception) -> str:
    return error.sentence if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
