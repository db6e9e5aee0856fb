"""Gathering: the statements of a plan run, and their rows met by key across facts and periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any

from app.values.calendar import Calendar
from app.values.context import QueryContext
from app.values.errors import TooBig
from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.period import counterparts
from queries.compare import Window
from queries.pairs import baskets_of, documents_told, is_of_pairs, pairs_told, sized
from queries.plan import ASKED, Leg, Plan, slice_of, statement
from queries.prorate import share_of, shares
from queries.shared import Shared
from queries.slice import COLLECTED, Part, PlanVersions, Slice
from queries.spell import Bucket, Number
from queries.warehouse.engines.engine import Snapshot

MOST_ROWS = 200_000
"""Rows of one leg beyond which a question is refused."""

Keys = tuple[str, ...]
_FISCAL_PREFIX = "fiscal_"


@dataclass
class Gathered:
    """Rows by period and key, the totals, and what people should know about how they came to be.

    `planned`: the periods in which a plan was asked. `headed`: only the first rows are here, and totals were asked
    apart.
    """

    rows: dict[str, dict[Keys, Bucket]] = field(default_factory=dict)
    totals: dict[str, Bucket] = field(default_factory=dict)
    raw: dict[str, dict[Keys, list[tuple[Any, ...]]]] = field(default_factory=dict)
    nothing: dict[str, dict[Part, Any]] = field(default_factory=dict)
    planned: set[str] = field(default_factory=set)
    held: int = 0
    headed: bool = False
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Say something once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def cells(self, keys: Iterable[Keys], periods: Iterable[str]) -> dict[str, list[Bucket]]:
        """Rows in several periods. Sales that did not happen are 0; a plan that was not made is missing."""
        keys = list(keys)
        found = {}
        for period in periods:
            rows, nothing = self.rows.get(period, {}), Bucket(self.nothing.get(period, {}))
            found[period] = [rows.get(key, nothing) for key in keys]
        return found

    def complete(self) -> None:
        """Once everything is here: rows that only a plan knows had no sales."""
        for period, nothing in self.nothing.items():
            if period in self.planned:
                for bucket in self.rows.get(period, {}).values():
                    bucket.parts = {**nothing, **bucket.parts}

    def total(self, period: str) -> Bucket:
        """The totals of a period."""
        return self._whole(period, self.totals.get(period))

    def _whole(self, period: str, bucket: Bucket | None) -> Bucket:
        nothing = self.nothing.get(period, {})
        return Bucket(nothing) if bucket is None else replace(bucket, parts={**nothing, **bucket.parts})

    def rest(self, period: str, hidden: Iterable[Keys], asked: Bucket | None) -> Bucket:
        """Rows that are not shown, as one: sums added up, distinct counts as asked for."""
        bucket = Bucket()
        for keys in hidden:
            found = self.rows.get(period, {}).get(keys)
            if found is not None:
                additive = [part for part in found.parts if part.is_additive]
                bucket.add(additive, [found.parts[part] for part in additive], found.rows, found.held)
        if asked is not None:
            bucket.parts.update(asked.parts)
            bucket.rows += asked.rows
            bucket.held += asked.held
        return self._whole(period, bucket)


def _nothing(part: Part) -> Number | None:
    if part.measure in COLLECTED:
        return None
    return Decimal(0) if part.is_money or part.measure == "quantity" else 0


@dataclass(frozen=True)
class Reading:
    """One snapshot read by one viewer, for a question or for several that share what they read."""

    context: QueryContext
    snapshot: Snapshot
    versions: Mapping[str, PlanVersions]
    shared: Shared | None = None

    def fetch(self, asked: Slice) -> list[tuple[Any, ...]]:
        """The rows of a slice, inside the viewer's scope. Raises TooBig."""
        return self.shared.fetch(asked, self._read) if self.shared else self._read(asked)

    def _read(self, asked: Slice) -> list[tuple[Any, ...]]:
        asked = sized(asked, self.snapshot)
        return self._of_baskets(asked) if asked.few else self._selected(asked)

    def _of_baskets(self, asked: Slice) -> list[tuple[Any, ...]]:
        """What is told of members on the same documents: these are read once, whatever is asked of them."""
        lines = None if is_of_pairs(asked) else self._selected(replace(asked, parts=(), few=False))
        alike = baskets_of(asked)
        read = partial(self._selected, alike)
        found = self.shared.together(alike, read) if self.shared else read()
        return pairs_told(asked, found) if lines is None else documents_told(asked, found, lines)

    def _selected(self, asked: Slice) -> list[tuple[Any, ...]]:
        context = self.context
        select = statement(asked, context.scope, context.currency, self.snapshot.generation, self.versions)
        if not asked.by or asked.head:
            return self.snapshot.fetch(select, context.scope)
        rows = self.snapshot.fetch(select.limit(MOST_ROWS + 1), context.scope)
        if len(rows) > MOST_ROWS:
            raise TooBig(
                "This question has more than {most:,} rows: narrow it down or ask a coarser level.", most=MOST_ROWS
            )
        return rows


