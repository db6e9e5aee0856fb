"""Cohorts: of the customers who first bought in a period, how many bought again so many periods later.

Source: analytics-methods §11.2 (first purchase of the global history; averages over complete cells only); features
§5.5 "Cohort", CS-13.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.figures import share
from app.domain.flow import Buyer
from app.values.errors import Invalid


@dataclass(frozen=True)
class Cell:
    """How many of a cohort bought `offset` periods after its own, as a part of all; `partial`: not over yet."""

    offset: int
    active: int
    share: Decimal | None
    partial: bool


@dataclass(frozen=True)
class Cohort:
    """The `size` customers who first bought in `period`; a cell for each period from then on that has begun."""

    period: int
    size: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Cohorts:
    """Oldest first, without cohorts of nobody. `average` by offset: active ÷ size over cohorts for which that period
    is over; None where there is none."""

    cohorts: tuple[Cohort, ...]
    average: tuple[Decimal | None, ...]


def cohorts(buyers: Iterable[Buyer], periods: range, running: bool = False) -> Cohorts:
    """Cohorts that began in `periods`, seen until its end; `running`: the last period is not over.

    Who bought before `periods` is in none of them, and later purchases are not looked at. Periods follow each other.
    """
    if periods.step != 1:
        raise Invalid("Cohorts are counted over periods that follow each other.")
    if not periods:
        return Cohorts((), ())
    sizes: Counter[int] = Counter()
    active: Counter[tuple[int, int]] = Counter()
    alike = Counter(buyer.bought if buyer.first is None else buyer.bought | {buyer.first} for buyer in buyers)
    for bought, count in alike.items():
        first = min(bought, default=None)
        if first is not None and first in periods:
            sizes[first] += count
            for period in bought:
                if period in periods:
                    active[first, period - first] += count
    last = periods[-1]
    found = tuple(
        Cohort(
            period,
            sizes[period],
            tuple(
                Cell(
                    offset, active[period, offset], share(active[period, offset], sizes[period]),
                    running and period + offset == last,
                )
                for offset in range(last - period + 1)
            ),
        )
        for period in sorted(sizes)
    )  # fmt: skip
    return Cohorts(found, tuple(_average(found, offset) for offset in range(len(periods))))


def _average(found: tuple[Cohort, ...], offset: int) -> Decimal | None:
    complete = [each for each in found if len(each.cells) > offset and not each.cells[offset].partial]
    return share(sum(each.cells[offset].active for each in complete), sum(each.size for each in complete))
