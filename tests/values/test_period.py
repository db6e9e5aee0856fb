"""Periods: what people write, the days it means today, and the days it is fairly compared with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.calendar import DAY, Calendar, Span
from app.values.errors import Invalid
from app.values.period import Period, counterparts
from tests.values.strategies import calendars, days, periods

ORDINARY = Calendar()
JUNE_21 = date(2013, 6, 21)


def stretch(start: str, last: str) -> tuple[date, date]:
    """First and last day, both included, as people say them."""
    return date.fromisoformat(start), date.fromisoformat(last) + DAY


def edges(span: Span | None) -> tuple[date, date] | None:
    return None if span is None else (span.start, span.end_exclusive)


@given(periods)
def test_every_period_survives_its_text(period: Period) -> None:
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2013-q2", "2013-Q2"), ("fy2013-q2", "FY2013-Q2"), (" 2013 ", "2013"), ("THIS-MONTH", "this-month"),
        ("last-1-months", "last-month"), ("last-1-month", "last-month"), ("last-3-month", "last-3-months"),
        ("2013-06..2013-06", "2013-06"), ("2013-01 .. 2013-06", "2013-01..2013-06"), ("All", "all"),
        ("last-4-fiscal-quarters", "last-4-fiscal-quarters"), ("fiscal-year-to-date", "fiscal-year-to-date"),
        ("2013-w05", "2013-W05"), ("last-012-days", "last-12-days"),
    ],
)  # fmt: skip
def test_a_period_has_one_canonical_text(text: str, canonical: str) -> None:
    assert str(Period.parse(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "2013-13", "2013-W53", "2013-02-30", "2013-Q5", "13", "2013-6", "last-0-days", "last-99999-years",
        "last--days", "this-3-months", "2013-06..2013-01", "2013..2013-06", "2013..", "..2013", "2013...2014",
        "2013..2014..2015", "this-decade", "FY2013-W01", "last-month..this-month", "٢٠١٣", "2013-01-01T00:00",
        "x" * 9999,
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Period.parse(text)
    assert refused.value.sentence.endswith(".")
    assert len(refused.value.sentence) < 300


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2012", "2012-01-01", "2012-12-31"),
        ("2013-Q1", "2013-01-01", "2013-03-31"),
        ("2013-05", "2013-05-01", "2013-05-31"),
        ("2013-W23", "2013-06-03", "2013-06-09"),
        ("2013-06-17", "2013-06-17", "2013-06-17"),
        ("2012-01..2012-06", "2012-01-01", "2012-06-30"),
        ("2012-12-01..2013-01-28", "2012-12-01", "2013-01-28"),
        ("2012-Q2..2012-Q4", "2012-04-01", "2012-12-31"),
        ("2011..2012", "2011-01-01", "2012-12-31"),
        ("last-day", "2013-06-20", "2013-06-20"),
        ("this-day", "2013-06-21", "2013-06-21"),
        ("last-week", "2013-06-10", "2013-06-16"),
        ("last-month", "2013-05-01", "2013-05-31"),
        ("last-quarter", "2013-01-01", "2013-03-31"),
        ("last-year", "2012-01-01", "2012-12-31"),
        ("last-7-days", "2013-06-14", "2013-06-20"),
        ("last-2-weeks", "2013-06-03", "2013-06-16"),
        ("last-3-months", "2013-03-01", "2013-05-31"),
        ("last-2-quarters", "2012-10-01", "2013-03-31"),
        ("last-2-years", "2011-01-01", "2012-12-31"),
        ("this-week", "2013-06-17", "2013-06-21"),
        ("this-month", "2013-06-01", "2013-06-21"),
        ("this-quarter", "2013-04-01", "2013-06-21"),
        ("this-year", "2013-01-01", "2013-06-21"),
        ("year-to-date", "2013-01-01", "2013-06-21"),
        ("quarter-to-date", "2013-04-01", "2013-06-21"),
        ("month-to-date", "2013-06-01", "2013-06-21"),
        ("2013-06", "2013-06-01", "2013-06-21"),
        ("2013", "2013-01-01", "2013-06-21"),
        ("2013-01..2013-12", "2013-01-01", "2013-06-21"),
        ("2014", "2014-01-01", "2014-12-31"),
    ],
)
def test_what_people_mean_on_21_june_2013(text: str, first: str, last: str) -> None:
    span = Period.parse(text).settle(JUNE_21, ORDINARY)
    assert edges(span) == stretch(first, last)
    assert span.running == (span.end_exclusive < span.whole_end)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("FY2013", "2012-07-01", "2013-06-21"),
        ("FY2013-Q2", "2012-10-01", "2012-12-31"),
        ("FY2013-M01", "2012-07-01", "2012-07-31"),
        ("this-fiscal-quarter", "2013-04-01", "2013-06-21"),
        ("last-fiscal-year", "2011-07-01", "2012-06-30"),
        ("fiscal-year-to-date", "2012-07-01", "2013-06-21"),
        ("last-2-fiscal-quarters", "2012-10-01", "2013-03-31"),
        ("FY2012..FY2013", "2011-07-01", "2013-06-21"),
    ],
)
def test_what_people_mean_whose_business_year_starts_in_july(text: str, first: str, last: str) -> None:
    assert edges(Period.parse(text).settle(JUNE_21, Calendar(fiscal_start_month=7))) == stretch(first, last)


def test_all_is_from_the_first_day_of_the_data_to_the_last() -> None:
    every = Period.parse("all")
    assert edges(every.settle(JUNE_21, ORDINARY, date(2010, 12, 29), date(2014, 1, 28))) == stretch(
        "2010-12-29", "2014-01-28"
    )
    assert edges(every.settle(JUNE_21, ORDINARY)) == stretch("2013-06-21", "2013-06-21")


@pytest.mark.parametrize(
    ("text", "today", "previous", "last_year"),
    [
        ("this-month", "2013-06-21", ("2013-05-01", "2013-05-21"), ("2012-06-01", "2012-06-21")),
        ("this-month", "2013-03-30", ("2013-02-01", "2013-02-28"), ("2012-03-01", "2012-03-30")),
        ("this-month", "2013-03-31", ("2013-02-01", "2013-02-28"), ("2012-03-01", "2012-03-31")),
        ("this-month", "2012-02-28", ("2012-01-01", "2012-01-28"), ("2011-02-01", "2011-02-28")),
        ("this-month", "2012-02-29", ("2012-01-01", "2012-01-31"), ("2011-02-01", "2011-02-28")),
        ("this-month", "2013-02-28", ("2013-01-01", "2013-01-31"), ("2012-02-01", "2012-02-29")),
        ("this-year", "2012-02-29", ("2011-01-01", "2011-02-28"), ("2011-01-01", "2011-02-28")),
        ("year-to-date", "2013-02-28", ("2012-01-01", "2012-02-28"), ("2012-01-01", "2012-02-28")),
        ("this-quarter", "2013-05-31", ("2013-01-01", "2013-02-28"), ("2012-04-01", "2012-05-31")),
        ("this-quarter", "2013-06-21", ("2013-01-01", "2013-03-21"), ("2012-04-01", "2012-06-21")),
        ("this-week", "2013-06-19", ("2013-06-10", "2013-06-12"), ("2012-06-18", "2012-06-20")),
        ("this-day", "2012-02-29", ("2012-02-28", "2012-02-28"), ("2011-02-28", "2011-02-28")),
        ("last-7-days", "2013-06-21", ("2013-06-07", "2013-06-13"), ("2012-06-14", "2012-06-20")),
        ("last-3-months", "2013-06-21", ("2012-12-01", "2013-02-28"), ("2012-03-01", "2012-05-31")),
        ("2013-01..2013-06", "2014-01-01", ("2012-07-01", "2012-12-31"), ("2012-01-01", "2012-06-30")),
        ("2013-12-01..2014-01-28", "2014-06-01", ("2013-10-03", "2013-11-30"), ("2012-12-01", "2013-01-28")),
        ("2013-12-01..2014-01-28", "2013-12-10", ("2013-10-03", "2013-10-12"), ("2012-12-01", "2012-12-10")),
        ("2012-02", "2014-01-01", ("2012-01-01", "2012-01-31"), ("2011-02-01", "2011-02-28")),
        ("2013-Q2", "2014-01-01", ("2013-01-01", "2013-03-31"), ("2012-04-01", "2012-06-30")),
        ("2013-W23", "2014-01-01", ("2013-05-27", "2013-06-02"), ("2012-06-04", "2012-06-10")),
        ("2021-W10", "2022-01-01", ("2021-03-01", "2021-03-07"), ("2020-03-09", "2020-03-15")),
    ],
)
def test_a_period_is_compared_with_its_like(
    text: str, today: str, previous: tuple[str, str], last_year: tuple[str, str]
) -> None:
    period = Period.parse(text)
    span = period.settle(date.fromisoformat(today), ORDINARY)
    assert edges(period.previous(span, ORDINARY)) == stretch(*previous)
    assert edges(period.last_year(span, ORDINARY)) == stretch(*last_year)


def test_after_a_year_of_53_weeks_last_year_lies_364_days_back() -> None:
    retail = Calendar(pattern="454")
    for text in ("FY2024", "FY2024-Q1", "FY2024-M01"):
        period = Period.parse(text)
        span = period.settle(date(2026, 1, 1), retail)
        reference = period.last_year(span, retail)
        assert reference.start == span.start - timedelta(days=364)
        assert reference.days == span.days


def test_a_running_month_of_whole_weeks_is_compared_by_elapsed_days() -> None:
    retail = Calendar(pattern="454")
    period = Period.parse("this-fiscal-month")  # February 2024 of the trade, from the 4th
    span = period.settle(date(2024, 2, 20), retail)
    previous = period.previous(span, retail)
    assert previous is not None
    assert (span.start, span.days) == (date(2024, 2, 4), 17)
    assert (previous.start, previous.days) == (date(2023, 12, 31), 17)


@settings(max_examples=400)
@given(periods, days, calendars)
def test_comparisons_are_never_longer_than_what_they_are_compared_with_may_be(
    period: Period, today: date, calendar: Calendar
) -> None:
    span = period.settle(today, calendar, date(2010, 1, 1), today)
    assert span.start < span.end_exclusive <= span.whole_end
    assert span.running == (span.end_exclusive < span.whole_end)
    if span.running:
        assert span.end_exclusive == today + DAY
    previous, last_year = period.previous(span, calendar), period.last_year(span, calendar)
    assert last_year.start < last_year.end_exclusive <= last_year.whole_end
    assert last_year.end_exclusive < span.end_exclusive
    if previous is not None:
        assert previous.start < previous.end_exclusive <= previous.whole_end == span.start
        assert previous.running == span.running
        if span.running and previous.days > span.days:
            # Only a calendar month of another length can make the elapsed stretch differ, by a few days.
            assert previous.days - span.days <= 3


@given(periods.filter(lambda period: period.form != "all"), days)
def test_the_previous_period_of_a_finished_one_is_as_many_units_long(period: Period, today: date) -> None:
    span = period.settle(today, ORDINARY)
    previous = period.previous(span, ORDINARY)
    assert previous is not None
    whole, before = Span.whole(span.start, span.whole_end), Span.whole(previous.start, previous.whole_end)
    assert len(ORDINARY.keys(period.unit, whole)) == len(ORDINARY.keys(period.unit, before))


def test_days_of_a_leap_february_meet_those_of_an_ordinary_year() -> None:
    this, last = (Span.whole(*stretch(f"{year}-01-01", f"{year}-03-31")) for year in (2012, 2011))
    met = counterparts("day", this, last, ORDINARY)
    assert met["2012-02-28"] == met["2012-02-29"] == "2011-02-28"
    assert met["2012-03-01"] == "2011-03-01"
    back = counterparts("day", last, this, ORDINARY)
    assert back["2011-03-01"] == "2012-03-01"


def test_the_31st_meets_nothing_in_a_shorter_month() -> None:
    march, february = Span.whole(*stretch("2013-03-01", "2013-03-31")), Span.whole(*stretch("2013-02-01", "2013-02-28"))
    met = counterparts("day", march, february, ORDINARY)
    assert met["2013-03-28"] == "2013-02-28"
    assert met["2013-03-29"] is met["2013-03-31"] is None


def test_months_meet_by_position() -> None:
    this, last = (Span.whole(*stretch(f"{year}-01-01", f"{year}-06-30")) for year in (2013, 2012))
    assert counterparts("month", this, last, ORDINARY)["2013-05"] == "2012-05"


@given(st.text())
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        period = Period.parse(text)
    except Invalid:
        return
    assert Period.parse(str(period)) == period
