"""Timeline: a customer's documents one after another, each with the net sales of the twelve months that end with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.values.calendar import add_months
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from layouts.derive.rhythm import as_of
from queries.frame import Column, Frame, Member, Row

MONTHS = 24


def order_timeline(frames: Mapping[str, Frame], selection: Selection, context: QueryContext) -> Frame:
    """The documents of 24 months: `day`, `document`, `document_type`, `net_sales`, `rolling` (twelve months to then).

    Main has `net_sales` by day, document and its type over 36 months, so that the first sums are whole. Invalid
    without any document.
    """
    main, t = frames["main"], words(context.locale)
    at, start = main.index("net_sales"), add_months(as_of(selection, context), -MONTHS)
    known = sorted(
        ((_day(row), Decimal(number(row[at]) or 0), row) for row in main.rows if _day(row) != date.min),
        key=lambda each: (each[0], getattr(each[2][1], "key", "")),
    )
    rows: list[Row] = []
    rolling, first, upto = Decimal(0), 0, 0
    for day, net, row in known:
        # Both ends of the twelve months only move on; documents of the same day all count.
        while upto < len(known) and known[upto][0] <= day:
            rolling += known[upto][1]
            upto += 1
        while known[first][0] <= add_months(day, -12):
            rolling -= known[first][1]
            first += 1
        if day >= start:
            rows.append((*row[:3], net, rolling))
    if not rows:
        raise Invalid("Nothing was ordered in these two years.")
    columns = (
        *main.columns[:3],
        main.column("net_sales"),
        Column("rolling", t("Twelve months to then"), "metric", "rolling", unit="money", format="money"),
    )
    return Frame(columns, tuple(rows), main.provenance, main.currency, notes=main.notes)


def _day(row: Row) -> date:
    key = row[0].key if isinstance(row[0], Member) else ""
    return date.fromisoformat(key) if len(key) == len("2026-11-21") else date.min
