"""Random questions and scopes over the small company."""

from __future__ import annotations

from hypothesis import strategies as st

from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.query import Query
from tests.queries.oracle import METRICS, sold

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
SCOPED = ("market", "region", "city", "team", "rep", "category", "customer", "channel", "account_owner", "industry")
PERIODS = (
    "all",
    "2023",
    "2023-Q2",
    "2023-11",
    "2023-01..2023-06",
    "2023-02-11..2023-09-20",
    "this-year",
    "this-month",
    "last-3-months",
    "last-quarter",
    "year-to-date",
    "2023-W18",
    "FY2023-Q1",
)


def _keys(level: str) -> list[str]:
    return sorted({line.levels[level] for line in sold()} - {None})  # type: ignore[type-var]


KEYS = {level: _keys(level) for level in (*GROUPED, "account_owner")}


def members(level: str, *, missing: bool) -> st.SearchStrategy[list[str]]:
    """A few members of a level, the missing one among them where it may be."""
    choice = [*KEYS[level], *([NO_MEMBER] if missing else [])]
    return st.lists(st.sampled_from(choice), min_size=1, max_size=max(1, len(choice) * 2 // 3), unique=True)


filters = st.sampled_from(GROUPED).flatmap(
    lambda level: st.builds(
        lambda keys, exclude: Filter(level, tuple(keys), exclude), members(level, missing=True), st.booleans()
    )
)
_clauses = st.lists(st.sampled_from(SCOPED), min_size=1, max_size=2, unique=True).flatmap(
    lambda levels: st.tuples(*(members(level, missing=False) for level in levels)).map(
        lambda chosen: Scope.of(**dict(zip(levels, chosen, strict=True)))
    )
)
scopes = st.one_of(
    st.just(Scope.everything()),
    _clauses,
    st.builds(lambda a, b: a | b, _clauses, _clauses),
    st.just(Scope.nothing()),
)
queries = st.builds(
    lambda metrics, by, where, period, basis: Query(
        tuple(metrics), tuple(by), tuple(where), Period.parse(period), basis=basis, totals=True
    ),
    st.lists(st.sampled_from(METRICS), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from((*GROUPED, *sorted(TIME_LEVELS))), max_size=2, unique=True),
    st.lists(filters, max_size=2),
    st.sampled_from(PERIODS),
    st.sampled_from(("booked", "booked", "booked", "invoiced", "paid")),
)
