"""Quadrant: members by growth and margin rate, each in its corner; and those of them that make a shrinking tail."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.concentration import share_of_largest
from app.domain.figures import total
from app.domain.quadrant import Product, Quadrant, Quadrants, quadrants
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import Words, words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row, Value

BEFORE = "last-year"

MOST = 500
"""Dots that can still be told apart; of more members the largest are shown."""


def corner_names(t: Words) -> dict[Quadrant | None, str]:
    """What each corner says should be thought about."""
    return {
        "promote": t("Promote"),
        "defend": t("Defend"),
        "reprice": t("Reprice"),
        "review": t("Review"),
        None: t("None"),
    }


def quadrant(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Every member that was sold in both years and whose cost is known, the largest first.

    Main has one level, `net_sales` with last year, `margin` and `costed_net_sales`. Columns: the level, `net_sales`,
    `growth`, `margin_rate`, `corner`; the totals hold the figures at which the corners meet. Invalid without last year.
    """
    main, t = frames["main"], words(context.locale)
    found = placed(main)
    members, names = members_of(main), corner_names(t)
    shown = [each for each in found.placed if each.quadrant is not None]
    if found.growth_line is None or found.margin_line is None or not shown:
        raise Invalid("There is nothing to compare growth with: nothing was sold a year before.")
    rows = tuple(
        (members[each.product.key], each.product.net, each.growth, each.margin_rate, names[each.quadrant])
        for each in shown[:MOST]
    )
    columns = (
        main.columns[0],
        main.column("net_sales"),
        growth_column(t),
        margin_column(t),
        Column("corner", t("Corner"), "dimension"),
    )
    left_out = len(found.placed) - len(shown)
    notes = main.notes
    if len(shown) > MOST:
        notes = (*notes, t("The {n} largest are shown.", n=MOST))
    if left_out:
        told = t.n(
            "{n} is not shown: it was not sold a year before, or its cost is not known.",
            "{n} are not shown: they were not sold a year before, or their cost is not known.",
            left_out,
        )
        notes = (*notes, told)
    whole: Row = (None, total(each.product.net for each in found.placed), found.growth_line, found.margin_line, "")
    return Frame(columns, rows, main.provenance, main.currency, whole, notes=notes)


def top_share_card(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """The part of net sales that the ten largest members make, now and as the ten largest of then made.

    Main has one level, uncut, and `net_sales` with its comparisons in time. Column: `top_share`, and per comparison
    its reference and difference.
    """
    main, t = frames["main"], words(context.locale)
    now = _top_ten(main, "net_sales")
    columns = [
        Column("top_share", t("Share of the ten largest"), "metric", "top_share", unit="ratio", format="percent")
    ]
    row: list[Value] = [now]
    for column in main.columns:
        if column.role != "reference" or column.versus is None:
            continue
        then = _top_ten(main, column.id)
        own = {"metric": "top_share", "versus": column.versus, "unit": "ratio", "format": "percent"}
        title, near = columns[0].title, f"top_share@{column.versus}"
        columns += [Column(near, title, "reference", **own), Column(f"{near}:delta", title, "delta", **own)]
        row += [then, None if now is None or then is None else now - then]
    return Frame(tuple(columns), (tuple(row),), main.provenance, main.currency, notes=main.notes)


def _top_ten(main: Frame, column_id: str) -> Decimal | None:
    amounts = (_figure(row, main, column_id) for row in main.rows)
    return share_of_largest((amount for amount in amounts if amount is not None), 10)


def placed(main: Frame) -> Quadrants:
    """The members of a frame in their quadrants; those without a member belong to nobody and have no place."""
    return quadrants(
        Product(
            key,
            _figure(row, main, "net_sales") or Decimal(0),
            _figure(row, main, f"net_sales@{BEFORE}") or Decimal(0),
            _figure(row, main, "margin") or Decimal(0),
            _figure(row, main, "costed_net_sales") or Decimal(0),
        )
        for key, row in zip(_keys(main), main.rows, strict=True)
        if key != NO_MEMBER
    )


def members_of(main: Frame) -> dict[str, Member]:
    """The members of a frame's first level by key."""
    return {row[0].key: row[0] for row in main.rows if isinstance(row[0], Member)}


def growth_column(t: Words) -> Column:
    """The column of growth on last year."""
    return Column("growth", t("Growth"), "change", "growth", unit="ratio", format="signed_percent", better="up")


def margin_column(t: Words) -> Column:
    """The column of margin rates."""
    return Column("margin_rate", t("Margin rate"), "metric", "margin_rate", unit="ratio", format="percent", better="up")


def _keys(main: Frame) -> list[str]:
    return [row[0].key if isinstance(row[0], Member) else "" for row in main.rows]


def _figure(row: Row, frame: Frame, column_id: str) -> Decimal | None:
    value = number(row[frame.index(column_id)])
    return None if value is None else Decimal(value)
