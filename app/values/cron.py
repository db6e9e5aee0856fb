"""Cron: the five fields of a cron text as the days and the times of day they mean, with standard numbering."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from itertools import pairwise

from app.values.calendar import Calendar, days_in_month
from app.values.errors import Invalid
from app.values.words import Text, Words, month_name, say, weekday_name

LAST_DAY = date(2190, 12, 31)
"""Nothing is looked for beyond it."""

_ITEM = re.compile(r"(?:(\*)|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:/([0-9]{1,3}))?", re.ASCII)


@dataclass(frozen=True)
class Field:
    """One place of a cron text: what it is called, its values, and the names some of them have."""

    name: Text
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def whole(self) -> tuple[int, ...]:
        """All its values."""
        return tuple(range(self.low, self.high + 1))

    def read(self, text: str) -> tuple[int, ...]:
        """The values that a field's text names, in order; Invalid with the reason when it names none."""
        found: set[int] = set()
        for item in text.split(","):
            found.update(self._values(item, text))
        return tuple(sorted(found))

    def written(self, values: Sequence[int]) -> str:
        """The shortest usual text of some values: `*`, `*/15`, `1-5`, `1,15`."""
        if tuple(values) == self.whole:
            return "*"
        for step in range(2, self.high - self.low + 1):
            if tuple(values) == self.whole[::step]:
                return f"*/{step}"
        return self.listed(values)

    def starred(self, values: Sequence[int]) -> str:
        """A text of values that include the lowest, beginning with a star: `*/2,6`."""
        step = next(step for step in range(2, len(self.whole) + 1) if set(self.whole[::step]) <= set(values))
        rest = sorted(set(values) - set(self.whole[::step]))
        return ",".join(filter(None, (f"*/{step}", self.listed(rest))))

    def listed(self, values: Sequence[int]) -> str:
        """A text of values without any star: three or more in a row as a range."""
        runs: list[list[int]] = []
        for value in values:
            if runs and value == runs[-1][-1] + 1:
                runs[-1].append(value)
            else:
                runs.append([value])
        return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)

    def _values(self, item: str, text: str) -> Iterator[int]:
        found = _ITEM.fullmatch(item)
        if not found or (found[4] and not (found[1] or found[3])):
            raise self._refusal(text)
        star, first, last, step = found.groups()
        low, high = (self.low, self.high) if star else (self._number(first, text), self._number(last or first, text))
        if self is WEEK_DAY and not star and last and high == 0 < low:
            high = 7
        most = 7 if self is WEEK_DAY else self.high
        every = int(step) if step else 1
        if not self.low <= low <= high <= most or not 1 <= every <= self.high - self.low + 1:
            raise self._refusal(text)
        for value in range(low, high + 1, every):
            yield value % 7 if self is WEEK_DAY else value

    def _number(self, text: str, field: str) -> int:
        if text.isdigit():
            return int(text)
        if text not in self.names:
            raise self._refusal(field)
        return self.names.index(text) + self.low

    def _refusal(self, text: str) -> Invalid:
        return Invalid(
            "{text} is no {name} of a cron text: use {low} to {high}, ranges such as {low}-{high}, steps such as */2, "
            "or *.",
            text=text[:40],
            name=self.name,
            low=str(self.low),
            high=str(self.high),
        )


MINUTE = Field(say("minute"), 0, 59)
HOUR = Field(say("hour"), 0, 23)
MONTH_DAY = Field(say("day of the month"), 1, 31)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEK_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

MONTH = Field(say("month"), 1, 12, _MONTHS)
WEEK_DAY = Field(say("day of the week"), 0, 6, _WEEK_DAYS)
"""Sunday is 0, and 7 too."""


