"""Quadrant: products by growth and margin, what to promote and what to review, and the tail.

Source: features VD-23, VD-24, `/sales/products` growth × margin quadrant and tail list; growth and margin by
analytics-methods §1.2 and §4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.domain.concentration import NINETY_FIVE, concentration
from app.domain.figures import share, total
from app.values.money import percent_change

Quadrant = Literal["promote", "defend", "reprice", "review"]
QUADRANTS: tuple[Quadrant, ...] = ("promote", "defend", "reprice", "review")
"""Growing and rich; rich, not growing; growing, not rich; neither."""


@dataclass(frozen=True)
class Product:
    """A product's net sales now and before; `margin` on those of its sales whose cost is known, `costed_net`."""

    key: str
    net: Decimal
    net_before: Decimal
    margin: Decimal
    costed_net: Decimal


@dataclass(frozen=True)
class Placed:
    """A product in its quadrant, or in none with a reason: no sales before ("zero_base", "negative_base") or no
    known cost ("no_base")."""

    product: Product
    growth: Decimal | None
    margin_rate: Decimal | None
    quadrant: Quadrant | None
    reason: str | None


@dataclass(frozen=True)
class QuadrantSum:
    """What a quadrant's products make; `quadrant` None are those in none."""

    quadrant: Quadrant | None
    count: int
    net: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Quadrants:
    """All products, the largest first, and the lines between the quadrants; `sums` hold every product once."""

    placed: tuple[Placed, ...]
    growth_line: Decimal | None
    margin_line: Decimal | None
    sums: tuple[QuadrantSum, ...]


@dataclass(frozen=True)
class Tail:
    """Products to think about giving up, the smallest first; `net` is the revenue at risk, `share` of everything."""

    placed: tuple[Placed, ...]
    net: Decimal
    share: Decimal | None


def quadrants(
    products: Iterable[Product], growth_line: Decimal | None = None, margin_line: Decimal | None = None
) -> Quadrants:
    """Place each product; the lines are the growth and the margin rate of all together unless given.

    On a line counts as above it. Without a line, as when nothing was sold before, no product has a place.
    """
    known = sorted(products, key=lambda product: (-product.net, product.key))
    whole = total(product.net for product in known)
    if growth_line is None:
        growth_line = _growth(whole, total(product.net_before for product in known))[0]
    if margin_line is None:
        margin_line = share(total(product.margin for product in known), total(product.costed_net for product in known))
    placed = tuple(_place(product, growth_line, margin_line) for product in known)
    sums = []
    for quadrant in (*QUADRANTS, None):
        nets = [each.product.net for each in placed if each.quadrant == quadrant]
        sums.append(QuadrantSum(quadrant, len(nets), total(nets), share(total(nets), whole)))
    return Quadrants(placed, growth_line, margin_line, tuple(sums))


def tail(found: Quadrants, until: Decimal = NINETY_FIVE) -> Tail:
    """The products under review that come after those which make `until` of net sales; new ones are left alone."""
    standing = concentration(((each.product.key, each.product.net) for each in found.placed), until, until)
    small = frozenset(standing.keys[standing.until_b :])
    placed = [each for each in found.placed if each.quadrant == "review" and each.product.key in small]
    placed.sort(key=lambda each: (each.product.net, each.product.key))
    net = total(each.product.net for each in placed)
    return Tail(tuple(placed), net, share(net, standing.total))


def _place(product: Product, growth_line: Decimal | None, margin_line: Decimal | None) -> Placed:
    growth, reason = _growth(product.net, product.net_before)
    rate = share(product.margin, product.costed_net)
    if rate is None:
        reason = reason or "no_base"
    if growth is None or rate is None:
        return Placed(product, growth, rate, None, reason)
    if growth_line is None or margin_line is None:
        return Placed(product, growth, rate, None, "no_base")
    growing, rich = growth >= growth_line, rate >= margin_line
    quadrant: Quadrant = ("promote" if rich else "reprice") if growing else ("defend" if rich else "review")
    return Placed(product, growth, rate, quadrant, None)


def _growth(now: Decimal, before: Decimal) -> tuple[Decimal | None, str | None]:
    """Growth on a base above zero; on a negative one it has no direction that could be drawn."""
    growth, reason = percent_change(now, before)
    return (growth, None) if reason is None else (None, reason)
