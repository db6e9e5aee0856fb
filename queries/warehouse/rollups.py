"""Rollups: sums kept beside the fact, one table per rollup and basis, exact to the last digit of amount × rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, Numeric, String, Table

from app.values.hierarchy import ancestors, hierarchy_of
from queries.warehouse.schema import BASIS_DATES, COUNT_MEASURES, EXACT, MONEY, MONEY_MEASURES

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
        *(
            Column(level_column(level), Integer if level == "customer" else String)
            for level in rollup.closed_levels
        ),
        *(Column(measure, EXACT) for measure in MONEY_MEASURES),
        Column("quantity", Numeric(38, 4)),
        *(Column(measure, BigInteger) for measure in COUNT_MEASURES),
    )


_SOURCES = {"place": ("place", "d_place"), "team": ("team", "d_team"), "goods": ("product", "d_product")}


def _expression(level: str) -> tuple[str, str | None]:
    """A level as SQL over the fact `f`, and the dimension it needs joined."""
    if level == "customer":
        return "f.customer_id", None
    if level in ("document_type",):
        return "f.document_type", None
    if level == "currency":
        return "f.currency_key", None
    if level == "rep":
        return "rep.rep_key", "rep"
    if level in ("industry", "segment"):
        return f"customer.{level}_key", "customer"
    if level in ("channel", "campaign"):
        return f"{level}.{level}_key", level
    table = {"place": "place", "team": "team", "goods": "product"}[hierarchy_of(level) or ""]
    return f"{table}.{level}_key", table


def rollup_select(
    rollup: Rollup, basis: str, reporting: str, *, schema: str, single_currency: bool, where: str = "true"
) -> str:
    """SQL that builds a rollup's rows for one reporting currency from the fact and dimensions of `schema`.

    `where` limits the fact `f`, such as to the months that changed. With a single currency every rate is 1.
    """
    day = f"f.{BASIS_DATES[basis]}"
    grain = day if rollup.grain == "day" else f"cast(date_trunc('month', {day}) as date)"
    levels = [(level, *_expression(level)) for level in rollup.closed_levels]
    joins = dict.fromkeys(table for _, _, table in levels if table)
    rate = "" if single_currency else " * r.rate"
    money_type = _sql_type(MONEY if single_currency else EXACT)
    columns = [f"'{reporting}' as reporting", f"{grain} as {rollup.grain}"]
    columns += [f"{expression} as {level_column(level)}" for level, expression, _ in levels]
    columns += [f"cast({measure} as {money_type}) as {name}" for name, measure in _money(rate)]
    columns += ["sum(f.quantity) as quantity", *_counts("0" if single_currency else "count(*) - count(r.rate)")]
    text = [f"select {', '.join(columns)}", f"from {schema}.sales_line f"]
    if not single_currency:
        text.append(
            f"left join {schema}.rate r on r.currency_key = f.currency_key"
            f" and r.reporting_key = '{reporting}' and r.day = f.order_date"
        )
    text += [f"left join {schema}.{table} {table} on {table}.{table}_id = f.{table}_id" for table in joins]
    text.append(f"where {day} is not null and {where}")
    text.append("group by " + ", ".join(dict.fromkeys([grain, *(e for _, e, _ in levels)])))
    return "\n".join(text)


def _money(rate: str) -> Iterable[tuple[str, str]]:
    for name in MONEY_MEASURES:
        if name == "costed_net":
            yield name, f"coalesce(sum(f.net{rate}) filter (where f.cost is not null), 0)"
        else:
            yield name, f"coalesce(sum(f.{name}{rate}), 0)"


def _counts(held: str) -> list[str]:
    return [
        "cast(count(*) as bigint) as lines",
        "cast(count(*) filter (where f.document_type <> 'credit_note') as bigint) as sale_lines",
        "cast(sum(f.order_head) as bigint) as orders",
        "cast(sum(f.first_sale) as bigint) as new_customers",
        f"cast({held} as bigint) as held",
    ]


def _sql_type(kind: Numeric[object]) -> str:
    return f"decimal({kind.precision}, {kind.scale})"
