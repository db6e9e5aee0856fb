"""Decline: large customers who buy less than they did, or nothing, with what was expected and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.decline import History, declining
from app.domain.figures import total
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from layouts.derive.buying import last_days_of, last_month_of, last_order_column, members_of
from layouts.settle import month_shift
from queries.frame import Column, Frame, Member, Row

MONTHS = 15
"""Three recent months and the twelve before them, which say what is usual."""
SHOWN = 40


def declining_customers(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """The flagged customers, most revenue at risk first.

    Main has the largest customers, "months" their `orders` and `net_sales` by month, "last" at least their
    `last_order`: all of fifteen complete months.
    Columns: the customer, `at_risk`, orders `seen` where `expected` were usual, net sales a month `recent` and
    `before` and their change, `last_order` and why. Invalid when nobody declines.
    """
    main, t = frames["main"], words(context.locale)
    span = main.provenance.span
    as_of = context.today if span is None else month_shift(span.end_exclusive, 0)
    histories = histories_of(frames.get("months"))
    found = declining(histories.values(), as_of, context.currency)
    if not found:
        raise Invalid("None of the largest customers buys less than usual.")
    members = members_of(main)
    last = last_days_of(frames.get("last"))
    rows: list[Row] = []
    for each in found[:SHOWN]:
        history = histories[each.key]
        recent, before = total(history.net[-3:]) / 3, total(history.net[:-3]) / 12
        seen, expected = sum(history.orders[-3:]), Decimal(sum(history.orders[:-3])) / 4
        why = t("Silent") if not seen else t("Fewer orders") if each.silence is not None else t("Smaller orders")
        change = None if not before else recent / before - 1
        rows.append((members[each.key], each.at_risk, why, last.get(each.key), seen, expected, recent, before, change))
    columns = (
        main.columns[0],
        Column("at_risk", t("At risk"), "metric", "at_risk", unit="money", format="money", better="down"),
        Column("why", t("Evidence"), "dimension"),
        last_order_column(t),
        Column("seen", t("Orders seen"), "metric", "seen", unit="count", format="integer"),
        Column("expected", t("Expected"), "metric", "expected", unit="quantity", format="decimal"),
        Column("recent", t("A month now"), "metric", "recent", unit="money", format="money"),
        Column("before", t("A month before"), "metric", "before", unit="money", format="money"),
        Column("change", t("Change"), "change", "change", unit="ratio", format="signed_percent", better="up"),
    )
    at_risk = total(each.at_risk for each in found)
    totals: Row = (None, at_risk, None, None, *[None] * 5)
    return Frame(columns, tuple(rows), main.provenance, main.currency, totals, notes=main.notes)


def histories_of(months: Frame | None) -> dict[str, History]:
    """Fifteen months of orders and net sales of each customer, zero where nothing was bought."""
    if months is None:
        return {}
    last, orders_at, net_at = last_month_of(months), months.index("orders"), months.index("net_sales")
    orders: dict[str, list[int]] = {}
    net: dict[str, list[Decimal]] = {}
    for row in months.rows:
        who, month = row[0], row[1]
        if not isinstance(who, Member) or not isinstance(month, Member):
            continue
        year, number_of = int(month.key[:4]), int(month.key[5:7])
        at = MONTHS - 1 - (last - (year * 12 + number_of - 1))
        if 0 <= at < MONTHS:
            own = orders.setdefault(who.key, [0] * MONTHS)
            own[at] = int(number(row[orders_at]) or 0)
            net.setdefault(who.key, [Decimal(0)] * MONTHS)[at] = Decimal(number(row[net_at]) or 0)
    return {key: History(key, tuple(orders[key]), tuple(net[key])) for key in orders}
