"""Format: numbers, dates and periods in words, by locale."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_month_names
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency

from app.values.money import EXACT, exponent
from app.values.period import Span
from app.values.words import language_of, say, words

MISSING = "—"
MINUS = "−"

Number = Decimal | int
RATIOS = frozenset({"ratio", "percent", "rate"})

_PERCENT_SIGN = "%"
_COMPACT_FROM = Decimal(1_000_000)
_STEPS = (Decimal(10) ** 9, Decimal(10) ** 6, Decimal(10) ** 3)


@lru_cache(maxsize=64)
def locale_of(name: str) -> Locale:
    """The babel locale of a name such as "de" or "en-GB"; English when babel does not know it."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


@lru_cache(maxsize=64)
def _dates(name: str) -> Locale:
    # Plain English writes the day before the month, as the rest of the product's wording does.
    return Locale.parse("en_GB") if name in ("en", "") else locale_of(name)


def half_up(value: Number, digits: int) -> Decimal:
    """Rounded half away from zero to `digits` places; a negative number of places rounds to tens, hundreds…"""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=EXACT)


def _signed(text: str, value: Number, plus: bool) -> str:
    return (MINUS if value < 0 else "+" if plus and value > 0 else "") + text


@lru_cache(maxsize=64)
def _marks(name: str) -> tuple[str, str, int, int]:
    """The decimal and grouping characters, the size of the last group and that of those before it."""
    locale = locale_of(name)
    symbols = locale.number_symbols["latn"]
    last, before = locale.decimal_formats[None].grouping
    return symbols["decimal"], symbols["group"], last, before


def _digits(size: Decimal, digits: int, locale: str) -> str:
    """A size rounded to `digits` places, grouped: what babel writes, at a hundredth of its cost."""
    point, separator, last, before = _marks(locale)
    whole, _, places = format(half_up(size, digits), "f").partition(".")
    groups = [whole[-last:]]
    whole = whole[:-last]
    while whole:
        groups.append(whole[-before:])
        whole = whole[:-before]
    return separator.join(reversed(groups)) + (point + places if places else "")


def decimal_mark(locale: str) -> str:
    """What parts the whole from its fractions."""
    return _marks(locale)[0]


def decimal_text(value: Number, locale: str, digits: int, *, plus: bool = False) -> str:
    """A plain number with a fixed count of places: `decimal_text(Decimal("-1234.5"), "en", 1)` is "−1,234.5"."""
    rounded = half_up(value, digits)
    return _signed(_digits(abs(rounded), digits, locale), rounded, plus)


def percent(value: Number | None, locale: str, digits: int = 1, *, plus: bool = False) -> str:
    """A fraction in percent: `percent(Decimal("0.9463"), "en")` is "94.6%"."""
    if value is None:
        return MISSING
    number = decimal_text(Decimal(value) * 100, locale, digits, plus=plus)
    return number + _percent_sign(locale)


@lru_cache(maxsize=64)
def _percent_sign(locale: str) -> str:
    pattern = locale_of(locale).percent_formats[None].pattern
    # Some locales set a space before the sign; Turkish puts the sign in front, where we keep it last.
    return pattern[pattern.index("0") + 1 :].strip("#") if pattern.endswith(_PERCENT_SIGN) else _PERCENT_SIGN


def points(value: Number | None, locale: str, digits: int = 1) -> str:
    """A difference of two fractions in percentage points: "+0.4 pt"; whole ones from a hundred on."""
    digits = 0 if value is not None and abs(Decimal(value)) >= 1 else digits
    if value is None:
        return MISSING
    return words(locale)("{number} pt", number=decimal_text(Decimal(value) * 100, locale, digits, plus=True))


def compact(value: Number | None, unit: str, locale: str, currency: str, *, plus: bool = False) -> str:
    """Three significant digits for cards and sentences: "€33.1M", "18,204", "94.6%"."""
    if value is None:
        return MISSING
    if unit in RATIOS:
        return percent(value, locale, plus=plus)
    size = abs(Decimal(value))
    if unit != "money":
        if size < _COMPACT_FROM:
            return decimal_text(value, locale, 0, plus=plus)
        rounded, digits = _three_digits(size)
        text = format_compact_decimal(rounded, locale=locale_of(locale), fraction_digits=digits)
        return _signed(text, Decimal(value), plus)
    rounded, digits = _three_digits(size)
    if rounded < 1000:
        text = _money(rounded, locale, currency, min(digits, exponent(currency)) if rounded < 100 else 0)
    else:
        text = format_compact_currency(rounded, currency, locale=locale_of(locale), fraction_digits=digits)
        if re.search(
            r"\d{4}", text
        ):  # the locale has no short form of this size, and babel then leaves out the grouping
            text = _money(rounded, locale, currency, 0)
    return _signed(text, Decimal(value) if rounded else 0, plus)


