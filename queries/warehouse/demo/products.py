"""Goods of the demo company: 400 products in three levels, what they cost and how list prices rise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from queries.warehouse.demo.money import CURRENCIES, UNIT, Array, Floats, Rates, price_steps, to_step
from queries.warehouse.demo.plot import (
    DEARER_CATEGORY,
    LAUNCH_POPULARITY,
    LAUNCHED_PRODUCT,
    PRICE_RISE,
    YEARLY_PRICE_GROWTH,
    Plot,
)

PRODUCTS = 400
LINE_VALUE = 3_850.0
"""EUR an ordinary line is worth at list price in a company of STANDARD_LINES lines."""

STANDARD_LINES = 300_000
_MADE_BY = ("Arden", "Brava", "Corvo", "Delta", "Ergon", "Forte", "Grano", "Halo", "Ivar", "Joule", "Kanto", "Lumen",
            "Mira", "Norda", "Orbit", "Pinto", "Quill")  # fmt: skip

# Category → (name, share of lines, margin at list price before discounts, subcategory → (noun, typical EUR)).
_TREE: Mapping[str, tuple[str, float, float, Mapping[str, tuple[str, float]]]] = {
    "storage": ("Storage & Racking", 0.22, 0.43, {
        "Pallet Racking": ("Racking Bay", 420), "Shelving": ("Shelf Unit", 160),
        "Cabinets & Lockers": ("Locker", 240), "Containers & Bins": ("Container", 28)}),
    "workstations": ("Workstations", 0.18, 0.47, {
        "Workbenches": ("Workbench", 560), "Seating": ("Work Stool", 190),
        "Lighting": ("Bench Light", 95), "Desks & Consoles": ("Console", 480)}),
    "handling": ("Material Handling", 0.18, 0.40, {
        "Pallet Trucks": ("Pallet Truck", 640), "Trolleys & Carts": ("Trolley", 175),
        "Lifts & Hoists": ("Lift Table", 820), "Conveyors": ("Conveyor Segment", 530)}),
    "safety": ("Safety & Protection", 0.20, 0.49, {
        "Head & Eye Protection": ("Visor", 18), "Hand Protection": ("Glove Pack", 24),
        "Barriers & Signs": ("Barrier", 85), "Spill & Fire": ("Spill Kit", 130)}),
    "maintenance": ("Tools & Maintenance", 0.14, 0.45, {
        "Hand Tools": ("Tool Set", 110), "Power Tools": ("Drill", 210),
        "Fasteners": ("Fastener Box", 16), "Cleaning": ("Scrubber", 340)}),
    "services": ("Services", 0.08, 0.57, {
        "Inspection": ("Inspection Plan", 290), "Maintenance Contracts": ("Service Contract", 380),
        "Installation": ("Installation Day", 620), "Training": ("Training Day", 450)}),
}  # fmt: skip
RECURRING_SUBCATEGORIES = ("Inspection", "Maintenance Contracts")
CATEGORIES: tuple[str, ...] = tuple(_TREE)
CATEGORY_NAMES: Mapping[str, str] = {key: entry[0] for key, entry in _TREE.items()}
LINE_SHARES: tuple[float, ...] = tuple(entry[1] for entry in _TREE.values())


def _slug(name: str) -> str:
    return "-".join(name.lower().replace("&", "").split())


@dataclass(frozen=True)
class Goods:
    """Products as parallel arrays, and their prices by price list."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    subcategories: tuple[str, ...]
    category: npt.NDArray[np.int64]
    recurring: npt.NDArray[np.bool_]
    mean_quantity: Floats
    lists: tuple[date, ...]  # first days of the price lists, oldest first
    list_price: Array  # price list × product, in ten-thousandths of a euro
    unit_cost: Array
    local_price: Array  # price list × currency × product, in ten-thousandths
    local_cost: Array
    popularity: Floats  # price list independent: how often a product is taken within its category
    sold_in: npt.NDArray[np.bool_]  # country × product: whether it is in the country's assortment


def _price_lists(plot: Plot) -> tuple[date, ...]:
    firsts = {date(year, 1, 1) for year in plot.years}
    if plot.happens("price-rise"):
        firsts.add(plot.price_rise)
    return tuple(sorted(firsts))


def scale(lines: int) -> tuple[float, float]:
    """How quantities and prices differ from those of a company of STANDARD_LINES lines, as (quantity, price).

    Sales stay the same whatever the number of lines: with fewer each sells more, with more goods are cheaper.
    """
    factor = STANDARD_LINES / lines
    return max(factor, 1.0), min(factor, 1.0)


