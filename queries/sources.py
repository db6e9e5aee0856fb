"""Sources: what a leg reads (a fact or one of its rollups), and where each level and measure is found there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, and_, cast, func, literal_column

from app.values.hierarchy import ACCOUNT_OWNER, HIERARCHIES, TIME_LEVELS
from queries.warehouse import schema
from queries.warehouse.rollups import Rollup, level_column, rollup_name, rollup_table

SALES, BUDGET, QUOTA = "sales_line", "budget", "quota"
FACTS = {SALES: schema.sales_line, BUDGET: schema.budget, QUOTA: schema.quota}
PLANS = frozenset({BUDGET, QUOTA})

_DIMENSION_OF: dict[str, str] = {
    **dict.fromkeys(HIERARCHIES["place"], "place"),
    "department": "team",
    "team": "team",
    "rep": "rep",
    **dict.fromkeys(HIERARCHIES["goods"], "product"),
    **dict.fromkeys(HIERARCHIES["customer"], "customer"),
    ACCOUNT_OWNER: "customer",
    "channel": "channel",
    "campaign": "campaign",
}
_OF_THE_LINE = {
    "document_type": "document_type",
    "currency": "currency_key",
    "document": "document_key",
    "line": "line_key",
}
PAIRED = {"with_category": "category", "with_subcategory": "subcategory", "with_product": "product"}
"""Levels whose members are those of another level on the other lines of the same document."""
_TABLES = {table.name: table for table in schema.DIMENSIONS}
_FISCAL = frozenset(HIERARCHIES["fiscal"])
CUSTOMER_LEVELS = frozenset((*HIERARCHIES["customer"], ACCOUNT_OWNER))


@dataclass(frozen=True)
class Source:
    """A fact on one basis, or a rollup of it. Plans have no basis; theirs is "booked".

    `cut` is read in place of the rollup where lines of single days stand beside its rows.
    """

    fact: str
    basis: str
    rollup: Rollup | None = None
    cut: FromClause | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return rollup_name(self.rollup, self.basis) if self.rollup else self.fact

    @property
    def table(self) -> FromClause:
        """The table read."""
        if self.cut is not None:
            return self.cut
        return rollup_table(self.rollup, self.basis) if self.rollup else FACTS[self.fact]

    @property
    def day(self) -> ColumnElement[Any]:
        """The date that decides which period a row falls into."""
        if self.rollup:
            return self.table.c[self.rollup.grain]
        return self.table.c[schema.BASIS_DATES[self.basis] if self.fact == SALES else "month"]

    def has(self, level: str) -> bool:
        """Whether rows of this source can be told apart on a level (levels of time aside)."""
        if self.rollup:
            held = self.rollup.closed_levels
            return level in held or ("customer" in held and level in CUSTOMER_LEVELS)
        if self.fact in PLANS:
            return level in schema.PLAN_LEVELS
        return level in _DIMENSION_OF or level in _OF_THE_LINE or level in PAIRED

    def dimension(self, level: str) -> str | None:
        """The dimension table that has to be joined for a level, or None when the row carries its key."""
        if level in _FISCAL:
            return "calendar"
        if level in TIME_LEVELS or self.fact in PLANS:
            return None
        if self.rollup:
            return "customer" if level in CUSTOMER_LEVELS and level not in self._carried else None
        return _DIMENSION_OF.get(level)

    @property
    def _carried(self) -> frozenset[str]:
        held = self.rollup.closed_levels if self.rollup else ()
        return frozenset(level for level in held if level != "customer")

    def key(self, level: str) -> ColumnElement[Any]:
        """The column with a level's member key; for a level of time the first day of the member, fiscal ones by key."""
        if level in TIME_LEVELS:
            return self._time(level)
        dimension = self.dimension(level)
        if dimension is not None:
            return _TABLES[dimension].c["owner_rep_key" if level == ACCOUNT_OWNER else f"{level}_key"]
        if self.rollup:
            return self.table.c[level_column(level)]
        if self.fact in PLANS:
            return self.table.c[f"{level}_key"]
        return self.table.c[_OF_THE_LINE[level]]

    def _time(self, level: str) -> ColumnElement[Any]:
        if level in _FISCAL:
            return schema.calendar.c[level]
        if level == "day" or (self.rollup and level == self.rollup.grain):
            return self.day
        # A literal, not a parameter: PostgreSQL must see the same expression in SELECT and GROUP BY.
        return cast(func.date_trunc(literal_column(f"'{level}'"), self.day), Date)

    def joined(self, dimensions: Iterable[str]) -> FromClause:
        """The table with the dimensions joined that the levels need; rows without a member stay."""
        joined: FromClause = self.table
        for name in dimensions:
            if name == "calendar":
                condition = schema.calendar.c.day == self.day
                joined = joined.join(schema.calendar, condition)
            else:
                dimension = _TABLES[name]
                condition = dimension.c[f"{name}_id"] == self.table.c[f"{name}_id"]
                joined = joined.join(dimension, condition, isouter=True)
        return joined


def is_sale(source: Source) -> ColumnElement[bool]:
    """Whether a line, or a row told apart by it, is of no credit note."""
    return source.table.c.document_type != literal_column("'credit_note'")


def rate_condition(line: FromClause, currency: str) -> ColumnElement[bool]:
    """Joins the rate of the document's date that turns a line's currency into the reporting one."""
    rate = schema.rate
    return and_(
        rate.c.currency_key == line.c.currency_key,
        rate.c.reporting_key == currency,
        rate.c.day == line.c.order_date,
    )
