"""Period: a stretch of time in words, such as `2013-Q2` or `last-3-months`, until a today settles it to days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.values.calendar import DAY, WEEKS_OF_A_YEAR, Calendar, Span, add_months, days_in_month, read_key
from app.values.errors import Invalid

__all__ = ["Period", "Span"]

UNITS = ("day", "week", "month", "quarter", "year", "fiscal_month", "fiscal_quarter", "fiscal_year")
_LONGEST = {"day": 36_600, "week": 5_200, "month": 1_200, "quarter": 400, "year": 100}

_UNIT = r"((?:fiscal-)?(?:month|quarter|year)|week|day)"
_THIS_OR_LAST = re.compile(rf"(this|last)-{_UNIT}", re.ASCII)
_LAST_MANY = re.compile(rf"last-(\d{{1,5}})-{_UNIT}s?", re.ASCII)
_TO_DATE = re.compile(rf"{_UNIT}-to-date", re.ASCII)


@dataclass(frozen=True)
class Period:
    """What `Period.parse` read; `str()` gives its one canonical text back.

    `unit` is a level of time ("day" … "fiscal_year"; "day" for `all`); `count` is the N of `last-N-…`;
    `first` and `until` are the keys of a named period or range.
    """

    form: Literal["key", "range", "this", "last", "to-date", "all"]
    unit: str
    count: int = 1
    first: str = ""
    until: str = ""

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period; Invalid, with a sentence, when it is none."""
        plain = text.strip()
        words = plain.lower()
        if words == "all":
            return cls("all", "day")
        if found := _THIS_OR_LAST.fullmatch(words):
            return cls("this" if found[1] == "this" else "last", found[2].replace("-", "_"))
        if found := _LAST_MANY.fullmatch(words):
            return cls("last", found[2].replace("-", "_"), _count(int(found[1]), found[2]))
        if found := _TO_DATE.fullmatch(words):
            return cls("to-date", found[1].replace("-", "_"))
        first, dots, until = (part.strip().upper() for part in plain.partition(".."))
        unit, _ = _read(first, plain)
        if not dots or first == until:
            return cls("key", unit, first=first, until=first)
        if _read(until, plain)[0] != unit:
            raise Invalid(
                "Both ends of the period {plain} must be of one kind: two months, two days, and so on.",
                plain=plain[:60],
            )
        # Keys of one kind have a fixed width, so their order as text is their order in time.
        if until < first:
            raise Invalid("The period {plain} ends before it starts.", plain=plain[:60])
        return cls("range", unit, first=first, until=until)

    def __str__(self) -> str:
        unit = self.unit.replace("_", "-")
        match self.form:
            case "all":
                return "all"
            case "key":
                return self.first
            case "range":
                return f"{self.first}..{self.until}"
            case "to-date":
                return f"{unit}-to-date"
            case "last" if self.count > 1:
                return f"last-{self.count}-{unit}s"
        return f"{self.form}-{unit}"

    def settle(self, today: date, calendar: Calendar, first: date | None = None, last: date | None = None) -> Span:
        """The days it means on `today`; `first` and `last` are the first and last day there is anything to see.

        A period that `today` falls into, but not as its last day, is running: it is cut after `today`.
        """
        if self.form == "all":
            start = first or last or today
            return Span.whole(start, max(last or today, start) + DAY)
        if self.form in ("key", "range"):
            start, end = calendar.span(self.first).start, calendar.span(self.until).end_exclusive
        else:
            current = calendar.start_of(self.unit, today)
            if self.form == "last":
                start, end = calendar.step(self.unit, current, -self.count), current
            else:
                start, end = current, calendar.step(self.unit, current, 1)
        running = start <= today < end - DAY
        return Span(start, today + DAY if running else end, running, end)

    def previous(self, span: Span, calendar: Calendar) -> Span | None:
        """The equally long period right before, to the same point when the span is running; None for `all`.

        This month to the 21st meets last month to the 21st; 2013-01..2013-06 meets 2012-07..2012-12.
        """
        if self.form == "all":
            return None
        if self.unit == "day":
            count = (span.whole_end - span.start).days
        else:
            count = len(calendar.keys(self.unit, Span.whole(span.start, span.whole_end)))
        whole = Span.whole(calendar.step(self.unit, span.start, -count), span.start)
        return self.to_the_same_point(span, whole, calendar)

    def last_year(self, span: Span, calendar: Calendar) -> Span:
        """The same period a year earlier, to the same point when the span is running.

        Weeks, and the fiscal periods of a week calendar, go back 364 days so that weekdays line up, also across a
        year of 53 weeks; 29 February meets 28 February.
        """
        if calendar.counts_weeks(self.unit):
            back = WEEKS_OF_A_YEAR
            return Span(span.start - back, span.end_exclusive - back, span.running, span.whole_end - back)
        if self.unit == "day":
            end, whole_end = (
                calendar.same_day_last_year(day - DAY) + DAY for day in (span.end_exclusive, span.whole_end)
            )
            return Span(calendar.same_day_last_year(span.start), end, span.running, whole_end)
        whole = Span.whole(add_months(span.start, -12), add_months(span.whole_end, -12))
        return self.to_the_same_point(span, whole, calendar)

    def to_the_same_point(self, span: Span, whole: Span, calendar: Calendar) -> Span:
        """Cut `whole`, some other period to compare with, where the running `span` of this one stands now.

        Calendar months are measured in months and day of the month (clamped), everything else in elapsed days.
        """
        if not span.running:
            return whole
        if self.unit in ("day", "week") or calendar.counts_weeks(self.unit):
            end = whole.start + (span.end_exclusive - span.start)
        else:
            last = span.last_day
            months = (last.year - span.start.year) * 12 + last.month - span.start.month
            month = add_months(whole.start.replace(day=1), months)
            end = month.replace(day=min(last.day, days_in_month(month.year, month.month))) + DAY
        return Span(whole.start, min(max(end, whole.start + DAY), whole.whole_end), True, whole.whole_end)


