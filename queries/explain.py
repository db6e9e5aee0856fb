"""Explaining: every step of a plan as data and as text, with what was chosen, what was rejected and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.values.context import QueryContext
from app.values.narrowing import AmountRange, FieldCondition, FieldRules
from app.values.scope import Scope
from app.values.selection import Narrowing
from queries.catalogue.model import Catalogue
from queries.compare import Window
from queries.pairs import sized
from queries.plan import ASKED, Leg, Plan, slice_of, statement
from queries.route import REASONS
from queries.slice import Part, PlanVersions
from queries.warehouse.engines.engine import Snapshot


@dataclass(frozen=True)
class ExplainedLeg:
    """One statement: the fact, the period (the asked one, or a comparison), the table read, and the SQL.

    `refusals` are (rollup, reason code); `absent` is the sentence why the fact was not asked at all.
    """

    fact: str
    period: str
    table: str
    refusals: tuple[tuple[str, str], ...]
    sql: str
    absent: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A plan laid open: its steps as (title, lines), its legs and its cache key."""

    steps: tuple[tuple[str, tuple[str, ...]], ...]
    legs: tuple[ExplainedLeg, ...]
    key: str

    def text(self) -> str:
        """The whole explanation for people, step by step."""
        parts = [f"{title}\n" + "\n".join(f"  {line}" for line in lines) for title, lines in self.steps]
        for leg in self.legs:
            head = f"SQL: {leg.fact}, {leg.period}"
            body = leg.sql or leg.absent or ""
            parts.append(head + "\n" + "\n".join(f"  {line.rstrip()}" for line in body.splitlines()))
        return "\n".join(parts)


def explain(
    plan: Plan, context: QueryContext, known: Catalogue, snapshot: Snapshot, versions: Mapping[str, PlanVersions]
) -> Explanation:
    """Lay a plan open without running it."""
    legs = tuple(_explained(leg, plan, context, snapshot, versions) for leg in plan.legs)
    query = plan.query
    asked = [
        f"metrics   {', '.join(query.metrics)}",
        f"by        {', '.join(query.by) or '(one row)'}",
        *(f"where     {_filter_text(each)}" for each in query.where),
        f"period    {query.period}, {query.basis}",
        f"versus    {', '.join(query.versus) or '(nothing)'}",
        f"scope     {_scope_text(context.scope)}",
        f"currency  {context.currency}, at the rate of the order date",
    ]
    settled = [f"asked     {_window_text(plan.settled.window)}"]
    for each in plan.references:
        found = _window_text(each.window) if each.window else f"nothing to compare with ({each.reason})"
        settled.append(f"{each.versus:<9} {found}")
    spelt = [f"{metric:<18} {_spelt(metric, known)}" for metric in query.metrics]
    split = [
        f"{_period(leg)} from {leg.fact}: {', '.join(map(_part_text, leg.parts))}"
        + (f" — not asked: {leg.absent}" if leg.absent else "")
        for leg in plan.legs
    ]
    steps = (
        ("Asked", tuple(asked)),
        ("Settled", tuple(settled)),
        ("Spelt out", tuple(spelt)),
        ("Split", tuple(split)),
        ("Routed", tuple(line for leg in plan.legs if not leg.absent for line in _routed(leg))),
        ("Key", (plan.key, f"generation {snapshot.generation.number}")),
    )
    return Explanation(steps, legs, plan.key)


def _explained(
    leg: Leg, plan: Plan, context: QueryContext, snapshot: Snapshot, versions: Mapping[str, PlanVersions]
) -> ExplainedLeg:
    if leg.absent:
        return ExplainedLeg(leg.fact, _period(leg), "", (), "", leg.absent)
    asked = sized(slice_of(leg, plan), snapshot)
    select = statement(asked, context.scope, context.currency, snapshot.generation, versions)
    return ExplainedLeg(leg.fact, _period(leg), leg.source.name, leg.refusals, snapshot.sql(select))


def _period(leg: Leg) -> str:
    return "asked" if leg.period == ASKED else leg.period


def _routed(leg: Leg) -> list[str]:
    shared = ", shared out by working days" if leg.by_month else ""
    months = f", {_window_text(leg.cut.months)}" if leg.cut else ""
    lines = [f"{_period(leg)}: {leg.fact} from {leg.source.name}{months}{shared}", *_refused(leg.refusals)]
    if leg.cut:
        days = f"{_period(leg)}: {leg.fact} from {leg.fact}, {_window_text(leg.cut.days)}"
        lines += [days, *_refused(leg.days_refusals)]
    return lines


def _refused(refusals: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"  not {rollup}: {code} — {REASONS[code]}" for rollup, code in refusals]


def _spelt(metric_id: str, known: Catalogue) -> str:
    metric = known.metric(metric_id)
    bases = ", ".join(base.id for base in known.base_metrics((metric_id,)))
    return f"{metric.definition} (from {bases}; {metric.additivity})"


def _part_text(part: Part) -> str:
    return f"distinct {part.counted}" if part.counted else part.measure


def _window_text(window: Window) -> str:
    if not window.spans:
        return "no days"
    return ", ".join(
        f"{span.start} to {span.last_day}" + (f" (to date; runs to {span.whole_end})" if span.running else "")
        for span in window.spans
    )


def _filter_text(each: Narrowing) -> str:
    if isinstance(each, AmountRange):
        low, high = ("any" if bound is None else format(bound, "f") for bound in (each.low, each.high))
        return f"{each.of} amount {low} to {high}" + (f", of {each.period}" if each.period else "")
    if isinstance(each, FieldRules):
        groups = (" and ".join(_condition_text(found) for found in group) for group in each.groups)
        return f"customer fields: {' or '.join(groups)}"
    return f"{each.level} {'not ' if each.exclude else ''}in {', '.join(each.members)}"


def _condition_text(condition: FieldCondition) -> str:
    return " ".join((condition.field, condition.test, ", ".join(condition.values))).rstrip()


def _scope_text(scope: Scope) -> str:
    if scope.is_everything:
        return "all rows"
    if scope.is_nothing:
        return "no rows"
    clauses = (
        " and ".join(f"{level} in {', '.join(sorted(keys))}" for level, keys in sorted(c)) for c in scope.clauses
    )
    return " or ".join(sorted(clauses))
