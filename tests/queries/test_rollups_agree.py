"""A rollup's answer is the fact's, PostgreSQL's is DuckDB's, and all are what plain Python makes of the lines seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.values.period import Period
from app.values.scope import Scope
from queries.asking import Asker
from queries.frame import Frame
from queries.query import Query
from tests.conftest import Tally
from tests.queries import oracle, slips
from tests.queries.checking import answer, check_equal, check_inside, from_rollup
from tests.queries.questions import BATCHES, GROUPED, Asked, hunt


def compared(asker: Asker, fact_asker: Asker, count: Tally, elsewhere: Asker | None = None) -> Callable[[Asked], bool]:
    """Holds the rollup's answer against the fact's, the lines and another engine's, refusals too.

    What is refused, or the fact alone can answer, does not count.
    """

    def answers_well(asked: Asked) -> bool:
        one = answer(asker, asked)
        if elsewhere:
            check_equal(one, answer(elsewhere, asked))
            count("random questions on which DuckDB and PostgreSQL agree")
        if isinstance(one, str):
            return False
        check_inside(asked, one)
        if not from_rollup(one):
            count("random questions answered from lines and checked against plain Python")
            return False
        check_equal(one, answer(fact_asker, asked))
        count("random questions whose rollup agrees with the lines and plain Python")
        return True

    return answers_well


@pytest.mark.parametrize("batch", BATCHES)
def test_what_a_rollup_answers_is_what_the_lines_inside_the_scope_say(
    few_asker: Asker, few_fact_asker: Asker, few_elsewhere: Asker | None, batch: str, count: Tally
) -> None:
    hunt(f"rollups, {batch}", compared(few_asker, few_fact_asker, count, few_elsewhere))


@pytest.mark.parametrize("slip", slips.ALL)
def test_a_slip_of_the_compiler_or_the_router_is_noticed(
    few_asker: Asker, few_fact_asker: Asker, monkeypatch: pytest.MonkeyPatch, slip: str
) -> None:
    monkeypatch.setattr(*slips.ALL[slip])
    with pytest.raises(AssertionError, match="SALIENT_SEED="):
        hunt("slips", compared(few_asker, few_fact_asker, lambda _what: None))


@pytest.mark.parametrize("metric", oracle.METRICS)
def test_every_metric_agrees_with_the_oracle_by_every_level(few_asker: Asker, metric: str) -> None:
    for level in (*GROUPED, "year", "fiscal_quarter", "week"):
        asked = Asked(Query((metric,), (level,), period=Period.parse("all")), Scope.everything())
        frame = answer(few_asker, asked)
        assert isinstance(frame, Frame), frame
        assert frame.rows
        check_inside(asked, frame)
