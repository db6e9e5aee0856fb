"""DuckDB and PostgreSQL give the same cents, members and lines for the same random questions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.query import Query
from tests.conftest import SOAK
from tests.queries.company import KNOWN, company, context, warehouse_of
from tests.queries.questions import filters, queries, scopes

pytestmark = pytest.mark.postgres
MANY = settings(
    max_examples=3_000 if SOAK else 100,
    deadline=None,
    derandomize=not SOAK,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def postgres_asker(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """The same company in PostgreSQL."""
    with warehouse_of(company(), tmp_path_factory.mktemp("postgres"), postgres_url) as engine:
        yield Asker(engine, KNOWN)


@MANY
@given(
    query=queries, scope=scopes, limit=st.sampled_from((None, None, 3)), versus=st.sampled_from(("last-year", "budget"))
)
def test_the_same_question_has_the_same_answer(
    asker: Asker, postgres_asker: Asker, query: Query, scope: Scope, limit: int | None, versus: str
) -> None:
    asked = Query(
        query.metrics,
        query.by,
        query.where,
        query.period,
        (versus,),
        query.basis,
        limit=limit,
        others=limit is not None,
        totals=True,
    )
    one, other = asker.ask(asked, context(scope)), postgres_asker.ask(asked, context(scope))
    assert one.rows == other.rows
    assert (one.totals, one.others, one.others_count) == (other.totals, other.others, other.others_count)
    assert (one.reasons, one.notes) == (other.reasons, other.notes)
    assert one.provenance.rows_left_out == other.provenance.rows_left_out


@settings(MANY, max_examples=300 if SOAK else 15)
@given(where=st.lists(filters, max_size=1), scope=scopes)
def test_pickers_and_lines_are_the_same(asker: Asker, postgres_asker: Asker, where: list[Filter], scope: Scope) -> None:
    seen = context(scope)
    for level in ("region", "customer", "rep", "document", "currency", "industry"):
        for search in ("", "r 1"):
            found = [each.members(level, seen, search, where, limit=20) for each in (asker, postgres_asker)]
            assert found[0] == found[1]
    for order in ((), (("customer", "desc"), ("net_sales", "asc"))):
        one, other = (
            each.rows(where, Period.parse("2023"), "booked", seen, offset=3, limit=25, order=order)
            for each in (asker, postgres_asker)
        )
        assert one == other


def test_the_first_rows_of_a_long_ranking_are_the_same(asker: Asker, postgres_asker: Asker) -> None:
    for metric in ("orders", "net_sales", "customers"):
        given = {"period": Period.parse("all"), "limit": 17, "others": True, "totals": True}
        query = Query((metric,), ("customer",), **given)  # type: ignore[arg-type]
        assert asker.ask(query, context()) == postgres_asker.ask(query, context())
