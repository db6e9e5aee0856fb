"""Tail: the small members below average in growth and margin, what hangs on them, and when each last sold."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.figures import share
from app.domain.quadrant import tail
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.derive.quadrant import growth_column, margin_column, members_of, placed
from queries.frame import Column, Frame, Member, Row, Value


def tail_list(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """The members under review beyond those that make 95 % of net sales, the smallest first, with their sum.

    Main is that of the quadrant, "last" has `last_order` by the same level. Columns: the level, `net_sales`, `share`,
    `growth`, `margin_rate`, `last_order`. Invalid when there are none.
    """
    main, t = frames["main"], words(context.locale)
    found, members, sold = tail(placed(main)), members_of(main), _last_days(frames.get("last"))
    if not found.placed:
        raise Invalid("Nothing is small and below average in growth and margin at once.")
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
        Column("last_order", t("Last sale"), "metric", "last_order", unit="day"),
    ]
    totals: Row = (None, found.net, found.share, None, None, None)
    return Frame(tuple(columns), rows, main.provenance, main.currency, totals, notes=main.notes)


def _last_days(last: Frame | None) -> dict[str, Value]:
    """The day of the last order of each member of a frame by level."""
    if last is None:
        return {}
    at = last.index("last_order")
    return {row[0].key: row[at] for row in last.rows if isinstance(row[0], Member)}