def gather(plan: Plan, reading: Reading) -> Gathered:
    """Run every leg and let the rows meet by key: once for all plans that gather alike, which leave it as it is."""
    if reading.shared is None:
        return _gathered(plan, reading)
    query = plan.query
    alike = (plan.legs, plan.settled, query.by, query.totals, query.others)
    return reading.shared.together(alike, lambda: _gathered(plan, reading))


def _gathered(plan: Plan, reading: Reading) -> Gathered:
    gathered = Gathered()
    for leg in plan.legs:
        if leg.absent:
            gathered.note(leg.absent)
        else:
            take(gathered, leg, plan, reading.fetch(slice_of(leg, plan)), reading.context.calendar)
    gathered.complete()
    return gathered


def take(gathered: Gathered, leg: Leg, plan: Plan, rows: list[tuple[Any, ...]], calendar: Calendar) -> None:
    """Bring a leg's rows in."""
    if leg.is_plan:
        gathered.planned.add(leg.period)
    else:
        gathered.nothing[leg.period] = {part: _nothing(part) for part in leg.parts}
    (_take_months if leg.by_month else _take)(gathered, leg, plan, rows, calendar)


def rest_of(plan: Plan, reading: Reading, gathered: Gathered, shown: Iterable[Keys]) -> dict[str, Bucket]:
    """Distinct counts over all rows but those shown, per period: they have to be asked for."""
    found: dict[str, Bucket] = {}
    shown = list(shown)
    for leg in plan.legs:
        parts = tuple(part for part in leg.parts if not part.is_additive)
        if leg.absent or not parts:
            continue
        raw = gathered.raw.get(leg.period, {})
        excluded = tuple(dict.fromkeys(key for keys in shown for key in raw.get(keys, ())))
        rest = whole(replace(leg, parts=parts), plan, reading, excluded)
        found.setdefault(leg.period, Bucket()).add(parts, [rest.parts[part] for part in parts], 0, 0)
    return found


def whole(leg: Leg, plan: Plan, reading: Reading, excluded: tuple[tuple[Any, ...], ...] = ()) -> Bucket:
    """A leg over all its rows but some, as one row: asked for, not summed up."""
    asked = replace(slice_of(leg, plan), by=(), totals=False, excluded_by=leg.by if excluded else (), excluded=excluded)
    bucket = Bucket()
    for row in reading.fetch(asked):
        amounts, count, held = row[leg.by_month : -2], row[-2], row[-1]
        if not leg.is_plan:
            bucket.add(leg.parts, amounts, count, held)
        elif count != held and leg.by_month:
            for _, share in shares(row[0], leg.window, (), reading.context.calendar):
                bucket.add(leg.parts, [share_of(Decimal(amount), share) for amount in amounts], 0, 0)
        elif count != held:
            bucket.add(leg.parts, amounts, 0, 0)
    return bucket


def _take(gathered: Gathered, leg: Leg, plan: Plan, rows: list[tuple[Any, ...]], calendar: Calendar) -> None:
    """Rows whose key columns are the levels asked by."""
    width = len(leg.by)
    flagged = slice_of(leg, plan).totals and not gathered.headed
    first = width + flagged
    last = first + len(leg.parts)
    counts = leg.period == ASKED
    places = _placer(leg, plan, calendar)
    into = gathered.rows.setdefault(leg.period, {})
    planned, parts = leg.is_plan, leg.parts
    alone = parts[0] if len(parts) == 1 else None
    # Where each row came from is needed only to leave out those shown when distinct counts of the rest are asked.
    raw = gathered.raw.setdefault(leg.period, {}) if not leg.is_plan and _asks_rest(leg, plan) else None
    for row in rows:
        if planned and row[last] == row[last + 1]:
            gathered.held += row[last + 1] if counts and not (flagged and row[width]) else 0
            continue
        # Of sales only: that every line is held says nothing about a plan.
        count, held = (0, 0) if planned else (row[last], row[last + 1])
        values = row[first:last]
        if flagged and row[width]:
            gathered.totals.setdefault(leg.period, Bucket()).add(parts, values, count, held)
            continue
        if counts:
            gathered.held += row[last + 1]
        for keys in places(row[:width]):
            bucket = into.get(keys)
            if bucket is None:
                own = dict(zip(parts, values, strict=True)) if alone is None else {alone: values[0]}
                into[keys] = Bucket(own, count, held)
            else:
                bucket.add(parts, values, count, held)
            if raw is not None:
                raw.setdefault(keys, []).append(row[:width])
    if width == 0 and plan.query.totals and () in into:
        gathered.totals[leg.period] = into[()]


