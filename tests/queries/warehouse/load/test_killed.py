"""A load killed at any moment leaves the former state, and the next one works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from queries.warehouse.load import imports, load
from queries.warehouse.schema import sales_line
from tests.queries.warehouse.load.tables import line, shop, warehouse_of

SCRIPT = """
import sys
from pathlib import Path
from queries.warehouse.load import load
from tests.queries.warehouse.load.tables import warehouse_of
home = Path(sys.argv[1])
load(warehouse_of(home), "template", sys.argv[2], home=home)
"""


@pytest.mark.parametrize(("failpoint", "lines"), [("load-staged", 1), ("load-published", 4), ("load-recorded", 4)])
def test_a_killed_load_is_there_whole_or_not_at_all(tmp_path: Path, failpoint: str, lines: int) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    engine = warehouse_of(home)
    load(engine, "template", shop(tmp_path / "first", [line(document_number="D0")]), home=home)
    source = shop(tmp_path / "second", [line(line_number=str(number)) for number in range(1, 4)])
    environment = os.environ | {"SALIENT_FAILPOINT": failpoint, "SALIENT_FAILPOINT_LOG": str(log)}
    died = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home), str(source)],
        env=environment,
        cwd=Path(__file__).parents[4],
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert log.read_text(encoding="utf-8") == f"{failpoint}\n"
    with engine.snapshot() as snapshot:
        assert snapshot.fetch(select(func.count()).select_from(sales_line)) == [(lines,)]
    killed, first = imports(home, engine)
    assert (killed.status, killed.loaded > 0) == (("interrupted", False) if lines == 1 else ("loaded", True))
    assert first.status == "loaded"
    again = load(engine, "template", source, home=home)
    assert again.new == 4 - lines
    assert not list((home / "warehouse" / "imports").glob("work-*"))
