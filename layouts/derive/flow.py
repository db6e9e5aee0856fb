"""Flow: who comes, stays, comes back and lapses by quarter; what customers of a year ago bring now; cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.cohorts import cohorts
from app.domain.concentration import share_of_largest
from app.domain.figures import Compared, share
from app.domain.flow import RevenueFlow, flow, revenue_flow
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.derive.buying import (
    amounts_of,
    both,
    buyers_by_quarter,
    complete_quarters,
    quarter_member,
)
from queries.frame import Column, Frame, Member, Row

QUARTERS = 8
LATER = 4
"""Quarters after the first that a cohort is followed for."""
LOST_AFTER = 4
"""Quarters without a purchase after which a customer counts as lost."""
STANDING = ("start", "kept", "now")
"""The rows of the revenue bridge that stand on the ground."""


def customer_flow(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Eight quarters: active before + new + returned − lapsed = active.

    Main has customers with `months_bought`. Columns: `quarter`, `before`, `new`, `returned`, `lapsed` (negative),
    `active`, `retention`. Invalid where nobody bought in these quarters.
    """
    main, t = frames["main"], words(context.locale)
    found = flow(buyers_by_quarter(main), complete_quarters(main, QUARTERS), LOST_AFTER)
    if not any(each.active for each in found):
        raise Invalid("Nobody bought in the last eight complete quarters.")
    rows = tuple(
        (
            quarter_member(each.period),
            each.active_before,
            each.new,
            each.reactivated + each.won_back,
            -each.lapsed,
            each.active,
            each.retention,
        )
        for each in found
    )
    columns = (
        Column("quarter", t("Quarter"), "dimension", level="quarter"),
        _count("before", t("Active before")),
        _count("new", t("New")),
        _count("returned", t("Returned")),
        _count("lapsed", t("Lapsed")),
        _count("active", t("Active")),
        Column("retention", t("Retained"), "metric", "retention", unit="ratio", format="percent", better="up"),
    )
    return Frame(columns, rows, main.provenance, main.currency, notes=main.notes)


def revenue_bridge(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """What last year's customers brought and bring, then what the others add: `step` and `amount`, adding up.

    Main has customers with `net_sales` of twelve months, "before" of the twelve months before. Invalid without those.
    """
    main, t = frames["main"], words(context.locale)
    found = _revenue_flow(frames, context.currency)
    if found.reason is not None:
        raise Invalid("There is nothing to compare with: nobody bought in the twelve months before.")
    steps = (
        ("start", t("Twelve months before"), found.start),
        ("expansion", t("Bought more"), found.expansion),
        ("contraction", t("Bought less"), -found.contraction),
        ("churn", t("Stopped"), -found.churn),
        ("kept", t("The same customers now"), found.end),
        ("outside", t("New and returned"), found.outside),
        ("now", t("Last twelve months"), found.end + found.outside),
    )
    rows: tuple[Row, ...] = tuple((Member(key, name), amount) for key, name, amount in steps)
    columns = (
        Column("step", t("Step"), "dimension"),
        Column("amount", t("Net sales"), "metric", "amount", unit="money", format="money"),
    )
    return Frame(columns, rows, main.provenance, main.currency, notes=main.notes)


def retention_card(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row: `net_retention`, what last year's customers bring now as a part of what they brought."""
    found = _revenue_flow(frames, context.currency)
    title = words(context.locale)("Net retention")
    return _ratio_card(frames["main"], "net_retention", title, found.net_retention)


def kept_card(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row: `retention`, the part of last year's customers who bought again."""
    now, before = amounts_of(frames["main"]), amounts_of(frames.get("before"))
    kept = share(len(now.keys() & before.keys()), len(before))
    return _ratio_card(frames["main"], "retention", words(context.locale)("Customers retained"), kept)


def top_ten_card(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row: `top_share`, the part that the ten largest customers make, beside what the ten of then made."""
    now, then = (share_of_largest(amounts_of(frame).values(), 10) for frame in (frames["main"], frames.get("before")))
    title = words(context.locale)("Share of the ten largest")
    return _ratio_card(frames["main"], "top_share", title, now, then)


def cohort_table(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Customers by the quarter of their first purchase: `cohort`, `size`, `q1` … `q5`, the part who bought then.

    Main has `months_bought`; who bought before the eight quarters is in none. The totals hold the averages.
    Invalid where nobody came in these quarters.
    """
    main, t = frames["main"], words(context.locale)
    found = cohorts(buyers_by_quarter(main), complete_quarters(main, QUARTERS))
    if not found.cohorts:
        raise Invalid("Nobody bought for the first time in the last eight complete quarters.")
    rows: list[Row] = []
    for each in found.cohorts:
        shares = [cell.share for cell in each.cells[1 : LATER + 1]]
        rows.append((quarter_member(each.period), each.size, *shares, *[None] * (LATER - len(shares))))
    columns = [
        Column("cohort", t("First bought in"), "dimension", level="quarter"),
        _count("size", t("Customers")),
        *(
            Column(f"q{step}", t("+{n} q", n=step), "metric", f"q{step}", unit="ratio", format="percent", better="up")
            for step in range(1, LATER + 1)
        ),
    ]
    totals: Row = (None, sum(each.size for each in found.cohorts), *found.average[1 : LATER + 1])
    return Frame(tuple(columns), tuple(rows), main.provenance, main.currency, totals, notes=main.notes)


def _revenue_flow(frames: Mapping[str, Frame], currency: str) -> RevenueFlow:
    before = frames.get("before")

    def flowed(_main: Frame) -> tuple[RevenueFlow, Frame | None]:
        return revenue_flow(_compared(frames), currency), before

    found, of = frames["main"].once(("revenue flow", currency), flowed)
    return found if of is before else flowed(frames["main"])[0]


def _compared(frames: Mapping[str, Frame]) -> list[Compared]:
    now, before = amounts_of(frames["main"]), amounts_of(frames.get("before"))
    nothing = Decimal(0)
    return [Compared(key, now.get(key, nothing), before.get(key, nothing)) for key in both(now, before)]


def _ratio_card(main: Frame, metric: str, title: str, value: Decimal | None, then: Decimal | None = None) -> Frame:
    own = {"metric": metric, "unit": "ratio", "format": "percent"}
    columns = [Column(metric, title, "metric", **own)]
    row: list[Decimal | None] = [value]
    if then is not None and value is not None:
        columns.append(Column(f"{metric}@last-year", title, "reference", versus="last-year", **own))
        columns.append(Column(f"{metric}@last-year:delta", title, "delta", versus="last-year", **own))
        row += [then, value - then]
    return Frame(tuple(columns), (tuple(row),), main.provenance, main.currency, notes=main.notes)


def _count(column_id: str, title: str) -> Column:
    return Column(column_id, title, "metric", column_id, unit="count", format="integer")
