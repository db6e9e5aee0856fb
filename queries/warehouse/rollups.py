"""Rollups: sums kept beside the fact, one table per rollup and basis, exact to the last digit of amount × rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, Numeric, String, Table

from app.values.hierarchy import ancestors
from queries.warehouse.schema import COUNT_MEASURES, EXACT, MONEY_MEASURES

Grain = Literal["month", "day"]


@dataclass(frozen=True)
class Rollup:
    """Sums by day or month and by levels (with all levels above them)."""

    name: str
    grain: Grain
    levels: tuple[str, ...]

    @property
    def closed_levels(self) -> tuple[str, ...]:
        """The levels and those above them; the customer stands for its industry and segment, which its row names."""
        found: dict[str, None] = {}
        for level in self.levels:
            if level != "customer":
                found.update(dict.fromkeys(ancestors(level)))
            found[level] = None
        return tuple(found)


def level_column(level: str) -> str:
    """The column a level has in a rollup: `region` → `region_key`, `customer` → `customer_id`."""
    if level == "customer":
        return "customer_id"
    return level if level == "document_type" else f"{level}_key"


def rollup_name(rollup: Rollup, basis: str) -> str:
    """The name of the table: `rollup_<name>_<basis>`."""
    return f"rollup_{rollup.name}_{basis}"


@cache
def rollup_table(rollup: Rollup, basis: str) -> Table:
    """The table of a rollup on one basis, for asking: reporting, month or day, level columns, measures."""
    return Table(
        rollup_name(rollup, basis),
        MetaData(),
        Column("reporting", String),
        Column(rollup.grain, Date),
        *(Column(level_column(level), Integer if level == "customer" else String) for level in rollup.closed_levels),
        *(Column(measure, EXACT) for measure in MONEY_MEASURES),
        Column("quantity", Numeric(38, 4)),
        *(Column(measure, BigInteger) for measure in COUNT_MEASURES),
    )
