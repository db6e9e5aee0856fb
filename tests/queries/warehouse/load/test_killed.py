"""A load killed at any moment leaves the former state, and the next one works."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.values.scope import Scope
from queries.warehouse.load import imports, load
from queries.warehouse.schema import sales_line
from tests.conftest import SOAK, Tally
from tests.dying import dies_at
from tests.queries.warehouse.load.tables import line, shop, warehouse_of


def killed(home: Path, source: Path, failpoint: str, log: Path) -> None:
    """A load that dies there."""
    dies_at(failpoint, log, _load, home, source)


def _load(home: Path, source: Path) -> None:
    load(warehouse_of(home), "template", source, home=home)


@pytest.mark.parametrize(("failpoint", "lines"), [("load-staged", 1), ("load-published", 4), ("load-recorded", 4)])
@pytest.mark.parametrize("_round", range(12 if SOAK else 1))
def test_a_killed_load_is_there_whole_or_not_at_all(
    tmp_path: Path, failpoint: str, lines: int, _round: int, count: Tally
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    engine = warehouse_of(home)
    load(engine, "template", shop(tmp_path / "first", [line(document_number="D0")]), home=home)
    source = shop(tmp_path / "second", [line(line_number=str(number)) for number in range(1, 4)])
    killed(home, source, failpoint, log)
    count(f"kills of a load at {failpoint}")
    with engine.snapshot() as snapshot:
        assert snapshot.fetch(select(func.count()).select_from(sales_line), Scope.everything()) == [(lines,)]
    second, first = imports(home, engine)
    assert (second.status, second.loaded > 0) == (("interrupted", False) if lines == 1 else ("loaded", True))
    assert first.status == "loaded"
    again = load(engine, "template", source, home=home)
    assert again.new == 4 - lines
    assert not list((home / "warehouse" / "imports").glob("work-*"))


@pytest.mark.parametrize("failpoint", ["load-staged", "load-published"])
def test_once_the_states_of_its_time_are_gone_nobody_claims_what_became_of_a_killed_load(
    tmp_path: Path, failpoint: str, count: Tally
) -> None:
    home = tmp_path / "home"
    engine = warehouse_of(home)
    load(engine, "template", shop(tmp_path / "first", [line(document_number="D0")]), home=home)
    killed(home, shop(tmp_path / "second", [line(document_number="D1")]), failpoint, tmp_path / "log")
    count(f"kills of a load at {failpoint}")
    expected = ["interrupted" if failpoint == "load-staged" else "loaded"]
    for number in range(2, 5):
        assert [each.status for each in imports(home, engine) if each.id == 2] == expected
        load(engine, "template", shop(tmp_path / f"later-{number}", [line(document_number=f"D{number}")]), home=home)
    assert [each.status for each in imports(home, engine) if each.id == 2] == ["unknown"]
