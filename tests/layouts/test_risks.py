"""Erin has ten seconds: what is pressing stands in one row, by rules that are the same every morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from app.values.period import Span
from app.values.scope import Scope
from app.values.selection import Selection
from layouts.derive import derived
from layouts.marks import Risks
from layouts.narrative import finding
from layouts.screen.risks import leads_to, tiles
from queries.frame import Column, Frame, Member, Provenance
from tests.layouts.company import TODAY, answered, context


def rate(metric: str, now: str, move: str, newest: date = TODAY) -> Frame:
    """A rate and how many points it has moved on last year."""
    columns = (
        Column(metric, metric, "metric", metric, unit="ratio"),
        Column(f"{metric}@last-year:delta", metric, "delta", metric, versus="last-year", unit="ratio"),
    )
    return Frame(columns, ((Decimal(now), Decimal(move)),), Provenance(1, newest, None))


def accounts(*last_three: int) -> dict[str, Frame]:
    """Customers who ordered four times a month for a year, then so often in each of the last three months."""
    span = Span(date(2025, 8, 1), date(2026, 11, 1), False, date(2026, 11, 1))
    months = [f"{2025 + at // 12}-{at % 12 + 1:02d}" for at in range(7, 22)]
    members = [Member(str(at), f"Customer {at}") for at in range(len(last_three))]
    orders = [
        (who, Member(month, month), each, Decimal(100 * each))
        for who, last in zip(members, last_three, strict=True)
        for month, each in zip(months, [4] * 12 + [last] * 3, strict=True)
    ]
    level, month = Column("customer", "Customer", "dimension", level="customer"), Column("month", "Month", "dimension")
    net = Column("net_sales", "Net sales", "metric", "net_sales", unit="money")
    count = Column("orders", "Orders", "metric", "orders", unit="count")
    told = Provenance(1, TODAY, span)
    return {
        "accounts": Frame((level, net), tuple((who, Decimal(1)) for who in members), told, "EUR"),
        "months": Frame((level, month, count, net), tuple(orders), told, "EUR"),
    }


def judged(**frames: Frame) -> dict[str, tuple[str, str, object]]:
    """Risk → the state's word, the figure, the concern."""
    found = derived("risks", frames, Selection(), context())
    return {
        row[0].key: (row[1].name, str(row[2]), row[4])
        for row in found.rows
        if isinstance(row[0], Member) and isinstance(row[1], Member)
    }


def test_a_budget_just_missed_is_watched_and_one_missed_by_more_is_acted_on() -> None:
    for share, told in (("1", "On plan"), ("0.999", "Just behind"), ("0.95", "Just behind"), ("0.9499", "Behind")):
        assert judged(main=rate("budget_attainment", share, "0"))["budget"][0] == told


def test_margin_slips_from_half_a_point_and_falls_from_two() -> None:
    main = rate("budget_attainment", "1", "0")
    for move, told in (("-0.0049", "Holding"), ("-0.005", "Slipping"), ("-0.02", "Falling")):
        assert judged(main=main, margin=rate("margin_rate", "0.4", move))["margin"] == (
            told,
            "40.0%",
            {"Holding": 0, "Slipping": 1, "Falling": 2}[told],
        )


def test_what_cannot_be_judged_is_absent() -> None:
    empty = replace(rate("budget_attainment", "1", "0"), rows=((None, None),))
    assert list(judged(main=empty)) == ["data"]
    partial = replace(rate("budget_attainment", "1", "0"), partial={"budget": "Web only"})
    assert list(judged(main=partial)) == ["data"]


def test_key_accounts_that_fall_silent_are_counted_with_what_is_at_risk() -> None:
    main = rate("budget_attainment", "1", "0")
    assert judged(main=main, **accounts(4, 4, 4))["accounts"] == ("Steady", "0 of 3", 0)
    assert judged(main=main, **accounts(4, 4, 0))["accounts"] == ("Declining", "1 of 3", 2)
    assert judged(main=main, **accounts(*[4] * 24, 0))["accounts"] == ("Some decline", "1 of 25", 1)


def test_data_are_late_after_a_long_weekend() -> None:
    for days, told in ((0, "On time"), (3, "On time"), (4, "Late"), (8, "Very late")):
        main = rate("budget_attainment", "1", "0", TODAY - timedelta(days=days))
        assert judged(main=main)["data"][0] == told


def test_the_finding_names_the_most_pressing_first_and_each_tile_leads_to_its_view() -> None:
    frames = {"main": rate("budget_attainment", "0.97", "0"), "margin": rate("margin_rate", "0.4", "-0.03")}
    found = derived("risks", frames, Selection(), context())
    panel = replace(answered("risks"), mark=Risks(), frames={"main": found})
    assert finding(panel) == "2 of 3 need attention: Margin (Falling) and Budget (Just behind)."
    assert leads_to(panel, "margin").startswith("/d/products/margin-waterfall")
    assert leads_to(panel, "data").startswith("/d/data-quality")
    some = replace(panel, context=context(Scope.of(region=("dach",))))
    assert leads_to(some, "data") == ""
    drawn = str(tiles(panel))
    assert "▼" in drawn
    assert "Falling" in drawn
