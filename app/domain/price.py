"""Price: how bought quantities move with the price, as an association and never a cause.

Source: analytics-methods §12.2 and §13 (30 observations, 3 price levels, 10 % spread); features CS-10, CS-28.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from app.domain.figures import Estimate
from app.values.money import EXACT, divide

FEWEST, LEVELS, SPREAD = 30, 3, Decimal("0.10")
_Z = 1.959963984540054
_METHOD = "log-log slope with product and month effects and a promotion flag, robust errors"


@dataclass(frozen=True)
class Sold:
    """What one product sold at one price: a line, or a period's average. `month` is 1 to 12."""

    product: str
    month: int
    price: Decimal
    quantity: Decimal
    promoted: bool = False


@dataclass(frozen=True)
class Elasticity:
    """`slope`: by how many percent the quantity differs where the price is one percent higher, with its 95 % interval.

    `explained`: how much of the price's own variation goes with promotions and months, 0 to 1; above a half the slope
    may be theirs. None, like the slope, with fewer than 30 observations, 3 price levels or 10 % spread of a product.
    """

    slope: Estimate
    explained: Decimal | None


def elasticity(sold: Iterable[Sold]) -> Elasticity:
    """The slope over all that was sold, returns left out (price and quantity above zero)."""
    known = sorted(
        (each for each in sold if each.price > 0 and each.quantity > 0),
        key=lambda each: (each.product, each.month, each.price, each.quantity, each.promoted),
    )
    if len(known) < FEWEST or not _varies(known):
        return _unknown(len(known))
    price = np.log([float(each.price) for each in known])
    quantity = np.log([float(each.quantity) for each in known])
    effects = _effects(known)
    # What remains of price and quantity when the effects have explained what they can (Frisch, Waugh, Lovell).
    price_left, quantity_left = _residuals(effects, price), _residuals(effects, quantity)
    within = _residuals(_dummies([each.product for each in known]), price)
    variation, own = float(within @ within), float(price_left @ price_left)
    free = len(known) - int(np.linalg.matrix_rank(effects)) - 1
    if free < 1 or own <= 1e-9 * variation:
        return _unknown(len(known))
    slope = float(price_left @ quantity_left) / own
    rest = quantity_left - slope * price_left
    error = float(np.sqrt(np.sum((price_left * rest) ** 2) / own**2 * len(known) / free))
    low, value, high = (_decimal(slope + side * _Z * error) for side in (-1, 0, 1))
    estimate = Estimate(value, low, high, Decimal("0.95"), len(known), "ok", _METHOD)
    return Elasticity(estimate, _decimal(1 - own / variation))


def arc_elasticity(
    price_before: Decimal, price: Decimal, quantity_before: Decimal, quantity: Decimal
) -> Decimal | None:
    """Between two points, by the midpoint: relative change of the quantity ÷ that of the price, sign kept.

    None when the price did not change, or a price or quantity is not above zero.
    """
    if min(price_before, price, quantity_before, quantity) <= 0:
        return None
    with localcontext(EXACT):
        return divide(
            (quantity - quantity_before) * (price + price_before), (price - price_before) * (quantity + quantity_before)
        )[0]


def _varies(known: Sequence[Sold]) -> bool:
    """Whether some product was sold at three prices or more, the highest 10 % above the lowest."""
    prices: dict[str, set[Decimal]] = {}
    for each in known:
        prices.setdefault(each.product, set()).add(each.price)
    return any(len(each) >= LEVELS and max(each) >= min(each) * (1 + SPREAD) for each in prices.values())


def _effects(known: Sequence[Sold]) -> NDArray[np.float64]:
    promoted = np.array([[float(each.promoted)] for each in known])
    return np.hstack(
        [_dummies([each.product for each in known]), _dummies([str(each.month) for each in known]), promoted]
    )


def _dummies(names: Sequence[str]) -> NDArray[np.float64]:
    columns = {name: at for at, name in enumerate(sorted(set(names)))}
    return np.eye(len(columns))[[columns[name] for name in names]]


def _residuals(effects: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    fitted: NDArray[np.float64] = effects @ np.linalg.lstsq(effects, values, rcond=None)[0]
    return values - fitted


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.9f}")


def _unknown(count: int) -> Elasticity:
    nothing = Estimate(None, None, None, Decimal("0.95"), count, "not_enough_data", _METHOD, "not_enough_data")
    return Elasticity(nothing, None)
