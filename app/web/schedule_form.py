"""The form of a schedule: what its fields say as a draft, and how a draft fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from werkzeug.datastructures import MultiDict

from app.services.drafts import Draft
from app.values.condition import Condition
from app.values.errors import Invalid
from app.values.recurrence import Recurrence
from app.values.words import Text, say

WEEKDAYS = {
    "monday": say("Monday"),
    "tuesday": say("Tuesday"),
    "wednesday": say("Wednesday"),
    "thursday": say("Thursday"),
    "friday": say("Friday"),
    "saturday": say("Saturday"),
    "sunday": say("Sunday"),
}
PERIODS = {
    "month": say("the month"),
    "quarter": say("the quarter"),
    "year": say("the year"),
    "fiscal month": say("the fiscal month"),
    "fiscal quarter": say("the fiscal quarter"),
    "fiscal year": say("the fiscal year"),
}
KINDS = {
    "weekdays": say("Monday to Friday"),
    "daily": say("Every day"),
    "weekly": say("Every week"),
    "monthly": say("Every month, on a day"),
    "last": say("On the last day of a period"),
    "working": say("On a working day of a period"),
    "before": say("Working days before the end of a period"),
    "cron": say("As cron text"),
}
CONDITIONS = {
    "always": say("Always"),
    "not-empty": say("Only if there is something in it"),
    "changed": say("Only if it has changed since last time"),
    "metric": say("Only if a figure is above or below a bound"),
}

_WEEKLY = re.compile(r"(\d+) (\d+) \* \* ([0-7])")
_EVERY = re.compile(r"(\d+) (\d+) \* \* (\*|1-5)")
_PERIODIC = re.compile(
    r"(?:(?P<last>last day of)|day (?P<day>\d+) of|working day (?P<nth>\d+) of"
    r"|(?P<left>\d+) working days? before end of) (?P<of>[a-z ]+) at (?P<at>\d\d:\d\d)"
)
_NAMES = ("sunday", *list(WEEKDAYS)[:-1], "sunday")


@dataclass(frozen=True)
class When:
    """The fields that say when, as texts; those that `kind` does not need are as they come."""

    kind: str = "weekly"
    at: str = "07:00"
    weekday: str = "monday"
    day: str = "1"
    nth: str = "2"
    of: str = "quarter"
    cron: str = "0 7 * * 1-5"


def when_typed(form: Mapping[str, str]) -> When:
    """The fields that say when, as they were typed."""
    return When(**{name: form.get(name, "") for name in When.__dataclass_fields__})


def when_of(recurrence: str) -> When:
    """The fields that say a recurrence."""
    if found := _EVERY.fullmatch(recurrence):
        return When("daily" if found[3] == "*" else "weekdays", _time(found[2], found[1]))
    if found := _WEEKLY.fullmatch(recurrence):
        return When("weekly", _time(found[2], found[1]), weekday=_NAMES[int(found[3])])
    if found := _PERIODIC.fullmatch(recurrence):
        at, of = found["at"], found["of"]
        if found["last"]:
            return When("last", at, of=of)
        if found["nth"] or found["left"]:
            return When("working" if found["nth"] else "before", at, nth=found["nth"] or found["left"], of=of)
        if of == "month":
            return When("monthly", at, day=found["day"])
    return When("cron", cron=recurrence)


def recurrence_in(form: Mapping[str, str]) -> str:
    """The recurrence that the fields say, in its canonical text. Raises Invalid."""
    at = form.get("at", "").strip()
    day, nth, of = form.get("day", "").strip(), form.get("nth", "").strip(), form.get("of", "")
    match form.get("kind"):
        case "weekdays" | "daily" as kind:
            text = f"{kind} at {at}"
        case "weekly":
            text = f"weekly on {form.get('weekday', '')} at {at}"
        case "monthly":
            text = f"day {day} of month at {at}"
        case "last":
            text = f"last day of {of} at {at}"
        case "working":
            text = f"working day {nth} of {of} at {at}"
        case "before":
            text = f"{nth} working days before end of {of} at {at}"
        case "cron":
            text = form.get("cron", "")
        case _:
            raise Invalid("Say when it is sent.")
    return str(Recurrence.parse(text))


def draft_in(form: MultiDict[str, str]) -> Draft:
    """The draft that a form says. Raises Invalid for fields that say nothing."""
    outside = [f"address:{each}" for each in form.get("outside", "").replace(",", "\n").splitlines() if each.strip()]
    added = [each for each in form.getlist("add") if each]
    return Draft(
        name=form.get("name", ""),
        views=tuple(dict.fromkeys((*form.getlist("view"), *added))),
        formats=tuple(form.getlist("format")),
        recurrence=recurrence_in(form),
        zone=form.get("zone", ""),
        recipients=tuple(dict.fromkeys((*form.getlist("recipient"), *outside))),
        condition=condition_in(form),
        subject=form.get("subject", ""),
        channel=form.get("channel", "mail"),
        as_one=form.get("together") == "one",
    )


def condition_in(form: Mapping[str, str]) -> Condition:
    """When it is worth sending. Raises Invalid."""
    kind, fresh = form.get("condition", "always"), form.get("fresh", "")
    try:
        bound = Decimal(form.get("bound", "").strip() or "0")
        waiting = {"fresh_days": int(fresh), "wait_hours": int(form.get("wait", "4"))} if fresh else {}
    except (InvalidOperation, ValueError):
        raise Invalid("The bound of the condition is a number.") from None
    if kind != "metric":
        return Condition(kind, **waiting)  # type: ignore[arg-type]
    return Condition(kind, form.get("metric", ""), form.get("test", "above"), bound, **waiting)  # type: ignore[arg-type]


def outside_of(draft: Draft) -> str:
    """The addresses outside of a draft, a line each."""
    return "\n".join(each.removeprefix("address:") for each in draft.recipients if each.startswith("address:"))


def _time(hour: str, minute: str) -> str:
    return f"{int(hour):02}:{int(minute):02}"


FRESH: dict[str, Text] = {
    "": say("does not matter"),
    "0": say("of the same day"),
    "1": say("of the day before or newer"),
    "3": say("at most three days old"),
}
