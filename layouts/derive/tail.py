"""Tail: the small members that neither grow nor earn, the revenue that hangs on them, and when each last sold."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.figures import share
from app.domain.quadrant import tail
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from layouts.derive.quadrant import growth_column, margin_column, members_of, placed
from queries.frame import Column, Frame, Member, Row


def tail_list(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """The members under review beyond those that make 95 % of net sales, the smallest first, with their sum.

    Main is that of the quadrant, "months" `gross_sales` by the level and month over the thirteen months to the end.
    Columns: the level, `net_sales`, `share`, `growth`, `margin_rate`, `last_sale` (the month, None for none in these).
    Invalid when there are none.
    """
    main, t = frames["main"], words(context.locale)
    found, members, sold = tail(placed(main)), members_of(main), last_months(frames.get("months"))
    if not found.placed:
        raise Invalid("Nothing is small, shrinking and below the average margin at once.")
    whole = sum(each.product.net for each in placed(main).placed)
    rows: tuple[Row, ...] = tuple(
        (
            members[each.product.key],
            each.product.net,
            share(each.product.net, whole),
            each.growth,
            each.margin_rate,
            sold.get(each.product.key),
        )
        for each in found.placed
    )
    columns = [
        main.columns[0],
        main.column("net_sales"),
        Column("share", t("Share"), "metric", "share", unit="ratio", format="percent"),
        growth_column(t),
        margin_column(t),
        Column("last_sale", t("Last sale"), "dimension", level="month"),
    ]
    totals: Row = (None, found.net, found.share, None, None, None)
    return Frame(tuple(columns), rows, main.provenance, main.currency, totals, notes=main.notes)


def last_months(months: Frame | None) -> dict[str, Member]:
    """The last month with gross sales of each member of a frame by level and month."""
    last: dict[str, Member] = {}
    if months is None:
        return last
    at = months.index("gross_sales")
    for row in months.rows:
        member, month, amount = row[0], row[1], number(row[at])
        if not isinstance(member, Member) or not isinstance(month, Member) or not amount or amount <= 0:
            continue
        if month.key != NO_MEMBER and (member.key not in last or last[member.key].key < month.key):
            last[member.key] = month
    return last
