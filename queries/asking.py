"""Asking: a question and a context become an answer, from the cache or from the warehouse."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import Select, func, select

from app.values.context import QueryContext
from app.values.errors import NotAskable, Refusal
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Narrowing
from queries.answer import answer
from queries.cache import Cache, key_of
from queries.catalogue.model import Catalogue
from queries.compile import plan_versions
from queries.coverage import open_levels
from queries.explain import Explanation, explain
from queries.frame import Frame, Member
from queries.kept import Desk, kept, kept_name, rests_on
from queries.listing import Listing, lines
from queries.members import EVER, Options, Search, find, named
from queries.names import Names
from queries.plan import Plan, make_plan
from queries.query import Direction, Query
from queries.route import Sizes, sizes_of
from queries.shared import Shared
from queries.slice import PlanVersions
from queries.sources import PLANS
from queries.spell import PLAN_OF
from queries.warehouse import schema
from queries.warehouse.engines.engine import Engine, Snapshot

Known = TypeVar("Known")
_KEPT_STATES = 16
_KEPT_PLANS = 2_000


class Asker:
    """The one way to the warehouse's figures. It carries what is handed in, and remembers names and plans only."""

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        cache: Cache | None = None,
        threads: int = 3,
        home: Path | None = None,
    ) -> None:
        self.engine = engine
        self.catalogue = catalogue
        self.cache = cache or Cache(None, b"")
        self.names = Names()
        self._threads = threads
        self._home = home
        self._versions = Recent[PlanVersions](_KEPT_STATES)
        self._rollup_sizes = Recent[Sizes](_KEPT_STATES)
        self._plans = Recent[tuple[Plan, dict[str, PlanVersions]]](_KEPT_PLANS)

    def ask(self, query: Query, context: QueryContext) -> Frame:
        """The answer inside the context's scope. Raises a Refusal with a sentence."""
        with self.engine.snapshot() as snapshot:
            return self.ask_in(query, context, snapshot)

    def ask_all(self, queries: Iterable[Query], context: QueryContext) -> list[Frame]:
        """Answers to all questions from one generation, each distinct one asked once, some at a time."""
        asked = list(queries)
        distinct = [query for query in dict.fromkeys(asked) if kept_name(query) is None]
        with self.engine.snapshot() as snapshot:
            apart = {query: self.ask_in(query, context, snapshot) for query in asked if kept_name(query) is not None}
            if len(distinct) < 2:
                found = [self.ask_in(query, context, snapshot) for query in distinct]
            else:
                planned = [self.plan(query, context, snapshot) for query in distinct]
                # A page seen again is all kept: threads are for what has to be asked.
                kept_ones = [self.cache.recall(plan.key, Frame.from_json) for plan, _ in planned]
                missing = [each for each, frame in zip(planned, kept_ones, strict=True) if frame is None]
                made = iter(self._side_by_side(missing, context, snapshot))
                found = [next(made) if frame is None else _as_of(snapshot, frame) for frame in kept_ones]
        answers = {**apart, **dict(zip(distinct, found, strict=True))}
        return [answers[query] for query in asked]

    def _side_by_side(
        self, planned: Sequence[tuple[Plan, Mapping[str, PlanVersions]]], context: QueryContext, snapshot: Snapshot
    ) -> list[Frame]:
        """The answers of plans, some at a time."""
        if not planned:
            return []
        shared = Shared(plan for plan, _ in planned)
        with ThreadPoolExecutor(min(self._threads, len(planned)), thread_name_prefix="ask") as pool:
            return list(pool.map(lambda each: self._answered(each[0], each[1], context, snapshot, shared), planned))

    def ask_in(self, query: Query, context: QueryContext, snapshot: Snapshot) -> Frame:
        """The answer from a snapshot already held."""
        name = kept_name(query)
        if name is not None:
            desk = Desk(
                snapshot,
                self.engine,
                self._home,
                context,
                lambda query, own: self.ask_in(query, own, snapshot),
                query.where,
            )
            return kept(name, desk)
        return self._answered(*self.plan(query, context, snapshot), context, snapshot)

    def _answered(
        self,
        plan: Plan,
        versions: Mapping[str, PlanVersions],
        context: QueryContext,
        snapshot: Snapshot,
        shared: Shared | None = None,
    ) -> Frame:
        def compute() -> Frame:
            return answer(plan, context, self.catalogue, snapshot, versions, self.names, shared)

        return _as_of(snapshot, self.cache.answer(plan.key, compute, Frame.to_json, Frame.from_json))

    def recall(self, made: object, queries: Mapping[str, Query], context: QueryContext) -> dict[str, Frame] | None:
        """What `remember` kept of what was made, in a way that `made` tells, of the answers to these questions."""
        with self.engine.snapshot() as snapshot:
            key = self._key(made, queries, context, snapshot)
            found = None if key is None else self.cache.recall(key, _frames_in)
            return None if found is None else {name: _as_of(snapshot, frame) for name, frame in found.items()}

    def remember(
        self, made: object, queries: Mapping[str, Query], context: QueryContext, frames: Mapping[str, Frame]
    ) -> None:
        """Keep what was made of answers, unless newer data came in meanwhile."""
        with self.engine.snapshot() as snapshot:
            key = self._key(made, queries, context, snapshot)
            if key is not None and {each.provenance.generation for each in frames.values()} == {
                snapshot.generation.number
            }:
                self.cache.remember(key, _frames_out(frames))

    def _key(self, made: object, queries: Mapping[str, Query], context: QueryContext, snapshot: Snapshot) -> str | None:
        """The key of what is made of answers: all that these depend on; None where one is refused or has no key."""
        rest = {name: rests_on(query) for name, query in queries.items()}
        asked = {name: query for name, query in rest.items() if query is not None}
        if len(asked) < len(rest):
            return None
        try:
            keys = {name: self.plan(query, context, snapshot)[0].key for name, query in asked.items()}
        except Refusal:
            return None
        return key_of("made 1", made, keys, snapshot.generation.as_of)

    def members(
        self,
        level: str,
        context: QueryContext,
        search: str = "",
        where: Iterable[Narrowing] = (),
        period: Period | None = None,
        limit: int = 50,
    ) -> list[Member]:
        """The options of a picker, by name: members that occur in rows the viewer may see."""
        return list(self.options(Search(level, search, tuple(where), period or EVER, limit=limit), context).members)

    def options(self, search: Search, context: QueryContext) -> Options:
        """The same with the number of all members that match."""
        with self.engine.snapshot() as snapshot:
            return find(search, context, self.catalogue, self.names, snapshot)

    def member_named(self, level: str, text: str, context: QueryContext) -> Member:
        """The member with this key or exact name, whatever the case. Raises NotFound or Conflict."""
        with self.engine.snapshot() as snapshot:
            return named(level, text, context, self.catalogue, self.names, snapshot)

    def rows(
        self,
        where: Iterable[Narrowing],
        period: Period,
        basis: str,
        context: QueryContext,
        *,
        offset: int = 0,
        limit: int = 100,
        order: tuple[tuple[str, Direction], ...] = (),
    ) -> Listing:
        """A page of the order lines behind a figure."""
        with self.engine.snapshot() as snapshot:
            return lines(where, period, basis, context, snapshot, offset=offset, limit=limit, order=order)

    def explain(self, query: Query, context: QueryContext) -> Explanation:
        """How a question is answered, without answering it. NotAskable for what is kept: no statement answers it."""
        if kept_name(query) is not None:
            raise NotAskable("This is read from what is kept of the data, and not computed from sales.")
        with self.engine.snapshot() as snapshot:
            plan, versions = self.plan(query, context, snapshot)
            return explain(plan, context, self.catalogue, snapshot, versions)

    def plan(self, query: Query, context: QueryContext, snapshot: Snapshot) -> tuple[Plan, dict[str, PlanVersions]]:
        """How a question would be answered, and the versions of the plans it reads."""
        known = (snapshot.generation.number, query, context)
        return self._plans.get(known, lambda: self._planned(query, context, snapshot))

    def _planned(self, query: Query, context: QueryContext, snapshot: Snapshot) -> tuple[Plan, dict[str, PlanVersions]]:
        facts = {fact for metric in query.metrics for fact in self.catalogue.facts(metric)}
        if "budget" in query.versus:
            facts.update(fact for metric in query.metrics for fact in self._plan_facts(metric))
        versions = {fact: self._plan_versions(fact, snapshot) for fact in sorted(facts & PLANS)}
        sizes = self._sizes(query.basis, snapshot)
        return make_plan(query, context, self.catalogue, snapshot.generation, versions, sizes), versions

    def _plan_facts(self, metric: str) -> frozenset[str]:
        return self.catalogue.facts(PLAN_OF[metric]) if metric in PLAN_OF else frozenset()

    def _sizes(self, basis: str, snapshot: Snapshot) -> Sizes:
        def read() -> Sizes:
            statement = sizes_of(self.catalogue, basis)
            rows = [] if statement is None else snapshot.fetch(statement, Scope.everything())
            return {str(name): int(count) for name, count in rows}

        return self._rollup_sizes.get((snapshot.generation.number, basis), read)

    def _plan_versions(self, fact: str, snapshot: Snapshot) -> PlanVersions:
        return self._versions.get((snapshot.generation.number, fact), lambda: versions_of(fact, snapshot))


