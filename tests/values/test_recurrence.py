from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.calendar import Calendar, Span
from app.values.errors import Invalid
from app.values.recurrence import Recurrence
from app.values.words import LANGUAGES, words
from app.values.zones import instant_of, zone_called

GREGORIAN = Calendar()
RETAIL = Calendar(pattern="454")
JULY = Calendar(fiscal_start_month=7)
BERLIN = "Europe/Berlin"

NAMED_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def _days(text: str, first: date, last: date, calendar: Calendar = GREGORIAN) -> list[date]:
    """The dates on which something comes from `first` to `last`."""
    start, end = (datetime.combine(day, time(), tzinfo=UTC) for day in (first, last + timedelta(days=1)))
    found = Recurrence.parse(text).between(start - timedelta(seconds=1), end - timedelta(seconds=1), "UTC", calendar)
    return [instant.date() for instant in found]


@pytest.mark.parametrize(
    ("written", "canonical", "said"),
    [
        ("0 7 * * MON-FRI", "0 7 * * 1-5", "Monday to Friday, at 07:00"),
        ("weekdays at 7:00", "0 7 * * 1-5", "Monday to Friday, at 07:00"),
        ("Every Monday at 07:30", "30 7 * * 1", "Every Monday, at 07:30"),
        ("0 7 * * 7", "0 7 * * 0", "Every Sunday, at 07:00"),
        ("0 7 * * fri-sun", "0 7 * * 0,5,6", "Every Friday, Saturday and Sunday, at 07:00"),
        ("0,30 8-17 * * *", "*/30 8-17 * * *", "Every day, every 30 minutes from 08:00 to 17:30"),
        ("0 6-18/2 * * *", "0 6,8,10,12,14,16,18 * * *", "Every day, every 120 minutes from 06:00 to 18:00"),
        ("0 7 1,15 JAN *", "0 7 1,15 1 *", "On day 1 and 15 of the month, in January, at 07:00"),
        ("0 7 13 * 5", "0 7 13 * 5", "On day 13 of the month and every Friday, at 07:00"),
        ("0 7 */31 * 1", "0 7 */31 * 1", "Every Monday that is day 1 of the month, at 07:00"),
        ("0 7 1-31 * 1", "0 7 * * *", "Every day, at 07:00"),
        (
            "0,30 0-0 1-1 1-1 0-0",
            "*/30 0 1 1 0",
            "On day 1 of the month and every Sunday, in January, at 00:00 and 00:30",
        ),
        ("monthly on day 31 at 07:00", "last day of month at 07:00", "Every month, on its last day, at 07:00"),
        (
            "monthly on day 30 at 07:00",
            "day 30 of month at 07:00",
            "Every month, on day 30, or its last day when it is shorter, at 07:00",
        ),
        ("quarterly on day 1 at 08:00", "day 1 of quarter at 08:00", "Every quarter, on day 1, at 08:00"),
        (
            "2nd working day after quarter close at 07:00",
            "working day 2 of quarter at 07:00",
            "Every quarter, on working day 2, at 07:00",
        ),
        (
            "the 2nd working day after the fiscal quarter close at 07:00",
            "working day 2 of fiscal quarter at 07:00",
            "Every fiscal quarter, on working day 2, at 07:00",
        ),
        (
            "3 working days before month end at 9:30",
            "3 working days before end of month at 09:30",
            "Every month, 3 working days before its last one, at 09:30",
        ),
    ],
)
def test_what_a_person_writes_is_kept_in_one_spelling_and_read_back_in_words(
    written: str, canonical: str, said: str
) -> None:
    recurrence = Recurrence.parse(written)
    assert str(recurrence) == canonical
    assert Recurrence.parse(canonical) == recurrence
    assert recurrence.said(words("en")) == said


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "Say when"),
        ("soon", "says no time"),
        ("whenever you like at 07:00", "says no time"),
        ("0 7 * *", "says no time"),
        ("0 0 7 * * *", "says no time"),
        ("0 7 * * * " + "*" * 200, "at most 200 characters"),
        ("60 7 * * *", "60 is no minute"),
        ("0 24 * * *", "24 is no hour"),
        ("*/0 7 * * *", "*/0 is no minute"),
        ("*/90 7 * * *", "*/90 is no minute"),
        ("5/15 7 * * *", "5/15 is no minute"),
        ("0 7 0 * *", "0 is no day of the month"),
        ("0 7 10-5 * *", "10-5 is no day of the month"),
        ("0 7 * 13 *", "13 is no month"),
        ("0 7 * juni *", "juni is no month"),
        ("0 7 * * 8", "8 is no day of the week"),
        ("0 7 * * 1,,2", "1,,2 is no day of the week"),
        ("0 7 31 2 *", "never comes"),
        ("0 7 31 4,6,9,11 *", "never comes"),
        ("* * * * *", "at least 15 minutes"),
        ("*/10 * * * *", "at least 15 minutes"),
        ("0,55 0,23 * * *", "at least 15 minutes"),
        ("daily at 24:00", "between 00:00 and 23:59"),
        ("monthly on day 32 at 07:00", "from 1 to 31"),
        ("monthly on day 0 at 07:00", "from 1 to 31"),
        ("working day 21 of month at 07:00", "from 1 to 20"),
        ("last day after quarter close at 07:00", "says no time"),
    ],
)
def test_what_never_comes_or_means_nothing_is_refused_when_it_is_written(written: str, reason: str) -> None:
    with pytest.raises(Invalid, match="(?s).*" + reason.replace("*", r"\*")):
        Recurrence.parse(written)


