"""The plan: how a question will be answered, as one list of steps, each returning a new value.

settle periods and comparisons → spell metrics out into aggregates → split into one leg per fact and period → route
each leg to the coarsest source that may answer → key. Compiling a leg to SQL (`statement`) is the last step and is
taken only when the answer is not in the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select

from app.values.calendar import DAY, Span, add_months
from app.values.context import QueryContext
from app.values.errors import Forbidden, Invalid, NotAskable
from app.values.hierarchy import HIERARCHIES, TIME_LEVELS, settle_level
from app.values.narrowing import AmountRange
from app.values.scope import Scope
from app.values.words import Text, say
from queries.cache import key_of
from queries.catalogue.model import Catalogue, Documents
from queries.compare import PLAN, Reference, Settled, Window, settle
from queries.compile import compile_slice
from queries.pairs import baskets_of, compile_baskets, compile_pairs, is_of_pairs
from queries.query import Query
from queries.route import Sizes, Wanted, route
from queries.slice import Cut, Part, PlanVersions, Slice
from queries.sources import PLANS, Source
from queries.spell import PLAN_OF, changes_of, parts_of
from queries.warehouse.engines.engine import Generation

ASKED = ""
"""The name of the asked period among the periods of a plan; comparisons go by their own text."""


@dataclass(frozen=True)
class Leg:
    """One fact in one period, or in a piece of it. `absent` says, in a sentence, why the fact is not asked at all.

    `by_month`: a plan that is fetched by month and shared out afterwards. `cut`: where the whole months are read from a
    rollup and the other days from the fact, of whose lines no rollup holds sums for these: the `days_refusals`.
    """

    fact: str
    period: str
    parts: tuple[Part, ...]
    by: tuple[str, ...]
    window: Window
    source: Source
    refusals: tuple[tuple[str, str], ...] = ()
    absent: str | None = None
    by_month: bool = False
    cut: Cut | None = None
    days_refusals: tuple[tuple[str, str], ...] = ()

    @property
    def is_plan(self) -> bool:
        """Whether it reads budgets or quotas."""
        return self.fact in PLANS


@dataclass(frozen=True)
class Plan:
    """A question with everything decided. `changes` maps each change metric to its comparison."""

    query: Query
    settled: Settled
    changes: Mapping[str, str]
    parts: tuple[Part, ...]
    plan_parts: tuple[Part, ...]
    legs: tuple[Leg, ...]
    key: str

    @property
    def references(self) -> tuple[Reference, ...]:
        """Comparisons in time, those that only changes need included."""
        return self.settled.references


def make_plan(
    query: Query,
    context: QueryContext,
    known: Catalogue,
    generation: Generation,
    versions: Mapping[str, PlanVersions],
    sizes: Sizes,
) -> Plan:
    """Decide how to answer, or refuse with a sentence."""
    query = settled_levels(query)
    check(query, context, known)
    changes = _changes(query, known)
    settled = settle(
        query.period,
        dict.fromkeys((*query.versus, *changes.values())),
        query.where,
        today=context.today,
        calendar=context.calendar,
        first=generation.first_day,
        last=generation.last_day,
        by_time=any(level in TIME_LEVELS for level in query.by),
    )
    parts = parts_of(known, query.metrics)
    plan_parts = _plan_parts(query, known)
    planned = _planned(query, context, versions) if settled.period.form == "all" else {}
    legs = tuple(
        _routed(leg, settled, context, known, generation, query.basis, sizes)
        for leg in _split(query, settled, changes, parts, plan_parts, known, planned)
    )
    return Plan(query, settled, changes, parts, plan_parts, legs, _key(query, context, generation, legs, versions))


def _planned(query: Query, context: QueryContext, versions: Mapping[str, PlanVersions]) -> dict[str, Window]:
    """Of the whole history plans have months of their own, which begin and end where no sale may be."""
    found = {}
    for fact, held in versions.items():
        if held.version_of:
            months = [month for month, _ in held.version_of]
            last = add_months(max(months), 1) - DAY
            of_plan = settle(
                query.period,
                (),
                query.where,
                today=context.today,
                calendar=context.calendar,
                first=min(months),
                last=last,
            )
            found[fact] = of_plan.window
    return found


def settled_levels(query: Query) -> Query:
    """Hierarchies asked by name become their top level."""
    by = tuple(settle_level(level, ()) if level in HIERARCHIES else level for level in query.by)
    return query if by == query.by else replace(query, by=by)


def check(query: Query, context: QueryContext, known: Catalogue) -> None:
    """Refuse unknown and hidden metrics, unknown levels, and orders by what is not asked."""
    for metric_id in query.metrics:
        metric = known.metric(metric_id)
        if metric.needs & context.masks:
            raise Forbidden("{title} is not shown to your role.", title=say(metric.title))
    pairs = [level_id for level_id in query.by if known.level(level_id).pairs_with in query.by]
    if pairs and (len(query.by) != 2 or query.others or query.totals or query.versus):
        raise NotAskable("Pairs are asked by themselves, without others, totals and comparisons.")
    if pairs and not all(isinstance(known.metric(metric).expression, Documents) for metric in query.metrics):
        raise NotAskable("Of pairs only documents can be counted.")
    for level_id in (*query.by, *(each.level for each in query.where)):
        if not known.level(level_id).listed and level_id not in pairs:
            raise NotAskable("Nothing can be asked by {title}.", title=say(known.level(level_id).title.lower()))
    asked = {*query.by, *query.metrics}
    for column, _ in query.order:
        metric_id, _, rest = column.partition("@")
        versus = rest.removesuffix(":delta").removesuffix(":change")
        hidden = known.metrics.get(metric_id)
        if hidden is not None and hidden.needs & context.masks:
            raise Forbidden("{title} is not shown to your role.", title=say(hidden.title))
        if metric_id not in asked or (rest and versus not in query.versus):
            raise Invalid("The answer cannot be ordered by {column!r}: it is not asked for.", column=column[:60])


def _changes(query: Query, known: Catalogue) -> dict[str, str]:
    """Changes are measured against the first comparison in time, or else against their own default."""
    in_time = [versus for versus in query.versus if versus != PLAN]
    return {metric: in_time[0] if in_time else default for metric, default in changes_of(known, query.metrics).items()}


def _plan_parts(query: Query, known: Catalogue) -> tuple[Part, ...]:
    """What `versus=budget` needs beside the metrics themselves."""
    if PLAN not in query.versus:
        return ()
    return parts_of(known, [PLAN_OF[metric] for metric in query.metrics if metric in PLAN_OF])


def _split(
    query: Query,
    settled: Settled,
    changes: Mapping[str, str],
    parts: tuple[Part, ...],
    plan_parts: tuple[Part, ...],
    known: Catalogue,
    planned: Mapping[str, Window],
) -> Iterable[Leg]:
    """One leg per fact and period; refuse when no fact that is asked has the dimensions.

    `planned` holds the windows of plans that have one of their own in the asked period.
    """
    touched = (*query.by, *(each.level for each in settled.where))
    lacking = {fact: _lacking(fact, touched, known) for fact in {part.fact for part in (*parts, *plan_parts)}}
    own_facts = {part.fact for part in parts}
    if all(lacking[fact] for fact in own_facts):
        raise NotAskable(next(iter(sorted(filter(None, (lacking[fact] for fact in own_facts))))))
    wanted_of = {ASKED: (*parts, *plan_parts)}
    for reference in settled.references:
        only_changed = reference.versus not in query.versus
        metrics = [m for m, versus in changes.items() if versus == reference.versus] if only_changed else query.metrics
        wanted_of[reference.versus] = parts_of(known, metrics)
    windows = {ASKED: settled.window, **{each.versus: each.window for each in settled.references if each.window}}
    for period, window in windows.items():
        for fact in sorted({part.fact for part in wanted_of[period]}):
            own = tuple(dict.fromkeys(part for part in wanted_of[period] if part.fact == fact))
            days = planned.get(fact, window) if period == ASKED else window
            leg = Leg(fact, period, own, query.by, days, Source(fact, "booked"), absent=lacking[fact])
            yield _by_month(leg) if fact in PLANS else leg


def _lacking(fact: str, touched: Iterable[str], known: Catalogue) -> Text | None:
    """The sentence that says which dimension a fact lacks. Plans are spread over any level of time."""
    source = Source(fact, "booked")
    missing = [level for level in touched if level not in TIME_LEVELS and not source.has(level)]
    if not missing:
        return None
    levels = tuple(say(known.level(level).title.lower()) for level in dict.fromkeys(missing))
    return say("No plan at this level: {plan} is not set by {level}.", plan=plan_name(fact, known), level=levels)


def plan_name(fact: str, known: Catalogue) -> Text:
    """A plan in words: "budget", "quota"."""
    return say(known.fact_titles.get(fact, fact).lower())


def _by_month(leg: Leg) -> Leg:
    """A plan whose months are cut, or that is asked by time, is fetched by month and shared out afterwards."""
    by_time = any(level in TIME_LEVELS for level in leg.by)
    cut = any(span.start.day != 1 or span.end_exclusive.day != 1 for span in leg.window.spans)
    levels = tuple(level for level in leg.by if level not in TIME_LEVELS)
    return replace(leg, by=levels, by_month=by_time or cut)


def check_currency(currency: str, generation: Generation) -> None:
    """NotAskable unless every amount there is can be told in this currency."""
    if currency not in generation.reporting and set(generation.currencies) - {currency}:
        raise NotAskable(
            "Figures cannot be shown in {currency}, but in {others}.",
            currency=currency,
            others=generation.reporting,
        )


def _routed(
    leg: Leg,
    settled: Settled,
    context: QueryContext,
    known: Catalogue,
    generation: Generation,
    basis: str,
    sizes: Sizes,
) -> Leg:
    if leg.is_plan or leg.absent:
        return leg
    check_currency(context.currency, generation)
    credited = (part.credited for part in leg.parts if part.credited)
    levels = frozenset((*leg.by, *credited, *(each.level for each in settled.where))) | context.scope.levels
    wanted = Wanted(leg.parts, leg.by, levels, leg.window, basis, context.currency)
    chosen = route(wanted, known, context.calendar, generation, sizes)
    cut = _cut(leg.window) if chosen.source.rollup is None else None
    if cut is not None:
        months = route(replace(wanted, window=cut.months), known, context.calendar, generation, sizes)
        if months.source.rollup is not None:
            return replace(leg, source=months.source, refusals=months.refusals, cut=cut, days_refusals=chosen.refusals)
    return replace(leg, source=chosen.source, refusals=chosen.refusals)


def total_of(leg: Leg, plan: Plan, context: QueryContext, known: Catalogue, generation: Generation) -> Leg:
    """The leg that tells what sales in a leg's period come to: fewer levels are touched, so less may be read."""
    alone = replace(leg, by=(), cut=None, days_refusals=())
    return _routed(alone, plan.settled, context, known, generation, plan.query.basis, {})