class Recent(Generic[Known]):
    """What was read of late, as much as there is room for; each key begins with the number of a generation."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[Hashable, ...], Known] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: tuple[Hashable, ...], read: Callable[[], Known]) -> Known:
        """What is kept under the key, read if it is not there."""
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        return self.keep(key, read())

    def known(self, key: tuple[Hashable, ...]) -> Known | None:
        """What is kept under the key, if anything is."""
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: tuple[Hashable, ...], found: Known) -> Known:
        """Keep what was read."""
        with self._guard:
            self._kept[key] = found
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return found


def _as_of(snapshot: Snapshot, frame: Frame) -> Frame:
    """The same answer; where the months asked about are those of an older generation, it holds as of the newer one."""
    generation = snapshot.generation
    if frame.provenance.generation == generation.number:
        return frame
    return replace(frame, provenance=replace(frame.provenance, generation=generation.number, as_of=generation.as_of))


def _frames_out(frames: Mapping[str, Frame]) -> bytes:
    return orjson.dumps({name: frame.to_json().decode() for name, frame in frames.items()})


def _frames_in(text: bytes) -> dict[str, Frame]:
    return {name: Frame.from_json(frame) for name, frame in orjson.loads(text).items()}


def versions_of(fact: str, snapshot: Snapshot) -> PlanVersions:
    """Which version of a plan holds in which month: the one loaded last."""
    read = snapshot.fetch(plan_versions(fact), Scope.everything())
    currencies = frozenset(row[2] for row in read)
    last_days = snapshot.fetch(_last_rates(currencies, snapshot.generation.company_currency), Scope.everything())
    newest: dict[date, tuple[int, str]] = {}
    for month, version, _, load in read:
        newest[month] = max(newest.get(month, (-1, "")), (load or 0, version))
    version_of = tuple(sorted((month, version) for month, (_, version) in newest.items()))
    last_rate_day = min((day for _, day in last_days), default=None)
    months = {month: held for (of, month), held in snapshot.generation.month_versions.items() if of == fact}
    digest = key_of(months, version_of, currencies, last_rate_day)
    return PlanVersions(version_of, currencies, last_rate_day, open_levels(fact, version_of, snapshot), digest)


def _last_rates(currencies: frozenset[str], company_currency: str) -> Select[Any]:
    """The last day with a rate of each currency; the company's own always has one."""
    rate = schema.rate.c
    foreign = sorted(currencies - {company_currency})
    return (
        select(rate.currency_key, func.max(rate.day)).where(rate.currency_key.in_(foreign)).group_by(rate.currency_key)
    )
