"""Watching: what an alert's rule reads, for one viewer at one moment; the same for the form's preview and the check."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from app.domain.alerts import Reading, oddness
from app.domain.rhythm import rhythm
from app.services.alerts import Offer
from app.services.contents import own_of
from app.values.alert import Rule
from app.values.calendar import DAY, Calendar
from app.values.context import QueryContext
from app.values.errors import NotFound, TooBig
from app.values.hierarchy import TIME_LEVELS
from app.values.money import divide
from app.values.period import Period
from app.values.selection import Filter, Narrowing, Selection
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say
from layouts.dashboard import context_of
from layouts.settle import period_of, span_of, where_of
from queries.frame import Frame, Member, Value
from queries.query import Query

if TYPE_CHECKING:
    from app.assembly import House

MOST_MEMBERS = 200
"""Members that one alert watches."""

DAYS_BACK = 365
"""How far back a last sale is looked for."""

RHYTHM_DAYS = 730
"""How far back a customer's rhythm is read."""

HISTORY = {"day": 182, "week": 52 * 7 * 2, "month": 366 * 4}
"""Step → days of history that say what is usual."""

CYCLE = {"day": 7, "week": 1, "month": 12}

STALE = say("There are no data of this period yet.")
UNDEFINED = say("There is no figure to compare.")
TOO_SHORT = say("The history is too short to say what is usual.")
NO_RHYTHM = say("Too few orders to tell a rhythm.")


def offer(house: House) -> Offer:
    """What can be watched in this house."""
    known = house.catalogue
    metrics = {name: each.needs for name, each in known.metrics.items() if each.listed and each.unit != "day"}
    levels = {
        name: frozenset(
            level.id
            for level in known.levels.values()
            if level.listed and level.id not in TIME_LEVELS and not level.pairs_with and known.askable(name, level.id)
        )
        for name in metrics
    }
    return Offer(house.dashboards, metrics, levels, frozenset({"mail"}))


def seen_by(house: House, viewer: Viewer, address: str) -> View:
    """The view as this viewer gets it: about the viewer where it is about somebody, its sets looked up."""
    return house.looked_up(viewer, own_of(View.parse(address), house.dashboards))


def readings(house: House, viewer: Viewer, view: View, rule: Rule) -> tuple[Reading, ...]:
    """What the rule finds in the viewer's rows, the whole or each member. Raises a Refusal with a sentence."""
    context = context_of(view, viewer)
    match rule.kind:
        case "anomaly":
            return _unusual(house, view.selection, context, rule)
        case "no-data":
            return _silent(house, view.selection, context, rule)
        case "rhythm":
            return _out_of_rhythm(house, view.selection, context)
    return _measured(house, view.selection, context, rule)


def _measured(house: House, chosen: Selection, context: QueryContext, rule: Rule) -> tuple[Reading, ...]:
    """The figure over the selection, or its change."""
    versus = (rule.versus,) if rule.versus else ()
    frame = _asked(house, chosen, context, (rule.metric,), _by(rule), period_of(chosen), versus)
    span, newest = span_of(chosen, context), _day(frame.provenance.as_of)
    if newest is None or (span is not None and newest < span.start):
        return (Reading(why=STALE),)
    zero = nothing_of(house, rule)
    column = f"{rule.metric}@{rule.versus}:change" if rule.versus else rule.metric
    found = []
    for (key, name), value, judged in zip(
        _members(frame, rule.by), frame.values(rule.metric), frame.values(column), strict=True
    ):
        figure = _decimal(value)
        held = _decimal(judged) if _decimal(judged) is not None else zero
        found.append(
            Reading(key, name, figure if figure is not None else zero, held, "" if held is not None else UNDEFINED)
        )
    return tuple(found)


def _unusual(house: House, chosen: Selection, context: QueryContext, rule: Rule) -> tuple[Reading, ...]:
    """The newest complete step of the history against those before."""
    end = _complete_until(house, context, rule.step)
    if end is None:
        return (Reading(why=STALE),)
    calendar = context.calendar
    start = calendar.start_of(rule.step, end - timedelta(days=HISTORY[rule.step]))
    frame = _asked(house, chosen, context, (rule.metric,), (rule.step, *_by(rule)), _between(start, end - DAY))
    series: defaultdict[tuple[str, str], dict[str, Decimal | None]] = defaultdict(dict)
    names = _members(frame, rule.by)
    for step, member, value in zip(frame.values(rule.step), names, frame.values(rule.metric), strict=True):
        series[member][step.key if isinstance(step, Member) else str(step)] = _decimal(value)
    if len(series) > MOST_MEMBERS:
        raise _too_many()
    adds_up = _adds_up(house, rule.metric)
    keys = _keys(calendar, rule.step, start, end)
    return tuple(
        _odd(member, [(key, figures.get(key, Decimal(0) if adds_up else None)) for key in keys], rule)
        for member, figures in sorted(series.items(), key=lambda pair: pair[0][1])
    ) or (Reading(why=TOO_SHORT),)


def _odd(member: tuple[str, str], series: list[tuple[str, Decimal | None]], rule: Rule) -> Reading:
    first = next((at for at, (_, value) in enumerate(series) if value), len(series))
    points = [(_season(rule.step, key), value) for key, value in series[first:] if value is not None]
    newest = series[-1][1]
    odd = oddness(points, CYCLE[rule.step], rule.bound) if newest is not None else None
    why = "" if odd is not None else TOO_SHORT
    return Reading(
        *member, value=newest, judged=odd.score if odd is not None else None, why=why, odd=odd, stretch=series[-1][0]
    )


