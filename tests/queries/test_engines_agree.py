"""DuckDB and PostgreSQL give the same members and lines; their answers are compared in test_rollups_agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from app.values.period import Period
from app.values.selection import Filter
from queries import ledger as ledgers
from queries.asking import Asker
from queries.fields import fields
from queries.frame import Frame
from queries.query import Query
from tests.conftest import SOAK
from tests.queries import slips
from tests.queries.checking import answer, check_equal
from tests.queries.company import context
from tests.queries.questions import GROUPED, SCOPED, SEED, Asked, hunt, random_scope, some

pytestmark = pytest.mark.postgres
PAGES = 1_000 if SOAK else 40


def compared(asker: Asker, other: Any) -> Callable[[Asked], bool]:
    """Holds one engine's answer against the other's; both refuse with the same words, which does not count."""

    def answers_well(asked: Asked) -> bool:
        one = answer(asker, asked)
        check_equal(one, answer(other, asked))
        return isinstance(one, Frame)

    return answers_well


@pytest.mark.parametrize("slip", slips.OF_THE_COMPILER)
def test_a_slip_for_one_engine_is_noticed(few_asker: Asker, few_postgres: Asker, slip: str) -> None:
    with pytest.raises(AssertionError, match="SALIENT_SEED="):
        hunt("slips", compared(few_asker, slips.Slipping(few_postgres, slip)))


def test_pickers_and_lines_are_the_same(few_asker: Asker, few_postgres: Asker) -> None:
    for number in range(PAGES):
        chance = random.Random(f"{SEED} pickers {number}")
        seen = context(random_scope(chance, lambda chance=chance: chance.choice(SCOPED)))
        at = chance.choice(GROUPED)
        where = chance.choice(([], [Filter(at, some(chance, at), chance.random() < 0.4)]))
        level, search = chance.choice((*GROUPED, "document")), chance.choice(("", "r 1", "e", "2"))
        one, other = (each.members(level, seen, search, where, limit=20) for each in (few_asker, few_postgres))
        assert one == other, (number, level, search, where, seen.scope)
        order = chance.choice(((), (("customer", "desc"), ("net_sales", "asc"))))
        period, offset = Period.parse(chance.choice(("2023", "all"))), chance.choice((0, 3))
        pages = [
            each.rows(where, period, "booked", seen, offset=offset, limit=25, order=order)
            for each in (few_asker, few_postgres)
        ]
        assert pages[0] == pages[1], (number, where, order, seen.scope)


def test_the_first_rows_of_a_long_ranking_are_the_same(few_asker: Asker, few_postgres: Asker) -> None:
    for metric in ("orders", "net_sales", "customers"):
        given = {"period": Period.parse("all"), "limit": 17, "others": True, "totals": True}
        query = Query((metric,), ("customer",), **given)  # type: ignore[arg-type]
        assert few_asker.ask(query, context()) == few_postgres.ask(query, context())


def test_those_who_moved_most_are_the_same(few_asker: Asker, few_postgres: Asker) -> None:
    for end in ("desc", "asc"):
        given = {"period": Period.parse("2023-02-11..2023-09-20"), "versus": ("last-year",), "limit": 5, "totals": True}
        query = Query(("net_sales",), ("customer",), order=(("net_sales@last-year:delta", end),), **given)  # type: ignore[arg-type]
        assert few_asker.ask(query, context()) == few_postgres.ask(query, context())


def test_columns_of_the_companys_own_fields_are_the_same(few_asker: Asker, few_postgres: Asker) -> None:
    span, every = range(40), Period.parse("all")
    with few_asker.engine.snapshot() as one, few_postgres.engine.snapshot() as other:
        own = fields(context(), few_asker.catalogue, one)
        assert {each.kind for each in own} > {"text"}
        assert own == fields(context(), few_postgres.catalogue, other)
        for field in own:
            for way in ("asc", "desc"):
                column = f"field.{field.name}"
                asked = ledgers.Asked((), every, "booked", ("customer", column), ((column, way),), own)  # type: ignore[arg-type]
                found = ledgers.page(asked, ["C1"], span, context(), one)
                assert found == ledgers.page(asked, ["C1"], span, context(), other), (column, way)
