"""Calendars: every date has one place on every level, whatever year a company keeps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.values.calendar import DAY, WEEKS_OF_A_YEAR, Calendar, Span, add_months, read_key
from app.values.errors import Invalid
from app.values.hierarchy import TIME_LEVELS
from queries.warehouse.schema import calendar as calendar_table
from tests.values.strategies import calendars, days

time_levels = st.sampled_from(sorted(TIME_LEVELS))
RETAIL = Calendar(pattern="454")


@given(calendars, time_levels, days)
def test_every_day_lies_in_the_span_of_its_key(calendar: Calendar, level: str, day: date) -> None:
    key = calendar.key(level, day)
    span = calendar.span(key)
    assert day in span
    assert read_key(key)[0] == level
    assert {calendar.key(level, edge) for edge in (span.start, span.last_day)} == {key}


@given(calendars, time_levels, days)
def test_periods_follow_each_other_without_gap(calendar: Calendar, level: str, day: date) -> None:
    span = calendar.span(calendar.key(level, day))
    following = calendar.span(calendar.key(level, span.end_exclusive))
    assert following.start == span.end_exclusive
    assert calendar.step(level, following.start, -1) == span.start
    assert calendar.key(level, span.end_exclusive) > calendar.key(level, day)


@given(calendars, days)
def test_months_make_quarters_and_quarters_make_years(calendar: Calendar, day: date) -> None:
    for month, quarter, year in (("month", "quarter", "year"), ("fiscal_month", "fiscal_quarter", "fiscal_year")):
        whole = calendar.span(calendar.key(year, day))
        assert len(calendar.keys(month, whole)) == 12
        assert len(calendar.keys(quarter, whole)) == 4
        assert len(calendar.keys(month, calendar.span(calendar.key(quarter, day)))) == 3


@given(calendars.filter(lambda calendar: calendar.is_week_calendar), days)
def test_a_week_made_year_has_52_or_53_whole_weeks_and_ends_on_its_weekday(calendar: Calendar, day: date) -> None:
    year = calendar.span(calendar.key("fiscal_year", day))
    assert year.days in (364, 371)
    assert year.last_day.weekday() == calendar.year_end_weekday
    weeks = [calendar.span(key).days // 7 for key in calendar.keys("fiscal_month", year)]
    expected = [int(digit) for digit in calendar.pattern] * 4
    expected[-1] += year.days // 7 - 52
    assert weeks == expected


@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [
        (2012, date(2012, 1, 29), date(2013, 2, 2), 53),
        (2013, date(2013, 2, 3), date(2014, 2, 1), 52),
        (2017, date(2017, 1, 29), date(2018, 2, 3), 53),
        (2022, date(2022, 1, 30), date(2023, 1, 28), 52),
        (2023, date(2023, 1, 29), date(2024, 2, 3), 53),
        (2024, date(2024, 2, 4), date(2025, 2, 1), 52),
    ],
)
def test_the_retail_calendar_is_the_published_one(year: int, first: date, last: date, weeks: int) -> None:
    span = RETAIL.span(f"FY{year}")
    assert (span.start, span.last_day, span.days) == (first, last, weeks * 7)


def test_the_last_saturday_of_august_rule() -> None:
    cisco_like = Calendar(pattern="445", year_end_month=7, year_end_weekday=5, year_end_rule="last")
    assert cisco_like.span("FY2023").last_day == date(2023, 7, 29)
    assert cisco_like.span("FY2024").last_day == date(2024, 7, 27)
    assert cisco_like.key("fiscal_year", date(2023, 7, 30)) == "FY2024"


def test_a_week_made_year_that_ends_near_new_year_is_labelled_by_the_year_it_fills() -> None:
    calendar = Calendar(pattern="445", year_end_month=12)
    for year in range(2000, 2040):
        span = calendar.span(f"FY{year}")
        assert abs((span.last_day - date(year, 12, 31)).days) <= 3
        assert abs((span.start - date(year, 1, 1)).days) <= 3


def test_a_fiscal_year_from_july_is_named_by_its_end_or_by_its_start() -> None:
    ends, starts = Calendar(fiscal_start_month=7), Calendar(fiscal_start_month=7, fiscal_label="starts")
    day = date(2013, 8, 15)
    assert [ends.key(level, day) for level in ("fiscal_year", "fiscal_quarter", "fiscal_month")] == [
        "FY2014",
        "FY2014-Q1",
        "FY2014-M02",
    ]
    assert starts.key("fiscal_year", day) == "FY2013"
    assert ends.span("FY2014").start == starts.span("FY2013").start == date(2013, 7, 1)


def test_iso_weeks_belong_to_the_year_of_their_thursday() -> None:
    calendar = Calendar()
    assert calendar.key("week", date(2012, 12, 31)) == "2013-W01"
    assert calendar.key("week", date(2021, 1, 3)) == "2020-W53"
    assert calendar.span("2013-W23") == Span.whole(date(2013, 6, 3), date(2013, 6, 10))


@pytest.mark.parametrize(
    "key",
    ["2013-W53", "2013-13", "2013-02-29", "2013-Q5", "FY2013-M13", "FY2013-M00", "2013-00", "1899", "2200", "0", ""],
)
def test_a_key_that_names_no_period_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        Calendar().span(key)


def test_adding_months_clamps_to_the_month_end() -> None:
    assert add_months(date(2013, 1, 31), 1) == date(2013, 2, 28)
    assert add_months(date(2012, 1, 31), 1) == date(2012, 2, 29)
    assert add_months(date(2012, 2, 29), -12) == date(2011, 2, 28)
    assert add_months(date(2013, 3, 31), -13) == date(2012, 2, 29)


@given(days, st.integers(-300, 300))
def test_adding_months_moves_by_exactly_that_many_months(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == day.day or (moved + DAY).day == 1


def test_the_same_day_last_year() -> None:
    assert Calendar().same_day_last_year(date(2012, 2, 29)) == date(2011, 2, 28)
    assert Calendar().same_day_last_year(date(2013, 6, 17)) == date(2012, 6, 17)
    assert RETAIL.same_day_last_year(date(2013, 6, 17)) == date(2013, 6, 17) - WEEKS_OF_A_YEAR


@given(days, st.integers(0, 800), st.frozensets(days, max_size=5))
@example(date(2013, 6, 1), 0, frozenset())
def test_working_days_are_counted_as_by_hand(start: date, length: int, holidays: frozenset[date]) -> None:
    span = Span.whole(start, start + timedelta(days=length))
    by_hand = [start + timedelta(days=offset) for offset in range(length)]
    calendar = Calendar(holidays=holidays)
    assert calendar.working_days(span) == sum(calendar.is_working_day(day) for day in by_hand)


@given(calendars, days)
def test_the_calendar_table_has_one_row_per_day_with_every_column(calendar: Calendar, first: date) -> None:
    rows = list(calendar.rows(first, first + timedelta(days=40)))
    assert [row["day"] for row in rows] == [first + timedelta(days=offset) for offset in range(41)]
    assert all(set(row) == {column.name for column in calendar_table.columns} for row in rows)
    assert all(value is not None for row in rows for value in row.values())


@pytest.mark.parametrize(
    "wrong", [{"fiscal_start_month": 0}, {"pattern": "555"}, {"fiscal_label": "middle"}, {"year_end_weekday": 7}]
)
def test_a_wrong_calendar_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Calendar(**wrong)  # type: ignore[arg-type]
