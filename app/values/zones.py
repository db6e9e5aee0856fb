"""Zones: time zones by name, and the one instant at which a local date and time comes, in every zone and year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from app.values.errors import Invalid

_NO_PLACES = frozenset({"Factory", "localtime"})
"""Names in the list that say nothing about a place: they differ from machine to machine."""


def zone_called(text: str) -> str:
    """The canonical name of a time zone, however it is capitalised: `zone_called("europe/berlin")`.

    Raises Invalid, with the nearest name, for what is none.
    """
    folded = text.strip().casefold().replace(" ", "_")
    names = zone_names()
    if found := names.get(folded):
        return found
    if nearest := _nearest(folded):
        raise Invalid(
            "There is no time zone called {name}. Did you mean {nearest}?", name=text.strip()[:60], nearest=nearest
        )
    raise Invalid(
        "There is no time zone called {name}: use a name such as Europe/Berlin or America/New_York.",
        name=text.strip()[:60],
    )


@lru_cache(maxsize=1)
def zone_names() -> dict[str, str]:
    """Every time zone there is: its folded name → its name, in order."""
    return {name.casefold(): name for name in sorted(available_timezones() - _NO_PLACES)}


def instant_of(day: date, at: time, zone: str) -> datetime:
    """When a local date and time comes in `zone`, in UTC.

    A time that is skipped when clocks go forward comes at the first instant after the gap, a time that is repeated
    when they go back at the first of the two: `instant_of(date(2026, 3, 29), time(2, 30), "Europe/Berlin")` is
    01:00 UTC, when clocks show 03:00.
    """
    place = ZoneInfo(zone)
    local = datetime.combine(day, at, tzinfo=place)
    found = local.astimezone(UTC)
    if found.astimezone(place).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    return _end_of_gap(local.replace(fold=1).astimezone(UTC), found, place)


def local_date(instant: datetime, zone: str) -> date:
    """The date that clocks in `zone` show at an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _end_of_gap(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The first second, later than `before` and no later than `after`, at which clocks have moved."""
    was = before.astimezone(place).utcoffset()
    low, high = 0, round((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(place).utcoffset() == was:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _nearest(folded: str) -> str | None:
    names = zone_names()
    cities = {name.rsplit("/", 1)[-1]: known for name, known in names.items() if "/" in name}
    for known in (cities, names):
        if close := get_close_matches(folded.rsplit("/", 1)[-1] if known is cities else folded, known, 1, 0.75):
            return known[close[0]]
    return None
