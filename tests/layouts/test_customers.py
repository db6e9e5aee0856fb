"""Amy looks after customers: who comes and goes, who declines, what they are worth, and when each orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.values.errors import Invalid
from app.values.period import Span
from app.values.segmentation import Segmentation
from app.values.selection import Selection
from layouts import format as fmt
from layouts.derive import derived
from layouts.derive.response import slope_of
from layouts.render.plotly import figure
from layouts.screen import panel
from queries.frame import Column, Frame, Member, Provenance, Row
from tests.layouts.company import TODAY, answered, context

SELECTION = Selection()


def known(start: date, end: date, columns: str, *rows: Row) -> Frame:
    """An answer about some days by hand; columns with a level are dimensions."""
    levels = {"customer", "month", "day", "document", "document_type", "product"}
    made = tuple(
        Column(name, name, "dimension", level=name) if name in levels else Column(name, name, "metric", name)
        for name in columns.split()
    )
    return Frame(made, rows, Provenance(1, None, Span(start, end, False, end)), "EUR")


def member(key: str) -> Member:
    return Member(key, key.title())


def year(**sold: int) -> Frame:
    """Net sales of twelve months to October by customer."""
    rows = ((member(key), Decimal(amount)) for key, amount in sold.items())
    return known(date(2025, 11, 1), date(2026, 11, 1), "customer net_sales", *rows)


def made(name: str, main: Frame, **beside: Frame) -> Frame:
    return derived(name, {"main": main, **beside}, SELECTION, context())


def bits(*months_ago: int) -> int:
    return sum(1 << back for back in months_ago)


def test_every_quarter_begins_with_those_active_before_and_adds_up() -> None:
    # The last complete quarter is July to September: one to three months before October.
    main = known(
        date(2021, 11, 1), date(2026, 11, 1), "customer months_bought",
        (member("stays"), bits(1, 4, 7, 10)), (member("lapses"), bits(5)), (member("begins"), bits(2)),
        (member("returns"), bits(3, 8)), (Member("(none)", "(none)"), bits(1)),
    )  # fmt: skip
    found = made("customer-flow", main)
    assert [getattr(row[0], "key", "") for row in found.rows][-2:] == ["2026-Q2", "2026-Q3"]
    assert found.rows[-1][1:6] == (2, 1, 1, -1, 3)
    for row in found.rows:
        before, new, returned, lapsed, active = (int(str(value)) for value in row[1:6])
        assert before + new + returned + lapsed == active


def test_what_last_years_customers_bring_now_leads_to_the_total_in_steps() -> None:
    found = made("revenue-bridge", year(more=150, less=60, new=40), before=year(more=100, less=100, gone=50))
    amounts = {getattr(row[0], "key", ""): row[1] for row in found.rows}
    assert amounts == {"start": 250, "expansion": 50, "contraction": -40, "churn": -50, "kept": 210, "outside": 40,
                       "now": 250}  # fmt: skip
    card = made("net-retention", year(more=150, less=60, new=40), before=year(more=100, less=100, gone=50))
    assert card.rows[0][0] == Decimal("0.84")
    kept = made("customers-retained", year(more=150, new=40), before=year(more=100, gone=50))
    assert kept.rows[0][0] == Decimal("0.5")


def test_without_a_year_before_there_is_no_bridge() -> None:
    with pytest.raises(Invalid, match="nothing to compare"):
        made("revenue-bridge", year(new=40), before=year())


def test_the_tenths_hold_everybody_and_say_where_they_came_from() -> None:
    now = {f"c{number:02d}": 1000 - number for number in range(20)}
    before = {f"c{number:02d}": 1000 - number for number in range(1, 20)} | {"gone": 5000}
    found = made("deciles", year(**now), before=year(**before))
    assert [row[1] for row in found.rows] == [2] * 10
    assert sum(int(str(value)) for row in found.rows for value in row[4:8]) == 20
    assert found.rows[0][7:] == (1, 1)  # c00 is new in the best tenth, and the best of then is gone
    assert found.totals is not None
    assert found.totals[2] == sum(now.values())
    with pytest.raises(Invalid, match="fewer than 20"):
        made("deciles", year(one=1), before=year())


def test_amounts_in_one_currency_divide_no_customers_in_another() -> None:
    amounts = (Decimal(10), Decimal(20), Decimal(30), Decimal(40))
    bought = known(
        date(2025, 11, 1), date(2026, 11, 1), "customer net_sales orders", (member("one"), Decimal(50), 2),
        (member("two"), Decimal(5), 1),
    )  # fmt: skip
    last = known(
        date(2025, 11, 1), date(2026, 11, 1), "customer last_order",
        (member("one"), date(2026, 10, 30)), (member("two"), date(2026, 1, 1)),
    )  # fmt: skip
    fixed = Segmentation(recency=(30, 60, 90, 120), frequency=(1, 2, 3, 4), money=amounts, currency="EUR")
    frames = {"main": bought, "last": last}
    found = derived("segment-grid", frames, SELECTION, replace(context(), segmentation=fixed))
    told = {row[0].key: (row[1], row[2]) for row in found.rows if isinstance(row[0], Member)}
    assert {cell: customers for cell, (_, customers) in told.items()} == {"5-3": 1, "1-1": 1}
    with pytest.raises(Invalid, match="amounts in USD: look at them in that currency"):
        derived("segment-grid", frames, SELECTION, replace(context(), segmentation=replace(fixed, currency="USD")))


def test_who_fell_silent_is_shown_with_what_was_expected_and_what_is_at_risk() -> None:
    start, end = date(2025, 8, 1), date(2026, 11, 1)
    months = [f"{2025 + (7 + at) // 12}-{(7 + at) % 12 + 1:02d}" for at in range(15)]
    rows: list[Row] = [(member("steady"), Member(month, month), 4, Decimal(400)) for month in months]
    rows += [(member("silent"), Member(month, month), 5, Decimal(900)) for month in months[:12]]
    main = known(
        start, end, "customer net_sales", (member("steady"), Decimal(6000)), (member("silent"), Decimal(10800))
    )
    last = known(
        start, end, "customer last_order", (member("steady"), date(2026, 10, 30)), (member("silent"), date(2026, 7, 20))
    )
    found = made("declining", main, months=known(start, end, "customer month orders net_sales", *rows), last=last)
    (row,) = found.rows
    assert (row[0], row[2], row[3]) == (member("silent"), "Silent", date(2026, 7, 20))
    assert row[4:9] == (0, Decimal(15), Decimal(0), Decimal(900), Decimal(-1))
    # Of the last twelve months nine brought something, and next to all of that is at risk.
    assert Decimal(8090) < Decimal(str(row[1])) <= Decimal(8100)


@pytest.mark.parametrize(("latest", "told"), [(50, "Next was due"), (7, "Next is due")])
def test_a_rhythm_says_when_the_next_order_was_due_or_will_be(latest: int, told: str) -> None:
    days = [TODAY - timedelta(days=latest + back) for back in (50, 40, 30, 20, 10, 0)]
    rows = ((Member(day.isoformat(), ""), 1) for day in days)
    found = made("own-rhythm", known(date(2024, 12, 1), TODAY, "day orders", *rows))
    rhythm = {row[0]: row[1:] for row in found.rows}
    assert rhythm["Usual gap"] == (Decimal(10), None)
    assert rhythm[told] == (abs(latest - 10), TODAY - timedelta(days=latest - 10))


def test_each_document_stands_with_the_twelve_months_that_end_with_it() -> None:
    def row(day: str, number: int, amount: int) -> Row:
        return Member(day, ""), Member(f"SO-{number}", ""), Member("order", "Order"), Decimal(amount)

    rows = row("2025-01-10", 1, 100), row("2025-12-31", 2, 40), row("2026-01-10", 3, 5), row("2026-01-10", 4, 7)
    main = known(date(2023, 12, 1), TODAY, "day document document_type net_sales", *rows)
    assert [found[4] for found in made("order-timeline", main).rows] == [100, 140, 52, 52]


def test_no_slope_is_shown_below_eight_purchases_or_at_one_price() -> None:
    points = [(Decimal(10 + at), 100 / Decimal(10 + at)) for at in range(8)]
    assert slope_of(points) == Decimal("-1.0000")
    assert slope_of(points[:7]) is None
    assert slope_of([(Decimal(10), Decimal(at + 1)) for at in range(9)]) is None


def test_segments_hold_everybody_and_the_list_begins_with_those_to_win_back() -> None:
    rows = [(member(f"c{at:02d}"), Decimal(100 * (at + 1)), at + 1) for at in range(25)]
    days = [(member(f"c{at:02d}"), date(2026, 10, 30) - timedelta(days=at * 12)) for at in range(25)]
    main = known(date(2025, 11, 1), date(2026, 11, 1), "customer net_sales orders", *rows)
    last = known(date(2025, 8, 1), date(2026, 11, 1), "customer last_order", *days)
    sums = made("segments", main, last=last)
    assert sum(int(str(row[2])) for row in sums.rows) == 25
    listed = made("segment-list", main, last=last)
    assert getattr(listed.rows[0][1], "key", "") == "cannot_lose"
    assert listed.rows[0][0] == member("c24")
    with pytest.raises(Invalid, match="Too few customers"):
        made("segments", replace(main, rows=main.rows[:5]), last=last)


def test_of_very_many_documents_the_largest_are_drawn_and_it_is_said() -> None:
    found = answered("timeline", "/d/customer?customer=juno-group")
    assert found.frame is not None
    line, dots = figure(found)["data"]
    assert (len(line["x"]), len(dots["x"])) == (120, 300)
    told = " ".join(str(each["text"]) for each in figure(found)["layout"]["annotations"])
    assert "The 300 largest of" in told, told


def test_who_a_customer_is_stands_in_the_readers_language_and_can_be_written_to() -> None:
    asked = answered("identity", "/d/customer?customer=C7", locale="de")
    assert asked.frame is not None
    told = {row[0].name: row[1] for row in asked.frame.rows if isinstance(row[0], Member)}
    assert told["Kundenbetreuer"] == "jemand, dessen Verkäufe Sie nicht sehen"
    # What the company itself calls a field is read as words, and not translated.
    assert told["wants newsletter"] == "ja"
    shown = str(panel.answer(asked, pictured=False))
    assert "mailto:buyer@dunmore.example" in shown
    assert "Kunde seit" in shown
    assert fmt.day(date(2021, 4, 22), "de") in shown
