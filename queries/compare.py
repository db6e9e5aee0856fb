"""Comparing in time: the days asked about, and the days each comparison sets against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from app.values.calendar import Calendar, Span
from app.values.hierarchy import TIME_LEVELS
from app.values.narrowing import AmountRange
from app.values.period import Period, counterparts
from app.values.selection import Filter, Narrowing

PLAN = "budget"
"""The comparison that is a plan, not another time."""


BEFORE_SALES = "before_first_sale"
"""The reason code of a comparison that would begin before the first sale."""


@dataclass(frozen=True)
class Window:
    """The days asked about: spans in order that do not overlap; no spans = no days."""

    spans: tuple[Span, ...]

    @property
    def start(self) -> date:
        """The first day."""
        return self.spans[0].start

    @property
    def end_exclusive(self) -> date:
        """The day after the last one."""
        return self.spans[-1].end_exclusive

    @property
    def hull(self) -> Span:
        """One span from the first to the last day."""
        first, last = self.spans[0], self.spans[-1]
        return replace(last, start=first.start)

    def months(self) -> Iterator[date]:
        """The first of every calendar month that some day falls into, in order."""
        seen = None
        for span in self.spans:
            month = span.start.replace(day=1)
            while month < span.end_exclusive:
                if month != seen:
                    yield month
                seen = month
                month = date(month.year + month.month // 12, month.month % 12 + 1, 1)

    def keys(self, level: str, calendar: Calendar) -> tuple[str, ...]:
        """The members of a time level that some day falls into, in order."""
        found = (key for span in self.spans for key in calendar.keys(level, span))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Reference:
    """One comparison: another window, or None with the reason code why there is none."""

    versus: str
    window: Window | None
    reason: str | None = None


@dataclass(frozen=True)
class Totalled:
    """A range of totals with the days that the totals are of; those of a statement itself where it is None."""

    range: AmountRange
    window: Window | None = None

    @property
    def level(self) -> str:
        """The level that the range touches."""
        return self.range.level


@dataclass(frozen=True)
class Settled:
    """A question's time once `today` is known. `where` is what remains when filters on time became days."""

    period: Period
    window: Window
    where: tuple[Narrowing | Totalled, ...]
    references: tuple[Reference, ...]


def settle(
    period: Period,
    versus: Iterable[str],
    where: Iterable[Narrowing],
    *,
    today: date,
    calendar: Calendar,
    first: date | None,
    last: date | None,
    by_time: bool = False,
) -> Settled:
    """Turn a period, its comparisons and the filters on time into days.

    The whole history, with nothing right before it and less than itself a year earlier, is compared with neither,
    unless it is told apart `by_time`.

    A filter that names one member inside the period is a drill: it becomes the period, so that June of this year is
    compared with June of last year. With `period=2013` and `month=2013-06`, versus `last-year` is June 2012.
    """
    whole = period.settle(today, calendar, first, last)
    spelled = [each.settled() for each in where]
    on_time = [each for each in spelled if isinstance(each, Filter) and each.level in TIME_LEVELS]
    inner, span, others = _drilled(period, whole, on_time, today, calendar)
    window = Window((span,))
    for each in others:
        window = _filtered(window, each, calendar)
    rest = tuple(
        _totalled(each, window, lambda own: own.settle(today, calendar, first, last))
        if isinstance(each, AmountRange)
        else each
        for each in spelled
        if each.level not in TIME_LEVELS
    )
    references = tuple(
        _reference(text, period, whole, inner, window, today=today, calendar=calendar, first=first, last=last)
        for text in versus
        if text != PLAN
    )
    if inner.form == "all" and not by_time:
        references = tuple(_inside_history(each, first) for each in references)
    return Settled(inner, window, rest, references)


def _totalled(found: AmountRange, window: Window, settled: Callable[[Period], Span]) -> Narrowing | Totalled:
    """A customer's total is that of one stretch of time, whichever days a statement reads."""
    if found.of == "line":
        return found
    if found.of == "document":
        return Totalled(found)
    return Totalled(found, window if found.period is None else Window((settled(found.period),)))


