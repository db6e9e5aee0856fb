"""PeriodDay: a day counted from the start or the end of every month, quarter or year, in days or in working days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.values.calendar import DAY, Calendar
from app.values.cron import LAST_DAY
from app.values.errors import Invalid
from app.values.words import Text, say

Level = Literal["month", "quarter", "year", "fiscal_month", "fiscal_quarter", "fiscal_year"]

LONGEST = {"month": 31, "quarter": 92, "year": 366, "fiscal_month": 35, "fiscal_quarter": 98, "fiscal_year": 371}
"""Days of the longest period of each level."""

MOST_WORKING_DAYS = 20
"""How far working days are counted: the shortest month has as many."""

EVERY = {
    "month": say("Every month"),
    "quarter": say("Every quarter"),
    "year": say("Every year"),
    "fiscal_month": say("Every fiscal month"),
    "fiscal_quarter": say("Every fiscal quarter"),
    "fiscal_year": say("Every fiscal year"),
}

_PERIOD = r"(?P<period>(?:fiscal )?(?:month|quarter|year))"
_COUNTED = r"(?:the )?(?:(?P<last>last)|(?P<number>\d{1,3})(?:st|nd|rd|th)?) (?P<working>working )?day"
_NUMBERED = r"(?P<working2>working )?day (?P<number2>\d{1,3})"
_OF = re.compile(
    rf"(?:{_COUNTED}|{_NUMBERED}) (?:(?P<of>of (?:the |each |every )?)|after (?:the )?){_PERIOD}"
    r"(?P<close> (?:close|end))?"
)
_BEFORE = re.compile(
    rf"(?P<number>\d{{1,3}}) (?P<working>working )?days? before (?:the )?(?:end of (?:the |each |every )?)?{_PERIOD}"
    r"(?P<close> (?:close|end))?"
)
_ADVERB = re.compile(r"(?P<adverb>(?:fiscal )?(?:monthly|quarterly|yearly)) on (?P<position>.+)")
_OF_ADVERB = {"monthly": "month", "quarterly": "quarter", "yearly": "year"}


@dataclass(frozen=True)
class PeriodDay:
    """Day `number` of every period: 1 is its first day, -1 its last, -3 leaves two days of it after it.

    `working` counts working days only (Monday to Friday without the calendar's holidays). A period that is too short
    has it on its last (or first) such day: day 31 comes on 28 February.
    """

    level: Level
    number: int
    working: bool

    @classmethod
    def read(cls, text: str) -> PeriodDay | None:
        """What a text such as "day 5 of month" says; None for another kind of text, Invalid for a day too far."""
        if found := _ADVERB.fullmatch(text):
            *fiscal, adverb = found["adverb"].split()
            text = f"{found['position']} of {' '.join((*fiscal, _OF_ADVERB[adverb]))}"
        if found := _OF.fullmatch(text):
            last, working = found["last"], bool(found["working"] or found["working2"])
            if bool(found["of"]) == bool(found["close"]) or (last and not found["of"]):
                return None
            number = -1 if last else int(found["number"] or found["number2"])
        elif (found := _BEFORE.fullmatch(text)) and ("end of" in text) != bool(found["close"]):
            number, working = -1 - int(found["number"]), bool(found["working"])
        else:
            return None
        return _checked(found["period"].replace(" ", "_"), number, working)

    def __str__(self) -> str:
        kind, period = "working day" if self.working else "day", self.level.replace("_", " ")
        if self.number > 0:
            return f"{kind} {self.number} of {period}"
        if self.number == -1:
            return f"last {kind} of {period}"
        left = -self.number - 1
        return f"{left} {kind}{'s' if left > 1 else ''} before end of {period}"

    def dates_from(self, day: date, calendar: Calendar) -> Iterator[date]:
        """The days from `day` on, in order."""
        start = calendar.start_of(self.level, day)
        while start <= LAST_DAY:
            following = calendar.step(self.level, start, 1)
            if (found := self._of(start, following, calendar)) >= day:
                yield found
            start = following

    def said(self) -> Text:
        """In words: "Every month, on working day 2"."""
        return say("{every}, {position}", every=EVERY[self.level], position=self._position())

    def _position(self) -> Text:
        if self.number > 0:
            if self.working:
                return say("on working day {number}", number=self.number)
            if self.level == "month" and self.number > 28:
                return say("on day {number}, or its last day when it is shorter", number=self.number)
            return say("on day {number}", number=self.number)
        left = -self.number - 1
        if not left:
            return say("on its last working day") if self.working else say("on its last day")
        if self.working:
            return say("{number} working days before its last one", number=left)
        return say("{number} days before its last one", number=left)

    def _of(self, start: date, end_exclusive: date, calendar: Calendar) -> date:
        days = [start + timedelta(days=offset) for offset in range((end_exclusive - start).days)]
        if self.working:
            days = [each for each in days if calendar.is_working_day(each)] or [end_exclusive - DAY]
        return days[min(self.number, len(days)) - 1] if self.number > 0 else days[max(self.number, -len(days))]


def _checked(level: str, number: int, working: bool) -> PeriodDay:
    most = MOST_WORKING_DAYS if working else LONGEST[level]
    if number == 0 or not -most <= number <= most:
        raise Invalid("A day is counted from 1 to {most} there.", most=most)
    if not working and abs(number) == LONGEST[level]:
        # However short a period is: counted that far, it is its last, or its first, day.
        number = -1 if number > 0 else 1
    return PeriodDay(level, number, working)  # type: ignore[arg-type]
