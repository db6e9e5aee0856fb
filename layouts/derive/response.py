"""Response: how one customer's quantities of a product go with its price, where there are enough purchases to tell."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import log

from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.money import divide
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from layouts.derive.buying import members_of
from queries.frame import Column, Frame, Member, Row

FEWEST = 8
"""Purchases below which no slope is shown."""

Point = tuple[Decimal, Decimal]


def price_response(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Products by purchases: `points`, lowest, mean and highest price after discount, `per_purchase`, `slope`.

    Main has `units` and `net_sales` by product and document; what was given back is left out. `slope`: by how many
    percent the quantity differs where the price is one percent higher; None below 8 purchases or at one price only.
    Invalid without purchases.
    """
    main, t = frames["main"], words(context.locale)
    units_at, net_at, members = main.index("units"), main.index("net_sales"), members_of(main)
    points: dict[str, list[Point]] = {}
    for row in main.rows:
        units, net = number(row[units_at]), number(row[net_at])
        if isinstance(row[0], Member) and row[0].key in members and units and net and units > 0 and net > 0:
            price, _ = divide(Decimal(net), Decimal(units))
            if price is not None:
                points.setdefault(row[0].key, []).append((price, Decimal(units)))
    if not points:
        raise Invalid("Nothing was bought in these two years.")
    ordered = sorted(points, key=lambda key: (-len(points[key]), key))
    rows: tuple[Row, ...] = tuple((members[key], *_told(points[key])) for key in ordered)
    money = {"unit": "money", "format": "money"}
    columns = (
        main.columns[0],
        Column("points", t("Purchases"), "metric", "points", unit="count", format="integer"),
        Column("lowest", t("Lowest price"), "metric", "lowest", **money),
        Column("mean", t("Average price"), "metric", "mean", **money),
        Column("highest", t("Highest price"), "metric", "highest", **money),
        Column("per_purchase", t("Units each time"), "metric", "per_purchase", unit="quantity", format="decimal"),
        Column("slope", t("Slope"), "metric", "slope", unit="quantity", format="decimal"),
    )
    return Frame(columns, rows, main.provenance, main.currency, notes=main.notes)


def _told(points: list[Point]) -> tuple[Decimal | int | None, ...]:
    prices, units = [price for price, _ in points], sum((unit for _, unit in points), Decimal(0))
    net = sum((price * unit for price, unit in points), Decimal(0))
    return len(points), min(prices), net / units, max(prices), units / len(points), slope_of(points)


def slope_of(points: list[Point]) -> Decimal | None:
    """The least-squares slope of the logarithms; None below 8 points or where the price never differed by 2 percent."""
    if len(points) < FEWEST or max(points)[0] < min(points)[0] * Decimal("1.02"):
        return None
    prices, units = [log(price) for price, _ in points], [log(unit) for _, unit in points]
    price, unit = sum(prices) / len(points), sum(units) / len(points)
    across = sum((each - price) ** 2 for each in prices)
    along = sum((a - price) * (b - unit) for a, b in zip(prices, units, strict=True))
    return Decimal(f"{along / across:.4f}")