def _three_digits(size: Decimal) -> tuple[Decimal, int]:
    """The size rounded to three significant digits, and the places its thousands' form then needs."""
    if size == 0:
        return size, 0
    rounded = half_up(size, 2 - size.adjusted())
    return rounded, 2 - max(rounded.adjusted(), 0) % 3 if rounded >= 1 else 2


@lru_cache(maxsize=256)
def _around(locale: str, currency: str) -> tuple[str, str]:
    """What stands before and after an amount of a currency."""
    pattern = locale_of(locale).currency_formats["standard"].pattern.split(";")[0]
    whole = re.sub(r"0[.]0+", "0", pattern, count=1)
    text = format_currency(1, currency, format=whole, locale=locale_of(locale), currency_digits=False)
    before, _, after = text.partition("1")
    return before, after


def _money(size: Decimal, locale: str, currency: str, digits: int) -> str:
    before, after = _around(locale, currency)
    return before + _digits(size, digits, locale) + after


def exact(value: Number | None, unit: str, locale: str, currency: str, *, plus: bool = False) -> str:
    """The figure in full, money to its minor unit: "€33,123,456.78"."""
    if value is None:
        return MISSING
    if unit in RATIOS:
        return percent(value, locale, 2, plus=plus)
    if unit != "money":
        digits = 0 if value == int(value) else 2
        return decimal_text(value, locale, digits, plus=plus)
    rounded = half_up(value, exponent(currency))
    return _signed(_money(abs(rounded), locale, currency, exponent(currency)), rounded, plus)


@dataclass(frozen=True)
class Scale:
    """One unit for a whole picture: values are divided by `divisor` and written with `digits` places."""

    divisor: Decimal
    digits: int
    label: str
    unit: str
    locale: str

    def number(self, value: Number | None) -> float | None:
        """For pixels only."""
        return None if value is None else float(Decimal(value) / self.divisor)

    def text(self, value: Number | None, *, plus: bool = False, more: int = 0) -> str:
        """The value in this unit, with `more` places than usual."""
        if value is None:
            return MISSING
        text = decimal_text(Decimal(value) / self.divisor, self.locale, max(0, self.digits + more), plus=plus)
        return text + (_percent_sign(self.locale) if self.unit in RATIOS else "")


def scale_for(values: Iterable[Number | None], unit: str, locale: str, currency: str) -> Scale:
    """The unit in which the largest of `values` reads with two or three digits: €M, €K, €, a plain count, %."""
    if unit in RATIOS:
        return Scale(Decimal("0.01"), 0, _PERCENT_SIGN, unit, locale)
    largest = max((abs(Decimal(value)) for value in values if value is not None), default=Decimal(0))
    for step in _STEPS:
        label = _step_label(step, unit, locale, currency)
        if label is not None and largest >= 2 * step:
            largest /= step
            return Scale(step, 0 if largest >= 100 else 1, label, unit, locale)
    label = _symbol(currency, locale) if unit == "money" else ""
    return Scale(Decimal(1), 0 if largest >= 10 or unit != "money" else exponent(currency), label, unit, locale)


@lru_cache(maxsize=256)
def _step_label(step: Decimal, unit: str, locale: str, currency: str) -> str | None:
    """ "€M" in English, "Mio. €" in German; None where the locale has no short form of that size."""
    if unit == "money":
        if step < _COMPACT_FROM and language_of(locale) == "de":
            # Unicode has no short thousands for German; its controllers have.
            return f"Tsd. {_symbol(currency, locale)}"
        text = format_compact_currency(step, currency, locale=locale_of(locale), fraction_digits=0)
    elif step < _COMPACT_FROM:
        return None
    else:
        text = format_compact_decimal(step, locale=locale_of(locale), fraction_digits=0)
    label = re.sub(r"\s+", " ", text.replace("1", "", 1)).strip()
    return None if re.search(r"[0-9.,]{2}", label) or re.search(r"\d", label) else label


def _symbol(currency: str, locale: str) -> str:
    return str(locale_of(locale).currency_symbols.get(currency, currency))


@lru_cache(maxsize=4096)
def day(value: date, locale: str, *, year: bool = True) -> str:
    """A date: "21 Nov 2026", or "21 Nov"."""
    if year:
        return str(format_date(value, format="medium", locale=_dates(locale)))
    return str(format_skeleton("MMMd", value, locale=_dates(locale)))


