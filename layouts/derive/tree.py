"""Tree: one level of a tree table; its net sales with their change, their share, and its margin rate where seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from app.domain.figures import share
from app.values.context import QueryContext
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row, Value


def tree(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """The level, net sales with their comparisons, share of the own total, margin rate where it is seen, and units.

    Main has one level, `net_sales`, perhaps with comparisons, and `units`, with totals; "margin" has `margin_rate` by
    the same level, and is not there for viewers who do not see cost.
    """
    main, margin, t = frames["main"], frames.get("margin"), words(context.locale)
    at = main.index("units")
    rates = {} if margin is None else dict(zip(_keys(margin), margin.values("margin_rate"), strict=True))
    whole = _net(main.totals, main)

    def completed(row: Row, rate: Value) -> Row:
        part = None if whole is None else share(_net(row, main) or Decimal(0), whole)
        return (*row[:at], part, *(() if margin is None else (rate,)), row[at])

    rows = tuple(completed(row, rates.get(key)) for key, row in zip(_keys(main), main.rows, strict=True))
    whole_rate = margin.totals[margin.index("margin_rate")] if margin is not None and margin.totals else None
    totals = None if main.totals is None else completed(main.totals, whole_rate)
    of_total = Column("share", t("Share"), "metric", "share", unit="ratio", format="percent")
    rate = () if margin is None else (margin.column("margin_rate"),)
    columns = (*main.columns[:at], of_total, *rate, main.columns[at])
    return replace(main, columns=columns, rows=rows, totals=totals, reasons={})


def of_whole(branch: Frame, root: Frame) -> Frame:
    """The rows of an opened member with their share of the total of the whole table instead of their own."""
    whole, at = _net(root.totals, root), branch.index("share")
    if whole is None:
        return branch
    shares = [share(_net(row, branch) or Decimal(0), whole) for row in branch.rows]
    rows = tuple((*row[:at], part, *row[at + 1 :]) for row, part in zip(branch.rows, shares, strict=True))
    return replace(branch, rows=rows)


def _keys(frame: Frame) -> list[str]:
    return [row[0].key if isinstance(row[0], Member) else "" for row in frame.rows]


def _net(row: Row | None, frame: Frame) -> Decimal | None:
    value = None if row is None else number(row[frame.index("net_sales")])
    return None if value is None else Decimal(value)