def _asks_rest(leg: Leg, plan: Plan) -> bool:
    return plan.query.others and not all(part.is_additive for part in leg.parts)


def _take_months(gathered: Gathered, leg: Leg, plan: Plan, rows: list[tuple[Any, ...]], calendar: Calendar) -> None:
    """A plan's months, shared out over the window and the levels of time asked by."""
    levels = tuple(level for level in plan.query.by if level in TIME_LEVELS)
    width = len(leg.by)
    into = gathered.rows.setdefault(leg.period, {})
    known: dict[Any, list[tuple[Keys, Any]]] = {}
    meets = _placer(leg, plan, calendar, timed=True)
    for row in rows:
        month, amounts = row[width], row[width + 1 : -2]
        gathered.held += row[-1] if leg.period == ASKED else 0
        if month is None or row[-2] == row[-1]:
            continue
        if month not in known:
            known[month] = list(shares(month, leg.window, levels, calendar))
        plain = tuple(NO_MEMBER if key is None else str(key) for key in row[:width])
        for times, share in known[month]:
            values = [share_of(Decimal(amount), share) for amount in amounts]
            for keys in meets(_woven(plan.query.by, plain, times)):
                into.setdefault(keys, Bucket()).add(leg.parts, values, 0, 0)
            if plan.query.totals and not gathered.headed:
                gathered.totals.setdefault(leg.period, Bucket()).add(leg.parts, values, 0, 0)


def _woven(by: tuple[str, ...], plain: Keys, times: Keys) -> Keys:
    """Keys of time and of other levels, in the order asked by."""
    left, right = iter(plain), iter(times)
    return tuple(next(right) if level in TIME_LEVELS else next(left) for level in by)


def _placer(
    leg: Leg, plan: Plan, calendar: Calendar, *, timed: bool = False
) -> Callable[[tuple[Any, ...]], Iterable[Keys]]:
    """A function from a fetched row's keys to the rows of the answer it belongs to.

    In a comparison, last year's June belongs to this year's June; a member without a counterpart belongs nowhere, one
    with two (28 February, after a leap year) to both.
    """
    by = plan.query.by if timed else leg.by
    compared = leg.period != ASKED
    maps = [
        _met_by(level, plan.settled.window, leg.window, calendar) if compared and level in TIME_LEVELS else None
        for level in by
    ]
    dated = [level in TIME_LEVELS and not timed and not level.startswith(_FISCAL_PREFIX) for level in by]
    if not any(level in TIME_LEVELS for level in by):
        return lambda values: (
            (tuple([NO_MEMBER if value is None else value for value in values]),) if None in values else (values,)
        )

    def placed(position: int, value: Any) -> tuple[str, ...]:
        key = NO_MEMBER if value is None else calendar.key(by[position], value) if dated[position] else str(value)
        table = maps[position]
        return (key,) if table is None else table.get(key, ())

    known = [_Known(partial(placed, position)) for position in range(len(by))]

    def place(values: tuple[Any, ...]) -> Iterable[Keys]:
        return product(*[places[value] for places, value in zip(known, values, strict=True)])

    return place


class _Known(dict[Any, tuple[str, ...]]):
    """Where members belong, found out once for each."""

    def __init__(self, find: Callable[[Any], tuple[str, ...]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, value: Any) -> tuple[str, ...]:
        found = self[value] = self._find(value)
        return found


def _met_by(level: str, window: Window, other: Window, calendar: Calendar) -> dict[str, tuple[str, ...]]:
    """The members of the asked window that each member of the compared one is set against."""
    if len(window.spans) == len(other.spans) == 1:
        pairs = counterparts(level, window.spans[0], other.spans[0], calendar).items()
    else:
        pairs = dict(zip(window.keys(level, calendar), other.keys(level, calendar), strict=False)).items()
    found: dict[str, tuple[str, ...]] = {}
    for key, met in pairs:
        if met is not None:
            found[met] = (*found.get(met, ()), key)
    return found
