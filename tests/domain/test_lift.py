"""Olga asks what her campaign did: an effect only where a control group stands beside it, else a change."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.lift import Takings, campaign_days, lift
from app.values.calendar import Span
from tests.domain.strategies import amounts

takings = st.builds(Takings, amounts, st.none() | amounts, st.none() | amounts)


def took(during: int, before: int | None, last_year: int | None) -> Takings:
    return Takings(*(None if each is None else Decimal(each) for each in (during, before, last_year)))  # type: ignore[arg-type]


def test_without_a_control_group_it_is_a_change() -> None:
    before, last_year = lift(took(150, 100, 120), None, "EUR")
    assert (before.kind, before.change, before.growth, before.effect, before.effect_amount) == (
        "change", 50, Decimal("0.5"), None, None,
    )  # fmt: skip
    assert (last_year.against, last_year.growth) == ("last_year", Decimal("0.25"))


def test_with_a_control_group_the_effect_is_the_difference_of_the_growths() -> None:
    before, last_year = lift(took(150, 100, 120), took(220, 200, 200), "EUR")
    assert (before.kind, before.control_growth, before.effect, before.effect_amount) == (
        "effect", Decimal("0.1"), Decimal("0.4"), 40,
    )  # fmt: skip
    assert (last_year.effect, last_year.effect_amount) == (Decimal("0.15"), 18)


def test_a_control_group_without_a_base_cannot_make_an_effect() -> None:
    before, last_year = lift(took(150, 100, 120), took(220, 0, None), "EUR")
    assert (before.kind, before.growth, before.effect, before.reason) == ("change", Decimal("0.5"), None, "zero_base")
    assert (last_year.kind, last_year.reason) == ("change", "no_base")


def test_days_that_the_data_do_not_reach_have_no_growth() -> None:
    before, last_year = lift(took(150, 0, None), took(5, 5, 5), "EUR")
    assert (before.growth, before.change, before.reason) == (None, 150, "zero_base")
    assert (last_year.growth, last_year.change, last_year.reason) == (None, None, "no_base")


@given(takings, takings)
def test_a_campaign_that_grew_like_its_control_had_no_effect(campaign: Takings, control: Takings) -> None:
    for each in lift(campaign, campaign, "EUR"):
        if each.kind == "effect":
            assert (each.effect, each.effect_amount) == (0, 0)
    for each in lift(campaign, control, "EUR"):
        assert (each.kind == "effect") == (each.effect is not None) == (each.effect_amount is not None)
        if each.kind == "effect" and each.baseline is not None:
            assert each.reason in (None, "negative_base")
            assert each.effect is not None
            assert each.effect_amount is not None
            assert abs(each.effect_amount - each.effect * abs(each.baseline)) <= Decimal("0.0050001")


def test_the_days_before_have_the_same_weekdays_and_none_of_the_campaign() -> None:
    days = campaign_days(date(2026, 3, 2), date(2026, 3, 11), today=date(2026, 11, 1))
    assert days is not None
    assert days.during == Span.whole(date(2026, 3, 2), date(2026, 3, 12))
    assert days.before == Span.whole(date(2026, 2, 16), date(2026, 2, 26))
    assert days.last_year == Span.whole(date(2025, 3, 3), date(2025, 3, 13))
    assert days.after == Span.whole(date(2026, 3, 12), date(2026, 3, 22))
    assert days.before_after == Span.whole(date(2026, 2, 19), date(2026, 3, 1))


def test_a_running_campaign_is_compared_with_as_many_days_as_have_passed() -> None:
    days = campaign_days(date(2026, 3, 2), date(2026, 3, 29), today=date(2026, 3, 5))
    assert days is not None
    assert (days.during.days, days.during.running) == (4, True)
    assert (days.before.start, days.before.days) == (date(2026, 2, 2), 4)
    assert days.after is None
    assert campaign_days(date(2026, 3, 2), date(2026, 3, 29), today=date(2026, 3, 1)) is None
    on_the_last_day = campaign_days(date(2026, 3, 2), date(2026, 3, 29), today=date(2026, 3, 29))
    assert on_the_last_day is not None
    assert on_the_last_day.during == Span.whole(date(2026, 3, 2), date(2026, 3, 30))


@given(st.dates(date(2020, 1, 1), date(2027, 1, 1)), st.integers(1, 100), st.integers(-5, 250))
def test_compared_days_line_up_and_never_overlap_the_campaign(starts: date, length: int, passed: int) -> None:
    ends, today = starts + timedelta(days=length - 1), starts + timedelta(days=passed)
    days = campaign_days(starts, ends, today)
    assert (days is None) == (passed < 0)
    if days is None:
        return
    assert days.during.last_day == min(today, ends)
    for span, *others in (
        (days.during, days.before, days.last_year),
        (days.after, days.before_after, days.last_year_after),
    ):
        assert (span is None) == (passed < length) or span is days.during
        for other in others:
            if span is None or other is None:
                assert span is other
                continue
            assert other.days == span.days
            assert other.start.weekday() == span.start.weekday()
            assert span.last_day <= today
    assert days.before.whole_end <= starts
    assert days.before_after is None or days.before_after.whole_end <= starts
