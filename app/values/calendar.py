"""Calendar: which day belongs to which year, quarter, month, week and fiscal period; pure arithmetic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from app.values.errors import Invalid

DAY = timedelta(days=1)
WEEKS_OF_A_YEAR = timedelta(days=364)
FIRST_YEAR, LAST_YEAR = 1900, 2199

_MONTHS = {"month": 1, "quarter": 3, "year": 12, "fiscal_month": 1, "fiscal_quarter": 3, "fiscal_year": 12}
_KEYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (level, re.compile(pattern, re.ASCII))
    for level, pattern in (
        ("year", r"(\d{4})"),
        ("quarter", r"(\d{4})-Q([1-4])"),
        ("month", r"(\d{4})-(\d{2})"),
        ("week", r"(\d{4})-W(\d{2})"),
        ("day", r"(\d{4})-(\d{2})-(\d{2})"),
        ("fiscal_year", r"FY(\d{4})"),
        ("fiscal_quarter", r"FY(\d{4})-Q([1-4])"),
        ("fiscal_month", r"FY(\d{4})-M(\d{2})"),
    )
)


@dataclass(frozen=True)
class Span:
    """The days from `start` up to, but without, `end_exclusive`.

    `running`: the period is not over, and `end_exclusive` is the day after today; `whole_end` is where it will end.
    """

    start: date
    end_exclusive: date
    running: bool
    whole_end: date

    @classmethod
    def whole(cls, start: date, end_exclusive: date) -> Span:
        """A span that is not cut."""
        return cls(start, end_exclusive, False, end_exclusive)

    @property
    def last_day(self) -> date:
        """The last day inside."""
        return self.end_exclusive - DAY

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.end_exclusive - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end_exclusive


@dataclass(frozen=True)
class Calendar:
    """A company's calendar. Year, quarter, month and week are Gregorian and ISO; the fiscal levels are its own.

    With `pattern` "gregorian" the fiscal year starts on the first of `fiscal_start_month`. With "445", "454" or "544"
    it is made of whole weeks and ends on `year_end_weekday` (0 = Monday) nearest to the given day of the year
    (`year_end_rule` "nearest"), or on the last such weekday of that month ("last"); a 53rd week falls into the last
    month. `fiscal_label` names a fiscal year by the year in which it "ends" or "starts" (default: ends, but starts
    for the retail 4-5-4). `holidays` are days that do not count as working days.
    """

    fiscal_start_month: int = 1
    fiscal_label: Literal["ends", "starts"] | None = None
    pattern: Literal["gregorian", "445", "454", "544"] = "gregorian"
    year_end_month: int = 1
    year_end_day: int = 31
    year_end_weekday: int = 5
    year_end_rule: Literal["nearest", "last"] = "nearest"
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not (1 <= self.fiscal_start_month <= 12 and 1 <= self.year_end_month <= 12):
            raise Invalid("A fiscal year starts or ends in a month from 1 to 12.")
        if not (1 <= self.year_end_day <= 31 and 0 <= self.year_end_weekday <= 6):
            raise Invalid("A fiscal year ends near a day from 1 to 31, on a weekday from 0 (Monday) to 6 (Sunday).")
        if self.pattern not in ("gregorian", "445", "454", "544"):
            raise Invalid(
                "There is no calendar pattern {pattern!r}: use gregorian, 445, 454 or 544.", pattern=self.pattern
            )
        if self.fiscal_label not in (None, "ends", "starts"):
            raise Invalid(
                "A fiscal year is labelled by the year it ends or starts in, not {fiscal_label!r}.",
                fiscal_label=self.fiscal_label,
            )

    @property
    def is_week_calendar(self) -> bool:
        """True when fiscal periods are made of whole weeks."""
        return self.pattern != "gregorian"

    def counts_weeks(self, level: str) -> bool:
        """True for levels whose members are whole weeks: they meet last year's 364 days earlier."""
        return level == "week" or (self.is_week_calendar and level.startswith("fiscal_"))

    def key(self, level: str, day: date) -> str:
        """The key of the member of `level` that holds `day`: `key("quarter", date(2013, 5, 1)) == "2013-Q2"`."""
        match level:
            case "day":
                return day.isoformat()
            case "month":
                return f"{day.year:04d}-{day.month:02d}"
            case "quarter":
                return f"{day.year:04d}-Q{(day.month + 2) // 3}"
            case "year":
                return f"{day.year:04d}"
            case "week":
                iso = day.isocalendar()
                return f"{iso.year:04d}-W{iso.week:02d}"
        year, month = self._fiscal_position(day)
        label = self._label(year)
        match level:
            case "fiscal_month":
                return f"FY{label:04d}-M{month:02d}"
            case "fiscal_quarter":
                return f"FY{label:04d}-Q{(month + 2) // 3}"
            case "fiscal_year":
                return f"FY{label:04d}"
        raise Invalid("{level} is not a level of time.", level=level)

    def span(self, key: str) -> Span:
        """The whole span of a time member's key; Invalid when the key names no period."""
        level, numbers = read_key(key)
        year = numbers[0]
        match level:
            case "day":
                start = date(*numbers)
            case "week":
                start = date.fromisocalendar(year, numbers[1], 1)
            case "year" | "quarter" | "month":
                start = date(year, 1 + (numbers[1] - 1) * _MONTHS[level] if len(numbers) > 1 else 1, 1)
            case _:
                first_month = 1 + (numbers[1] - 1) * _MONTHS[level] if len(numbers) > 1 else 1
                start = self._fiscal_start(self._unlabel(year), first_month)
        return Span.whole(start, self.step(level, start, 1))

    def start_of(self, level: str, day: date) -> date:
        """The first day of the member of `level` that holds `day`."""
        return day if level == "day" else self.span(self.key(level, day)).start

    def step(self, level: str, start: date, count: int) -> date:
        """The start of the member `count` after (or before) the one that starts on `start`."""
        if level in ("day", "week"):
            return start + timedelta(days=count * (7 if level == "week" else 1))
        months = count * _MONTHS[level]
        if not self.counts_weeks(level):
            return add_months(start, months)
        year, month = self._fiscal_position(start)
        index = year * 12 + month - 1 + months
        return self._fiscal_start(index // 12, index % 12 + 1)

    def keys(self, level: str, span: Span) -> tuple[str, ...]:
        """The keys of every member of `level` that the span touches, in order."""
        keys = []
        start = self.start_of(level, span.start)
        while start < span.end_exclusive:
            keys.append(self.key(level, start))
            start = self.step(level, start, 1)
        return tuple(keys)

    def same_day_last_year(self, day: date) -> date:
        """A year earlier: 29 February meets 28 February; a week calendar goes back 364 days to the same weekday."""
        return day - WEEKS_OF_A_YEAR if self.is_week_calendar else add_months(day, -12)

    def working_days(self, span: Span) -> int:
        """Days from Monday to Friday inside the span that are not holidays."""
        weeks, rest = divmod(max(span.days, 0), 7)
        count = 5 * weeks + sum((span.start.weekday() + offset) % 7 < 5 for offset in range(rest))
        return count - sum(1 for day in self.holidays if day in span and day.weekday() < 5)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and no holiday."""
        return day.weekday() < 5 and day not in self.holidays

    def rows(self, first: date, last: date) -> Iterator[dict[str, object]]:
        """The rows of the warehouse's calendar table from `first` to `last`, both included."""
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            yield {
                "day": day,
                **{level: self.key(level, day) for level in ("year", "quarter", "month", "week")},
                **{level: self.key(level, day) for level in ("fiscal_year", "fiscal_quarter", "fiscal_month")},
                "month_start": day.replace(day=1),
                "is_working_day": self.is_working_day(day),
            }

    def _fiscal_position(self, day: date) -> tuple[int, int]:
        """The fiscal year (by the calendar year in which its first day is due) and month, 1 to 12."""
        if not self.is_week_calendar:
            behind = day.month < self.fiscal_start_month
            return day.year - behind, (day.month - self.fiscal_start_month) % 12 + 1
        year = next(y for y in (day.year - 1, day.year, day.year + 1, day.year - 2) if self._holds(y, day))
        starts = _month_starts(self, year)
        return year, max(number for number, start in enumerate(starts, 1) if start <= day)

    def _holds(self, year: int, day: date) -> bool:
        return _month_starts(self, year)[0] <= day < _month_starts(self, year + 1)[0]

    def _fiscal_start(self, year: int, month: int) -> date:
        if self.is_week_calendar:
            return _month_starts(self, year)[month - 1]
        return add_months(date(year, self.fiscal_start_month, 1), month - 1)

    def _label(self, year: int) -> int:
        return year + self._label_offset

    def _unlabel(self, label: int) -> int:
        return label - self._label_offset

    @property
    def _label_offset(self) -> int:
        by_start = self.fiscal_label == "starts" or (self.fiscal_label is None and self.pattern == "454")
        ends_with_the_year = self.year_end_month == 12 if self.is_week_calendar else self.fiscal_start_month == 1
        return 0 if by_start or ends_with_the_year else 1


def read_key(key: str) -> tuple[str, tuple[int, ...]]:
    """The level and the numbers of a time member's key: `read_key("2013-Q2") == ("quarter", (2013, 2))`."""
    for level, pattern in _KEYS:
        if found := pattern.fullmatch(key):
            numbers = tuple(int(group) for group in found.groups())
            if FIRST_YEAR <= numbers[0] <= LAST_YEAR and _exists(level, numbers):
                return level, numbers
    raise Invalid("{key} is not a period.", key=key[:60])


def _exists(level: str, numbers: tuple[int, ...]) -> bool:
    try:
        match level:
            case "day":
                date(*numbers)
            case "week":
                date.fromisocalendar(numbers[0], numbers[1], 1)
            case "month" | "fiscal_month":
                return 1 <= numbers[1] <= 12
    except ValueError:
        return False
    return True


def add_months(day: date, months: int) -> date:
    """The same day `months` later, clamped to the month's end: 31 January plus one is 28 or 29 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


@lru_cache(maxsize=4096)
def _month_starts(calendar: Calendar, year: int) -> tuple[date, ...]:
    """First days of the twelve months of the week-made fiscal year that is due to start in `year`."""
    start = _year_end(calendar, year - (calendar.year_end_month == 12)) + DAY
    weeks = [int(weeks) for weeks in calendar.pattern] * 4
    return tuple(start + timedelta(weeks=done) for done in accumulate(weeks[:-1], initial=0))


def _year_end(calendar: Calendar, year: int) -> date:
    """The last day of the week-made fiscal year that is due to end in `year`."""
    longest = days_in_month(year, calendar.year_end_month)
    if calendar.year_end_rule == "last":
        last = date(year, calendar.year_end_month, longest)
        return last - timedelta(days=(last.weekday() - calendar.year_end_weekday) % 7)
    anchor = date(year, calendar.year_end_month, min(calendar.year_end_day, longest))
    ahead = (calendar.year_end_weekday - anchor.weekday()) % 7
    return anchor + timedelta(days=ahead if ahead <= 3 else ahead - 7)