@lru_cache(maxsize=1024)
def month(value: date, locale: str, *, year: bool = False) -> str:
    """A month: "Nov", or "Nov 2026"."""
    return str(format_skeleton("yMMM" if year else "MMM", value, locale=_dates(locale)))


def month_name(number: int, locale: str) -> str:
    """A month of any year as a sentence names it: "October"."""
    return str(get_month_names("wide", context="format", locale=_dates(locale))[number])


_KEY = re.compile(r"(FY)?(\d{4})(?:-([QWM])?(\d{1,2}))?(?:-(\d{2}))?")


def time_name(key: str, locale: str, *, short: bool = False) -> str:
    """The key of a time member in words: "2013-Q2" is "Q2 2013", "2013-06" is "Jun 2013", or "Jun" when short."""
    found = _KEY.fullmatch(key)
    if found is None:
        return key
    fiscal, year, kind, part, last = found.groups()
    t = words(locale)
    if fiscal:
        year = t("FY{year}", year=year)
    if part is None:
        return str(year)
    if last is not None:
        return day(date.fromisoformat(key), locale, year=not short)
    if kind is None:
        return month(date(int(year), int(part), 1), locale, year=not short)
    name = t(_STEP_OF_A_YEAR[kind], part=str(int(part)))
    return name if short else f"{name} {year}"


_STEP_OF_A_YEAR = {"Q": say("Q{part}", part=""), "W": say("W{part}", part=""), "M": say("M{part}", part="")}

_RELATIVE = {
    "this-day": say("this day"),
    "this-week": say("this week"),
    "this-month": say("this month"),
    "this-quarter": say("this quarter"),
    "this-year": say("this year"),
    "this-fiscal-month": say("this fiscal month"),
    "this-fiscal-quarter": say("this fiscal quarter"),
    "this-fiscal-year": say("this fiscal year"),
    "last-day": say("last day"),
    "last-week": say("last week"),
    "last-month": say("last month"),
    "last-quarter": say("last quarter"),
    "last-year": say("last year"),
    "last-fiscal-month": say("last fiscal month"),
    "last-fiscal-quarter": say("last fiscal quarter"),
    "last-fiscal-year": say("last fiscal year"),
    "week-to-date": say("week to date"),
    "month-to-date": say("month to date"),
    "quarter-to-date": say("quarter to date"),
    "year-to-date": say("year to date"),
    "fiscal-month-to-date": say("fiscal month to date"),
    "fiscal-quarter-to-date": say("fiscal quarter to date"),
    "fiscal-year-to-date": say("fiscal year to date"),
}

_LAST_MANY = re.compile(r"last-(\d+)-(.+?)s?")
_MANY = {
    "day": say("last {count} days", count=""),
    "week": say("last {count} weeks", count=""),
    "month": say("last {count} months", count=""),
    "quarter": say("last {count} quarters", count=""),
    "year": say("last {count} years", count=""),
    "fiscal-month": say("last {count} fiscal months", count=""),
    "fiscal-quarter": say("last {count} fiscal quarters", count=""),
    "fiscal-year": say("last {count} fiscal years", count=""),
}


def period_name(text: str, span: Span | None, locale: str) -> str:
    """A period's canonical text in words, with the day it has run to: "this quarter to 21 Nov 2026", "Q3 2026"."""
    t = words(locale)
    if text == "all":
        return t("all time")
    if ".." in text:
        first, last = text.split("..", 1)
        name = f"{time_name(first, locale)} – {time_name(last, locale)}"
    elif text[:1].isdigit() or text.startswith("FY"):
        name = time_name(text, locale)
    else:
        name = _relative_name(text, locale)
    if span is None or not span.running or ".." in text:
        return name
    return t("{period} to {day}", period=name, day=day(span.last_day, locale))


def _relative_name(text: str, locale: str) -> str:
    many = _LAST_MANY.fullmatch(text)
    if many is not None and many[2] in _MANY:
        return words(locale)(_MANY[many[2]], count=many[1])
    return words(locale)(_RELATIVE.get(text, text.replace("-", " ")))


def reference_name(versus: str, locale: str) -> str:
    """What a comparison is called: "budget", "last year", "previous period", or a period's name."""
    known = {"budget": say("budget"), "last-year": say("last year"), "previous": say("previous period")}
    return words(locale)(known[versus]) if versus in known else period_name(versus, None, locale)


def heading(text: str) -> str:
    """The same with a capital at its beginning: "Last year"."""
    return text[:1].upper() + text[1:]


def within(text: str, locale: str) -> str:
    """A title within a sentence: "net sales"; German nouns keep their capital, and so do abbreviations."""
    if language_of(locale) == "de" or text[1:2].isupper():
        return text
    return text[:1].lower() + text[1:]