def _drilled(
    period: Period, span: Span, filters: list[Filter], today: date, calendar: Calendar
) -> tuple[Period, Span, list[Filter]]:
    """The narrowest period that filters on one member lead to, and the filters that are left."""
    left = []
    for each in sorted(filters, key=lambda found: _length(found, calendar), reverse=True):
        if each.exclude or len(each.members) != 1:
            left.append(each)
            continue
        inner = Period.parse(each.members[0])
        narrowed = inner.settle(today, calendar)
        if span.start <= narrowed.start and narrowed.end_exclusive <= span.end_exclusive:
            period, span = inner, narrowed
        elif not _covers(calendar.span(each.members[0]), span):
            left.append(each)
    return period, span, left


def _length(found: Filter, calendar: Calendar) -> int:
    return calendar.span(found.members[0]).days if len(found.members) == 1 else 0


def _covers(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end_exclusive <= outer.end_exclusive


def _filtered(window: Window, on_time: Filter, calendar: Calendar) -> Window:
    """The days of the window inside (or, excluding, outside) the members of a filter."""
    members = sorted((calendar.span(key) for key in on_time.members), key=lambda span: span.start)
    if not on_time.exclude:
        kept = (_met(span, member) for span in window.spans for member in members)
        return Window(tuple(span for span in kept if span is not None))
    spans = window.spans
    for member in members:
        spans = tuple(piece for span in spans for piece in _without(span, member))
    return Window(spans)


def _met(a: Span, b: Span) -> Span | None:
    start, end = max(a.start, b.start), min(a.end_exclusive, b.end_exclusive)
    return Span.whole(start, end) if start < end else None


def _without(span: Span, hole: Span) -> Iterator[Span]:
    if _met(span, hole) is None:
        yield span
        return
    if span.start < hole.start:
        yield Span.whole(span.start, hole.start)
    if hole.end_exclusive < span.end_exclusive:
        yield Span.whole(hole.end_exclusive, span.end_exclusive)


def _reference(
    text: str,
    outer: Period,
    whole: Span,
    inner: Period,
    window: Window,
    *,
    today: date,
    calendar: Calendar,
    first: date | None,
    last: date | None,
) -> Reference:
    if not window.spans:
        return Reference(text, None, "no_base")
    if text == "last-year":
        spans = tuple(_year_earlier(span, inner, calendar) for span in window.spans)
        return Reference(text, Window(spans))
    if len(window.spans) > 1:
        # Scattered days have no days "right before" them.
        return Reference(text, None, "no_base")
    span = window.spans[0]
    if text == "previous":
        previous = inner.previous(span, calendar)
        return Reference(text, Window((previous,)) if previous else None, None if previous else "no_base")
    named = Period.parse(text).settle(today, calendar, first, last)
    if inner == outer:
        return Reference(text, Window((outer.to_the_same_point(span, named, calendar),)))
    # Drilled into June of the period, the comparison is June's counterpart in the period compared with.
    other = counterparts(inner.unit, whole, named, calendar).get(calendar.key(inner.unit, span.start))
    if other is None:
        return Reference(text, None, "no_base")
    return Reference(text, Window((inner.to_the_same_point(span, calendar.span(other), calendar),)))


def _inside_history(found: Reference, first: date | None) -> Reference:
    """The comparison, or none when it would set against the whole history days before there was any."""
    if found.versus == "previous":
        return replace(found, window=None, reason=BEFORE_SALES)
    if found.versus != "last-year" or found.window is None or first is None or found.window.start >= first:
        return found
    return Reference(found.versus, None, BEFORE_SALES)


def _year_earlier(span: Span, period: Period, calendar: Calendar) -> Span:
    by_day = Period("range", "day", first=span.start.isoformat(), until=span.last_day.isoformat())
    return (period if _is_of(period, span, calendar) else by_day).last_year(span, calendar)


def _is_of(period: Period, span: Span, calendar: Calendar) -> bool:
    """Whether the span is the whole period (to date), not a piece that other filters on time left of it."""
    if period.form == "all":
        return False
    return calendar.start_of(period.unit, span.start) == span.start and (
        span.running or calendar.start_of(period.unit, span.end_exclusive) == span.end_exclusive
    )
