"""Attainment rows: who stands where against the whole period's plan, and where they should stand today."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.values.hierarchy import NO_MEMBER
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from queries.frame import Member


@dataclass(frozen=True)
class Attainment:
    """`share` is the actual as a share of the whole period's plan; `pace` the plan to date as a share of it."""

    key: str
    name: str
    actual: Decimal
    planned: Decimal
    share: Decimal
    pace: Decimal


def attainment_of(answered: AnsweredPanel) -> tuple[Attainment, ...]:
    """A row for each member with a plan of its own, the highest share first.

    The question's metrics are (ratio, actual, plan to date); "rest" beside it holds the plan still to come.
    """
    frame = answered.frame
    metrics = answered.panel.query.metrics
    if frame is None or len(metrics) < 3 or not all(frame.has(metric) for metric in metrics):
        return ()
    dimension = next(at for at, column in enumerate(frame.columns) if column.role == "dimension")
    at_actual, at_plan = frame.index(metrics[1]), frame.index(metrics[2])
    rest = _rest(answered, metrics[2])
    rows = []
    for row in frame.rows:
        member, actual, plan = row[dimension], number(row[at_actual]), number(row[at_plan])
        if not isinstance(member, Member) or member.key == NO_MEMBER or not plan or plan < 0:
            continue
        whole = Decimal(plan) + rest.get(member.key, Decimal(0))
        done = Decimal(actual or 0)
        name = member_text(member, frame.columns[dimension].level, answered.context.locale)
        rows.append(Attainment(member.key, name, done, whole, done / whole, Decimal(plan) / whole))
    return tuple(sorted(rows, key=lambda row: (-row.share, row.name)))


def _rest(answered: AnsweredPanel, metric: str) -> dict[str, Decimal]:
    frame = answered.frames.get("rest")
    if frame is None or not frame.has(metric):
        return {}
    return {
        row[0].key: Decimal(value)
        for row in frame.rows
        if isinstance(row[0], Member) and (value := number(row[frame.index(metric)])) is not None
    }
