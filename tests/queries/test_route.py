"""Routing: the coarsest rollup that may answer, and one named reason for each way it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.values.calendar import Calendar, Span
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries import route as routing
from queries.asking import Asker
from queries.compare import Window
from queries.query import Query
from queries.route import Wanted, refusal, route
from queries.slice import Part
from queries.warehouse.rollups import Rollup, rollup_name
from tests.queries.company import KNOWN, context

NET = Part("sales_line", "net")
ORDERS = Part("sales_line", "orders", "document", sales_only=True)
CUSTOMERS = Part("sales_line", "", "customer", sales_only=True)
YEAR = Window((Span.whole(date(2023, 1, 1), date(2024, 1, 1)),))
CUT = Window((Span.whole(date(2023, 1, 1), date(2023, 6, 22)),))
BY_REGION = Rollup("by_region", "month", ("region",))


@pytest.fixture(scope="module")
def generation(asker: Asker) -> Any:
    with asker.engine.snapshot() as snapshot:
        return snapshot.generation


def wanted(*parts: Part, by: tuple[str, ...] = (), levels: tuple[str, ...] = (), **given: Any) -> Wanted:
    return Wanted(
        parts or (NET,),
        by,
        frozenset((*by, *levels)),
        given.get("window", YEAR),
        given.get("basis", "booked"),
        given.get("currency", "EUR"),
    )


def reason(asked: Wanted, generation: Any, rollup: Rollup = BY_REGION, calendar: Calendar | None = None) -> str | None:
    return refusal(rollup, asked, KNOWN, calendar or Calendar(), generation)


def test_a_rollup_answers_its_own_levels_and_those_above(generation: Any) -> None:
    for level in ("region", "country", "market", "year", "quarter", "month", "fiscal_year"):
        assert reason(wanted(by=(level,)), generation) is None


def test_missing_level_when_the_question_a_filter_or_the_scope_touches_another(generation: Any) -> None:
    assert reason(wanted(by=("city",)), generation) == routing.MISSING_LEVEL
    assert reason(wanted(levels=("channel",)), generation) == routing.MISSING_LEVEL


def test_what_reps_are_credited_with_needs_the_reps(asker: Asker) -> None:
    query = Query(("credited_net_sales",), ("category",), period=Period.parse("2023"))
    leg = asker.explain(query, context()).legs[0]
    assert dict(leg.refusals)["goods_place"] == routing.MISSING_LEVEL
    by_region = Query(("credited_net_sales",), ("region",), period=Period.parse("2023"))
    with_reps = {rollup_name(each, "booked") for each in KNOWN.rollups if "rep" in each.levels}
    assert asker.explain(by_region, context()).legs[0].table in with_reps


def test_the_scope_counts_as_touched(asker: Asker) -> None:
    query = Query(("net_sales",), ("category",), period=Period.parse("2023"))
    by_customer = context(Scope.of(customer={"C1", "C2"}))
    assert "sales_line" in {leg.table for leg in asker.explain(query, by_customer).legs}
    refusals = dict(asker.explain(query, by_customer).legs[0].refusals)
    assert refusals["goods_place"] == routing.MISSING_LEVEL


def test_a_filter_counts_as_touched(asker: Asker) -> None:
    query = Query(("net_sales",), ("category",), (Filter("rep", ("R1",)),), Period.parse("2023"))
    assert asker.explain(query, context()).legs[0].table == "sales_line"


def test_account_owner_scope_needs_customers(generation: Any) -> None:
    assert reason(wanted(levels=("account_owner",)), generation) == routing.ACCOUNT_OWNER_SCOPE
    with_customers = Rollup("customers", "month", ("customer", "region"))
    assert reason(wanted(by=("region",), levels=("account_owner",)), generation, with_customers) is None


def test_grain_not_derivable_for_days_and_weeks_from_months(generation: Any) -> None:
    assert reason(wanted(by=("day",)), generation) == routing.GRAIN_NOT_DERIVABLE
    assert reason(wanted(by=("week",)), generation) == routing.GRAIN_NOT_DERIVABLE
    daily = Rollup("daily", "day", ("region",))
    assert reason(wanted(by=("week",)), generation, daily) is None


def test_grain_not_derivable_for_fiscal_months_made_of_weeks(generation: Any) -> None:
    weeks = Calendar(pattern="445")
    assert reason(wanted(by=("fiscal_month",)), generation, calendar=weeks) == routing.GRAIN_NOT_DERIVABLE
    assert reason(wanted(by=("fiscal_month",)), generation) is None


def test_period_not_aligned_when_a_month_is_cut(generation: Any) -> None:
    assert reason(wanted(window=CUT), generation) == routing.PERIOD_NOT_ALIGNED
    assert reason(wanted(window=CUT), generation, Rollup("daily", "day", ("region",))) is None


def test_a_month_cut_after_the_last_line_is_whole(generation: Any) -> None:
    running = Window((Span(date(2024, 4, 1), date(2024, 5, 16), True, date(2024, 7, 1)),))
    assert reason(wanted(window=running), generation) is None
    assert reason(wanted(window=running, basis="invoiced"), generation) == routing.PERIOD_NOT_ALIGNED


def test_years_answer_for_years_only(generation: Any) -> None:
    yearly = Rollup("yearly", "year", ("region",))
    assert reason(wanted(by=("year",)), generation, yearly) is None
    for level in ("quarter", "month", "day", "week", "fiscal_year"):
        assert reason(wanted(by=(level,)), generation, yearly) == routing.GRAIN_NOT_DERIVABLE
    quarter = Window((Span.whole(date(2023, 1, 1), date(2023, 4, 1)),))
    assert reason(wanted(window=quarter), generation, yearly) == routing.PERIOD_NOT_ALIGNED
    running = Window((Span(date(2024, 1, 1), date(2024, 5, 16), True, date(2025, 1, 1)),))
    assert reason(wanted(window=running), generation, yearly) is None
    assert reason(wanted(window=running, basis="invoiced"), generation, yearly) == routing.PERIOD_NOT_ALIGNED


def test_never_additive_when_the_members_to_count_are_not_held(generation: Any) -> None:
    assert reason(wanted(CUSTOMERS), generation) == routing.NEVER_ADDITIVE
    assert reason(wanted(CUSTOMERS), generation, Rollup("customers", "month", ("customer",))) is None


def test_line_level_orders_when_goods_split_documents(generation: Any) -> None:
    goods = Rollup("goods", "month", ("category", "region"))
    assert reason(wanted(ORDERS, by=("category",)), generation, goods) == routing.LINE_LEVEL_ORDERS
    assert reason(wanted(ORDERS, levels=("category",)), generation, goods) == routing.LINE_LEVEL_ORDERS
    assert reason(wanted(ORDERS, by=("region",)), generation, goods) is None
    assert reason(wanted(ORDERS, basis="invoiced"), generation) == routing.LINE_LEVEL_ORDERS
    split = replace(generation, uniform_documents=False)
    assert reason(wanted(ORDERS, by=("region",)), split, goods) == routing.LINE_LEVEL_ORDERS


def test_currency_not_rolled_up(generation: Any) -> None:
    assert reason(wanted(currency="CHF"), generation) == routing.CURRENCY_NOT_ROLLED_UP


def test_every_rollup_that_is_not_read_says_why(asker: Asker) -> None:
    query = Query(("net_sales", "orders"), ("region",), period=Period.parse("2023"))
    frame = asker.ask(query, context())
    (source,) = frame.provenance.sources
    chosen = source.table.removeprefix("rollup_").removesuffix("_booked")
    assert {name for name, _ in source.refusals} == {rollup.name for rollup in KNOWN.rollups} - {chosen}
    assert {why for _, why in source.refusals} <= routing.REASONS.keys()


def test_of_the_rollups_that_may_answer_the_smallest_does(generation: Any) -> None:
    small, large = Rollup("small", "month", ("city", "rep")), Rollup("large", "month", ("region",))
    known = replace(KNOWN, rollups=(large, small))
    found = route(wanted(by=("region",)), known, Calendar(), generation, {"small": 10, "large": 20})
    assert found.source.rollup == small
    assert found.refusals == (("large", routing.COARSER_CHOSEN),)


def test_every_reason_is_explained_in_words(asker: Asker) -> None:
    text = asker.explain(Query(("customers",), ("week",), period=Period.parse("2023")), context()).text()
    for part in ("Asked", "Settled", "Spelt out", "Split", "Routed", "Key", "SQL: sales_line", "SELECT"):
        assert part in text
    assert f"{routing.GRAIN_NOT_DERIVABLE} — {routing.REASONS[routing.GRAIN_NOT_DERIVABLE]}" in text


def test_a_period_cut_inside_a_month_reads_whole_months_from_a_rollup_and_the_other_days_from_the_lines(
    asker: Asker, fact_asker: Asker
) -> None:
    query = Query(
        ("net_sales", "orders"),
        ("channel",),
        period=Period.parse("2023-02-11..2023-09-20"),
        totals=True,
        limit=1,
        others=True,
    )
    explained = asker.explain(query, context())
    (leg,) = explained.legs
    assert leg.table.startswith("rollup_")
    assert "order_date >= '2023-02-11'" in leg.sql
    assert "month >= '2023-03-01'" in leg.sql
    assert "sales_line from sales_line, 2023-02-11 to 2023-02-28, 2023-09-01 to 2023-09-20" in explained.text()
    assert {each.table for each in asker.ask(query, context()).provenance.sources} == {leg.table, "sales_line"}
    assert asker.ask(query, context()).rows == fact_asker.ask(query, context()).rows
    assert asker.ask(query, context()).others == fact_asker.ask(query, context()).others
    by_goods = replace(query, metrics=("customers",), by=("category",))
    assert [leg.table for leg in asker.explain(by_goods, context()).legs] == ["sales_line"]


@pytest.mark.parametrize("level", ["customer", "industry", "product", "category"])
@pytest.mark.parametrize("period", ["2023", "2023-02-11..2023-09-20"])
def test_the_last_order_is_read_from_a_rollup_and_is_that_of_the_lines(
    asker: Asker, fact_asker: Asker, level: str, period: str
) -> None:
    query = Query(("last_order",), (level,), period=Period.parse(period))
    frame = asker.ask(query, context())
    assert any(source.table.startswith("rollup_") for source in frame.provenance.sources)
    assert frame.rows == fact_asker.ask(query, context()).rows
