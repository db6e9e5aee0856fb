"""Cut: a rollup over whole months, and the lines of the days beside them, as one table told as the rollup is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Date, case, cast, func, literal_column, select, union_all

from queries.sources import CUSTOMER_LEVELS, SALES, Source, is_sale, rate_condition
from queries.warehouse import schema
from queries.warehouse.rollups import Rollup, level_column

_ONE: ColumnElement[int] = literal_column("1")


def with_days(
    source: Source,
    levels: Collection[str],
    measures: Collection[str],
    currency: str,
    *,
    converts: bool,
    months: ColumnElement[bool],
    days: ColumnElement[bool],
) -> Source:
    """A source of the rollup's rows for which `months` holds and the lines for which `days` does, each a row.

    It has the columns for these levels and measures, and the lines held; a line lies on the first day of its month.
    """
    rollup = source.rollup
    if rollup is None:
        raise ValueError("lines are cut by the day")
    lines, carried = Source(SALES, source.basis), _carried(rollup, levels)
    own = dict.fromkeys((*measures, "lines", "held"))
    told = [source.day, *(source.table.c[level_column(level)] for level in carried)]
    summed = select(*told, *(source.table.c[name] for name in own)).where(source.table.c.reporting == currency, months)
    grain: ColumnElement[str] = literal_column(f"'{rollup.grain}'")
    joined = lines.joined(dict.fromkeys(name for level in carried if (name := _dimension(lines, level))))
    if converts:
        joined = joined.join(schema.rate, rate_condition(lines.table, currency), isouter=True)
    keys = (lines.table.c.customer_id if level == "customer" else lines.key(level) for level in carried)
    each = [cast(func.date_trunc(grain, lines.day), Date), *keys, *(_figure(name, lines, converts) for name in own)]
    named = [column.label(like.name) for column, like in zip(each, summed.selected_columns, strict=True)]
    both = union_all(summed, select(*named).select_from(joined).where(days))
    return replace(source, cut=both.subquery("cut"))


def _carried(rollup: Rollup, levels: Collection[str]) -> tuple[str, ...]:
    """The rollup's own levels among these; the customer stands for all that is known of it."""
    customers = CUSTOMER_LEVELS & set(levels)
    return tuple(level for level in rollup.closed_levels if level in levels or (level == "customer" and customers))


def _dimension(lines: Source, level: str) -> str | None:
    return None if level == "customer" else lines.dimension(level)


def _figure(measure: str, lines: Source, converts: bool) -> ColumnElement[Any]:
    """What one line adds to a measure of a rollup."""
    line = lines.table.c
    match measure:
        case "lines":
            return _ONE
        case "held":
            return (
                case((schema.rate.c.rate.is_(None), _ONE), else_=literal_column("0"))
                if converts
                else literal_column("0")
            )
        case "sale_lines":
            return case((is_sale(lines), _ONE), else_=literal_column("0"))
        case "orders":
            return line.order_head
        case "new_customers":
            return line.first_sale
        case "quantity":
            return line.quantity
        case "last_day":
            return case((is_sale(lines), lines.day))
    amount = line["net" if measure == "costed_net" else measure]
    told = amount * schema.rate.c.rate if converts else amount
    return case((line.cost.is_not(None), told)) if measure == "costed_net" else told
