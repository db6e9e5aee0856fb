"""Lines: order lines as a CSV file, one column a field, keys beside names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.values.money import round_money
from layouts.format import half_up
from layouts.imprint import Pairs
from layouts.render.csv import inert
from queries.frame import Column, Member

ADDED = ("net", "gross", "discount", "tax", "freight")
"""Amounts of a line that a control total is made of where they are in the file."""

DIGITS = 6
"""Of what was divided."""


def header(columns: Sequence[Column]) -> str:
    """The line of column ids; a member has its key and its name."""
    return _line(name for column in columns for name in _names(column))


def body(columns: Sequence[Column], rows: Sequence[Sequence[Any]], currency: str) -> str:
    """The rows as lines of text; money of `currency` to its minor unit."""
    return "".join(
        _line(cell for value, column in zip(row, columns, strict=True) for cell in _cells(value, column, currency))
        for row in rows
    )


@dataclass
class Control:
    """What was written so far: how many lines, and by column and currency the sum of each amount that adds up."""

    lines: int = 0
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def count(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]], currency: str | None = None) -> None:
        """Take in rows that are written; in the currency that all are in, or each in its own."""
        ids = [column.id for column in columns]
        added, own = [(name, ids.index(name)) for name in ADDED if name in ids], ids.index("currency")
        self.lines += len(rows)
        for row in rows:
            code = currency or row[own]
            for name, at in added:
                self.sums[name, code] = self.sums.get((name, code), Decimal(0)) + (row[at] or 0)

    def said(self) -> Pairs:
        """Lines, and a control total per amount and currency."""
        totals = (
            (f"Control total {name} {currency}", format(total, "f"))
            for (name, currency), total in sorted(
                self.sums.items(), key=lambda each: (ADDED.index(each[0][0]), each[0])
            )
        )
        return (("Lines", str(self.lines)), *totals)


def _names(column: Column) -> tuple[str, ...]:
    return (f"{column.id}_key", column.id) if column.level else (column.id,)


def _cells(value: Any, column: Column, currency: str) -> tuple[str, ...]:
    if column.level:
        return (inert(value.key), inert(value.name)) if isinstance(value, Member) else ("", "")
    match value:
        case None:
            return ("",)
        case Decimal() if column.unit == "money":
            return (format(round_money(value, currency), "f"),)
        case Decimal():
            return (format(half_up(value, DIGITS) if int(value.as_tuple().exponent) < -DIGITS else value, "f"),)
        case date():
            return (value.isoformat(),)
        case int():
            return (str(value),)
    return (inert(str(value)),)


def _line(cells: Iterator[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerow(list(cells))
    return stream.getvalue()
