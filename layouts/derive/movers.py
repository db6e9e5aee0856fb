"""Movers: who and what has grown and shrunk most, with all others in one row, so that the changes add up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.money import percent_change
from app.values.selection import Selection
from app.values.words import say
from layouts.columns import number
from layouts.settle import period_of
from queries.frame import Column, Frame, Member, Row, Value

NOTHING = say("There is nothing to compare with here.")
ALL_TIME = say("All time has no earlier period to compare with.")


def movers(frames: Mapping[str, Frame], selection: Selection, _context: QueryContext) -> Frame:
    """The rows of "main", ordered by difference from the top, that have grown, then those of "down", from the bottom,
    that have shrunk; the others are the totals without them.

    Both have one level, one metric that adds up and one comparison in time, with totals. Invalid without a comparison
    to differ from, and where nobody moved: the others alone would be one bar that says nothing.
    """
    main, down = frames["main"], frames.get("down")
    delta = next((column for column in main.columns if column.role == "delta"), None)
    if delta is None or main.totals is None:
        raise Invalid(NOTHING)
    at = main.index(delta.id)
    up = [row for row in main.rows if _figure(row[at]) > 0 and _is_somebody(row)]
    rows = {row[0]: row for row in up}
    for row in reversed(down.rows if down is not None else ()):
        if _figure(row[at]) < 0 and _is_somebody(row):
            rows[row[0]] = row
    if not rows:
        raise Invalid(ALL_TIME if str(period_of(selection)) == "all" else NOTHING)
    others = _others(main, tuple(rows.values()))
    count = len(main.rows) + main.others_count - len(rows)
    return Frame(
        main.columns,
        tuple(rows.values()),
        main.provenance,
        main.currency,
        main.totals,
        others if count > 0 else None,
        max(count, 0),
        notes=main.notes,
    )


def _figure(value: Value) -> Decimal:
    return Decimal(number(value) or 0)


def _is_somebody(row: Row) -> bool:
    return isinstance(row[0], Member) and row[0].key != NO_MEMBER


def _others(main: Frame, shown: tuple[Row, ...]) -> Row:
    """What the totals hold besides the rows that are shown."""
    totals = main.totals or ()
    sums = [
        None
        if column.role == "dimension"
        else _figure(totals[at]) - sum((_figure(row[at]) for row in shown), Decimal(0))
        for at, column in enumerate(main.columns)
    ]
    return tuple(
        _change(column, main, sums) if column.role == "change" else value
        for column, value in zip(main.columns, sums, strict=True)
    )


def _change(column: Column, main: Frame, sums: list[Decimal | None]) -> Value:
    reference = column.id.removesuffix(":change")
    return percent_change(sums[main.index(column.metric or "")], sums[main.index(reference)])[0]
