"""Weeks: what goes where, week by week: members as rows, weeks as columns, with both sums."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.figures import ZERO
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts import format as fmt
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

WEEKS = 13
"""A quarter of weeks, the running one among them."""


def by_week(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row per member, the largest first; a column per week, the last thirteen, and `total`; the sums as totals.

    Main has a level, `week` and one metric that adds up. A week without any is 0. Invalid without a week.
    """
    main, t = frames["main"], words(context.locale)
    level, metric = main.columns[0], main.columns[2]
    figures: dict[Member, dict[str, Decimal]] = {}
    weeks: set[str] = set()
    for row in main.rows:
        who, week, value = row[0], row[1], number(row[2])
        if isinstance(who, Member) and isinstance(week, Member) and week.key != NO_MEMBER and value is not None:
            figures.setdefault(who, {})[week.key] = Decimal(value)
            weeks.add(week.key)
    shown = sorted(weeks)[-WEEKS:]
    if not shown:
        raise Invalid("There is no week with sales to show.")
    columns = [level]
    columns += [
        Column(week, fmt.time_name(week, context.locale, short=True), "metric", metric.metric, unit=metric.unit,
               format=metric.format)
        for week in shown
    ]  # fmt: skip
    columns.append(Column("total", t("Total"), "metric", "total", unit=metric.unit, format=metric.format))
    rows: list[Row] = []
    for who, found in figures.items():
        line = [found.get(week, ZERO) for week in shown]
        rows.append((who, *line, sum(line, ZERO)))
    rows.sort(key=lambda row: (-Decimal(number(row[-1]) or 0), row[0].key if isinstance(row[0], Member) else ""))
    sums = [sum((Decimal(number(row[at]) or 0) for row in rows), ZERO) for at in range(1, len(columns))]
    return Frame(tuple(columns), tuple(rows), main.provenance, main.currency, (None, *sums), notes=main.notes)
