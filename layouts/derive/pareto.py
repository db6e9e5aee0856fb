"""Pareto: members by size with share, running share and class; what is left of each class as one row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.concentration import NINETY_FIVE, Concentration, Standing, concentration, standings
from app.domain.figures import share
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import Words, words
from layouts.columns import number
from queries.frame import Column, Frame, Row, Value

SINGLE = 10
"""Members with a row of their own."""


def pareto(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """The largest ten of "main", then one row for what is left of each class, so that the figures add up.

    Main has one level and one metric that adds up, in any order; where it is cut at a limit, its others count as
    members of the last class if that is certain. Columns: the level, the metric, `share`, `cumulative`, `class`.
    Invalid without a total above zero.
    """
    main, t = frames["main"], words(context.locale)
    level, metric = main.columns[0], next(column for column in main.columns if column.role == "metric")
    figures = {
        at: Decimal(value) for at, row in enumerate(main.rows) if (value := _figure(row, main, metric)) is not None
    }
    rest = Decimal(0) if main.others is None else Decimal(_figure(main.others, main, metric) or 0)
    found = concentration(((f"{at:09d}", value) for at, value in figures.items()), rest=rest)
    if found.reason is not None:
        raise Invalid("Shares need a total above zero.")
    rows: list[Row] = [_row(each, main.rows[int(each.key)][0]) for each in standings(found, SINGLE)]
    rows += _summed(found, main.others_count, rest, t)
    columns = (
        level,
        metric,
        Column("share", t("Share"), "metric", "share", unit="ratio", format="percent"),
        Column("cumulative", t("Running share"), "metric", "cumulative", unit="ratio", format="percent"),
        Column("class", t("Class"), "dimension"),
    )
    totals: Row = (None, found.total, Decimal(1), Decimal(1), "")
    return Frame(columns, tuple(rows), main.provenance, main.currency, totals, notes=main.notes)


def _figure(row: Row, frame: Frame, metric: Column) -> Decimal | int | None:
    return number(row[frame.index(metric.id)])


def _row(standing: Standing, member: Value) -> Row:
    return member, standing.amount, standing.share, standing.cumulative, standing.abc


def _summed(found: Concentration, beyond: int, rest: Decimal, t: Words) -> list[Row]:
    """One row for the members of each class that have none of their own, the largest class first."""
    rows: list[Row] = []
    ends = {"A": found.until_a, "B": found.until_b, "C": len(found.keys)}
    # What is cut off is smaller than all that is shown: beyond the last mark it is of the last class.
    certain = bool(beyond) and _first(found, len(found.keys)) >= NINETY_FIVE * found.total
    start, running = SINGLE, _first(found, SINGLE)
    for abc, end in ends.items():
        count = max(0, end - start) + (beyond if certain and abc == "C" else 0)
        amount = _first(found, end) - running if end > start else Decimal(0)
        amount += rest if certain and abc == "C" else 0
        start = max(start, end)
        if count:
            running += amount
            name = t.n("{n} more of class {abc}", "{n} more of class {abc}", count, abc=abc)
            rows.append((name, amount, share(amount, found.total), share(running, found.total), abc))
    if beyond and not certain:
        name = t.n("{n} other", "{n} others", beyond)
        rows.append((name, rest, share(rest, found.total), share(running + rest, found.total), ""))
    return rows


def _first(found: Concentration, count: int) -> Decimal:
    """What the first so many make."""
    return found.running[min(count, len(found.running)) - 1] if found.running and count else Decimal(0)