def _cut(window: Window) -> Cut | None:
    """The whole months of a window that begins or ends within a month, and its other days."""
    if len(window.spans) != 1:
        return None
    (span,) = window.spans
    start = span.start if span.start.day == 1 else add_months(span.start.replace(day=1), 1)
    end = span.end_exclusive.replace(day=1)
    if start >= end or (start, end) == (span.start, span.end_exclusive):
        return None
    outer = (Span.whole(span.start, start), Span.whole(end, span.end_exclusive))
    return Cut(Window((Span.whole(start, end),)), Window(tuple(each for each in outer if each.days > 0)))


def _key(
    query: Query,
    context: QueryContext,
    generation: Generation,
    legs: tuple[Leg, ...],
    versions: Mapping[str, PlanVersions],
) -> str:
    """The cache key: everything the answer depends on, and of the data only the versions of the months touched."""
    return key_of(
        "frame 4",
        context.scope.fingerprint(),
        context.epoch,
        context.masks,
        context.today,
        context.locale,
        context.zone,
        context.currency,
        context.calendar,
        query,
        generation.dims_version,
        generation.reporting,
        generation.currencies,
        tuple((leg.fact, leg.period, leg.window.spans, _data_versions(leg, query, generation)) for leg in legs),
        {fact: held.digest for fact, held in versions.items()},
    )


