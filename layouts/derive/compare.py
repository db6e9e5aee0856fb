"""Compare: the running totals of two to six people, whoever was chosen, else those who sell most."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

MOST = 6
"""More lines than this cannot be told apart."""

UNASKED = 3
"""Lines where nobody was chosen."""


def compare(frames: Mapping[str, Frame], selection: Selection, context: QueryContext) -> Frame:
    """A row a member and step of time, with the total up to its end first, then what the step brought.

    "main" has one level, one level of time and one metric that adds up. Invalid with fewer than two members.
    """
    main, t = frames["main"], words(context.locale)
    who, when = main.columns[0], main.columns[1]
    metric = next(column for column in main.columns if column.role == "metric")
    at = main.index(metric.id)
    sums: dict[Member, dict[str, Decimal]] = {}
    steps: dict[str, Member] = {}
    for row in main.rows:
        member, step, figure = row[0], row[1], number(row[at])
        if isinstance(member, Member) and isinstance(step, Member) and member.key != NO_MEMBER:
            steps[step.key] = step
            sums.setdefault(member, {})[step.key] = Decimal(figure or 0)
    if len(sums) < 2:
        raise Invalid("There is nobody to compare with here: choose two people or more.")
    chosen = selection.filter_on(who.level or "") if who.level else None
    asked = chosen is not None and len(sums) <= MOST
    ranked = sorted(sums, key=lambda member: (-sum(sums[member].values(), Decimal(0)), member.name))
    shown = ranked[: MOST if asked else UNASKED]
    rows: list[Row] = []
    for member in shown:
        running = Decimal(0)
        for key in sorted(key for key in steps if not _is_to_come(key, context.today)):
            brought = sums[member].get(key, Decimal(0))
            running += brought
            rows.append((member, steps[key], running, brought))
    title = t("{metric}, running total", metric=metric.title)
    columns = (
        who,
        when,
        Column("running", title, "metric", "running", unit=metric.unit, format=metric.format, better=metric.better),
        metric,
    )
    notes = main.notes if asked else (*main.notes, t("Those who sell most. Choose two to six to compare them."))
    return Frame(columns, tuple(rows), main.provenance, main.currency, notes=notes)


def _is_to_come(key: str, today: date) -> bool:
    """Whether a week begins after today."""
    year, _, week = key.partition("-W")
    return bool(week) and date.fromisocalendar(int(year), int(week), 1) > today