def counterparts(level: str, span: Span, reference: Span, calendar: Calendar) -> dict[str, str | None]:
    """For every member of a time level in `span`, the one of `reference` it is to be compared with, or None.

    Days meet by month and day of the month when both spans start on the same day of a month (29 February meets the
    28th of another year; the 31st meets nothing in a shorter month), else by position, as all other levels do.
    """
    keys = calendar.keys(level, span)
    others = calendar.keys(level, reference)
    months = (span.start.year - reference.start.year) * 12 + span.start.month - reference.start.month
    if level != "day" or span.start.day != reference.start.day or calendar.is_week_calendar or months == 0:
        return {key: others[index] if index < len(others) else None for index, key in enumerate(keys)}
    found: dict[str, str | None] = {}
    for key in keys:
        day = date.fromisoformat(key)
        other = add_months(day, -months)
        met = other in reference and (other.day == day.day or months % 12 == 0)
        found[key] = other.isoformat() if met else None
    return found


def _read(key: str, text: str) -> tuple[str, tuple[int, ...]]:
    try:
        return read_key(key)
    except Invalid:
        raise Invalid(
            "{text!r} is not a period: write 2013, 2013-Q2, 2013-06, 2013-W23, 2013-06-17, 2013-01..2013-06, "
            "this-month, last-quarter, last-3-months, year-to-date, FY2013 or all.",
            text=text[:60],
        ) from None


def _count(count: int, unit: str) -> int:
    longest = _LONGEST[unit.removeprefix("fiscal-")]
    if not 1 <= count <= longest:
        raise Invalid(
            "last-{count}-{unit}s cannot be asked for: give a number from 1 to {longest}.",
            count=count,
            unit=unit,
            longest=longest,
        )
    return count
