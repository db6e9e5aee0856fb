"""Rollups: sums kept beside the fact, one table per rollup and basis, exact to the last digit of amount × rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Literal

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, Numeric, String, Table

from app.values.hierarchy import ancestors
from queries.warehouse.schema import COUNT_MEASURES, EXACT, MONEY_MEASURES

Grain = Literal["year", "month", "day"]


@dataclass(frozen=True)
class Rollup:
    """Sums by day, month or year and by levels (with all levels above them).

    One that is made `of` another is summed from its rows, not from the lines, and costs a load next to nothing.
    `last_day`: each row also says on which day the last sale in it was.
    """

    name: str
    grain: Grain
    levels: tuple[str, ...]
    of: Rollup | None = field(default=None, repr=False)  # what it holds is the same whatever it is made of
    last_day: bool = False

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
    """The table of a rollup on one basis, for asking: reporting, grain, level columns, measures."""
    return Table(
        rollup_name(rollup, basis),
        MetaData(),
        Column("reporting", String),
        Column(rollup.grain, Date),
        *(Column(level_column(level), Integer if level == "customer" else String) for level in rollup.closed_levels),
        *(Column(measure, EXACT) for measure in MONEY_MEASURES),
        Column("quantity", Numeric(38, 4)),
        *(Column(measure, BigInteger) for measure in COUNT_MEASURES),
        *([Column("last_day", Date)] if rollup.last_day else []),
    )


def derived_rows(rollup: Rollup, rows: str, where: str = "true") -> str:
    """SQL of the rows of a rollup that is made of another, from a table or subselect of that one's rows."""
    finer = rollup.of
    if finer is None:
        raise ValueError(f"{rollup.name} is made of lines")
    same = rollup.grain == finer.grain
    day = rollup.grain if same else f"cast(date_trunc('{rollup.grain}', {finer.grain}) as date)"
    keys = ["reporting", day, *(level_column(level) for level in rollup.closed_levels)]
    sums = [f"cast(sum({name}) as decimal({EXACT.precision}, {EXACT.scale})) as {name}" for name in MONEY_MEASURES]
    sums.append("cast(sum(quantity) as decimal(38, 4)) as quantity")
    sums += [f"cast(sum({name}) as bigint) as {name}" for name in COUNT_MEASURES]
    if rollup.last_day:
        sums.append("max(last_day) as last_day")
    named = [keys[0], f"{day} as {rollup.grain}", *keys[2:], *sums]
    positions = ", ".join(str(index + 1) for index in range(len(keys)))
    return f"select {', '.join(named)} from {rows} r where {where} group by {positions}"


def in_years(months: Iterable[date], column: str) -> str:
    """SQL that holds for the days of the whole years that these months lie in."""
    years = sorted({month.year for month in months})
    spans = (f"{column} between date '{year}-01-01' and date '{year}-12-31'" for year in years)
    return f"({' or '.join(spans) or 'false'})"
