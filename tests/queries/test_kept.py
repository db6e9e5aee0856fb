"""What the house keeps of its data: Otto and Rita learn nothing of it, Fiona finds that all totals agree."""

from __future__ import annotations

import pytest

from app.values.errors import Forbidden
from app.values.period import Period
from app.values.scope import Scope
from queries.asking import Asker
from queries.kept import KEPT, OF_OWN_ROWS
from queries.query import Query
from tests.queries.company import context

OTTO = context(Scope.nothing())
RITA = context(Scope.of(region=("nord",)))
FIONA = context()
PRIVATE = sorted(name for name in KEPT if name not in OF_OWN_ROWS)


def kept(name: str) -> Query:
    return Query((name,), period=Period.parse("all"))


@pytest.mark.parametrize("name", PRIVATE)
def test_whoever_sees_a_part_of_the_rows_is_told_nothing_about_the_others(asker: Asker, name: str) -> None:
    for somebody in (OTTO, RITA):
        with pytest.raises(Forbidden, match="those who see all rows"):
            asker.ask(kept(name), somebody)


def test_otto_sees_no_campaign_and_nobody_one_without_rows_of_their_own(asker: Asker) -> None:
    assert asker.ask(kept("campaign_days"), OTTO).rows == ()
    for somebody in (RITA, FIONA):
        seen = {
            row[0] for row in asker.ask(Query(("lines",), ("campaign",), period=Period.parse("all")), somebody).rows
        }
        assert {row[0] for row in asker.ask(kept("campaign_days"), somebody).rows} <= seen


def test_what_panels_and_lines_show_is_what_was_booked_in_each_currency(asker: Asker) -> None:
    found = asker.ask(kept("kept_totals"), FIONA)
    with asker.engine.snapshot() as snapshot:
        booked = dict(snapshot.generation.control_totals)
    assert {row[0].key: row[1] for row in found.rows if row[0]} == booked  # type: ignore[union-attr]
    assert set(found.values("agrees")) == {"✓"}
    assert {row[2] - row[1] for row in found.rows} == {0}  # type: ignore[operator]


@pytest.mark.parametrize("name", PRIVATE)
def test_one_answer_among_others_is_the_same_as_alone(asker: Asker, name: str) -> None:
    sales = Query(("net_sales",), period=Period.parse("all"))
    alone = asker.ask(kept(name), FIONA)
    assert asker.ask_all([sales, kept(name), sales], FIONA) == [asker.ask(sales, FIONA), alone, asker.ask(sales, FIONA)]
