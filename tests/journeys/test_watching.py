"""What an alert reads is what the panels show: the same rows, the same days, the same figures, for each their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.assembly import House
from app.domain.alerts import Reading
from app.values.alert import Rule
from app.values.errors import Forbidden, TooBig
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from app.values.view import View
from app.watching import STALE, offer, readings, seen_by
from layouts.dashboard import answer_panel
from queries.query import Query
from tests.services.salient import TODAY

OVERVIEW = "/d/overview/net-sales"
YEAR = Period.parse("this-year")


def read(house: House, name: str, rule: Rule, view: str = OVERVIEW) -> tuple[Reading, ...]:
    viewer = house.viewer_named(f"{name}@salient.example")
    return readings(house, viewer, seen_by(house, viewer, view), rule)


def asked(house: House, name: str, metric: str, period: str, where: tuple[Filter, ...] = ()) -> Decimal | date | None:
    context = house.viewer_named(f"{name}@salient.example").context
    frame = house.asker.ask(Query((metric,), (), where, Period.parse(period)), context)
    value = frame.values(metric)[0] if frame.rows else None
    assert value is None or isinstance(value, Decimal | date | int)
    return Decimal(value) if isinstance(value, int) else value


def threshold(**given: object) -> Rule:
    return Rule("net_sales", "threshold", Decimal(1), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["erin", "remy", "tess", "sam", "amy", "fay"])
@pytest.mark.parametrize("view", [OVERVIEW, "/d/overview/net-sales?period=2025&category=C01", "/d/overview?basis=paid"])
def test_a_figure_is_that_of_the_panel_for_whoever_looks(house: House, name: str, view: str) -> None:
    viewer = house.viewer_named(f"{name}@salient.example")
    seen = View.parse(view).of_panel("net-sales")
    board = next(each for each in house.dashboards if each.id == "overview")
    panel = board.panel("net-sales")
    assert panel is not None
    frame = answer_panel(board, panel, seen, viewer, house.asker).frame
    shown = frame.values("net_sales")[0] if frame is not None and frame.rows else None
    (found,) = read(house, name, threshold(), view)
    assert (found.value or 0) == (shown or 0)


def test_members_add_up_to_the_whole(house: House) -> None:
    (whole,) = read(house, "erin", threshold())
    parts = read(house, "erin", threshold(by="market"))
    assert len(parts) == 3
    assert sum(each.value or 0 for each in parts) == whole.value
    (filtered,) = read(house, "erin", threshold(), f"{OVERVIEW}?market={parts[0].key}")
    assert filtered.value == parts[0].value


def test_a_change_is_that_against_the_same_days_of_last_year(house: House) -> None:
    (found,) = read(
        house, "erin", Rule("net_sales", "change", Decimal(0), versus="last-year"), f"{OVERVIEW}?period=2025"
    )
    now, before = asked(house, "erin", "net_sales", "2025"), asked(house, "erin", "net_sales", "2024")
    assert isinstance(now, Decimal)
    assert isinstance(before, Decimal)
    assert found.value == now
    assert round(found.judged or 0, 12) == round((now - before) / abs(before), 12)


def test_a_target_is_held_against_what_was_planned_to_this_day(house: House) -> None:
    rule = Rule("budget_attainment", "target", Decimal("0.9"))
    (found,) = read(house, "erin", rule, f"{OVERVIEW}?period=this-year")
    sold, planned = asked(house, "erin", "net_sales", "this-year"), asked(house, "erin", "budget", "this-year")
    whole = asked(house, "erin", "budget", str(TODAY.year))
    assert isinstance(sold, Decimal)
    assert isinstance(planned, Decimal)
    assert round(found.judged or 0, 9) == round(sold / planned, 9)
    assert isinstance(whole, Decimal)
    assert planned <= whole


def test_the_last_complete_day_is_held_against_its_own_weekday(house: House) -> None:
    rule = Rule("net_sales", "anomaly", Decimal("3.5"), "either", step="day")
    (found,) = read(house, "erin", rule)
    assert found.stretch == (TODAY - timedelta(days=1)).isoformat()
    assert found.value == asked(house, "erin", "net_sales", found.stretch)
    earlier = [
        asked(house, "erin", "net_sales", (date.fromisoformat(found.stretch) - timedelta(weeks=back)).isoformat()) or 0
        for back in range(1, 26)
    ]
    assert found.odd is not None
    assert found.odd.expected == sorted(earlier)[12]
    assert found.odd.low < found.odd.high


@pytest.mark.parametrize("step", ["week", "month"])
def test_what_is_still_running_is_not_judged(house: House, step: str) -> None:
    (found,) = read(house, "erin", Rule("net_sales", "anomaly", Decimal("3.5"), "either", step=step))
    calendar = house.viewer_named("erin@salient.example").context.calendar
    assert calendar.span(found.stretch).end_exclusive == calendar.start_of(step, TODAY)
    assert found.value == asked(house, "erin", "net_sales", found.stretch)


@pytest.mark.parametrize("name", ["erin", "sam"])
def test_days_without_a_sale_are_complete_days(house: House, name: str) -> None:
    (found,) = read(house, name, Rule("net_sales", "no-data", Decimal(3)))
    last = asked(house, name, "last_order", "last-365-days") or asked(house, name, "last_order", TODAY.isoformat())
    today = asked(house, name, "last_order", TODAY.isoformat())
    newest = today or last
    assert isinstance(newest, date)
    assert found.value == max((TODAY - newest).days - 1, 0)


def test_a_silent_customer_is_judged_by_the_own_rhythm(house: House) -> None:
    found = read(house, "erin", Rule("net_sales", "rhythm", Decimal(1), by="customer"), "/d/customers")
    judged = [each for each in found if each.judged is not None]
    newest = asked(house, "erin", "last_order", TODAY.isoformat()) or TODAY - timedelta(days=1)
    assert isinstance(newest, date)
    assert judged
    for each in judged[:40]:
        context = house.viewer_named("erin@salient.example").context
        frame = house.asker.ask(
            Query(("last_order",), (), (Filter("customer", (each.key,)),), Period.parse("last-365-days")), context
        )
        last = frame.values("last_order")[0] if frame.rows else None
        assert not isinstance(last, date) or each.value == (newest - last).days


def test_a_period_without_data_has_no_figure_and_says_why(house: House) -> None:
    (found,) = read(house, "erin", threshold(), f"{OVERVIEW}?period=2029")
    assert (found.judged, found.why) == (None, STALE)


def test_so_many_customers_are_not_watched_one_by_one(house: House) -> None:
    with pytest.raises(TooBig):
        read(house, "erin", threshold(by="customer"), f"{OVERVIEW}?period=all")


def test_a_masked_figure_is_refused_to_whoever_asks(house: House) -> None:
    with pytest.raises(Forbidden):
        read(house, "mia", Rule("margin", "threshold", Decimal(1)))


def test_whoever_sees_nothing_reads_nothing(house: House) -> None:
    otto = house.viewer_named("otto@salient.example")
    assert otto.context.scope == Scope.nothing()
    for rule in (threshold(), threshold(by="market"), Rule("net_sales", "anomaly", Decimal(1), "either", step="day")):
        assert not any(each.value for each in readings(house, otto, View.parse(OVERVIEW), rule))


def test_the_page_about_oneself_is_about_whoever_gets_it(house: House) -> None:
    sam, tess = (read(house, name, threshold(), "/d/me?period=this-year")[0].value for name in ("sam", "tess"))
    viewer = house.viewer_named("sam@salient.example")
    only = replace(seen_by(house, viewer, "/d/me?period=this-year"))
    assert only.selection.filters
    assert sam == asked(house, "sam", "net_sales", "this-year")
    assert sam != tess


def test_what_can_be_watched_can_be_asked(house: House) -> None:
    can = offer(house)
    assert {"net_sales", "margin", "budget_attainment", "orders"} <= set(can.metrics)
    assert "last_order" not in can.metrics
    assert can.levels["net_sales"] >= {"market", "region", "rep", "customer", "category"}
    assert not {"day", "month", "year"} & can.levels["net_sales"]
    for metric in ("net_sales", "margin_rate", "customers", "quota_attainment"):
        for level in sorted(can.levels[metric] & {"market", "team", "channel", "segment", "category"}):
            assert read(house, "erin", Rule(metric, "threshold", Decimal(1), by=level)) is not None
