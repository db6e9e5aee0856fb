"""What answers mean: comparisons, plans, ratios, rest rows, totals, and what is said when a figure is undefined."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.values.calendar import Calendar, Span
from app.values.errors import Invalid, NotAskable
from app.values.hierarchy import NO_MEMBER
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Basis, Filter
from queries.asking import Asker
from queries.frame import OTHERS_ROW, TOTALS_ROW, Frame
from queries.query import Query
from tests.queries import oracle
from tests.queries.company import RATES, context

SEEN = context()
EVERYTHING = Scope.everything()


def asked(asker: Asker, *metrics: str, by: tuple[str, ...] = (), period: str = "2023", **given: Any) -> Frame:
    return asker.ask(Query(metrics, by, period=Period.parse(period), **given), SEEN)


def by_key(frame: Frame, column: str) -> dict[Any, Any]:
    return {row[0].key: row[frame.index(column)] for row in frame.rows}  # type: ignore[union-attr]


def net(start: date, end: date, **given: Any) -> Decimal:
    return oracle.figure("net_sales", oracle.matching(start, end, scope=EVERYTHING, **given)) or Decimal(0)


def test_this_quarter_to_date_is_compared_with_last_year_to_the_same_day(asker: Asker) -> None:
    frame = asked(asker, "net_sales", period="this-quarter", versus=("last-year", "previous"))
    assert frame.provenance.span == Span(date(2024, 4, 1), date(2024, 5, 16), True, date(2024, 7, 1))
    assert frame.rows[0][frame.index("net_sales")] == net(date(2024, 4, 1), date(2024, 5, 16))
    assert frame.rows[0][frame.index("net_sales@last-year")] == net(date(2023, 4, 1), date(2023, 5, 16))
    assert frame.rows[0][frame.index("net_sales@previous")] == net(date(2024, 1, 1), date(2024, 2, 16))


def test_each_month_stands_beside_the_same_month_of_last_year(asker: Asker) -> None:
    frame = asked(asker, "net_sales", by=("month",), period="2023-03..2023-05", versus=("last-year",), totals=True)
    for row in frame.rows:
        month = date.fromisoformat(f"{row[0].key}-01")  # type: ignore[union-attr]
        earlier = (month.replace(year=2022), date(2022, month.month + 1, 1))
        assert row[frame.index("net_sales@last-year")] == net(*earlier)
    assert frame.totals is not None
    assert frame.totals[frame.index("net_sales@last-year")] == net(date(2022, 3, 1), date(2022, 6, 1))


def test_a_filter_on_one_month_moves_the_comparison_with_it(asker: Asker) -> None:
    frame = asked(asker, "net_sales", where=(Filter("month", ("2023-06",)),), versus=("last-year", "2022"))
    assert frame.rows[0][1] == net(date(2022, 6, 1), date(2022, 7, 1))
    assert frame.rows[0][frame.index("net_sales@2022")] == net(date(2022, 6, 1), date(2022, 7, 1))


def test_scattered_months_are_compared_month_by_month(asker: Asker) -> None:
    months = Filter("month", ("2023-05", "2023-09"))
    frame = asked(asker, "net_sales", by=("month",), where=(months,), versus=("last-year", "previous"))
    assert list(by_key(frame, "net_sales")) == ["2023-05", "2023-09"]
    assert by_key(frame, "net_sales@last-year")["2023-09"] == net(date(2022, 9, 1), date(2022, 10, 1))
    assert set(frame.values("net_sales@previous")) == {None}
    assert frame.reasons[0, "net_sales@previous"] == "no_base"


@pytest.mark.parametrize("versus", ["last-year", "previous"])
def test_the_whole_history_is_not_compared_with_days_before_the_first_sale(asker: Asker, versus: str) -> None:
    frame = asked(asker, "net_sales", "growth", by=("region",), period="all", versus=(versus,), totals=True)
    assert set(frame.values(f"net_sales@{versus}")) == {None}
    assert set(frame.values(f"net_sales@{versus}:change")) == set(frame.values("growth")) == {None}
    assert frame.totals is not None
    assert frame.totals[frame.index(f"net_sales@{versus}")] is None
    reasons = {frame.reasons[0, column] for column in (f"net_sales@{versus}", f"net_sales@{versus}:change", "growth")}
    assert reasons == {"before_first_sale"}
    assert "There is no comparison: it lies before the first sale." in frame.notes


def test_each_year_of_the_whole_history_stands_beside_the_year_before(asker: Asker) -> None:
    frame = asked(asker, "net_sales", by=("year",), period="all", versus=("last-year",))
    assert by_key(frame, "net_sales@last-year")["2023"] == net(date(2022, 1, 1), date(2023, 1, 1))
    assert frame.notes == ()


def test_months_chosen_from_the_whole_history_are_compared_with_the_year_before_them(asker: Asker) -> None:
    months = Filter("month", ("2023-05", "2023-09"))
    frame = asked(asker, "net_sales", period="all", where=(months,), versus=("last-year",))
    expected = net(date(2022, 5, 1), date(2022, 6, 1)) + net(date(2022, 9, 1), date(2022, 10, 1))
    assert frame.rows[0][frame.index("net_sales@last-year")] == expected


def test_excluded_months_leave_the_rest(asker: Asker) -> None:
    frame = asked(asker, "net_sales", where=(Filter("month", ("2023-05",), exclude=True),))
    assert frame.rows[0][0] == net(date(2023, 1, 1), date(2024, 1, 1)) - net(date(2023, 5, 1), date(2023, 6, 1))


def test_a_fiscal_year_may_begin_in_april(asker: Asker) -> None:
    seen = replace(SEEN, calendar=Calendar(fiscal_start_month=4))
    frame = asker.ask(Query(("net_sales",), period=Period.parse("FY2024"), versus=("last-year",)), seen)
    assert frame.rows[0][0] == net(date(2023, 4, 1), date(2024, 4, 1))
    assert frame.rows[0][1] == net(date(2022, 4, 1), date(2023, 4, 1))


def test_a_ratio_is_a_ratio_of_sums_also_in_totals(asker: Asker) -> None:
    frame = asked(asker, "average_order_value", "net_sales", "orders", by=("region",), totals=True)
    assert frame.totals is not None
    value, sales, orders = frame.totals[1:]
    assert value == sales / Decimal(orders)  # type: ignore[operator, arg-type]
    averages = [row[1] for row in frame.rows]
    assert value != sum(averages) / len(averages)  # type: ignore[arg-type]


def test_distinct_customers_are_asked_for_again_at_every_level(asker: Asker) -> None:
    frame = asked(asker, "customers", by=("region",), totals=True)
    assert frame.totals is not None
    lines = oracle.matching(date(2023, 1, 1), date(2024, 1, 1), scope=EVERYTHING)
    assert frame.totals[1] == oracle.figure("customers", lines)
    assert sum(row[1] for row in frame.rows) > frame.totals[1]  # type: ignore[misc, operator]


def test_orders_by_category_count_a_mixed_order_in_both_but_once_in_the_total(asker: Asker) -> None:
    frame = asked(asker, "orders", by=("category",), totals=True)
    assert frame.totals is not None
    assert sum(row[1] for row in frame.rows) > frame.totals[1]  # type: ignore[misc, operator]


def test_lines_do_not_fan_out_over_versions_of_reps_or_days_of_rates(asker: Asker) -> None:
    lines = oracle.matching(date(2023, 1, 1), date(2024, 1, 1), scope=EVERYTHING)
    for by in (("rep",), ("team",), ("rep", "product"), ("fiscal_month", "rep")):
        frame = asked(asker, "lines", "net_sales", "revenue_per_rep", by=by, totals=True)
        assert sum(row[len(by)] for row in frame.rows) == len(lines)  # type: ignore[misc]
        assert frame.totals is not None
        assert frame.totals[len(by)] == len(lines)


def test_sales_and_budget_meet_without_counting_either_twice(asker: Asker) -> None:
    frame = asked(asker, "net_sales", "budget", "budget_attainment", by=("region",), totals=True)
    lines = oracle.matching(date(2023, 1, 1), date(2024, 1, 1), scope=EVERYTHING)
    assert frame.totals is not None
    assert frame.totals[1] == oracle.figure("net_sales", lines)
    europe = sum(12 * (50_000 + len(region) * 1000) for region in ("nord", "sued", "west"))
    assert by_key(frame, "budget")["nord"] == 12 * 54_000
    assert sum(by_key(frame, "budget")[region] for region in ("nord", "sued", "west")) == europe
    # America's budget is set by market: the regions there have none, and what is not allocated is shown as such.
    assert by_key(frame, "budget")["east"] is None
    rates = {
        row["day"]: row["rate"] for row in oracle.company().tables["published_rate"] if row["currency_key"] == "USD"
    }
    america = sum(80_000 * rates[date(2023, month, 1)] for month in range(1, 13))
    assert by_key(frame, "budget")["(none)"] == america
    assert frame.totals[2] == europe + america
    assert frame.totals[3] == frame.totals[1] / frame.totals[2]  # type: ignore[operator]
    assert RATES


def test_a_plan_that_is_not_allocated_is_hidden_from_those_who_see_some_regions_only(asker: Asker) -> None:
    query = Query(("net_sales",), ("region",), period=Period.parse("2023"), versus=("budget",), totals=True)
    lead = context(Scope.of(region={"nord", "east"}))
    frame = asker.ask(query, lead)
    assert "(none)" not in by_key(frame, "net_sales")
    assert frame.totals is not None
    assert frame.totals[frame.index("net_sales@budget")] == 12 * 54_000


def test_the_revised_plan_replaces_the_original_and_never_adds_to_it(asker: Asker) -> None:
    nord = (Filter("region", ("nord",)),)
    frame = asked(asker, "budget", by=("month",), period="2023-12..2024-02", where=nord)
    assert by_key(frame, "budget") == {"2023-12": 54_000, "2024-01": 61_234, "2024-02": 61_234}


def test_a_plan_cut_inside_a_month_counts_by_working_days(asker: Asker) -> None:
    nord = (Filter("region", ("nord",)),)
    frame = asked(asker, "net_sales", period="this-quarter", where=nord, versus=("budget",))
    # 1 to 15 May 2024 holds 11 of the month's 23 working days.
    expected = 61_234 + Fraction(61_234 * 11, 23)
    found = frame.rows[0][frame.index("net_sales@budget")]
    assert isinstance(found, Decimal)
    assert abs(Fraction(found) - expected) < Fraction(1, 10**20)
    assert any("working days" in note for note in frame.notes)


def test_a_plan_by_day_adds_up_to_the_plan_of_the_month(asker: Asker) -> None:
    nord = (Filter("region", ("nord",)),)
    frame = asked(asker, "net_sales", by=("day",), period="2023-03", where=nord, versus=("budget",), totals=True)
    days = by_key(frame, "net_sales@budget")
    assert len(days) == 31
    assert days["2023-03-04"] == 0
    assert abs(sum(days.values()) - 54_000) < Decimal("1e-20")


def test_no_plan_at_this_level_is_said_and_the_actuals_are_shown(asker: Asker) -> None:
    for filters in ((Filter("region", ("east",)),), (Filter("customer", ("C1", "C2")),)):
        frame = asked(asker, "net_sales", "budget_attainment", where=filters, versus=("budget",))
        assert frame.rows[0][0] is not None
        assert frame.rows[0][frame.index("net_sales@budget")] is None
        assert frame.rows[0][frame.index("budget_attainment")] is None
        assert frame.reasons[0, "budget_attainment"] == "no_base"
        assert any("no plan at this level" in note.lower() for note in frame.notes)


def test_a_budget_by_customer_is_refused_in_plain_words(asker: Asker) -> None:
    with pytest.raises(NotAskable, match="budget is not set by customer"):
        asked(asker, "budget", by=("customer",))


def test_an_unknown_metric_is_refused_with_the_nearest_one(asker: Asker) -> None:
    with pytest.raises(NotAskable, match="net_sales"):
        asked(asker, "net_sale")


def test_an_order_by_something_else_is_refused(asker: Asker) -> None:
    with pytest.raises(Invalid):
        asked(asker, "net_sales", by=("region",), order=(("orders", "desc"),))


def test_metrics_without_a_plan_have_no_budget_to_compare_with(asker: Asker) -> None:
    frame = asked(asker, "units", versus=("budget",))
    assert frame.rows[0][1:] == (None, None, None)
    assert frame.reasons[0, "units@budget"] == "no_base"


def test_the_top_and_the_others_add_up(asker: Asker) -> None:
    metrics = ("net_sales", "orders", "customers", "average_order_value")
    top = asked(asker, *metrics, by=("customer",), versus=("last-year",), limit=5, others=True, totals=True)
    every = asked(asker, *metrics, by=("customer",), versus=("last-year",), totals=True)
    assert top.rows == every.rows[:5]
    assert top.totals == every.totals
    assert top.others is not None
    assert top.totals is not None
    assert top.others_count == len(every.rows) - 5
    for column in ("net_sales", "net_sales@last-year"):
        position = top.index(column)
        assert sum(row[position] for row in top.rows) + top.others[position] == top.totals[position]  # type: ignore
    shown = {row[0].key for row in top.rows}  # type: ignore[union-attr]
    rest = [
        line
        for line in oracle.matching(date(2023, 1, 1), date(2024, 1, 1), scope=EVERYTHING)
        if (line.levels["customer"] or "(none)") not in shown
    ]
    assert top.others[top.index("customers")] == oracle.figure("customers", rest)
    assert top.others[top.index("orders")] == oracle.figure("orders", rest)
    assert top.others[top.index("net_sales")] == oracle.figure("net_sales", rest)


def test_the_others_hold_those_without_a_member(asker: Asker) -> None:
    frame = asked(asker, "orders", by=("channel",), limit=1, others=True, order=(("channel", "asc"),))
    shown = frame.rows[0][0].key  # type: ignore[union-attr]
    lines = oracle.matching(date(2023, 1, 1), date(2024, 1, 1), scope=EVERYTHING)
    rest = [line for line in lines if line.levels["channel"] != shown]
    assert frame.others is not None
    assert frame.others[1] == oracle.figure("orders", rest)


def test_held_lines_are_left_out_and_counted(asker: Asker) -> None:
    frame = asked(asker, "net_sales", "lines")
    held = [line for line in oracle.matching(date(2023, 1, 1), date(2024, 1, 1), scope=EVERYTHING) if line.held]
    assert frame.provenance.rows_left_out == {"missing_fx_rate": len(held)}
    yen = asked(asker, "net_sales", "lines", by=("currency",), where=(Filter("currency", ("JPY",)),), totals=True)
    assert yen.rows[0][1:] == (None, len(held))
    assert yen.reasons[0, "net_sales"] == yen.reasons[TOTALS_ROW, "net_sales"] == "missing_fx_rate"


def test_growth_from_nothing_is_blank_with_a_reason(asker: Asker) -> None:
    frame = asked(asker, "net_sales", "growth", period="2023-01", versus=("last-year",))
    assert frame.rows[0][frame.index("net_sales@last-year")] == 0
    assert frame.rows[0][frame.index("net_sales@last-year:change")] is None
    assert frame.reasons[0, "net_sales@last-year:change"] == "zero_base"
    assert frame.rows[0][frame.index("growth")] is None
    assert frame.reasons[0, "growth"] == "zero_base"


def test_growth_needs_no_comparison_to_be_asked_for(asker: Asker) -> None:
    frame = asked(asker, "growth", by=("region",))
    lines = net(date(2023, 1, 1), date(2024, 1, 1), where=(Filter("region", ("nord",)),))
    before = net(date(2022, 1, 1), date(2023, 1, 1), where=(Filter("region", ("nord",)),))
    assert abs(by_key(frame, "growth")["nord"] - (lines - before) / abs(before)) < Decimal("1e-20")


def test_a_region_that_sold_only_last_year_still_has_a_row(asker: Asker) -> None:
    frame = asked(asker, "net_sales", by=("product", "customer"), period="2023-06", versus=("last-year",))
    gone = [row for row in frame.rows if row[2] == 0 and row[3] not in (0, None)]
    assert gone


def test_a_series_has_no_gaps(asker: Asker) -> None:
    frame = asked(asker, "lines", by=("day",), period="2023-03")
    assert len(frame.rows) == 31
    assert 0 in frame.values("lines")


def test_everything_is_asked_in_one_state_of_the_warehouse(asker: Asker) -> None:
    first = Query(("net_sales",), ("region",), period=Period.parse("2023"))
    second = Query(("orders",), ("month",), period=Period.parse("2023"))
    frames = asker.ask_all([first, second, first], SEEN)
    assert frames[0] is frames[2]
    assert frames[0] == asker.ask(first, SEEN)
    assert {frame.provenance.generation for frame in frames} == {1}


def test_the_reason_for_a_missing_rest_is_given(asker: Asker) -> None:
    frame = asked(asker, "net_sales", by=("region",), limit=1, others=True, where=(Filter("currency", ("JPY",)),))
    assert frame.others is not None
    assert frame.others[1] is None
    assert frame.reasons[OTHERS_ROW, "net_sales"] == "missing_fx_rate"


def test_a_currency_without_rates_is_refused(asker: Asker) -> None:
    with pytest.raises(NotAskable, match="CHF"):
        asker.ask(Query(("net_sales",)), context(currency="CHF"))


def test_the_lines_behind_a_figure_add_up_to_it(asker: Asker) -> None:
    where = (Filter("region", ("nord",)), Filter("category", ("bikes",)))
    frame = asked(asker, "net_sales", "lines", where=where)
    listing = asker.rows(where, Period.parse("2023"), "booked", SEEN, limit=5_000)
    ids = [column.id for column in listing.columns]
    assert listing.total == len(listing.rows) == frame.rows[0][1]
    converted = (row[ids.index("net_sales")] for row in listing.rows)
    assert sum(value for value in converted if value is not None) == frame.rows[0][0]


def test_pages_of_lines_follow_each_other_without_gap_or_repeat(asker: Asker) -> None:
    where = (Filter("market", ("emea",)),)
    for order in ((), (("net", "desc"),), (("customer", "asc"), ("cost", "desc")), (("net_sales", "asc"),)):
        whole = asker.rows(where, Period.parse("2023"), "booked", SEEN, limit=500, order=order)
        pages: list[Any] = []
        while len(pages) < whole.total:
            page = asker.rows(where, Period.parse("2023"), "booked", SEEN, offset=len(pages), limit=97, order=order)
            pages += page.rows
        assert tuple(pages) == whole.rows
    with pytest.raises(Invalid):
        asker.rows(where, Period.parse("2023"), "booked", SEEN, order=(("; drop table", "asc"),))


@pytest.mark.parametrize("by", [("customer",), ("product",), ("customer", "channel"), ("document",)])
@pytest.mark.parametrize("versus", [(), ("last-year",), ("budget", "previous")])
def test_the_first_rows_asked_in_sql_are_the_first_rows_of_all(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, by: tuple[str, ...], versus: tuple[str, ...]
) -> None:
    for metrics in (("net_sales", "orders", "customers"), ("orders", "quota_attainment")):
        for scope, limit in ((EVERYTHING, 3), (Scope.of(region={"nord", "east"}), 30), (Scope.of(currency={"JPY"}), 3)):
            given: Any = {"limit": limit, "others": True, "totals": True, "order": ((metrics[0], "desc"),)}
            query = Query(metrics, by, period=Period.parse("2023"), versus=versus, **given)
            head = asker.ask(query, context(scope))
            with monkeypatch.context() as patch:
                patch.setattr("queries.head.LONG", 10**12)
                full = asker.ask(query, context(scope))
            assert head.rows == full.rows
            assert head.totals == full.totals
            assert head.others == full.others
            assert head.reasons == full.reasons
            assert head.notes == full.notes
            if not versus:
                assert head == full


@pytest.mark.parametrize("by", [("document", "day", "customer"), ("day", "customer"), ("day",), ("day", "month")])
@pytest.mark.parametrize("basis", ["booked", "paid"])
def test_the_newest_rows_asked_in_sql_are_the_newest_of_all(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, by: tuple[str, ...], basis: Basis
) -> None:
    for metrics in (("net_sales", "lines"), ("orders",)):
        for scope, limit in (
            (EVERYTHING, 7),
            (Scope.of(region={"nord", "east"}), 200),
            (Scope.of(currency={"JPY"}), 3),
        ):
            given: Any = {"limit": limit, "others": True, "totals": True, "basis": basis}
            query = Query(
                metrics, by, period=Period.parse("2023"), order=(("day", "desc"), (metrics[0], "desc")), **given
            )
            head = asker.ask(query, context(scope))
            with monkeypatch.context() as patch:
                patch.setattr("queries.head.LONG", 10**12)
                assert head == asker.ask(query, context(scope))


def test_lines_in_a_currency_without_rates_are_refused_as_their_sum_is(asker: Asker) -> None:
    context = replace(SEEN, currency="XXX")
    with pytest.raises(NotAskable) as of_the_sum:
        asker.ask(Query(("net_sales",), period=Period.parse("2023")), context)
    with pytest.raises(NotAskable) as of_the_lines:
        asker.rows((), Period.parse("2023"), "booked", context)
    assert of_the_lines.value.sentence == of_the_sum.value.sentence


def test_the_months_somebody_bought_in_are_bits_counted_back_from_the_last_month(asker: Asker) -> None:
    frame = asked(asker, "months_bought", by=("customer",), period="2022-03..2023-10")
    bought: dict[str, int] = {}
    for line in oracle.matching(date(2022, 3, 1), date(2023, 11, 1), scope=EVERYTHING):
        day, customer = line.raw["order_date"], line.levels["customer"]
        if line.raw["document_type"] != "credit_note":
            back = (2023 - day.year) * 12 + 10 - day.month
            bought[customer or NO_MEMBER] = bought.get(customer or NO_MEMBER, 0) | 1 << back
    assert {key: bits for key, bits in by_key(frame, "months_bought").items() if bits is not None} == bought
    assert len(bought) > 3
