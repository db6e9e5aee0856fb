"""Rhythm: who orders how often, whether the gaps grow or shrink, and who is overdue; and one customer's own rhythm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from app.domain.rhythm import Rhythm, rhythm
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.derive.buying import days_of, members_of
from layouts.settle import span_of
from queries.frame import Column, Frame, Row


def frequent_buyers(frames: Mapping[str, Frame], selection: Selection, context: QueryContext) -> Frame:
    """Those with the most orders: days with one, the usual gap, those of the older and newer half, and days silent.

    Main has customers by `orders`, "days" the same customers by day. Invalid without any rhythm.
    """
    main, t = frames["main"], words(context.locale)
    members, days = members_of(main), days_of(frames.get("days"))
    found = {key: rhythm(days.get(key, ()), as_of(selection, context)) for key in members}
    known = [(key, each) for key, each in found.items() if each.usual_gap is not None]
    if not known:
        raise Invalid("Nobody has ordered twice in these two years.")
    known.sort(key=lambda pair: (pair[1].usual_gap or Decimal(0), -pair[1].orders, pair[0]))
    rows: tuple[Row, ...] = tuple(
        (
            members[key],
            each.orders,
            each.usual_gap,
            each.earlier_gap,
            each.recent_gap,
            each.silent_days,
            t("Overdue") if each.overdue else "",
        )
        for key, each in known
    )
    columns = (
        main.columns[0],
        _figure("days", t("Days"), "count"),
        _figure("usual_gap", t("Usual gap"), "quantity"),
        _figure("earlier_gap", t("Earlier half"), "quantity"),
        _figure("recent_gap", t("Newer half"), "quantity"),
        _figure("silent", t("Silent for"), "count"),
        Column("due", t("Rhythm"), "dimension"),
    )
    return Frame(columns, rows, main.provenance, main.currency, notes=main.notes)


def own_rhythm(frames: Mapping[str, Frame], selection: Selection, context: QueryContext) -> Frame:
    """One customer's rhythm as rows of a name and what it says, from `orders` by day in main.

    The next order has the days since it was due, or those until it will be.
    Invalid with a single day, for then there is no rhythm.
    """
    main, t = frames["main"], words(context.locale)
    found = rhythm_of(main, selection, context)
    if found.usual_gap is None or found.expected is None or found.last is None:
        raise Invalid("One order makes no rhythm yet.")
    off = abs((as_of(selection, context) - found.expected).days)
    told: list[tuple[str, str, Decimal | int | None, date | None]] = [
        ("last", t("Last order"), found.silent_days, found.last),
        ("usual", t("Usual gap"), found.usual_gap, None),
        ("longest", t("Longest usual gap"), found.longest_usual, None),
        ("expected", t("Next was due") if found.late_days else t("Next is due"), off, found.expected),
        ("earlier", t("Usual gap, earlier half"), found.earlier_gap, None),
        ("recent", t("Usual gap, newer half"), found.recent_gap, None),
    ]
    rows: tuple[Row, ...] = tuple((name, days, day) for _, name, days, day in told if days is not None or day)
    columns = (
        Column("what", t("Rhythm"), "dimension"),
        _figure("days", t("Days"), "quantity"),
        Column("day", t("On"), "metric", "day", unit="day", format="day"),
    )
    return Frame(columns, rows, main.provenance, main.currency, notes=main.notes)


def rhythm_of(main: Frame, selection: Selection, context: QueryContext) -> Rhythm:
    """The rhythm of the days with orders of an answer by day."""
    at, end = main.index("orders"), as_of(selection, context)
    bought = [row for row in main.rows if row[at]]
    return rhythm((date.fromisoformat(getattr(row[0], "key", "")) for row in bought), end)


def as_of(selection: Selection, context: QueryContext) -> date:
    """The last day looked at."""
    span = span_of(selection, context)
    return context.today if span is None else min(span.end_exclusive - timedelta(days=1), context.today)


def _figure(column_id: str, title: str, unit: str) -> Column:
    return Column(column_id, title, "metric", column_id, unit=unit, format="decimal")