def test_erins_monday_report_keeps_its_hour_when_clocks_change() -> None:
    recurrence = Recurrence.parse("0 7 * * 1")
    monday = recurrence.next_after(datetime(2026, 3, 20, tzinfo=UTC), BERLIN, GREGORIAN)
    assert monday == datetime(2026, 3, 23, 6, tzinfo=UTC)
    assert recurrence.next_after(monday, BERLIN, GREGORIAN) == datetime(2026, 3, 30, 5, tzinfo=UTC)


def test_a_skipped_time_comes_right_after_the_gap_and_a_repeated_one_once() -> None:
    half_past_two = Recurrence.parse("daily at 02:30")
    spring = half_past_two.between(
        datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC), BERLIN, GREGORIAN
    )
    assert spring == (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC))
    autumn = half_past_two.between(
        datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC), BERLIN, GREGORIAN
    )
    assert autumn == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC))


def test_a_time_before_midnight_that_clocks_skip_comes_at_midnight() -> None:
    assert instant_of(date(2025, 3, 29), time(23, 30), "America/Nuuk") == datetime(2025, 3, 30, 1, tzinfo=UTC)


def test_a_whole_day_that_samoa_never_had_comes_at_the_first_instant_after_it() -> None:
    found = Recurrence.parse("0 7 30 * *").next_after(datetime(2011, 12, 1, tzinfo=UTC), "Pacific/Apia", GREGORIAN)
    assert found == datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert found.astimezone(ZoneInfo("Pacific/Apia")).replace(tzinfo=None) == datetime(2011, 12, 31)


def test_day_31_of_every_month_is_its_last_day() -> None:
    found = _days("monthly on day 31 at 07:00", date(2027, 1, 1), date(2028, 12, 31))
    assert found == [
        date(year, month, months.monthrange(year, month)[1]) for year in (2027, 2028) for month in range(1, 13)
    ]
    assert len(_days("0 7 31 * *", date(2027, 1, 1), date(2028, 12, 31))) == 14, "cron text skips shorter months"


def test_the_second_working_day_after_quarter_close_steps_over_weekends_and_holidays() -> None:
    text = "2nd working day after quarter close at 07:00"
    assert _days(text, date(2026, 12, 1), date(2027, 4, 30)) == [date(2027, 1, 4), date(2027, 4, 2)]
    closed = Calendar(holidays=frozenset({date(2027, 1, 1), date(2027, 4, 2)}))
    assert _days(text, date(2026, 12, 1), date(2027, 4, 30), closed) == [date(2027, 1, 5), date(2027, 4, 5)]


