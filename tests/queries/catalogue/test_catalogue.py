"""The catalogue promises nothing the star schema cannot keep."""

from __future__ import annotations

import re

import orjson
import pytest

from app.values.errors import NotAskable
from app.values.hierarchy import HIERARCHIES, LEVELS, PATHS
from queries.catalogue import catalogue, describe
from queries.catalogue.model import Change, Collected, Distinct, Documents, Level, Metric, Sum
from queries.slice import COLLECTED
from queries.warehouse.rollups import rollup_table
from queries.warehouse.schema import MEASURES, warehouse

CATALOGUE = catalogue()
PROMISED = {
    *("gross_sales", "discount", "returns", "net_sales", "return_rate", "cost", "margin", "margin_rate", "units"),
    *("lines", "orders", "customers", "new_customers", "products", "average_order_value", "revenue_per_rep"),
    *("growth", "tax"),
    *("net_sales_per_customer", "discount_rate", "average_price", "first_order", "last_order"),
    *("freight", "budget", "budget_variance", "budget_attainment", "quota", "quota_attainment"),
}
METRICS = list(CATALOGUE.metrics.values())
EVERY_LEVEL = list(CATALOGUE.levels.values())


def test_every_promised_metric_is_listed_and_no_other() -> None:
    assert {metric.id for metric in METRICS if metric.listed} == PROMISED


def test_every_level_of_every_hierarchy_is_there() -> None:
    assert {level.id for level in EVERY_LEVEL if level.listed} == LEVELS
    for name, levels in HIERARCHIES.items():
        assert all(CATALOGUE.level(level).hierarchy == name for level in levels)
    assert all(CATALOGUE.level(level).listed for path in PATHS.values() for level in path)


@pytest.mark.parametrize("thing", [*METRICS, *EVERY_LEVEL], ids=lambda thing: thing.id)
def test_everything_has_a_title_and_a_definition_of_one_sentence(thing: Metric | Level) -> None:
    assert thing.title[0].isupper()
    assert re.fullmatch(r"[A-Z][^.]*\.", thing.definition)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_every_metric_is_made_of_things_that_exist(metric: Metric) -> None:
    assert all(part in CATALOGUE.metrics for part in metric.parts)
    match metric.expression:
        case Sum(terms):
            known = MEASURES if metric.fact == "sales_line" else ("amount",)
            assert all(measure in known and sign in (1, -1) for sign, measure in terms)
            assert metric.additivity == "additive"
        case Documents(measure, column):
            assert measure in MEASURES
            assert column in warehouse.tables["sales_line"].columns
            assert metric.additivity == "never"
        case Distinct(level):
            assert CATALOGUE.level(level).reaches("sales_line")
            assert metric.additivity == "never"
        case Collected(what):
            assert what in COLLECTED
            assert metric.additivity == "never"
        case Change(_, versus):
            assert versus == "last-year"
    assert metric.fact is not None or len(CATALOGUE.facts(metric.id)) > 1
    assert CATALOGUE.base_metrics((metric.id,))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_nothing_made_of_cost_escapes_the_mask_on_cost(metric: Metric) -> None:
    measures = {
        measure
        for base in CATALOGUE.base_metrics((metric.id,))
        if isinstance(base.expression, Sum)
        for _, measure in base.expression.terms
    }
    assert ("cost" in metric.needs) == bool(measures & {"cost", "costed_net"})


def test_a_viewer_without_cost_is_offered_no_margin() -> None:
    offered = {metric.id for metric in CATALOGUE.visible(frozenset({"cost"}))}
    assert not offered & {"cost", "margin", "margin_rate", "costed_net_sales"}
    assert {"net_sales", "budget_attainment"} <= offered


@pytest.mark.parametrize("level", EVERY_LEVEL, ids=lambda level: level.id)
def test_every_level_lies_in_the_columns_it_names(level: Level) -> None:
    table = warehouse.tables[level.table or "sales_line"]
    assert level.key in table.columns
    assert level.name is None or level.name in table.columns
    for fact, via in level.via.items():
        if level.is_time:
            assert via == "date"
        else:
            assert via in warehouse.tables[fact].columns


def test_a_plan_lacks_what_it_is_never_set_at() -> None:
    assert CATALOGUE.askable("budget_attainment", "rep")
    assert CATALOGUE.askable("quota", "fiscal_quarter")
    for level in ("customer", "document", "line", "campaign", "day", "week", "currency", "industry"):
        assert CATALOGUE.askable("net_sales", level)
        assert not CATALOGUE.askable("budget_attainment", level)


def test_a_document_has_one_customer_but_many_products() -> None:
    line_levels = {level.id for level in EVERY_LEVEL if not level.document_level}
    goods = {"category", "subcategory", "product"}
    assert line_levels == goods | {f"with_{level}" for level in goods} | {"campaign", "line"}


def test_a_mistyped_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotAskable, match="'net_sales'"):
        CATALOGUE.metric("net_sale")
    with pytest.raises(NotAskable, match="'region'"):
        CATALOGUE.level("regoin")
    with pytest.raises(NotAskable):
        CATALOGUE.metric("")


def test_every_rollup_is_of_levels_that_exist() -> None:
    assert len({rollup.name for rollup in CATALOGUE.rollups}) == len(CATALOGUE.rollups)
    for rollup in CATALOGUE.rollups:
        assert set(rollup.closed_levels) <= LEVELS
        assert set(MEASURES) <= set(rollup_table(rollup, "booked").columns.keys())


def test_the_listing_is_plain_json_and_complete() -> None:
    rows = orjson.loads(orjson.dumps(describe(CATALOGUE)))
    assert {row["id"] for row in rows if row["kind"] == "metric"} == PROMISED
    assert {row["id"] for row in rows if row["kind"] == "dimension"} == LEVELS
    assert {row["kind"] for row in rows} == {"metric", "dimension", "hierarchy", "path"}
    assert all(row["definition"] for row in rows if row["kind"] in ("metric", "dimension"))