def _silent(house: House, chosen: Selection, context: QueryContext, rule: Rule) -> tuple[Reading, ...]:
    """Complete days since the last sale: today is not over and does not count."""
    today = context.today
    period = _between(today - timedelta(days=DAYS_BACK), today)
    frame = _asked(house, chosen, context, ("last_order",), _by(rule), period)
    found = []
    for (key, name), last in zip(_members(frame, rule.by), frame.values("last_order"), strict=True):
        days = max((today - last).days - 1, 0) if isinstance(last, date) else DAYS_BACK
        found.append(Reading(key, name, Decimal(days), Decimal(days)))
    return tuple(found) or (Reading("", "", Decimal(DAYS_BACK), Decimal(DAYS_BACK)),)


def _out_of_rhythm(house: House, chosen: Selection, context: QueryContext) -> tuple[Reading, ...]:
    """Of those who buy most often: how long they have been silent, as a multiple of their longest usual gap."""
    newest = _newest(house)
    if newest is None:
        return (Reading(why=STALE),)
    until = min(context.today, newest)
    period = _between(until - timedelta(days=RHYTHM_DAYS), until)
    often = Query(
        ("orders",),
        ("customer",),
        tuple(where_of(chosen)),
        period,
        (),
        chosen.basis,
        (("orders", "desc"),),
        MOST_MEMBERS,
    )
    names = {
        each.key: each.name for each in house.asker.ask(often, context).values("customer") if isinstance(each, Member)
    }
    if not names:
        return (Reading(why=NO_RHYTHM),)
    only: tuple[Narrowing, ...] = (*where_of(chosen), Filter("customer", tuple(sorted(names))))
    frame = house.asker.ask(Query(("orders",), ("customer", "day"), only, period, (), chosen.basis), context)
    days: defaultdict[str, list[date]] = defaultdict(list)
    for who, day, orders in zip(frame.values("customer"), frame.values("day"), frame.values("orders"), strict=True):
        if isinstance(who, Member) and orders:
            days[who.key].append(date.fromisoformat(day.key if isinstance(day, Member) else str(day)))
    found = []
    for key, name in names.items():
        own = rhythm(days[key], until)
        silent = None if own.silent_days is None else Decimal(own.silent_days)
        judged = divide(silent, own.longest_usual)[0] if silent is not None and own.longest_usual else None
        found.append(Reading(key, name, silent, judged, "" if judged is not None else NO_RHYTHM))
    return tuple(found)


def _asked(
    house: House,
    chosen: Selection,
    context: QueryContext,
    metrics: tuple[str, ...],
    by: tuple[str, ...],
    period: Period,
    versus: tuple[str, ...] = (),
) -> Frame:
    query = Query(metrics, by, tuple(where_of(chosen)), period, versus, chosen.basis)
    frame = house.asker.ask(query, context)
    if len(by) == 1 and by[0] not in TIME_LEVELS and len(frame.rows) > MOST_MEMBERS:
        raise _too_many()
    return frame


def _too_many() -> TooBig:
    return TooBig(
        "An alert watches {most} members at most: narrow the view, or choose a coarser level.", most=MOST_MEMBERS
    )


def _by(rule: Rule) -> tuple[str, ...]:
    return (rule.by,) if rule.by else ()


def _members(frame: Frame, by: str) -> list[tuple[str, str]]:
    """Key and name of the member of each row; of the whole, both are empty."""
    if not by:
        return [("", "")] * len(frame.rows)
    return [(each.key, each.name) if isinstance(each, Member) else ("", "") for each in frame.values(by)]


def nothing_of(house: House, rule: Rule) -> Decimal | None:
    """What is read of a member that has no rows: nothing of what adds up is zero, all else is undefined."""
    return Decimal(0) if rule.kind == "threshold" and _adds_up(house, rule.metric) else None


def _adds_up(house: House, metric: str) -> bool:
    """Whether nothing sold is zero of it, and not undefined."""
    return house.catalogue.metric(metric).unit in ("money", "count", "quantity") and not (
        house.catalogue.metric(metric).parts
    )


def _newest(house: House) -> date | None:
    try:
        with house.engine.snapshot() as snapshot:
            return _day(snapshot.generation.as_of)
    except NotFound:
        return None


def _complete_until(house: House, context: QueryContext, step: str) -> date | None:
    """The day after the last complete step that there are data of."""
    newest = _newest(house)
    return None if newest is None else context.calendar.start_of(step, min(context.today, newest + DAY))


def _keys(calendar: Calendar, step: str, start: date, end: date) -> tuple[str, ...]:
    found, day = [], start
    while day < end:
        found.append(calendar.key(step, day))
        day = calendar.step(step, day, 1)
    return tuple(found)


def _season(step: str, key: str) -> int:
    match step:
        case "day":
            return date.fromisoformat(key).weekday()
        case "month":
            return int(key[-2:])
    return 0


def _between(first: date, last: date) -> Period:
    return Period.parse(f"{first.isoformat()}..{last.isoformat()}")


def _day(told: object) -> date | None:
    return date(told.year, told.month, told.day) if isinstance(told, date) else None


def _decimal(value: Value) -> Decimal | None:
    return Decimal(value) if isinstance(value, Decimal | int) else None