@pytest.mark.parametrize("calendar", [GREGORIAN, JULY, RETAIL], ids=["gregorian", "july", "retail"])
@pytest.mark.parametrize("level", ["month", "quarter", "year", "fiscal month", "fiscal quarter", "fiscal year"])
def test_working_days_of_every_period_are_those_counted_day_by_day(level: str, calendar: Calendar) -> None:
    """The oracle reads each day's period by its key and counts Mondays to Fridays by hand."""
    first, last = date(2024, 1, 1), date(2030, 12, 31)
    every = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    members: dict[str, list[date]] = {}
    for day in every:
        if day.weekday() < 5:
            members.setdefault(calendar.key(level.replace(" ", "_"), day), []).append(day)
    whole = list(members.values())[1:-1]
    inside = whole[0][0] - timedelta(days=3), whole[-1][-1] + timedelta(days=3)
    for number in (1, 2, 5, 15, 19):
        told = _days(f"working day {number} of {level} at 07:00", *inside, calendar)
        assert [day for day in told if whole[0][0] <= day <= whole[-1][-1]] == [days[number - 1] for days in whole]
        told = _days(f"{number} working days before end of {level} at 07:00", *inside, calendar)
        assert [day for day in told if whole[0][0] <= day <= whole[-1][-1]] == [days[-1 - number] for days in whole]
    told = _days(f"last working day of {level} at 07:00", *inside, calendar)
    assert [day for day in told if whole[0][0] <= day] == [days[-1] for days in whole]


def test_a_month_without_working_days_still_has_its_report() -> None:
    closed = Calendar(
        holidays=frozenset(
            Span.whole(date(2026, 8, 1), date(2026, 9, 1)).start + timedelta(days=each) for each in range(31)
        )
    )
    assert _days("working day 2 of month at 07:00", date(2026, 8, 1), date(2026, 8, 31), closed) == [date(2026, 8, 31)]


@st.composite
def _field(draw: st.DrawFn, low: int, high: int, names: tuple[str, ...] = ()) -> str:
    def one() -> str:
        shape = draw(st.sampled_from(("number", "range", "step", "star step", "name" if names else "number")))
        first, last = sorted((draw(st.integers(low, high)), draw(st.integers(low, high))))
        step = draw(st.integers(1, high - low))
        return {
            "number": f"{first}",
            "name": names[first % len(names)] if names else "",
            "range": f"{first}-{last}",
            "step": f"{first}-{last}/{step}",
            "star step": f"*/{step}",
        }[shape]

    if draw(st.integers(0, 3)) == 0:
        return "*"
    return ",".join(one() for _ in range(draw(st.integers(1, 3))))


@st.composite
def _cron(draw: st.DrawFn) -> str:
    minute = draw(st.sampled_from(("0", "30", "7", "0,30", "*/15", "*/20")))
    hour = draw(_field(0, 23))
    return " ".join((minute, hour, draw(_field(1, 31)), draw(_field(1, 12)), draw(_field(0, 6, NAMED_DAYS))))


@st.composite
def _period_day(draw: st.DrawFn) -> str:
    level = draw(st.sampled_from(("month", "quarter", "year", "fiscal month", "fiscal quarter", "fiscal year")))
    number, kind = draw(st.integers(1, 31)), draw(st.sampled_from(("day", "working day")))
    if kind == "working day":
        number = min(number, 19)
    shape = draw(st.sampled_from((f"{kind} {number} of {level}", f"last {kind} of {level}")))
    if draw(st.booleans()):
        shape = f"{min(number, 30)} {kind}s before end of {level}"
    return f"{shape} at {draw(st.integers(0, 23)):02d}:{draw(st.integers(0, 59)):02d}"


