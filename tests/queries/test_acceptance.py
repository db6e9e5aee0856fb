"""The figures everybody agrees on: AdventureWorks and Superstore, asked the way people ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.values.calendar import Calendar
from app.values.context import QueryContext
from app.values.money import round_money
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.frame import Frame
from queries.query import Query
from queries.warehouse.engines import open_engine
from queries.warehouse.load import LoadSettings, import_detail, load
from tests.queries.company import KNOWN

pytestmark = pytest.mark.data
SEEN = QueryContext(scope=Scope.everything(), today=date(2014, 1, 28), currency="USD")
ALL = Period.parse("all")


def _loaded(mapping: str, source: Path, home: Path) -> Iterator[Asker]:
    engine = open_engine("", home, KNOWN.rollups, Calendar(), "USD", ())
    load(engine, mapping, source / mapping, home=home)
    yield Asker(engine, KNOWN)
    engine.close()


@pytest.fixture(scope="module")
def adventureworks(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    yield from _loaded("adventureworks", shared_data, tmp_path_factory.mktemp("adventureworks"))


@pytest.fixture(scope="module")
def superstore(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    yield from _loaded("superstore", shared_data, tmp_path_factory.mktemp("superstore"))


def to_the_cent(frame: Frame, column: str) -> list[Decimal]:
    return [round_money(value, "USD") for value in frame.values(column)]  # type: ignore[arg-type]


def channel(asker: Asker, name: str) -> tuple[Filter, ...]:
    return (Filter("channel", (asker.member_named("channel", name, SEEN).key,)),)


def test_internet_sales_and_orders_by_year(adventureworks: Asker) -> None:
    query = Query(("net_sales", "orders"), ("year",), channel(adventureworks, "Internet"), ALL, totals=True)
    frame = adventureworks.ask(query, SEEN)
    by_year = {row[0].key: row[1:] for row in frame.rows}  # type: ignore[union-attr]
    expected = ("43421.04", "7075525.93", "5842485.20", "16351550.34", "45694.72")
    assert to_the_cent(frame, "net_sales") == [Decimal(value) for value in expected]
    assert list(by_year) == ["2010", "2011", "2012", "2013", "2014"]
    assert frame.totals is not None
    assert round_money(frame.totals[1], "USD") == Decimal("29358677.22")  # type: ignore[arg-type]
    assert frame.totals[2] == 27_659


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Internet", (60398, "29358677.2207", "17277793.5757", "0", "2348694.2301", "733969.6091", 27659, 18484)),
        (
            "Reseller",
            (60855, "80450596.9823", "79980114.3790", "527507.9262", "6436047.6066", "2011265.9158", 3796, 635),
        ),
    ],
)
def test_both_channels_hold_their_totals(adventureworks: Asker, name: str, expected: tuple[object, ...]) -> None:
    metrics = ("lines", "net_sales", "cost", "discount", "tax", "freight", "orders", "customers")
    frame = adventureworks.ask(Query(metrics, where=channel(adventureworks, name), period=ALL), SEEN)
    assert frame.rows == (tuple(Decimal(value) if isinstance(value, str) else value for value in expected),)


def test_quota_is_attained_by_what_reps_are_credited_with(adventureworks: Asker) -> None:
    year = Period.parse("2013")
    query = Query(("credited_net_sales", "quota", "quota_attainment"), period=year, totals=True)
    company = adventureworks.ask(query, SEEN)
    by_rep, by_team = (adventureworks.ask(replace(query, by=(level,)), SEEN) for level in ("rep", "team"))
    assert by_rep.totals is not None
    assert by_team.totals is not None
    assert by_rep.totals[1:] == by_team.totals[1:] == company.rows[0]
    assert round_money(company.rows[0][0], "USD") == Decimal("33574834.16")  # type: ignore[arg-type]
    assert sum(value or 0 for value in by_rep.values("credited_net_sales")) == company.rows[0][0]  # type: ignore[misc]
    assert company.rows[0][2] < 1  # type: ignore[operator]


def test_all_time_holds_the_whole_of_every_plan(adventureworks: Asker) -> None:
    frame = adventureworks.ask(Query(("budget", "quota"), period=ALL), SEEN)
    assert to_the_cent(frame, "budget") == [Decimal(31_400_000)]
    assert to_the_cent(frame, "quota") == [Decimal(95_714_000)]
    assert frame.partial["quota"] == "Other months"
    assert "The quota is set for Jan 2011 – Dec 2013." in frame.notes
    by_year = adventureworks.ask(Query(("budget",), ("year",), period=ALL, totals=True), SEEN)
    assert by_year.totals is not None
    assert by_year.totals[1] == Decimal(31_400_000)


def test_a_budget_for_the_internet_says_so_beside_all_sales(adventureworks: Asker) -> None:
    query = Query(("net_sales",), period=Period.parse("2013"), versus=("budget",))
    frame = adventureworks.ask(query, SEEN)
    assert frame.partial == {"budget": "Internet only"}
    assert frame.notes == ("The budget is set for Internet only; net sales beside it are of all channels.",)
    narrowed = adventureworks.ask(replace(query, where=channel(adventureworks, "Internet")), SEEN)
    assert (narrowed.partial, narrowed.notes) == ({}, ())
    by_channel = adventureworks.ask(replace(query, by=("channel",)), SEEN)
    assert by_channel.partial == {}
    inside = replace(SEEN, scope=Scope.of(channel=(channel(adventureworks, "Internet")[0].members[0],)))
    assert adventureworks.ask(query, inside).partial == {}


def test_the_shifted_budget_is_told_through_later_loads(shared_data: Path, tmp_path: Path) -> None:
    engine = open_engine("", tmp_path, (), Calendar(), "USD", ())
    first = load(engine, "adventureworks", shared_data / "adventureworks", home=tmp_path)
    assert first.notes == ("Budget of 2022–2024 moved back 10 years",)
    load(engine, "superstore", shared_data / "superstore", home=tmp_path)
    with engine.snapshot() as snapshot:
        assert snapshot.generation.notices == {"adventureworks": first.notes}
    moved = LoadSettings(mapping_settings={"budget_year_shift": "-8"})
    load(engine, "adventureworks", shared_data / "adventureworks", home=tmp_path, settings=moved)
    assert engine.compact().notices == {"adventureworks": ("Budget of 2022–2024 moved back 8 years",)}
    assert import_detail(tmp_path, 1).notes == first.notes
    engine.close()


def test_orders_by_category_are_counted_from_the_lines(adventureworks: Asker) -> None:
    frame = adventureworks.ask(Query(("orders",), ("category",), period=ALL, totals=True), SEEN)
    assert frame.totals is not None
    assert frame.totals[1] == 27_659 + 3_796
    assert sum(frame.values("orders")) > frame.totals[1]  # type: ignore[arg-type, operator]


def test_superstore_returns_are_credit_notes_beside_the_invoices(superstore: Asker) -> None:
    invoices = (Filter("document_type", ("invoice",)),)
    metrics = ("net_sales", "lines", "orders", "customers", "units")
    sold = superstore.ask(Query(metrics, where=invoices, period=ALL), SEEN)
    assert sold.rows == ((Decimal("2297200.8603"), 9_994, 5_009, 793, Decimal(37_873)),)
    every = superstore.ask(Query(("net_sales", "lines", "orders", "returns"), period=ALL), SEEN)
    assert sold.rows[0][2] == every.rows[0][2]
    assert sold.rows[0][0] - every.rows[0][0] == every.rows[0][3]  # type: ignore[operator]
