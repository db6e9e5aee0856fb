"""Lines: order lines as a CSV file, one column a field, keys beside names."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import Any

from app.values.money import EXACT, exponent
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
    return _lines([[name for column in columns for name in _names(column)]])


def body(columns: Sequence[Column], rows: Sequence[Sequence[Any]], currency: str) -> str:
    """The rows as lines of text; money of `currency` to its minor unit."""
    cells = _cells(columns, currency)
    return _lines([read(row[at]) for read, at in cells] for row in rows)


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


def _cells(columns: Sequence[Column], currency: str) -> list[tuple[Callable[[Any], str | int], int]]:
    """What is written in each cell of a line, and which of its values that is read from."""
    cent = Decimal(1).scaleb(-exponent(currency))
    found: list[tuple[Callable[[Any], str | int], int]] = []
    for at, column in enumerate(columns):
        if column.level:
            found += [(_key, at), (_name, at)]
        else:
            found.append((partial(_plain, cent if column.unit == "money" else None), at))
    return found


def _key(value: Any) -> str:
    return _known(value.key) if isinstance(value, Member) else ""


def _name(value: Any) -> str:
    return _known(value.name) if isinstance(value, Member) else ""


def _plain(cent: Decimal | None, value: Any) -> str | int:
    """A value as text; an amount to its minor unit, half away from zero."""
    kind = type(value)
    if kind is str:
        return inert(value)
    if kind is Decimal:
        if cent is not None:
            return format(value.quantize(cent, ROUND_HALF_UP, EXACT), "f")
        return format(half_up(value, DIGITS) if int(value.as_tuple().exponent) < -DIGITS else value, "f")
    if kind is int:
        return int(value)
    if value is None:
        return ""
    return _day(value) if isinstance(value, date) else inert(str(value))


_known = lru_cache(maxsize=8_192)(inert)
"""Names come again and again."""


@lru_cache(maxsize=4_096)
def _day(value: date) -> str:
    return value.isoformat()


def _lines(rows: Iterable[Sequence[str | int]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()