RECURRENCES = st.one_of(_cron(), _period_day())
ZONES = st.sampled_from((BERLIN, "America/New_York", "Australia/Lord_Howe", "America/Nuuk", "Africa/Casablanca", "UTC"))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def _parsed(text: str) -> Recurrence | None:
    """What may be written at random names a day that never comes once in a while."""
    try:
        return Recurrence.parse(text)
    except Invalid as refusal:
        if "never comes" not in str(refusal):
            raise
        return None


@given(RECURRENCES)
def test_the_text_of_a_recurrence_means_the_same_again(text: str) -> None:
    recurrence = _parsed(text)
    if recurrence is not None:
        assert Recurrence.parse(str(recurrence)) == recurrence
        assert str(Recurrence.parse(str(recurrence))) == str(recurrence)
        for locale in LANGUAGES:
            assert recurrence.said(words(locale))


@given(RECURRENCES, ZONES, INSTANTS, st.sampled_from((GREGORIAN, JULY, RETAIL)))
def test_what_comes_next_is_always_later_and_asking_in_steps_or_at_once_is_one(
    text: str, zone: str, after: datetime, calendar: Calendar
) -> None:
    recurrence = _parsed(text)
    if recurrence is None:
        return
    stepped = [recurrence.next_after(after, zone, calendar)]
    for _ in range(4):
        stepped.append(recurrence.next_after(stepped[-1], zone, calendar))
    assert all(earlier < later for earlier, later in pairwise([after, *stepped]))
    assert recurrence.between(after, stepped[-1], zone, calendar) == tuple(stepped)
    assert recurrence.between(after, stepped[-1], zone, calendar, most=2) == tuple(stepped[:2])
    one_before = stepped[2] - timedelta(microseconds=1)
    assert recurrence.next_after(one_before, zone, calendar) == stepped[2]


def _named(item: str, low: int, high: int, names: tuple[str, ...]) -> set[int]:
    body, _, step = item.partition("/")
    ends = ["*", ""] if body == "*" else [*body.split("-"), ""][:2]
    numbers = [names.index(each) if each in names else int(each) for each in ends if each and each != "*"]
    first, last = (low, high) if body == "*" else (numbers[0], numbers[-1])
    return {value % 7 if names else value for value in range(first, last + 1, int(step or 1))}


def _fits(text: str, day: date) -> bool:
    """Vixie's rule, read straight off the text for one day."""
    month_days, month, week_days = text.split()[2:]
    in_month = any(day.month in _named(item, 1, 12, ()) for item in month.split(","))
    by_month_day = any(day.day in _named(item, 1, 31, ()) for item in month_days.split(","))
    by_week_day = any((day.weekday() + 1) % 7 in _named(item, 0, 6, NAMED_DAYS) for item in week_days.split(","))
    if month_days[0] == "*" or week_days[0] == "*":
        return in_month and by_month_day and by_week_day
    return in_month and (by_month_day or by_week_day)


@given(_cron(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_cron_text_comes_on_the_days_that_fit_its_fields(text: str, first: date) -> None:
    if _parsed(text) is None:
        return
    last = first + timedelta(days=90)
    daily = " ".join(("0", "7", *text.split()[2:]))
    fitting = [day for offset in range(91) if _fits(text, day := first + timedelta(days=offset))]
    assert _days(daily, first, last) == fitting


def test_a_zone_is_known_however_it_is_capitalised_and_a_wrong_one_gets_its_neighbour() -> None:
    assert zone_called(" europe/berlin ") == "Europe/Berlin"
    assert zone_called("America/New York") == "America/New_York"
    for wrong, nearest in (("Europe/Berln", "Europe/Berlin"), ("Tokio", "Asia/Tokyo"), ("Zürich", "Europe/Zurich")):
        with pytest.raises(Invalid, match=nearest):
            zone_called(wrong)
    for nonsense in ("", "Mars/Olympus Mons", "../../etc/passwd", "localtime", "UTC+2:00\r\nX"):
        with pytest.raises(Invalid, match="There is no time zone called"):
            zone_called(nonsense)
