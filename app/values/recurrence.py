"""Recurrence: when something comes again, as a short text; every local date and time comes exactly once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.values.calendar import Calendar
from app.values.cron import HOUR, MINUTE, CronDays, Times
from app.values.errors import Invalid
from app.values.period_days import PeriodDay
from app.values.words import Words, say
from app.values.zones import instant_of, local_date

CLOSEST = 15
"""Minutes that lie at least between two times."""

LONGEST_TEXT = 200

_AT = re.compile(r"(?P<days>.+?) at (?P<hour>\d{1,2}):(?P<minute>\d{2})", re.ASCII)
_NAMES = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_PRESETS = {
    **dict.fromkeys(("daily", "every day"), "* * *"),
    **dict.fromkeys(("weekdays", "every weekday"), "* * 1-5"),
    **{f"{how} {name}": f"* * {number}" for number, name in enumerate(_NAMES) for how in ("every", "weekly on")},
}


@dataclass(frozen=True)
class Recurrence:
    """Days and times of day, meant in the time zone that is named when it is asked.

    Its text is one of

    - five fields of cron: `30 7 * * 1-5`; Sunday is 0 or 7, names such as MON and JAN are known; when neither the day
      of the month nor that of the week begins with a star, either of them suffices (as in Vixie's cron);
    - a preset: `daily at 07:00`, `weekdays at 07:00`, `weekly on monday at 07:00` (each is a cron text);
    - a day of a period: `day 31 of month at 07:00` (its last day where it is shorter), `last day of quarter at 18:00`,
      `working day 2 of fiscal quarter at 07:00` (the second after the former one's close),
      `3 working days before end of month at 09:30` (three of them are left after it); or in other words `monthly on
      day 31 at 07:00`, `2nd working day after quarter close at 07:00`, `3 working days before month end at 09:30`.

    A local time that is skipped when clocks go forward comes at the first instant after the gap, one that is repeated
    comes the first time only. Times that so fall on one instant come as one.
    """

    days: CronDays | PeriodDay
    times: Times

    @classmethod
    def parse(cls, text: str) -> Recurrence:
        """The recurrence a text means; `parse(str(r)) == r`.

        Raises Invalid for what nobody can understand, for days that never come, and for times too close together.
        """
        plain = " ".join(text.split()).lower()
        if not plain or len(plain) > LONGEST_TEXT:
            raise Invalid("Say when, in at most {most} characters.", most=LONGEST_TEXT)
        made = _worded(plain) or _cron(plain)
        if made is None:
            raise Invalid(
                "{text} says no time: write “weekdays at 07:00”, “monthly on day 31 at 07:00”, “2nd working day after "
                "quarter close at 07:00”, or five fields of cron such as 0 7 * * 1-5.",
                text=plain[:60],
            )
        if made.times.closest < CLOSEST:
            raise Invalid("There are at least {least} minutes between two runs.", least=CLOSEST)
        return made

    def __str__(self) -> str:
        if isinstance(self.days, CronDays):
            return f"{self.times} {self.days}"
        return f"{self.days} at {self.times.all[0]:%H:%M}"

    def next_after(self, instant: datetime, zone: str, calendar: Calendar) -> datetime:
        """The first instant later than `instant`, in UTC. Raises Invalid when none comes before the year 2191."""
        for found in self._from(instant, zone, calendar):
            return found
        raise Invalid("This does not come again.")

    def between(
        self, after: datetime, until: datetime, zone: str, calendar: Calendar, most: int = 1_000
    ) -> tuple[datetime, ...]:
        """The instants later than `after` and no later than `until`, in order and in UTC: the first `most` of them."""
        found: list[datetime] = []
        for instant in self._from(after, zone, calendar):
            if instant > until or len(found) == most:
                break
            found.append(instant)
        return tuple(found)

    def said(self, t: Words) -> str:
        """In words of a language: "Monday to Friday, at 07:00"."""
        days = self.days.said(t) if isinstance(self.days, CronDays) else self.days.said()
        return t(say("{days}, {times}", days=days, times=self.times.said()))

    def _from(self, after: datetime, zone: str, calendar: Calendar) -> Iterator[datetime]:
        """Every instant later than `after`, in order. Where a gap lasts a day, an instant lies on a later date."""
        last = after.astimezone(UTC)
        for day in self.days.dates_from(local_date(last, zone) - timedelta(days=2), calendar):
            for at in self.times.all:
                instant = instant_of(day, at, zone)
                if instant > last:
                    yield instant
                    last = instant


def _worded(text: str) -> Recurrence | None:
    found = _AT.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"])
    if hour > 23 or minute > 59:
        raise Invalid("A time of day lies between 00:00 and 23:59.")
    fields = _PRESETS.get(found["days"])
    days = CronDays.read(*fields.split()) if fields else PeriodDay.read(found["days"])
    return Recurrence(days, Times((minute,), (hour,))) if days else None


def _cron(text: str) -> Recurrence | None:
    fields = text.split()
    if len(fields) != 5 or not all(each[0] in "0123456789*" for each in fields[:2]):
        return None
    minutes, hours = MINUTE.read(fields[0]), HOUR.read(fields[1])
    return Recurrence(CronDays.read(*fields[2:]), Times(minutes, hours))
