"""Money of the demo company: its currencies, their daily rates and the steps prices are rounded to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from queries.warehouse.demo.plot import Plot

COMPANY_CURRENCY = "EUR"
UNIT = 10_000
"""Money is counted in ten-thousandths, as the warehouse stores it."""

_CENTRES = {
    "EUR": 1.0, "USD": 0.92, "GBP": 1.165, "CHF": 1.04, "SEK": 0.0875, "PLN": 0.231, "JPY": 0.00617, "CAD": 0.676,
    "AUD": 0.605, "DKK": 0.13405,
}  # fmt: skip
_NAMES = {
    "EUR": "Euro", "USD": "US dollar", "GBP": "Pound sterling", "CHF": "Swiss franc", "SEK": "Swedish krona",
    "PLN": "Polish zloty", "JPY": "Japanese yen", "CAD": "Canadian dollar", "AUD": "Australian dollar",
    "DKK": "Danish krone",
}  # fmt: skip
CURRENCIES: tuple[str, ...] = tuple(_CENTRES)

Array = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def currency_rows() -> dict[str, list[str]]:
    """The staged `currency` table by column."""
    return {"currency_key": list(CURRENCIES), "currency": [_NAMES[code] for code in CURRENCIES]}


@dataclass(frozen=True)
class Rates:
    """EUR per unit: `published` counts hundred-millionths on working days, `daily` holds every day of history."""

    days: tuple[date, ...]
    published: Array  # currency × working day
    daily: Floats  # currency × day of history, the last published rate
    planning: Floats  # by currency: the standard rate that price lists are made with


def rates(plot: Plot, generator: np.random.Generator) -> Rates:
    """Rates that wander about a centre and are drawn back to it."""
    first = plot.start - timedelta(days=10)
    span = (plot.today - first).days + 1
    days = tuple(day for day in (first + timedelta(days=number) for number in range(span)) if day.weekday() < 5)
    centres = np.array(list(_CENTRES.values()))
    volatility = np.full(len(centres), 0.0027)
    volatility[CURRENCIES.index("DKK")] = 0.0001
    volatility[CURRENCIES.index("EUR")] = 0.0
    steps = generator.standard_normal((len(days), len(centres))) * volatility
    away = np.zeros(len(centres))
    walk = np.empty_like(steps)
    for number, step in enumerate(steps):
        away = away * 0.993 + step
        walk[number] = away
    published = np.rint(centres * np.exp(walk) * 1e8).astype(np.int64).T
    ordinals = np.array([day.toordinal() for day in days])
    history = plot.start.toordinal() + np.arange(plot.days)
    latest = np.searchsorted(ordinals, history, "right") - 1
    daily = published[:, latest] / 1e8
    return Rates(days, published, daily, centres)


def price_steps(price_factor: float) -> Array:
    """The step prices are rounded to, by currency: whole yen, else cents; finer where goods cost little."""
    fine = price_factor < 0.2
    cent = 1 if fine else UNIT // 100
    return np.array([UNIT // 100 if fine else UNIT, cent])[[0 if code == "JPY" else 1 for code in CURRENCIES]]


def to_step(amount: Array, step: Array) -> Array:
    """Amounts rounded half up to whole steps; for amounts that are not negative."""
    return (amount + step // 2) // step * step
