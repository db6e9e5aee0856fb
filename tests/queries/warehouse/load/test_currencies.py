"""A warehouse is kept in one currency: a source in another is refused, unless its lines can be converted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.values.errors import Invalid
from app.values.scope import Scope
from queries.warehouse.engines.engine import Engine
from queries.warehouse.load import LoadSettings, load
from queries.warehouse.schema import budget, rate, sales_line
from tests.queries.warehouse.load.tables import line, shop, warehouse_of, write_csv

DOLLARS = LoadSettings(mapping_settings={"currency": "USD"})


def _kept_in_euro(tmp_path: Path) -> Engine:
    engine = warehouse_of(tmp_path / "home")
    load(engine, "template", shop(tmp_path / "first", [line()]), home=tmp_path / "home")
    return engine


def _state(engine: Engine) -> tuple[int, str, int]:
    with engine.snapshot() as snapshot:
        ((lines,),) = snapshot.fetch(select(func.count()).select_from(sales_line), Scope.everything())
        return snapshot.generation.number, snapshot.generation.company_currency, int(lines)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_source_in_another_currency_is_refused_and_nothing_changes(tmp_path: Path, dry_run: bool) -> None:
    engine = _kept_in_euro(tmp_path)
    before = _state(engine)
    source = shop(tmp_path / "second", [line(document_number="D2", currency="USD")])
    with pytest.raises(
        Invalid, match=r"kept in EUR; the mapping template is in USD .* USD in EUR for 2013-01-05"
    ) as no:
        load(engine, "template", source, home=tmp_path / "home", settings=DOLLARS, dry_run=dry_run)
    assert "nothing was changed" in no.value.sentence
    assert _state(engine) == before == (1, "EUR", 1)


@pytest.mark.parametrize(("day", "is_taken"), [("2013-01-01", True), ("2012-12-20", False), ("2013-01-06", False)])
def test_lines_are_taken_where_a_rate_of_the_ten_days_before_converts_them(
    tmp_path: Path, day: str, is_taken: bool
) -> None:
    engine = _kept_in_euro(tmp_path)
    rates = tmp_path / "rates"
    rates.mkdir()
    write_csv(rates / "rates.csv", [{"currency": "USD", "day": day, "rate": "0.75"}])
    load(engine, "template", rates, home=tmp_path / "home")
    source = shop(tmp_path / "second", [line(document_number="D2", currency="USD")])
    if is_taken:
        load(engine, "template", source, home=tmp_path / "home", settings=DOLLARS)
    else:
        with pytest.raises(Invalid, match="load rates first"):
            load(engine, "template", source, home=tmp_path / "home", settings=DOLLARS)
    assert _state(engine)[1:] == ("EUR", 2 if is_taken else 1)


def test_rates_in_another_currency_are_not_mixed_with_ours(tmp_path: Path) -> None:
    engine = _kept_in_euro(tmp_path)
    source = shop(tmp_path / "second", [line(document_number="D2", currency="EUR")])
    write_csv(source / "rates.csv", [{"currency": "EUR", "day": "2013-01-01", "rate": "1.3"}])
    with pytest.raises(Invalid, match="brings rates in it, which cannot stand beside rates in EUR"):
        load(engine, "template", source, home=tmp_path / "home", settings=DOLLARS)


def test_an_empty_warehouse_takes_the_currency_of_its_first_source(tmp_path: Path) -> None:
    engine = warehouse_of(tmp_path / "home")
    source = shop(tmp_path / "first", [line(currency="USD")])
    load(engine, "template", source, home=tmp_path / "home", settings=DOLLARS)
    assert _state(engine)[1:] == ("USD", 1)


def test_a_company_in_yen_loads_amounts_of_many_digits_and_rates_above_a_hundred(tmp_path: Path) -> None:
    engine = warehouse_of(tmp_path / "home", "JPY")
    rows = [
        line(currency="JPY", quantity="2", unit_price="6000000000"),
        line(document_number="D2", currency="USD", unit_price="3"),
    ]
    source = shop(tmp_path / "first", rows)
    write_csv(source / "rates.csv", [{"currency": "USD", "day": "2013-01-04", "rate": "157.25"}])
    write_csv(source / "budget.csv", [{"period": "2013", "amount": "120000000000", "currency": "JPY"}])
    in_yen = LoadSettings(mapping_settings={"currency": "JPY"})
    load(engine, "template", source, home=tmp_path / "home", settings=in_yen)
    with engine.snapshot() as snapshot:
        ((net,),) = snapshot.fetch(select(func.max(sales_line.c.net)), Scope.everything())
        ((rated,),) = snapshot.fetch(
            select(rate.c.rate).where(
                rate.c.currency_key == "USD", rate.c.reporting_key == "JPY", rate.c.day == date(2013, 1, 5)
            ),
            Scope.everything(),
        )
        months = snapshot.fetch(select(budget.c.amount), Scope.everything())
    assert (net, rated) == (12_000_000_000, Decimal("157.25"))
    assert [amount for (amount,) in months] == [10_000_000_000] * 12
