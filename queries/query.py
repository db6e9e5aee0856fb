"""Query: a question to the warehouse, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.values.errors import Invalid
from app.values.narrowing import BOUNDS, AmountRange
from app.values.period import Period
from app.values.selection import DEFAULT_PERIOD, Basis, Filter, Narrowing, check_basis, settle_versus

Direction = Literal["asc", "desc"]


@dataclass(frozen=True)
class Query:
    """Metrics by levels, where all filters hold, in a period, beside at most two others.

    In a panel's template `by` may name a hierarchy, which the selection's drill path settles to a level. `order`
    lists (column id, direction); with `limit` the first rows are kept and, if `others`, the rest becomes one row that
    adds up; `totals` asks for the figures over all rows.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[Narrowing, ...] = ()
    period: Period = DEFAULT_PERIOD
    versus: tuple[str, ...] = ()
    basis: Basis = "booked"
    order: tuple[tuple[str, Direction], ...] = ()
    limit: int | None = None
    others: bool = False
    totals: bool = False

    def __post_init__(self) -> None:
        if not self.metrics:
            raise Invalid("A question asks for at least one figure.")
        object.__setattr__(self, "metrics", tuple(dict.fromkeys(self.metrics)))
        object.__setattr__(self, "by", tuple(dict.fromkeys(self.by)))
        spelled = {each.settled() for each in self.where}
        object.__setattr__(self, "where", tuple(sorted(spelled, key=_filter_order)))
        object.__setattr__(self, "versus", settle_versus(self.versus))
        check_basis(self.basis)
        if self.limit is not None and self.limit < 1:
            raise Invalid("A limit is at least 1.")
        if any(direction not in ("asc", "desc") for _, direction in self.order):
            raise Invalid("An order is asc or desc.")


def _filter_order(chosen: Narrowing) -> tuple[int, str, bool, tuple[str, ...]]:
    if isinstance(chosen, Filter):
        return 0, chosen.level, chosen.exclude, chosen.members
    return 1 + (BOUNDS.index(chosen.of) if isinstance(chosen, AmountRange) else len(BOUNDS)), "", False, ()
