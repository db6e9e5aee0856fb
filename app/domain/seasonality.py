"""Seasonality: a month × year table, the index of each month, and whether there is a season at all.

Source: analytics-methods §10.1 (classical indexes; 2 cycles to show, 3 to test), §9.2 (test of the autocorrelation),
§5.3 (weights of months); features SR-28, T-16.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

from app.domain.figures import ZERO, Status, total
from app.values.errors import Invalid
from app.values.money import EXACT

YEAR = 12
Month = tuple[int, int]
"""A year and a month from 1 to 12."""


@dataclass(frozen=True)
class Cell:
    """A month of the table. `amount` None: before the first or after the last month there is.

    `index`: the amount as a ratio to (or, if additive, a difference from) the year around it, None for the first and
    last six months. `partial`: not over yet; it counts nowhere.
    """

    year: int
    month: int
    amount: Decimal | None
    index: Decimal | None
    partial: bool


@dataclass(frozen=True)
class Seasonality:
    """`rows`: twelve cells a year, oldest year first. `indexes`: January to December, mean 1 (additive: 0), empty
    under 24 complete months.

    `kind`: "additive" when some month is not above zero, and then indexes are money. `strength` from 0 to 1 and
    `seasonal` (strength from 0.3 and the test passed) need 36 months; None before.
    """

    rows: tuple[tuple[Cell, ...], ...]
    indexes: tuple[Decimal, ...]
    kind: Literal["multiplicative", "additive"]
    months: int
    strength: Decimal | None
    seasonal: bool | None
    status: Status


def seasonality(amounts: Mapping[Month, Decimal], partial: Month | None = None) -> Seasonality:
    """The table and its indexes. A month without an amount is one of 0, from the first to the last there is.

    `partial`: the current month when it is not over; the last month is then the one before, and later ones are not
    looked at. Under three years the status is "low_confidence".
    """
    if not all(1 <= month <= YEAR for _, month in amounts):
        raise Invalid("A month is a number from 1 to 12.")
    running = None if partial is None else partial[0] * YEAR + partial[1] - 1
    known = {year * YEAR + month - 1: amount for (year, month), amount in amounts.items()}
    ordinals = {at: amount for at, amount in known.items() if running is None or at <= running}
    first = min(ordinals, default=0)
    # Without sales until the current month, the months before it are months of 0 all the same.
    last = max(ordinals, default=first - 1) if running is None else max(running, first) - 1
    series = [ordinals.get(at, ZERO) for at in range(first, last + 1)]
    additive = any(amount <= 0 for amount in series)
    enough = len(series) >= 2 * YEAR
    with localcontext(EXACT):
        around = _moving_average(series)
        ratios = [
            None if mean is None else amount - mean if additive else amount / mean
            for amount, mean in zip(series, around, strict=True)
        ]
        by_month = _indexes(ratios, first, additive) if enough else ()
        strength = _strength(ratios, by_month, first, additive) if len(series) >= 3 * YEAR else None
    seasonal = None if strength is None else strength >= Decimal("0.3") and autocorrelated(series, YEAR)
    rows = _rows(ordinals, first, ratios, running)
    status: Status = "not_enough_data" if not enough else "ok" if strength is not None else "low_confidence"
    kind: Literal["multiplicative", "additive"] = "additive" if additive else "multiplicative"
    return Seasonality(rows, by_month, kind, len(series), strength, seasonal, status)


def month_weights(amounts: Mapping[Month, Decimal], before_year: int) -> tuple[Decimal, ...]:
    """What each month makes of its year: mean over the last two to five complete years before one, sum 1.

    Empty with fewer than two such years, for then working days must do. A year that sold nothing, or less, is no
    year; nor is the first one when it has no January.
    """
    first = min((year for year, _ in amounts), default=before_year)
    if (first, 1) not in amounts:
        first += 1
    shares: list[list[Decimal]] = []
    with localcontext(EXACT):
        for year in range(before_year - 1, first - 1, -1):
            months = [amounts.get((year, month), ZERO) for month in range(1, YEAR + 1)]
            whole = total(months)
            if whole > 0 and len(shares) < 5:
                shares.append([month / whole for month in months])
        if len(shares) < 2:
            return ()
        return tuple(total(column) / len(shares) for column in zip(*shares, strict=True))


def autocorrelated(series: Sequence[Decimal], lag: int) -> bool:
    """Whether |r_lag| > 1.645 √((1 + 2 Σ r_k²) ÷ n), k < lag: a season that chance would hardly give."""
    values = [float(value) for value in series]
    if len(values) < 3 * lag:
        return False
    mean = math.fsum(values) / len(values)
    off = [value - mean for value in values]
    whole = math.fsum(value * value for value in off)
    if whole == 0:
        return False
    lags = [math.fsum(a * b for a, b in zip(off, off[k:], strict=False)) / whole for k in range(1, lag + 1)]
    return abs(lags[-1]) > 1.645 * math.sqrt((1 + 2 * math.fsum(r * r for r in lags[:-1])) / len(values))


def _moving_average(series: Sequence[Decimal]) -> list[Decimal | None]:
    """Centred, 2 × 12: twelve months with half of a thirteenth on either side."""
    half = YEAR // 2
    means: list[Decimal | None] = [None] * len(series)
    for at in range(half, len(series) - half):
        inner = total(series[at - half + 1 : at + half])
        means[at] = (inner + (series[at - half] + series[at + half]) / 2) / YEAR
    return means


def _indexes(ratios: Sequence[Decimal | None], first: int, additive: bool) -> tuple[Decimal, ...]:
    means = [
        _mean([ratio for at, ratio in enumerate(ratios, start=first) if ratio is not None and at % YEAR == month])
        for month in range(YEAR)
    ]
    level = _mean(means)
    return tuple(mean - level if additive else mean / level for mean in means)


def _strength(
    ratios: Sequence[Decimal | None], indexes: Sequence[Decimal], first: int, additive: bool
) -> Decimal | None:
    """1 − var(rest) ÷ var(season and rest), at least 0, on logarithms when the season multiplies."""
    both, rest = [], []
    for at, ratio in enumerate(ratios, start=first):
        if ratio is not None:
            season = indexes[at % YEAR]
            both.append(ratio if additive else ratio.ln())
            rest.append(ratio - season if additive else (ratio / season).ln())
    spread = _variance(both)
    return max(ZERO, 1 - _variance(rest) / spread) if spread else ZERO


def _rows(
    ordinals: Mapping[int, Decimal], first: int, ratios: Sequence[Decimal | None], running: int | None
) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    if not ordinals:
        return ()
    last = max(max(ordinals), first + len(ratios) - 1)
    for year in range(first // YEAR, last // YEAR + 1):
        cells = []
        for at in range(year * YEAR, year * YEAR + YEAR):
            amount = ordinals.get(at, ZERO) if first <= at <= last else None
            index = ratios[at - first] if 0 <= at - first < len(ratios) and at != running else None
            cells.append(Cell(year, at % YEAR + 1, amount, index, at == running))
        rows.append(tuple(cells))
    return tuple(rows)


def _mean(values: Sequence[Decimal]) -> Decimal:
    return total(values) / len(values)


def _variance(values: Iterable[Decimal]) -> Decimal:
    known = list(values)
    mean = _mean(known)
    return _mean([(value - mean) ** 2 for value in known])
