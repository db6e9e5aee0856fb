"""Random questions of random people about the small company, and the hunt for one that is answered wrongly."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from app.values.hierarchy import ACCOUNT_OWNER, NO_MEMBER, TIME_LEVELS
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.query import Query
from queries.sources import SALES, Source
from tests.conftest import SOAK
from tests.queries.company import FEW_DOCUMENTS, KNOWN
from tests.queries.oracle import CALENDAR, METRICS, sold

SEED = int(os.environ.get("SALIENT_SEED") or (random.SystemRandom().randrange(10**6) if SOAK else 1))
"""The same questions every time, others in every soak; a failure tells its seed."""
BATCHES = tuple(f"batch {number}" for number in range(10))
IN_A_BATCH = 300 if SOAK else 100

GROUPED = (
    "market",
    "country",
    "region",
    "state",
    "city",
    "department",
    "team",
    "rep",
    "category",
    "subcategory",
    "product",
    "industry",
    "segment",
    "customer",
    "channel",
    "campaign",
    "document_type",
    "currency",
)
SCOPED = (
    "market",
    "region",
    "city",
    "team",
    "rep",
    "category",
    "subcategory",
    "customer",
    "channel",
    ACCOUNT_OWNER,
    "industry",
)
PERIODS = (
    "all",
    "all",
    "2022",
    "2023",
    "2023",
    "2023-Q2",
    "2023-11",
    "2023-01..2023-06",
    "2023-02-11..2023-09-20",
    "2022-11-05..2024-02-29",
    "this-year",
    "this-month",
    "last-3-months",
    "last-quarter",
    "year-to-date",
    "2023-W18",
    "FY2023-Q1",
)
COMPARISONS = (*[()] * 11, ("last-year",), ("previous",), ("budget",), ("2022",), ("budget", "last-year"))
LIMITS = (None, None, None, None, None, 1, 2, 5)
DISTINCT = (
    "orders",
    "customers",
    "products",
    "average_order_value",
    "revenue_per_rep",
    "net_sales_per_customer",
    "first_order",
    "last_order",
)
ADDITIVE = tuple(metric for metric in METRICS if metric not in DISTINCT)
OTHER_METRICS = tuple(sorted(set(KNOWN.metrics) - set(METRICS)))


@dataclass(frozen=True)
class Asked:
    """A question, what its viewer may see, and the currency that is answered in."""

    query: Query
    scope: Scope
    currency: str = "EUR"


@cache
def keys(level: str) -> tuple[str, ...]:
    """The members that occur on a level."""
    if level in TIME_LEVELS:
        return tuple(sorted({CALENDAR.key(level, line.raw["order_date"]) for line in sold(FEW_DOCUMENTS)}))
    return tuple(sorted({key for line in sold(FEW_DOCUMENTS) if (key := line.levels[level]) is not None}))


def some(chance: random.Random, level: str, *strangers: str) -> tuple[str, ...]:
    """A few members of a level, strangers among them."""
    choice = (*keys(level), *strangers)
    return tuple(chance.sample(choice, chance.randint(1, max(1, len(choice) * 2 // 3))))


def random_question(chance: random.Random) -> Asked:
    """Any question there may be; most keep near the levels of some rollup, or it would seldom be the one to answer."""
    rollup = chance.choice(KNOWN.rollups)
    held = Source(SALES, "booked", rollup)
    near = [level for level in GROUPED if held.has(level)]
    fenced = [level for level in SCOPED if held.has(level)]

    def level(among: list[str], beyond: tuple[str, ...]) -> str:
        return chance.choice(among if among and chance.random() < 0.96 else beyond)

    times = sorted(TIME_LEVELS)
    by = [
        chance.choice(times) if chance.random() < 0.2 else level(near, GROUPED)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3)))
    ]
    where = []
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        if chance.random() < 0.1:
            at = chance.choice(("month", "quarter", "year"))
            where.append(Filter(at, some(chance, at), chance.random() < 0.3))
        else:
            at = level(near, GROUPED)
            where.append(Filter(at, some(chance, at, NO_MEMBER), chance.random() < 0.4))
    metrics = [
        chance.choice(chance.choice((*[ADDITIVE] * 6, DISTINCT, OTHER_METRICS)))
        for _ in range(chance.choice((1, 1, 2, 3)))
    ]
    limit = chance.choice(LIMITS)
    query = Query(
        tuple(metrics),
        tuple(by),
        tuple(where),
        Period.parse(chance.choice(PERIODS)),
        chance.choice(COMPARISONS),
        chance.choice(("booked", "booked", "booked", "invoiced", "paid")),
        chance.choice(
            ((), (), ((metrics[0], "asc"),), ((metrics[-1], "desc"),), tuple((one, "asc") for one in by[:1]))
        ),
        limit,
        others=limit is not None and chance.random() < 0.8,
        totals=chance.random() < 0.7,
    )
    scope = random_scope(chance, lambda: level(fenced, SCOPED))
    return Asked(query, scope, chance.choice(("EUR", "EUR", "USD")))


def random_scope(chance: random.Random, level: Callable[[], str]) -> Scope:
    """Everything, nothing, or one to three clauses of one or two levels each."""
    if chance.random() < 0.1:
        return Scope.everything()
    scope = Scope.nothing()
    for _ in range(0 if chance.random() < 0.02 else chance.choice((1, 1, 1, 2, 2, 3))):
        fences = {level(): () for _ in range(chance.choice((1, 1, 2)))}
        scope = scope | Scope.of(**{name: some(chance, name, "nobody") for name in fences})
    return scope


def hunt(batch: str, answers_well: Callable[[Asked], bool], wanted: int = IN_A_BATCH) -> None:
    """Put random questions until `wanted` of them counted; AssertionError with the simplest one that fails.

    `answers_well` raises where an answer is wrong, and says whether the question counts.
    """
    counted = 0
    for number in range(wanted * 10):
        asked = random_question(random.Random(f"{SEED} {batch} {number}"))
        failed = _failure(answers_well, asked)
        if isinstance(failed, Exception):
            simplest, failed = _simplest(asked, answers_well, failed)
            told = f"question {number} of {batch} with SALIENT_SEED={SEED}, made simple: {simplest}"
            raise AssertionError(f"{told}\n{type(failed).__name__}: {failed}") from failed
        counted += failed
        if counted == wanted:
            return
    raise AssertionError(f"only {counted} of {wanted * 10} questions counted")


def _failure(answers_well: Callable[[Asked], bool], asked: Asked) -> bool | Exception:
    """Whether the question counts, or what is wrong with its answer."""
    try:
        return answers_well(asked)
    except Exception as failed:
        return failed


def _simplest(asked: Asked, answers_well: Callable[[Asked], bool], failed: Exception) -> tuple[Asked, Exception]:
    """The question with all left out that it can do without and still fail."""
    for simpler in _simpler(asked):
        still = _failure(answers_well, simpler)
        if isinstance(still, Exception) and type(still) is type(failed):
            return _simplest(simpler, answers_well, still)
    return asked, failed


def _simpler(asked: Asked) -> Iterator[Asked]:
    """The question with one thing less."""
    query = asked.query
    plainer: dict[str, Any] = {"order": (), "totals": False, "others": False, "limit": None}
    for name, plain in plainer.items():
        if getattr(query, name) != plain:
            yield replace(asked, query=replace(query, **{name: plain}))
    for name in ("versus", "where", "by", "metrics"):
        held = getattr(query, name)
        for position in range(len(held) - 1, -1, -1):
            fewer = held[:position] + held[position + 1 :]
            if fewer or name != "metrics":
                yield replace(asked, query=replace(query, **{name: fewer}))
    if query.period != Period.parse("all"):
        yield replace(asked, query=replace(query, period=Period.parse("all")))
    if query.basis != "booked":
        yield replace(asked, query=replace(query, basis="booked"))
    if asked.currency != "EUR":
        yield replace(asked, currency="EUR")
    if not asked.scope.is_everything:
        yield replace(asked, scope=Scope.everything())
        for clause in sorted(asked.scope.clauses, key=str):
            if len(asked.scope.clauses) > 1:
                yield replace(asked, scope=Scope(asked.scope.clauses - {clause}))
