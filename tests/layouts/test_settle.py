"""What a panel's questions become when a view and a today are known."""

from __future__ import annotations

from datetime import date

import pytest

from app.values.period import Period
from app.values.selection import Filter, Selection
from layouts.dashboards.overview import CARDS, CUMULATIVE, REPS, VARIANCE
from layouts.dashboards.regions import MAP, RANKED
from layouts.dashboards.sales import BY_MONTH, GROWTH, SEASONS
from layouts.panel import Panel
from layouts.settle import cycle_of, settle
from queries.query import Query
from tests.layouts.company import CALENDAR, TODAY, context

COMPANY = Selection()


def asked(panel: Panel, selection: Selection = COMPANY, name: str = "main") -> Query | None:
    question = panel.query if name == "main" else panel.beside[name]
    return settle(question, panel, selection, context())


def period_of(panel: Panel, selection: Selection = COMPANY, name: str = "main") -> str:
    query = asked(panel, selection, name)
    assert query is not None
    return str(query.period)


def test_a_hierarchy_settles_down_the_drill_path() -> None:
    selection = COMPANY
    seen = []
    for _ in range(7):
        query = asked(RANKED, selection)
        assert query is not None
        seen.append(query.by[0])
        selection = selection.drill_to(query.by[0], "x")
    assert seen == ["market", "country", "region", "rep", "customer", "document", "line"]


def test_the_drill_path_narrows_the_rows_and_filters_do_too() -> None:
    selection = COMPANY.drill_to("market", "emea").with_filter("channel", ["web"])
    query = asked(VARIANCE, selection)
    assert query is not None
    assert set(query.where) == {Filter("market", ("emea",)), Filter("channel", ("web",))}


def test_a_drill_into_a_month_narrows_the_period_and_shows_its_days() -> None:
    selection = COMPANY.drill_to("month", "2026-03")
    query = asked(BY_MONTH, selection)
    assert query is not None
    assert (query.by, str(query.period), query.where) == (("day",), "2026-03", ())
    assert str(asked(VARIANCE, selection).period) == "2026-03"  # type: ignore[union-attr]


def test_a_quarter_is_seen_within_its_year_and_a_year_is_itself() -> None:
    assert period_of(BY_MONTH) == "2026"
    assert period_of(BY_MONTH, COMPANY.with_period("2025-Q2")) == "2025"
    assert period_of(BY_MONTH, COMPANY.with_period("last-12-months")) == "last-12-months"


def test_the_running_total_is_drawn_over_twelve_earlier_ones() -> None:
    assert period_of(CUMULATIVE) == "2023-10-01..2026-11-21"
    assert period_of(CUMULATIVE, COMPANY.with_period("this-month")) == "2025-11-01..2026-11-21"


def test_a_cards_trend_ends_with_the_last_complete_month() -> None:
    assert period_of(CARDS[0], COMPANY, "trail") == "2025-10-01..2026-10-31"
    assert period_of(CARDS[0], COMPANY.with_period("2025"), "trail") == "2024-12-01..2025-12-31"
    assert period_of(CARDS[0], COMPANY.with_period("2025-W20"), "trail") == "2025-02-17..2025-05-18"


def test_what_is_still_to_come_is_asked_of_a_running_period_only() -> None:
    assert period_of(REPS, COMPANY, "rest") == "2026-11-22..2026-12-31"
    assert asked(REPS, COMPANY.with_period("2026-Q3"), "rest") is None


def test_seasons_are_the_last_three_years() -> None:
    assert period_of(SEASONS) == "2024-01-01..2026-11-21"
    assert period_of(SEASONS, COMPANY.with_period("2025-Q1")) == "2023-01-01..2025-12-31"


def test_figures_without_a_plan_are_not_compared_with_one() -> None:
    orders = next(panel for panel in CARDS if panel.id == "orders")
    query = asked(orders)
    assert query is not None
    assert query.versus == ("last-year",)


def test_a_map_turns_to_states_inside_the_united_states() -> None:
    def level(selection: Selection) -> str:
        query = asked(MAP, selection)
        assert query is not None
        return query.by[0]

    assert level(COMPANY) == "country"
    assert level(COMPANY.drill_to("country", "DE")) == "country"
    assert level(COMPANY.drill_to("country", "united-states")) == "state"
    assert level(COMPANY.with_filter("country", ["USA"])) == "state"
    assert level(COMPANY.with_filter("country", ["USA", "CA"])) == "country"


def test_a_panel_that_starts_at_regions_goes_on_below_them() -> None:
    assert asked(GROWTH).by == ("region", "month")  # type: ignore[union-attr]
    assert asked(GROWTH, COMPANY.drill_to("region", "dach")).by == ("rep", "month")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("period", "months", "start"),
    [
        ("this-quarter", 3, date(2026, 10, 1)),
        ("this-month", 1, date(2026, 11, 1)),
        ("2025", 12, date(2025, 1, 1)),
        ("last-2-weeks", 1, date(2026, 11, 1)),
        ("2026-01-05..2026-11-20", 12, date(2026, 1, 1)),
    ],
)
def test_every_period_lies_in_a_cycle(period: str, months: int, start: date) -> None:
    cycle = cycle_of(Period.parse(period).settle(TODAY, CALENDAR, None, None))
    assert (cycle.months, cycle.start) == (months, start)