def _data_versions(leg: Leg, query: Query, generation: Generation) -> tuple[Any, ...]:
    if leg.is_plan:
        # The digest of the plan's versions stands for all its months.
        return ()
    if query.basis != "booked" or any(isinstance(each, AmountRange) for each in query.where):
        # Totals may be of other days than those asked about.
        # Versions count booked months; what is invoiced or paid in a month may have been booked in any.
        return tuple(sorted((m, v) for (fact, m), v in generation.month_versions.items() if fact == leg.fact))
    return tuple(generation.month_version(leg.fact, month) for month in leg.window.months())


def slice_of(leg: Leg, plan: Plan) -> Slice:
    """What a leg's statement is about."""
    totals = plan.query.totals and not leg.by_month and bool(leg.by)
    return Slice(
        leg.source, leg.parts, leg.by, leg.window, plan.settled.where, totals, by_month=leg.by_month, cut=leg.cut
    )


def statement(
    asked: Slice, scope: Scope, currency: str, generation: Generation, versions: Mapping[str, PlanVersions]
) -> Select[Any]:
    """Compile a slice with the viewer's scope inside."""
    if asked.few:
        return compile_baskets(baskets_of(asked), scope, currency)
    if is_of_pairs(asked):
        return compile_pairs(asked, scope, currency)
    held = versions.get(asked.source.fact)
    currencies = held.currencies if held else frozenset(generation.currencies)
    return compile_slice(asked, scope, currency, converts=bool(currencies - {currency}), versions=held)
