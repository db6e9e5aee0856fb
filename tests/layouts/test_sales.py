"""Marta runs sales: she reads why the quarter moved, which months are strong, and how the mix shifts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.values.errors import Invalid
from app.values.selection import Selection
from layouts.answered import AnsweredPanel
from layouts.derive import derived
from layouts.marks import Grid, Mark, ShareLines, Waterfall
from layouts.narrative import finding
from layouts.render.plotly import figure
from queries.frame import Column, Frame, Member, Provenance, Row
from tests.layouts.company import answered, context


def frame(columns: tuple[Column, ...], *rows: Row) -> Frame:
    """An answer by hand, in euro."""
    return Frame(columns, rows, Provenance(1, None, None), "EUR")


def drawn(main: Frame, mark: Mark) -> AnsweredPanel:
    """Some panel with this frame instead of its own."""
    return replace(answered("by-month", "/d/sales"), mark=mark, frames={"main": main})


def sold_items(*items: tuple[str, int, int, int, int]) -> Frame:
    """Products with net sales now and last year, units now and last year."""
    columns = (
        Column("product", "Product", "dimension", level="product"),
        Column("net_sales", "Net sales", "metric", "net_sales", unit="money", better="up"),
        Column("net_sales@last-year", "Net sales", "reference", "net_sales", versus="last-year", unit="money"),
        Column("units", "Units", "metric", "units", unit="quantity"),
        Column("units@last-year", "Units", "reference", "units", versus="last-year", unit="quantity"),
    )
    rows: list[Row] = [(Member(name, name.upper()), *map(Decimal, figures)) for name, *figures in items]
    return frame(columns, *rows)


def bridged(items: Frame) -> Frame:
    return derived("bridge", {"main": items, "items": items}, Selection(), context())


def test_the_bridge_adds_up_and_new_and_lost_products_have_steps_of_their_own() -> None:
    # a: 10 at 10 became 12 at 11; b: 10 at 20 became 8 at 20; c is new, d is gone.
    found = bridged(sold_items(("a", 132, 100, 12, 10), ("b", 160, 200, 8, 10), ("c", 50, 0, 5, 0), ("d", 0, 30, 0, 3)))
    amounts = {row[0].key: row[1] for row in found.rows if isinstance(row[0], Member)}
    assert amounts == {
        "before": Decimal(330),
        "volume": Decimal(0),
        "price": Decimal(12),
        "mix": Decimal(-20),
        "new": Decimal(50),
        "lost": Decimal(-30),
        "now": Decimal(342),
    }
    largest = {row[0].key: row[2:] for row in found.rows if isinstance(row[0], Member)}
    assert largest["price"] == (Member("a", "A"), Decimal(12))
    assert largest["lost"] == (Member("d", "D"), Decimal(-30))
    panel = drawn(found, Waterfall(("before", "now")))
    assert finding(panel) == "Most is added by new products, +€50.0; most is taken by lost products, −€30.0."
    assert figure(panel)["data"][0]["customdata"] == [None] * 7


def test_without_a_comparison_there_is_no_bridge() -> None:
    items = sold_items(("a", 1, 1, 1, 1))
    bare = replace(items, columns=(items.columns[0], items.columns[1], items.columns[3]), rows=())
    with pytest.raises(Invalid, match="comparison in time"):
        bridged(bare)


def months_of(amounts: dict[str, int]) -> Frame:
    columns = (
        Column("month", "Month", "dimension", level="month"),
        Column("net_sales", "Net sales", "metric", "net_sales", unit="money", better="up"),
    )
    return frame(columns, *((Member(key, key), Decimal(amount)) for key, amount in amounts.items()))


def years(first: int, last: int, december: int, noise: int = 0) -> dict[str, int]:
    """Months of 100, but December; the year 2026 to October, and a running November."""
    found = {
        f"{year}-{month:02d}": (december if month == 12 else 100) + noise * ((year * 7 + month * 5) % 11)
        for year in range(first, last + 1)
        for month in range(1, 13)
    }
    return {key: amount for key, amount in found.items() if key <= "2026-11"}


def seasons(amounts: dict[str, int]) -> Frame:
    return derived("seasonality", {"main": months_of(amounts)}, Selection(), context())


def test_a_tested_season_is_called_one_and_its_strong_month_named() -> None:
    found = seasons(years(2022, 2026, 300))
    assert [column.id for column in found.columns[1:]] == ["2022", "2023", "2024", "2025", "2026", "seasonal_index"]
    assert len(found.rows) == 12
    told = finding(drawn(found, Grid(dated=True)))
    assert told.startswith("Seasonal: Dec is the strongest month, +")


def test_months_that_differ_by_chance_are_no_season_and_two_years_prove_none() -> None:
    chance = finding(drawn(seasons(years(2022, 2026, 100, noise=3)), Grid(dated=True)))
    assert chance.startswith("No season is proven; ")
    few = seasons(years(2024, 2026, 300))
    assert few.columns[-1].id == "month_index"
    assert [str(note) for note in few.notes] == [
        "Whether this is a season needs three complete years; there are 34 complete months."
    ]


def test_under_two_years_months_are_shown_and_not_judged() -> None:
    found = seasons({key: amount for key, amount in years(2025, 2026, 300).items() if key >= "2025-06"})
    assert [column.id for column in found.columns] == ["calendar_month", "2025", "2026"]
    assert finding(drawn(found, Grid(dated=True))) == "Two complete years are needed to compare months."


def test_months_before_the_first_sale_are_none_and_a_cell_is_clicked_as_its_month() -> None:
    found = seasons({"2024-01": 0, "2024-02": 0, "2024-03": 50, "2024-04": 60})
    assert [row[1] for row in found.rows[:5]] == [None, None, Decimal(50), Decimal(60), None]
    cells = figure(drawn(found, Grid(dated=True)))["data"][0]
    assert cells["customdata"][2] == ["2024-03"]


def test_the_mix_names_who_gained_and_lets_the_running_month_out_of_it() -> None:
    columns = (
        Column("category", "Category", "dimension", level="category"),
        Column("month", "Month", "dimension", level="month"),
        Column("net_sales", "Net sales", "metric", "net_sales", unit="money"),
    )
    amounts = {"2026-09": (60, 40), "2026-10": (50, 50), "2026-11": (1, 9)}
    rows = [
        (Member(name, name.upper()), Member(month, month), Decimal(pair[at]))
        for at, name in enumerate(("pumps", "valves"))
        for month, pair in amounts.items()
    ]
    found = derived("mix-over-time", {"main": frame(columns, *rows)}, Selection(), context())
    assert [row[3] for row in found.rows] == [Decimal(text) for text in ("0.6", "0.5", "0.1", "0.4", "0.5", "0.9")]
    panel = drawn(found, ShareLines())
    assert finding(panel) == "VALVES gained most: from 40.0% in Sept 2026 to 50.0% in Oct 2026."
    layout = figure(panel)["layout"]
    assert [len(line["x"]) for line in figure(panel)["data"]] == [3, 3]
    # Where names would leave the lines less than that, they are written as on a phone.
    assert layout["meta"]["roomy"] - layout["margin"]["l"] - layout["margin"]["r"] == 200


def test_the_small_members_of_a_mix_are_one_line_that_leads_nowhere() -> None:
    columns = (
        Column("category", "Category", "dimension", level="category"),
        Column("month", "Month", "dimension", level="month"),
        Column("net_sales", "Net sales", "metric", "net_sales", unit="money"),
    )
    rows = [
        (Member(str(at), f"C{at}"), Member(month, month), Decimal(100 - at))
        for at in range(9)
        for month in ("2026-09", "2026-10")
    ]
    found = derived("mix-over-time", {"main": frame(columns, *rows)}, Selection(), context())
    assert {row[0].name for row in found.rows if isinstance(row[0], Member)} == {
        "C0",
        "C1",
        "C2",
        "C3",
        "C4",
        "4 others",
    }
    assert figure(drawn(found, ShareLines()))["data"][-1]["customdata"] == [None, None]


def test_logistics_sees_units_by_week_with_sums_both_ways() -> None:
    columns = (
        Column("region", "Region", "dimension", level="region"),
        Column("week", "Week", "dimension", level="week"),
        Column("units", "Units", "metric", "units", unit="quantity"),
    )
    dach, france = Member("dach", "DACH"), Member("france", "France")
    weeks = {f"2026-W{number:02d}": Member(f"2026-W{number:02d}", "") for number in range(30, 47)}
    rows: list[Row] = [(dach, week, Decimal(10)) for week in weeks.values()]
    rows += [(france, weeks["2026-W46"], Decimal(40))]
    found = derived("by-week", {"main": frame(columns, *rows)}, Selection(), context())
    assert [column.id for column in found.columns[1:]] == [f"2026-W{number}" for number in range(34, 47)] + ["total"]
    assert [(row[0], row[-1]) for row in found.rows] == [(dach, Decimal(130)), (france, Decimal(40))]
    assert found.totals is not None
    assert found.totals[-2:] == (Decimal(50), Decimal(170))
    panel = drawn(found, Grid())
    # Without anything in the weeks before there is no mean to be off.
    assert finding(panel) == ""
    more = drawn(
        derived(
            "by-week",
            {"main": frame(columns, *rows[:-2], (dach, weeks["2026-W46"], Decimal(25)))},
            Selection(),
            context(),
        ),
        Grid(),
    )
    assert finding(more) == "DACH moved most in W46 2026: +15 on the mean of the 12 weeks before."
    assert figure(panel)["data"][0]["customdata"][0] == ["dach"] * 13
