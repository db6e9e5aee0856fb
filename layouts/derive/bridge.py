"""Bridge: net sales of the comparison, what volume, price, mix, new and lost products made of them, net sales now."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.bridge import Item, ItemEffect, price_volume_mix
from app.domain.figures import ZERO
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts import format as fmt
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row, Value

LEVELS = ("before", "now")
"""The rows that stand on the ground."""


def bridge(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row a step, the amounts adding up from the first row to the last, exactly.

    "items" has a row a product with `net_sales` and `units` and their comparison in time. Columns: `step`, `amount`,
    `largest` (the product that made most of the step) and `of_it` (its part of the step). New, lost and unpriced
    products have a step only where there are such. Invalid without a comparison in time, or without products.
    """
    items, t = frames.get("items"), words(context.locale)
    versus = None if items is None else _versus(items)
    if items is None or versus is None:
        raise Invalid("A bridge needs a comparison in time, such as last year.")
    found = price_volume_mix(_items(items, versus), items.currency)
    if not found.items:
        raise Invalid("Nothing was sold in either period.")
    names = {
        "volume": t("Volume"),
        "price": t("Price"),
        "mix": t("Mix"),
        "new": t("New products"),
        "lost": t("Lost products"),
        "unpriced": t("Not comparable"),
    }
    members = {row[0].key: row[0] for row in items.rows if isinstance(row[0], Member)}
    then = fmt.reference_name(versus, context.locale)
    before = Member("before", t("Net sales, {reference}", reference=then))
    rows: list[Row] = [(before, found.start, None, None)]
    for step, amount in found.steps:
        if amount or step in ("volume", "price", "mix"):
            rows.append((Member(step, names[step]), amount, *_largest(found.items, step, amount, members)))
    rows.append((Member("now", t("Net sales")), found.end, None, None))
    columns = (
        Column("step", t("Step"), "dimension"),
        Column("amount", t("Amount"), "metric", "amount", unit="money", format="money", better="up"),
        Column("largest", t("Largest part"), "dimension", level="product"),
        Column("of_it", t("Its amount"), "delta", "of_it", unit="money", format="money", better="up"),
    )
    return Frame(columns, tuple(rows), items.provenance, items.currency, notes=items.notes)


def _versus(items: Frame) -> str | None:
    return next((c.versus for c in items.columns if c.role == "reference" and c.versus != "budget"), None)


def _items(items: Frame, versus: str) -> list[Item]:
    ids = (f"units@{versus}", "units", f"net_sales@{versus}", "net_sales")
    places = [items.index(each) for each in ids]
    return [Item(row[0].key, *(_figure(row[at]) for at in places)) for row in items.rows if isinstance(row[0], Member)]


def _figure(value: Value) -> Decimal:
    figure = number(value)
    return ZERO if figure is None else Decimal(figure)


def _largest(
    items: tuple[ItemEffect, ...], step: str, amount: Decimal, members: Mapping[str, Member]
) -> tuple[Member | None, Decimal | None]:
    """The product that moved a step most in its own direction, and by how much."""

    def of(item: ItemEffect) -> Decimal:
        if step in ("volume", "price", "mix"):
            return Decimal(getattr(item, step))
        return item.other if item.kind == step else ZERO

    along = [item for item in items if of(item) and (of(item) > 0) == (amount > 0)]
    if not along or not amount:
        return None, None
    most = max(along, key=lambda item: (abs(of(item)), item.key))
    return members.get(most.key), of(most)
