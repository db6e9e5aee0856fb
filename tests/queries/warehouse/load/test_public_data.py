"""The public data sets load whole: every verified total of their README holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, extract, func, select

from app.values.scope import Scope
from queries.warehouse.engines.engine import Engine
from queries.warehouse.load import LoadReport, LoadSettings, load
from queries.warehouse.schema import budget, campaign, channel, customer, place, product, quota, rep, sales_line, team
from tests.queries.warehouse.load.tables import tried, warehouse_of

pytestmark = pytest.mark.data
Loaded = tuple[Engine, LoadReport]
LINE = sales_line.c


@pytest.fixture(scope="module")
def adventureworks(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    home = tmp_path_factory.mktemp("adventureworks")
    engine = warehouse_of(home, "USD")
    yield engine, load(engine, "adventureworks", shared_data / "adventureworks", home=home)
    engine.close()


@pytest.fixture(scope="module")
def superstore(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    home = tmp_path_factory.mktemp("superstore")
    engine = warehouse_of(home, "USD")
    yield engine, load(engine, "superstore", shared_data / "superstore", home=home)
    engine.close()


def _ask(loaded: Loaded, statement: Select[Any]) -> list[tuple[Any, ...]]:
    with loaded[0].snapshot() as snapshot:
        return snapshot.fetch(statement, Scope.everything())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Internet",
            (60398, "29358677.2207", 60398, "17277793.5757", "0", "2348694.2301", "733969.6091", 27659, 18484),
        ),
        (
            "Reseller",
            (60855, "80450596.9823", 214378, "79980114.3790", "527507.9262", "6436047.6066", "2011265.9158", 3796, 635),
        ),
    ],
)
def test_adventureworks_channels_hold_their_totals(
    adventureworks: Loaded, name: str, expected: tuple[Any, ...]
) -> None:
    sums = [
        func.sum(LINE[column]) for column in ("net", "quantity", "cost", "discount", "tax", "freight", "order_head")
    ]
    statement = (
        select(func.count(), *sums, func.count(LINE.customer_id.distinct()))
        .select_from(sales_line.join(channel, channel.c.channel_id == LINE.channel_id))
        .where(channel.c.channel == name)
    )
    assert _ask(adventureworks, statement) == [tuple(Decimal(value) for value in expected)]


def test_adventureworks_internet_sales_of_2013(adventureworks: Loaded) -> None:
    statement = (
        select(func.sum(LINE.net))
        .select_from(sales_line.join(channel, channel.c.channel_id == LINE.channel_id))
        .where(channel.c.channel_key == "internet", extract("year", LINE.order_date) == 2013)
    )
    assert round(_ask(adventureworks, statement)[0][0], 2) == Decimal("16351550.34")


def test_adventureworks_keeps_every_row(adventureworks: Loaded) -> None:
    report = adventureworks[1]
    assert (report.quarantined_count, report.duplicates) == (0, 0)
    assert {feed.source: feed.read for feed in report.feeds}["FactResellerSales.csv.gz"] == 60855
    assert all(total.source == total.loaded for total in report.totals)


def test_adventureworks_quotas_stand_on_the_quarter_they_are_for(adventureworks: Loaded) -> None:
    whole = select(func.sum(quota.c.amount))
    assert _ask(adventureworks, whole) == [(Decimal(95714000),)]
    assert _ask(adventureworks, whole.where(quota.c.month < date(2011, 4, 1))) == [(Decimal(3886000),)]
    months = _ask(
        adventureworks, select(func.min(quota.c.month), func.max(quota.c.month), func.count(quota.c.month.distinct()))
    )
    assert months == [(date(2011, 1, 1), date(2013, 12, 1), 36)]


def test_adventureworks_budget_is_moved_by_the_mappings_setting(
    adventureworks: Loaded, shared_data: Path, tmp_path: Path
) -> None:
    statement = select(
        func.sum(budget.c.amount), func.min(budget.c.month), func.max(budget.c.month), func.min(budget.c.channel_key)
    )
    assert _ask(adventureworks, statement) == [(Decimal(31400000), date(2012, 1, 1), date(2014, 1, 1), "internet")]
    assert adventureworks[1].settings["budget_year_shift"] == "-10"
    home = tmp_path / "home"
    engine = warehouse_of(home, "USD")
    moved = LoadSettings(mapping_settings={"budget_year_shift": "-8"})
    load(engine, "adventureworks", shared_data / "adventureworks", home=home, settings=moved)
    with engine.snapshot() as snapshot:
        assert snapshot.fetch(select(func.min(budget.c.month)), Scope.everything()) == [(date(2014, 1, 1),)]


def test_adventureworks_people_stand_in_the_team_of_their_manager(adventureworks: Loaded) -> None:
    statement = (
        select(team.c.team, team.c.department, func.count(LINE.rep_id.distinct()))
        .select_from(sales_line.join(team, team.c.team_id == LINE.team_id))
        .group_by(team.c.team, team.c.department)
    )
    assert sorted(_ask(adventureworks, statement)) == [
        ("Amy Alberts", "Sales", 4),
        ("Stephen Jiang", "Sales", 11),
        ("Syed Abbas", "Sales", 2),
    ]
    chain = dict(_ask(adventureworks, select(rep.c.rep_key, rep.c.manager_key)))
    assert (chain["linda3"], chain["stephen0"], chain["brian3"], chain["ken0"]) == ("stephen0", "brian3", "ken0", None)
    assert _ask(adventureworks, select(func.count(), func.count(rep.c.rep_key.distinct()))) == [(296, 290)]


def test_adventureworks_members_are_whole(adventureworks: Loaded) -> None:
    assert _ask(adventureworks, select(func.count(product.c.product_key.distinct()), func.count())) == [(504, 606)]
    assert _ask(adventureworks, select(func.count(), func.count(customer.c.place_id))) == [(19185, 19185)]
    assert _ask(adventureworks, select(func.count()).select_from(campaign)) == [(15,)]
    countries = _ask(adventureworks, select(place.c.market, place.c.country, place.c.country_code).distinct())
    assert ("North America", "United States", "USA") in countries
    assert len(countries) == 6
    states = _ask(adventureworks, select(place.c.state_code).distinct().where(place.c.country_code != "USA"))
    assert states == [(None,)]
    unplaced = select(func.count()).where(LINE.place_id.is_(None))
    assert _ask(adventureworks, unplaced) == [(0,)]


def test_superstore_invoices_hold_their_totals(superstore: Loaded) -> None:
    statement = select(
        func.count(),
        func.sum(LINE.net),
        func.sum(LINE.order_head),
        func.count(LINE.customer_id.distinct()),
        func.sum(LINE.quantity),
    ).where(LINE.document_type == "invoice")
    assert _ask(superstore, statement) == [(9994, Decimal("2297200.8603"), 5009, 793, 37873)]
    profit = select(func.sum(LINE.net) - func.sum(LINE.cost)).where(LINE.document_type == "invoice")
    assert _ask(superstore, profit) == [(Decimal("286397.0217"),)]


def test_superstore_returns_take_their_order_back_whole(superstore: Loaded) -> None:
    statement = select(
        func.count(),
        func.count(LINE.document_key.distinct()),
        func.sum(LINE.net),
        func.sum(LINE.returned),
        func.sum(LINE.gross),
    )
    assert _ask(superstore, statement.where(LINE.document_type == "credit_note")) == [
        (800, 296, Decimal("-180504.2779"), Decimal("180504.2779"), Decimal(0))
    ]
    original = sales_line.alias()
    pairs = select(
        func.count(), func.sum(LINE.net + original.c.net), func.sum(LINE.quantity + original.c.quantity)
    ).select_from(sales_line.join(original, LINE.original_line_key == original.c.line_key))
    assert _ask(superstore, pairs) == [(800, 0, 0)]
    late = select(func.count()).select_from(sales_line.join(original, LINE.original_line_key == original.c.line_key))
    assert _ask(superstore, late.where(LINE.order_date != original.c.invoice_date)) == [(0,)]


def test_superstore_members_are_told_apart(superstore: Loaded) -> None:
    assert _ask(superstore, select(func.count()).select_from(product)) == [(1894,)]
    assert _ask(superstore, select(func.count(LINE.rep_id), func.count(LINE.team_id))) == [(10794, 10794)]
    assert _ask(superstore, select(func.count(place.c.state_code.distinct()))) == [(49,)]


def test_superstore_returns_can_be_dated_by_the_order(shared_data: Path, tmp_path: Path) -> None:
    report = tried(
        shared_data / "superstore", tmp_path, mapping="superstore", mapping_settings={"return_date": "order"}
    )
    assert report.settings == {"return_date": "order"}
