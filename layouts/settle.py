"""Settling: what a panel's questions become once a view and a viewer's context are known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.values.context import QueryContext
from app.values.hierarchy import HIERARCHIES, PATHS, TIME_LEVELS, settle_level
from app.values.narrowing import AmountRange
from app.values.period import Period, Span
from app.values.selection import Filter, Narrowing, Selection
from app.values.view import View
from layouts.geography import UNITED_STATES, country_code
from layouts.panel import Panel, Question
from queries.query import Query

TRAIL = 13
"""Points of a card's trend."""

HALF_A_YEAR = 183

BESIDE = "beside"
"""In `by`: what else stands on the same documents, on the level of goods that is asked by first."""

LONGEST_SERIES = 400
"""Points of a series that can still be read."""

ALL_TIME = 8 * 365
"""Days that the whole history is taken to have, before anybody has asked."""

_STEPS = (("day", 1), ("week", 7.4))
"""Steps of time that a series may have too many of, with their days."""


@dataclass(frozen=True)
class Cycle:
    """The month, quarter or year a period belongs to: `months` long, from `start`."""

    months: int
    start: date

    @property
    def name(self) -> str:
        """The word for one such stretch."""
        return {1: "month", 3: "quarter"}.get(self.months, "year")

    def before(self, count: int) -> date:
        """The first day of the cycle `count` cycles earlier."""
        return month_shift(self.start, -self.months * count)


def month_shift(day: date, months: int) -> date:
    """The first of the month that lies `months` after the month of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def last_quarter(day: date) -> str:
    """The quarter a day lies in, by its key: "2014-Q1"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def view_of_period(view: View, period: str) -> View:
    """The same view through another period; steps down into time are left behind."""
    selection = view.selection
    drill = tuple((level, member) for level, member in selection.drill if level not in TIME_LEVELS)
    return view.with_selection(replace(selection, drill=drill).with_period(period))


def period_of(selection: Selection) -> Period:
    """The period looked at: a drill into a month, say, narrows it to that month."""
    drilled = [member for level, member in selection.drill if level in TIME_LEVELS]
    return Period.parse(drilled[-1]) if drilled else selection.period


def span_of(selection: Selection, context: QueryContext) -> Span | None:
    """The days looked at, or None for the whole history, whose ends only the warehouse knows."""
    period = period_of(selection)
    return None if str(period) == "all" else period.settle(context.today, context.calendar, None, None)


