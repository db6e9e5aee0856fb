"""Bridge: why net sales moved between two periods, in volume, price, mix, new and lost items, exact to the cent.

Source: analytics-methods §4 "price-volume-mix" (new and dropped items on a line of their own, not in
mix as features §5.1 has it); features §4.4 page 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

from app.domain.figures import ZERO, adding_up, total
from app.values.money import EXACT, round_money

Kind = Literal["comparable", "new", "lost", "unpriced"]


@dataclass(frozen=True)
class Item:
    """An item's units and net sales in both periods, returns subtracted; one per key."""

    key: str
    quantity_before: Decimal
    quantity: Decimal
    net_before: Decimal
    net: Decimal


@dataclass(frozen=True)
class ItemEffect:
    """One item's part in the move, not rounded: `volume + price + mix + other == change`.

    `other` is the whole change of an item that is not comparable: new, lost or unpriced.
    """

    key: str
    kind: Kind
    volume: Decimal
    price: Decimal
    mix: Decimal
    other: Decimal
    change: Decimal


@dataclass(frozen=True)
class Bridge:
    """`start` + all effects == `end`, each rounded to the minor unit.

    `volume`: more or fewer units at the old average price; `price`: today's units at the change of their own price;
    `mix`: the units moved towards dearer or cheaper items. These three are over comparable items, which sold units in
    both periods. `new` and `lost` sold in one period only; `unpriced` is the change of items without a price in one
    of them (more given back than sold, or money without units). `items` have the largest change first.
    """

    start: Decimal
    volume: Decimal
    price: Decimal
    mix: Decimal
    new: Decimal
    lost: Decimal
    unpriced: Decimal
    end: Decimal
    comparable: int
    items: tuple[ItemEffect, ...]

    @property
    def steps(self) -> tuple[tuple[str, Decimal], ...]:
        """The effects in the order they are drawn, by name."""
        names = ("volume", "price", "mix", "new", "lost", "unpriced")
        return tuple((name, getattr(self, name)) for name in names)


def price_volume_mix(items: Iterable[Item], currency: str) -> Bridge:
    """The bridge from the sum of `net_before` to the sum of `net`, in `currency`'s minor unit."""
    known = sorted(items, key=lambda item: item.key)
    comparable = [item for item in known if _kind(item) == "comparable"]
    with localcontext(EXACT):
        quantity_before = total(item.quantity_before for item in comparable)
        growth = total(item.quantity for item in comparable) / quantity_before if comparable else Decimal(1)
        effects = [_effect(item, growth) for item in known]
        others = {kind: total(each.other for each in effects if each.kind == kind) for kind in _OTHER_KINDS}
        start = round_money(total(item.net_before for item in known), currency)
        end = round_money(total(item.net for item in known), currency)
        # From the totals, not summed over items, so that each is as exact as 60 digits allow.
        base = total(item.net_before for item in comparable)
        at_old_prices = total(item.quantity * item.net_before / item.quantity_before for item in comparable)
        volume = base * growth - base
        price = total(item.net for item in comparable) - at_old_prices
        mix = at_old_prices - base * growth
        rounded = adding_up((volume, price, mix, *others.values()), end - start, currency)
    volume, price, mix, new, lost, unpriced = rounded
    by_size = tuple(sorted(effects, key=lambda each: (-abs(each.change), each.key)))
    return Bridge(start, volume, price, mix, new, lost, unpriced, end, len(comparable), by_size)


_OTHER_KINDS: tuple[Kind, ...] = ("new", "lost", "unpriced")


def _kind(item: Item) -> Kind:
    if item.quantity_before > 0 and item.quantity > 0:
        return "comparable"
    if item.quantity > 0 and item.quantity_before == item.net_before == 0:
        return "new"
    if item.quantity_before > 0 and item.quantity == item.net == 0:
        return "lost"
    return "unpriced"


def _effect(item: Item, growth: Decimal) -> ItemEffect:
    """An item's own volume is its share of the growth of all units, so that items add up to the totals."""
    kind, change = _kind(item), item.net - item.net_before
    if kind != "comparable":
        return ItemEffect(item.key, kind, ZERO, ZERO, ZERO, change, change)
    volume = item.net_before * growth - item.net_before
    price = item.net - item.quantity * item.net_before / item.quantity_before
    return ItemEffect(item.key, kind, volume, price, change - volume - price, ZERO, change)
