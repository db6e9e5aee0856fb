"""What people read under a dashboard about the data they look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.assembly import House, assemble, open_warehouse
from app.services import accounts
from app.values.leave import Leave
from app.values.view import View
from callbacks.surroundings import surroundings
from layouts.screen.dashboard import footer
from queries.warehouse.demo.personas import PERSONAS
from queries.warehouse.load import load
from tests.queries.warehouse.load.tables import line, shop
from tests.services.salient import PASSWORD, workspace


def sold(count: int, *, wrong: int) -> list[dict[str, str]]:
    """Lines of which the last ones have no amount."""
    return [line(line_number=str(at), unit_price="10.50" if at <= count - wrong else "x") for at in range(1, count + 1)]


@pytest.fixture
def house(tmp_path: Path, cheap_hashing: None) -> Iterator[House]:
    """A shop of forty lines, two of them in quarantine, with everybody signed up."""
    settings = workspace(tmp_path / "home")
    engine = open_warehouse(settings)
    load(engine, "template", shop(tmp_path / "shop", sold(40, wrong=2)), home=settings.home.resolve())
    engine.close()
    opened = assemble(settings)
    with opened.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    yield opened
    opened.close()


def foot(house: House, name: str) -> str:
    """What stands at the foot of the overview."""
    viewer = house.viewer_named(f"{name}@salient.example")
    return str(footer(surroundings(house, viewer, View("overview")).stand, "")[0])


def test_who_sees_all_sales_reads_how_many_rows_were_left_out_of_them(house: House) -> None:
    for name in ("erin", "ada", "fay", "mia"):
        assert "2 rows quarantined" in foot(house, name)


def test_who_sees_a_part_learns_nothing_about_rows_of_others(house: House) -> None:
    for name in ("remy", "tess", "sam", "amy", "otto"):
        assert "quarantined" not in foot(house, name)


def test_a_corrected_source_leaves_nothing_in_quarantine(house: House, tmp_path: Path) -> None:
    load(house.engine, "template", shop(tmp_path / "shop", sold(40, wrong=1)), home=house.settings.home.resolve())
    assert "1 row quarantined" in foot(house, "erin")
    load(house.engine, "template", shop(tmp_path / "shop", sold(40, wrong=0)), home=house.settings.home.resolve())
    assert "quarantined" not in foot(house, "erin")


def test_guests_and_screens_of_somebody_who_sees_all_learn_nothing_of_what_was_left_out(house: House) -> None:
    erin, view = house.viewer_named("erin@salient.example"), View("overview")
    for leave in (Leave(view), Leave(view, frozenset({"filter", "drill", "rows", "export"}), place="/embed/portal")):
        guest = replace(erin, kind="embed", only=leave)
        assert "quarantined" not in str(footer(surroundings(house, guest, view).stand, "")[0])
