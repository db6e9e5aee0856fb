"""Fire dates against an oracle that only steps through time and reads the clock on the wall."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.values.calendar import Calendar
from app.values.recurrence import Recurrence
from tests.conftest import SOAK, Tally

ZONES = (
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Atlantic/Azores", "Europe/Athens",
    "Europe/Chisinau", "Europe/Istanbul", "Europe/Moscow", "Asia/Beirut", "Asia/Jerusalem", "Asia/Gaza", "Africa/Cairo",
    "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Johannesburg", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu",
    "Asia/Almaty", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe",
    "Pacific/Auckland", "Pacific/Chatham", "Pacific/Norfolk", "Pacific/Apia", "Pacific/Easter", "America/New_York",
    "America/Los_Angeles", "America/St_Johns", "America/Havana", "America/Asuncion", "America/Santiago",
    "America/Sao_Paulo", "America/Nuuk", "Antarctica/Troll",
)  # fmt: skip
YEARS = range(2021, 2028)
TIMES = tuple(time(hour, minute) for hour in range(24) for minute in (0, 30))
STEP = timedelta(minutes=15)
"""No clock of these years was moved at another moment than a quarter of an hour."""


def _days(zone: str, year: int) -> list[date]:
    """The days to look at: all in the soak, otherwise those around every change of the clocks, and a few more."""
    every = [date(year, 1, 1) + timedelta(days=offset) for offset in range(366) if offset < 365 or year % 4 == 0]
    if SOAK:
        return every
    place = ZoneInfo(zone)
    offsets = [datetime.combine(day, time(12), tzinfo=place).utcoffset() for day in every]
    moved = {place for place, (was, now) in enumerate(pairwise(offsets), 1) if was != now}
    chosen = {each for move in moved for each in (move - 1, move)}
    chosen.update(random.Random(f"{zone} {year}").sample(range(len(every)), 1))
    return [every[each] for each in sorted(chosen) if each < len(every)]


def _runs(days: list[date]) -> Iterator[tuple[date, date]]:
    """Days that follow one another, as first and last."""
    first = days[0]
    for day, following in pairwise([*days, days[-1] + timedelta(days=9)]):
        if following - day > timedelta(days=1):
            yield first, day
            first = following


def _on_the_wall(zone: str, first: date, last: date) -> dict[datetime, datetime]:
    """Each wanted local time → the first instant at which the latest time ever shown has reached it."""
    place = ZoneInfo(zone)
    wanted = [
        datetime.combine(first + timedelta(days=offset), at)
        for offset in range((last - first).days + 1)
        for at in TIMES
    ]
    found: dict[datetime, datetime] = {}
    instant = datetime.combine(first, time(), tzinfo=UTC) - timedelta(hours=30)
    while len(found) < len(wanted):
        shown = instant.astimezone(place).replace(tzinfo=None)
        while len(found) < len(wanted) and wanted[len(found)] <= shown:
            found[wanted[len(found)]] = instant
        instant += STEP
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_every_local_time_of_every_zone_comes_exactly_once(zone: str, count: Tally) -> None:
    calendar = Calendar()
    daily = {at: Recurrence.parse(f"daily at {at:%H:%M}") for at in TIMES}
    for year in YEARS:
        for first, last in _runs(_days(zone, year)):
            expected = _on_the_wall(zone, first, last)
            for at, recurrence in daily.items():
                due = [instant for wanted, instant in expected.items() if wanted.time() == at]
                told = recurrence.between(due[0] - STEP, due[-1], zone, calendar)
                assert list(told) == due, (zone, at, first)
                for _ in due:
                    count("fire dates that came exactly once")


@pytest.mark.parametrize("zone", ZONES)
def test_a_cron_text_of_many_times_a_day_comes_at_each_of_them_once(zone: str, count: Tally) -> None:
    """Times that a gap moves onto one instant come as one; no instant comes twice."""
    half_hourly = Recurrence.parse("*/30 * * * *")
    for year in YEARS:
        for first, last in _runs(_days(zone, year)):
            due = sorted(set(_on_the_wall(zone, first, last).values()))
            # The last time of the day before may have been moved onto the first instant.
            told = half_hourly.between(due[0] - timedelta(seconds=1), due[-1], zone, Calendar(), most=20_000)
            assert list(told) == due, (zone, first)
            count("days and stretches of days with 48 times")
