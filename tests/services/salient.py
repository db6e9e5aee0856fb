"""Salient itself, running on loopback over a workspace of its own."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path

from werkzeug.serving import make_server

from app.assembly import House, assemble, open_warehouse
from app.config import Settings, read_settings
from app.factory import create_app
from app.services import accounts
from queries.warehouse.demo import build_demo
from queries.warehouse.demo.personas import PERSONAS

TODAY = date(2026, 11, 21)
PASSWORD = "correct horse battery"
SMALL = 20_000
"""Lines of the largest demo company that is worth a copy."""


def workspace(home: Path, **given: str) -> Settings:
    """Settings of a demo workspace at `home`, today fixed."""
    # More threads cost more than they bring where there is so little to read.
    few = {"SALIENT_THREADS": "1"}
    environment = {"SALIENT_HOME": str(home), "SALIENT_TODAY": TODAY.isoformat(), "SALIENT_DEMO": "1", **few}
    return read_settings({**environment, **{f"SALIENT_{name.upper()}": value for name, value in given.items()}})


def with_demo(settings: Settings, lines: int) -> Settings:
    """Build the demo company into the workspace unless it is there, and let its people sign in.

    A small one in a new home, with no setting but a key, is made once in a process and copied.
    """
    key = {"secret_key": settings.secret_key} if settings.secret_key else {}
    is_plain = settings == workspace(settings.home, **key)
    if is_plain and lines <= SMALL and not (settings.home / "warehouse").exists():
        shutil.copytree(_small_home(lines, **key).name, settings.home, dirs_exist_ok=True)
    else:
        _build(settings, lines)
    return settings


@cache
def _small_home(lines: int, **key: str) -> tempfile.TemporaryDirectory[str]:
    """A home of a demo company of so many lines, closed; it is gone when the process ends."""
    home = tempfile.TemporaryDirectory(prefix="salient-demo-")
    _build(workspace(Path(home.name), **key), lines)
    return home


def _build(settings: Settings, lines: int) -> None:
    engine = open_warehouse(settings)
    if not engine.versions():
        build_demo(engine, lines=lines, seed=1, today=TODAY, scratch=settings.home / "scratch", progress=None)
    engine.close()
    house = assemble(settings)
    with house.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    house.close()


@contextmanager
def serving(house: House) -> Iterator[str]:
    """The house's application on a free loopback port for as long as the block lasts; yields its address."""
    server = make_server("127.0.0.1", 0, create_app(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
