"""A rollup's answer is the fact's answer, and both are what plain Python makes of the lines inside the scope."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from app.values.scope import Scope
from queries.asking import Asker
from queries.frame import Frame
from queries.query import Query
from tests.conftest import SOAK
from tests.queries import oracle
from tests.queries.company import context
from tests.queries.questions import queries, scopes

MANY = settings(
    max_examples=3_000 if SOAK else 120,
    deadline=None,
    derandomize=not SOAK,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NEARLY = Decimal("1e-18")


def figures(frame: Frame) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Rows by their members' keys."""
    width = sum(column.role == "dimension" for column in frame.columns)
    return {tuple(member.key for member in row[:width]): row[width:] for row in frame.rows}


def same(found: Any, expected: Any) -> bool:
    """Sums exactly; quotients to eighteen digits."""
    if found is None or expected is None:
        return found is expected
    return abs(Decimal(found) - Decimal(expected)) <= NEARLY * max(1, abs(Decimal(expected)))


@MANY
@given(query=queries, scope=scopes)
def test_what_a_rollup_answers_is_what_the_fact_answers(
    asker: Asker, fact_asker: Asker, query: Query, scope: Scope
) -> None:
    for currency in ("EUR", "USD"):
        seen = context(scope, currency=currency)
        one, other = asker.ask(query, seen), fact_asker.ask(query, seen)
        assert one.rows == other.rows
        assert one.totals == other.totals
        assert one.reasons == other.reasons
        assert one.provenance.rows_left_out == other.provenance.rows_left_out


@MANY
@given(query=queries, scope=scopes)
def test_every_figure_is_made_of_the_lines_inside_the_scope_and_of_nothing_else(
    asker: Asker, query: Query, scope: Scope
) -> None:
    frame = asker.ask(query, context(scope))
    span = frame.provenance.span
    assert span is not None
    lines = oracle.matching(span.start, span.end_exclusive, scope=scope, where=query.where, basis=query.basis)
    groups: dict[tuple[str, ...], list[oracle.Sold]] = {} if query.by or scope.is_nothing else {(): []}
    for line in lines:
        groups.setdefault(oracle.key_of(line, query.by, query.basis), []).append(line)
    found = figures(frame)
    for key, row in found.items():
        if key not in groups:
            # A lone series of time is filled up where nothing happened.
            assert all(not value for value in row)
    assert groups.keys() <= found.keys()
    for key, members in groups.items():
        for metric, value in zip(query.metrics, found[key], strict=True):
            assert same(value, oracle.figure(metric, members)), (key, metric, value)
    if frame.totals is not None:
        for metric, value in zip(query.metrics, frame.totals[len(query.by) :], strict=True):
            assert same(value, oracle.figure(metric, lines)), (metric, value)


@pytest.mark.parametrize("metric", oracle.METRICS)
def test_every_metric_agrees_with_the_oracle_by_every_level(asker: Asker, metric: str) -> None:
    from app.values.period import Period
    from tests.queries.questions import GROUPED

    everything = Scope.everything()
    for level in (*GROUPED, "year", "fiscal_quarter", "week"):
        frame = asker.ask(Query((metric,), (level,), period=Period.parse("all")), context())
        span = frame.provenance.span
        assert span is not None
        groups: dict[tuple[str, ...], list[oracle.Sold]] = {}
        for line in oracle.matching(span.start, span.end_exclusive, scope=everything):
            groups.setdefault(oracle.key_of(line, (level,), "booked"), []).append(line)
        found = figures(frame)
        for key, members in groups.items():
            assert same(found[key][0], oracle.figure(metric, members)), (level, key)