@dataclass(frozen=True)
class CronDays:
    """The days of a cron text: of the month, months and days of the week (0 = Sunday), each in order.

    As in Vixie's cron, a day counts when both the day of the month and the day of the week fit; but `either` suffices
    when neither field begins with a star.
    """

    month_days: tuple[int, ...]
    months: tuple[int, ...]
    week_days: tuple[int, ...]
    either: bool

    @classmethod
    def read(cls, month_days: str, months: str, week_days: str) -> CronDays:
        """The days that three fields name; Invalid when no such day ever comes."""
        days, weekly = MONTH_DAY.read(month_days), WEEK_DAY.read(week_days)
        either = not (month_days.startswith("*") or week_days.startswith("*"))
        if either and (days == MONTH_DAY.whole or weekly == WEEK_DAY.whole):
            days, weekly, either = MONTH_DAY.whole, WEEK_DAY.whole, False
        made = cls(days, MONTH.read(months), weekly, either)
        if not either and all(days[0] > days_in_month(2000, month) for month in made.months):
            raise Invalid("That day never comes: no such month has a day {day}.", day=days[0])
        return made

    def __str__(self) -> str:
        months = MONTH.written(self.months)
        days = "*" if self.month_days == MONTH_DAY.whole else MONTH_DAY.listed(self.month_days)
        weekly = "*" if self.week_days == WEEK_DAY.whole else WEEK_DAY.listed(self.week_days)
        if not self.either and "*" not in (days, weekly):
            # Both must fit, so one of them has begun with a star, and holds the lowest value.
            if MONTH_DAY.low in self.month_days:
                days = MONTH_DAY.starred(self.month_days)
            else:
                weekly = WEEK_DAY.starred(self.week_days)
        return f"{days} {months} {weekly}"

    def __contains__(self, day: date) -> bool:
        fits = day.day in self.month_days, day.isoweekday() % 7 in self.week_days
        return day.month in self.months and (any(fits) if self.either else all(fits))

    def dates_from(self, day: date, calendar: Calendar) -> Iterator[date]:  # noqa: ARG002
        """The days from `day` on, in order."""
        while day <= LAST_DAY:
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                continue
            if day in self:
                yield day
            day += timedelta(days=1)

    def said(self, t: Words) -> Text:
        """The days in words: "Every Monday and Thursday, in March"."""
        days = self._days_said(t)
        if self.months == MONTH.whole:
            return days
        return say("{days}, in {months}", days=days, months=tuple(month_name(t.locale, each) for each in self.months))

    def _days_said(self, t: Words) -> Text:
        numbers = tuple(str(each) for each in self.month_days)
        names = tuple(weekday_name(t.locale, each) for each in sorted(self.week_days, key=lambda day: (day - 1) % 7))
        any_day, any_weekday = self.month_days == MONTH_DAY.whole, self.week_days == WEEK_DAY.whole
        if any_day and any_weekday:
            return say("Every day")
        if any_day:
            return (
                say("Monday to Friday")
                if self.week_days == (1, 2, 3, 4, 5)
                else say("Every {weekdays}", weekdays=names)
            )
        if any_weekday:
            return say("On day {days} of the month", days=numbers)
        if self.either:
            return say("On day {days} of the month and every {weekdays}", days=numbers, weekdays=names)
        return say("Every {weekdays} that is day {days} of the month", days=numbers, weekdays=names)


@dataclass(frozen=True)
class Times:
    """Times of day: every one of `minutes` in every one of `hours`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]

    def __str__(self) -> str:
        return f"{MINUTE.written(self.minutes)} {HOUR.written(self.hours)}"

    @cached_property
    def all(self) -> tuple[time, ...]:
        """Each of them, in order."""
        return tuple(time(hour, minute) for hour in self.hours for minute in self.minutes)

    @property
    def closest(self) -> int:
        """Minutes between the two that are closest, over midnight too; a whole day where there is one only."""
        at = [each.hour * 60 + each.minute for each in self.all]
        return min(after - before for before, after in zip(at, [*at[1:], at[0] + 24 * 60], strict=True))

    def said(self) -> Text:
        """In words: "at 07:00 and 12:00", "every 30 minutes from 08:00 to 17:30"."""
        told = tuple(f"{each:%H:%M}" for each in self.all)
        if len(told) <= 6:
            return say("at {times}", times=told)
        at = [each.hour * 60 + each.minute for each in self.all]
        gaps = {after - before for before, after in pairwise(at)}
        ends = {"first": told[0], "last": told[-1]}
        if len(gaps) > 1:
            return say("{count} times from {first} to {last}", count=len(told), **ends)
        if gaps == {60}:
            return say("every hour from {first} to {last}", **ends)
        return say("every {minutes} minutes from {first} to {last}", minutes=gaps.pop(), **ends)