def cycle_of(span: Span) -> Cycle:
    """The cycle a span lies in: its own if it is a whole month, quarter or year, else the calendar's."""
    end = span.whole_end
    months = (end.year - span.start.year) * 12 + end.month - span.start.month
    if span.start.day == 1 and end.day == 1 and months in (1, 3, 12):
        return Cycle(months, span.start)
    last = span.last_day
    days = (span.end_exclusive - span.start).days
    if days <= 31:
        return Cycle(1, last.replace(day=1))
    if days <= 92:
        return Cycle(3, date(last.year, (last.month - 1) // 3 * 3 + 1, 1))
    return Cycle(12, date(last.year, 1, 1))


def _between(first: date, last: date) -> Period:
    return Period.parse(f"{first.isoformat()}..{last.isoformat()}")


def _by_weeks(span: Span) -> bool:
    return (span.whole_end - span.start).days <= 7


def trail_level(span: Span | None) -> str:
    """The step of a card's trend: weeks for a week or less, else months."""
    return "week" if span is not None and _by_weeks(span) else "month"


def _trail(span: Span) -> Period:
    if _by_weeks(span):
        monday = span.end_exclusive - timedelta(days=span.end_exclusive.weekday())
        return _between(monday - timedelta(weeks=TRAIL), monday - timedelta(days=1))
    end = month_shift(span.end_exclusive, 0)
    return _between(month_shift(end, -TRAIL), end - timedelta(days=1))


def _reached(question: Question, panel: Panel, selection: Selection, context: QueryContext) -> Period | None:
    """The period a question asks for, given how far it reaches; None when there is nothing left to ask."""
    period = period_of(selection)
    span = span_of(selection, context)
    if question.reach == "selection":
        return period
    if span is None:
        return _over_all(question, context)
    match question.reach:
        case "year":
            drilled = any(level in TIME_LEVELS for level, _ in selection.drill)
            long = (span.whole_end - span.start).days > HALF_A_YEAR
            return period if drilled or long else Period.parse(str(span.last_day.year))
        case "history":
            return _between(cycle_of(span).before(getattr(panel.mark, "earlier", 12)), span.last_day)
        case "trail":
            return _trail(span)
        case "seasons":
            end = min(context.today, date(span.last_day.year, 12, 31))
            return _between(date(end.year - getattr(panel.mark, "years", 3) + 1, 1, 1), end)
        case "cycle":
            return _between(cycle_of(span).start, span.last_day)
        case "rest":
            return _rest(span)
        case "complete" | "recent":
            return _months(question, span)
    return period


def _months(question: Question, span: Span) -> Period:
    end = month_shift(span.end_exclusive, -question.back)
    if question.reach == "complete":
        return _between(month_shift(end, -question.months), end - timedelta(days=1))
    return _between(month_shift(span.last_day, 1 - question.months), span.last_day)


def _rest(span: Span) -> Period | None:
    end = max(span.whole_end, cycle_of(span).before(-1))
    return _between(span.end_exclusive, end - timedelta(days=1)) if span.running else None


def _over_all(question: Question, context: QueryContext) -> Period | None:
    """The whole history has no end of its own: what reaches further ends at today."""
    today = context.today
    match question.reach:
        case "trail":
            return _trail(Span(today, today + timedelta(days=1), running=True, whole_end=month_shift(today, 1)))
        case "seasons":
            return _between(date(today.year - 2, 1, 1), today)
        case "history" | "cycle":
            # Nothing builds up over all time: the newest quarter does, and it is answered as a quarter of its own.
            return Period.parse(last_quarter(today))
        case "rest":
            return None
        case "complete" | "recent":
            return _months(question, Span(today, today + timedelta(days=1), running=True, whole_end=today))
    return Period.parse("all")


def in_united_states(selection: Selection) -> bool:
    """Whether the drill path or a filter leaves the United States as the only country."""
    drilled = next((member for level, member in selection.drill if level == "country"), None)
    chosen = selection.filter_on("country")
    only = chosen.members[0] if chosen is not None and len(chosen.members) == 1 and not chosen.sets else None
    return country_code(drilled or only or "") == UNITED_STATES


def readable_grain(selection: Selection, context: QueryContext) -> str:
    """The step of a series over time: the grain that is asked for, or a coarser one where it could not be read."""
    asked = selection.grain or "month"
    span = span_of(selection, context)
    days = ALL_TIME if span is None else span.days
    steps = _STEPS[next((at for at, (step, _) in enumerate(_STEPS) if step == asked), len(_STEPS)) :]
    return next((step for step, length in steps if days <= LONGEST_SERIES * length), asked if not steps else "month")


def level_of(by: str, question: Question, selection: Selection, context: QueryContext) -> str:
    """The level one entry of `by` settles to under the drill path."""
    drilled = tuple(level for level, _ in selection.drill)
    if by == "trail":
        return trail_level(span_of(selection, context))
    if by == BESIDE:
        return f"with_{level_of(question.by[0], question, selection, context)}"
    if by == "map":
        return "state" if in_united_states(selection) else "country"
    if by == "time" and not any(level in PATHS["time"] for level in drilled):
        return readable_grain(selection, context)
    settled = settle_level(by, drilled)
    path = PATHS.get(by, ())
    if question.start in path and settled in path and path.index(settled) < path.index(question.start):
        return question.start
    return settled


def _is_free(narrowing: Narrowing, question: Question) -> bool:
    return isinstance(narrowing, Filter) and narrowing.level in question.free


def where_of(selection: Selection) -> tuple[Narrowing, ...]:
    """The filters and the drill path together; time is not among them, it narrows the period.

    A range of customers' totals is bound to the period looked at: whatever a panel looks at, it is about the same ones.
    """
    drilled = tuple(Filter(level, (member,)) for level, member in selection.drill if level not in TIME_LEVELS)
    own = tuple(
        replace(each, period=period_of(selection)) if isinstance(each, AmountRange) and each.of == "customer" else each
        for each in selection.narrowed
    )
    return tuple(dict.fromkeys((*selection.filters, *drilled, *own)))


def versus_of(question: Question, selection: Selection) -> tuple[str, ...]:
    """The references a question is compared with."""
    asked = selection.versus if question.versus is None else question.versus
    return tuple(reference for reference in asked if question.plan or reference != "budget")


def settle(question: Question, panel: Panel, selection: Selection, context: QueryContext) -> Query | None:
    """The query that `question` is for this selection, seen from this context; None if it asks nothing here."""
    period = _reached(question, panel, selection, context)
    by = tuple(dict.fromkeys(level_of(by, question, selection, context) for by in question.by))
    if period is None or (BESIDE in question.by and by[0] not in HIERARCHIES["goods"]):
        return None
    return Query(
        metrics=question.metrics,
        by=by,
        where=tuple(each for each in where_of(selection) if not _is_free(each, question)),
        period=period,
        versus=versus_of(question, selection),
        basis=selection.basis,
        order=question.order,
        limit=question.limit,
        others=question.others,
        totals=question.totals,
    )
