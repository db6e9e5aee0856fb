"""A publication in a process of its own, for tests that kill it: `python -m tests.queries.warehouse.engines.crash`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from app.values.calendar import Calendar
from queries.warehouse.engines import open_engine
from queries.warehouse.engines.engine import Mode
from tests.queries.warehouse.conftest import ROLLUPS

ROOT = Path(__file__).resolve().parents[4]


def publish_and_die(url: str, home: Path, staging: Path, mode: Mode, place: str) -> None:
    """Publish in a child that is killed at a failpoint, and make sure that it died there and nowhere else."""
    log = home.parent / "died-at"
    log.unlink(missing_ok=True)
    child = subprocess.run(
        [sys.executable, "-m", "tests.queries.warehouse.engines.crash", url, str(home), str(staging), mode],
        cwd=ROOT,
        env={**os.environ, "SALIENT_FAILPOINT": place, "SALIENT_FAILPOINT_LOG": str(log)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, f"{place} was not reached: {child.stderr.decode()[-2000:]}"
    assert log.read_text() == f"{place}\n"


def main(url: str, home: str, staging: str, mode: Mode) -> None:
    """Publish; the environment says where to die."""
    engine = open_engine(url, Path(home), ROLLUPS, Calendar(), "EUR", ("USD",))
    engine.publish(Path(staging), mode=mode)


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]