def _tree_positions() -> list[tuple[int, str, str, float]]:
    """Category, subcategory, noun and typical price of every product."""
    leaves = [
        (number, subcategory, noun, price)
        for number, (_, _, _, subcategories) in enumerate(_TREE.values())
        for subcategory, (noun, price) in subcategories.items()
    ]
    sizes = [PRODUCTS // len(leaves) + (position < PRODUCTS % len(leaves)) for position in range(len(leaves))]
    return [leaf for leaf, size in zip(leaves, sizes, strict=True) for _ in range(size)]


def goods(plot: Plot, lines: int, countries: int, rates: Rates, generator: np.random.Generator) -> Goods:
    """The assortment. Prices depend on `lines` through `scale`; keys, names and levels never do."""
    positions = _tree_positions()
    category = np.array([position[0] for position in positions])
    quantity_factor, price_factor = scale(lines)
    euro = np.array([position[3] for position in positions]) * np.exp(generator.normal(0.0, 0.28, PRODUCTS))
    worth = LINE_VALUE * np.exp(generator.normal(0.0, 0.28, PRODUCTS) - 0.04)
    margin = np.array([entry[2] for entry in _TREE.values()])[category] + generator.normal(0.0, 0.02, PRODUCTS)
    lists = _price_lists(plot)
    list_price, unit_cost = _prices(plot, lists, euro * price_factor, margin, category, price_factor)
    steps = price_steps(price_factor)
    planning = rates.planning[None, :, None]
    numbers = [f"P-{1001 + number}" for number in range(PRODUCTS)]
    models = [f"{_MADE_BY[number % len(_MADE_BY)]} {100 + number * 37 % 900}" for number in range(PRODUCTS)]
    popularity = np.exp(generator.normal(0.0, 0.35, PRODUCTS))
    sold_in = generator.random((countries, PRODUCTS)) < 0.55
    sold_in[:, numbers.index(LAUNCHED_PRODUCT)] = True
    return Goods(
        keys=tuple(numbers),
        names=tuple(f"{position[2]} {model}" for position, model in zip(positions, models, strict=True)),
        subcategories=tuple(position[1] for position in positions),
        category=category,
        recurring=np.array([position[1] in RECURRING_SUBCATEGORIES for position in positions]),
        mean_quantity=np.maximum(worth / euro, 1.5) * quantity_factor,
        lists=lists,
        list_price=list_price,
        unit_cost=unit_cost,
        local_price=np.maximum(_local(list_price, planning, steps), steps[None, :, None]),
        local_cost=_local(unit_cost, planning, steps),
        popularity=popularity,
        sold_in=sold_in,
    )


def _prices(
    plot: Plot,
    lists: tuple[date, ...],
    euro: Floats,
    margin: Floats,
    category: npt.NDArray[np.int64],
    price_factor: float,
) -> tuple[Array, Array]:
    prices, costs = [], []
    step = price_steps(price_factor)[CURRENCIES.index("EUR")]
    dearer = category == CATEGORIES.index(DEARER_CATEGORY)
    for first in lists:
        grown = YEARLY_PRICE_GROWTH ** (first.year - plot.start.year)
        price = euro * grown * UNIT
        cost = euro * (1 - margin) * grown * UNIT
        if plot.happens("price-rise") and first >= plot.price_rise:
            price = np.where(dearer, price * PRICE_RISE, price)
        prices.append(to_step(np.rint(price).astype(np.int64), step))
        costs.append(to_step(np.rint(cost).astype(np.int64), step))
    return np.maximum(np.array(prices), step), np.array(costs)


def _local(euro: Array, planning: Floats, steps: Array) -> Array:
    return to_step(np.rint(euro[:, None, :] / planning).astype(np.int64), steps[None, :, None])


def product_rows(assortment: Goods) -> dict[str, list[object]]:
    """The staged `product` table by column: a version per price list that changed a product; money as integers."""
    columns: dict[str, list[object]] = {
        name: []
        for name in (
            "product_key", "product", "subcategory_key", "subcategory", "category_key", "category",
            "unit_cost", "list_price", "valid_from", "valid_to",
        )
    }  # fmt: skip
    for number, key in enumerate(assortment.keys):
        category = CATEGORIES[assortment.category[number]]
        prices = list(zip(assortment.list_price[:, number], assortment.unit_cost[:, number], strict=True))
        kept = [turn for turn in range(len(prices)) if turn == 0 or prices[turn] != prices[turn - 1]]
        for place, turn in enumerate(kept):
            subcategory = assortment.subcategories[number]
            follows = assortment.lists[kept[place + 1]] if place + 1 < len(kept) else None
            values = (
                key, assortment.names[number], _slug(subcategory), subcategory, category, CATEGORY_NAMES[category],
                int(prices[turn][1]), int(prices[turn][0]), assortment.lists[turn], follows,
            )  # fmt: skip
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
    return columns


def taken(plot: Plot, assortment: Goods, month: date) -> Floats:
    """How often each product is taken within its category in a month: a launched product is not sold before its day."""
    popularity = assortment.popularity.copy()
    if plot.happens("product-launch"):
        since = plot.months_since(plot.launch, month)
        new = assortment.keys.index(LAUNCHED_PRODUCT)
        popularity[new] = 0.0 if since < 0 else LAUNCH_POPULARITY * min(1.0, 0.4 + 0.3 * since)
    return popularity
