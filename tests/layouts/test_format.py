"""Numbers, dates and periods as people in several countries read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.money import exponent
from app.values.period import Period
from layouts import format as fmt
from tests.layouts.company import CALENDAR, TODAY

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "unit", "locale", "text"),
    [
        ("33123456.78", "money", "en", "€33.1M"),
        ("33123456.78", "money", "de", f"33,1{NBSP}Mio.{NBSP}€"),
        ("-910000", "money", "en", "−€910K"),
        ("-910000", "money", "de", f"−910.000{NBSP}€"),
        ("843.2", "money", "en", "€843"),
        ("999600", "money", "en", "€1M"),
        ("0", "money", "en", "€0"),
        ("18204", "count", "en", "18,204"),
        ("18204", "count", "de", "18.204"),
        ("1820400", "count", "en", "1.82M"),
        ("0.9463", "ratio", "en", "94.6%"),
        ("0.9463", "ratio", "de", f"94,6{NBSP}%"),
    ],
)
def test_a_card_shows_three_digits_in_the_readers_own_way(value: str, unit: str, locale: str, text: str) -> None:
    assert fmt.compact(Decimal(value), unit, locale, "EUR") == text


@pytest.mark.parametrize(
    ("value", "currency", "locale", "text"),
    [
        ("33123456.785", "EUR", "en", "€33,123,456.79"),
        ("-0.125", "EUR", "en", "−€0.13"),
        ("1234.5", "JPY", "en", "¥1,235"),
        ("1.2345", "KWD", "en", "KWD1.235"),
        ("1234.5", "EUR", "fr", f"1\u202f234,50{NBSP}€"),
    ],
)
def test_a_hover_shows_the_money_in_full_to_its_minor_unit(value: str, currency: str, locale: str, text: str) -> None:
    assert fmt.exact(Decimal(value), "money", locale, currency).replace(NBSP, NBSP) == text


def test_a_missing_figure_is_a_dash_and_zero_is_zero() -> None:
    assert fmt.compact(None, "money", "en", "EUR") == "—"
    assert fmt.exact(None, "ratio", "en", "EUR") == "—"
    assert fmt.points(None, "en") == "—"
    assert fmt.exact(Decimal(0), "money", "en", "EUR") == "€0.00"


def test_differences_carry_their_sign_and_ratios_differ_by_points() -> None:
    assert fmt.percent(Decimal("0.031"), "en", plus=True) == "+3.1%"
    assert fmt.percent(Decimal("-0.014"), "en", plus=True) == "−1.4%"
    assert fmt.points(Decimal("0.004"), "en") == "+0.4 pt"
    assert fmt.points(Decimal(0), "en") == "0.0 pt"
    assert fmt.compact(Decimal("-910000"), "money", "en", "EUR", plus=True) == "−€910K"


def test_a_figure_that_rounds_to_nothing_has_no_sign() -> None:
    assert fmt.percent(Decimal("-0.00001"), "en", plus=True) == "0.0%"
    assert fmt.decimal_text(Decimal("-0.04"), "en", 0, plus=True) == "0"


def test_one_picture_has_one_unit() -> None:
    scale = fmt.scale_for((Decimal("9800000"), None, Decimal("40000")), "money", "en", "EUR")
    assert (scale.label, scale.text(Decimal("9800000")), scale.text(Decimal("-40000"), plus=True, more=1)) == (
        "€M",
        "9.8",
        "−0.04",
    )
    assert fmt.scale_for((Decimal("9800000"),), "money", "de", "EUR").label == "Mio. €"
    assert fmt.scale_for((Decimal("1200"),), "money", "en", "EUR").label == "€"
    assert fmt.scale_for((), "money", "en", "EUR").text(None) == "—"


@pytest.mark.parametrize(
    ("key", "text", "short"),
    [
        ("2013", "2013", "2013"),
        ("2013-Q2", "Q2 2013", "Q2"),
        ("2013-06", "Jun 2013", "Jun"),
        ("2013-W23", "W23 2013", "W23"),
        ("2013-06-17", "17 Jun 2013", "17 Jun"),
        ("FY2013", "FY2013", "FY2013"),
        ("FY2013-Q2", "Q2 FY2013", "Q2"),
        ("(none)", "(none)", "(none)"),
    ],
)
def test_members_of_time_are_named(key: str, text: str, short: str) -> None:
    assert fmt.time_name(key, "en") == text
    assert fmt.time_name(key, "en", short=True) == short


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("this-quarter", "this quarter to 21 Nov 2026"),
        ("last-quarter", "last quarter"),
        ("last-3-months", "last 3 months"),
        ("2026-Q3", "Q3 2026"),
        ("2026", "2026 to 21 Nov 2026"),
        ("2026-01..2026-03", "Jan 2026 – Mar 2026"),
        ("all", "all time"),
    ],
)
def test_periods_are_named_with_the_day_they_have_run_to(text: str, name: str) -> None:
    period = Period.parse(text)
    span = None if text == "all" else period.settle(TODAY, CALENDAR, None, None)
    assert fmt.period_name(str(period), span, "en") == name


@settings(deadline=None)
@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**13), max_value=10**13, places=4),
    st.sampled_from(["money", "count", "ratio", "quantity"]),
    st.sampled_from(["en", "en-GB", "de", "fr", "es", "it", "pt-BR", "ja", "hi", "tr", "sv", "pl", "xx"]),
)
def test_every_figure_reads_as_a_figure_everywhere(value: Decimal, unit: str, locale: str) -> None:
    for text in (
        fmt.compact(value, unit, locale, "EUR"),
        fmt.exact(value, unit, locale, "EUR", plus=True),
        fmt.scale_for((value,), unit, locale, "EUR").text(value, plus=True),
    ):
        assert any(letter.isdigit() for letter in text)
        assert "E+" not in text
        assert "-" not in text


@settings(deadline=None)
@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**15, places=4),
    st.sampled_from(["en", "de", "fr", "es", "pt-BR", "ja", "hi", "tr", "sv", "de-CH", "en-IN"]),
    st.sampled_from(["EUR", "USD", "JPY", "KWD", "CHF"]),
)
def test_money_is_written_as_babel_writes_it(value: Decimal, locale: str, currency: str) -> None:
    rounded = fmt.half_up(value, exponent(currency))
    theirs = format_currency(rounded, currency, locale=fmt.locale_of(locale))
    assert fmt.exact(value, "money", locale, currency) == theirs


def test_a_reference_is_named() -> None:
    assert fmt.reference_name("last-year", "en") == "last year"
    assert fmt.reference_name("2025-Q4", "en") == "Q4 2025"
    assert fmt.day(date(2026, 11, 21), "de") == "21.11.2026"
