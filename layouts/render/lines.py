"""Lines: order lines as a CSV file, one column a field, keys beside names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
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
    return _lines([[_safe(name)] for column in columns for name in _names(column)])


def body(columns: Sequence[Column], rows: Sequence[Sequence[Any]], currency: str) -> str:
    """The rows as lines of text; money of `currency` to its minor unit.

    A column is written at a time, so that what its values are is asked once for all of them.
    """
    if not rows:
        return ""
    cent = Decimal(1).scaleb(-exponent(currency))
    cells: list[Sequence[str]] = []
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        if column.level:
            cells.append([_known(value.key) if isinstance(value, Member) else "" for value in values])
            cells.append([_known(value.name) if isinstance(value, Member) else "" for value in values])
        else:
            cells.append(_texts(values, cent if column.unit == "money" else None))
    return _lines(cells)


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


def _texts(values: Sequence[Any], cent: Decimal | None) -> Sequence[str]:
    """Values of one column as text; amounts to the minor unit, half away from zero."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return list(map(_known, values))
    if kinds == {Decimal} and cent is not None:
        return [str(value.quantize(cent, ROUND_HALF_UP, EXACT)) for value in values]
    if kinds == {Decimal}:
        return list(map(_figure, values))
    if kinds == {date}:
        return list(map(_day, values))
    return [_text(value, cent) for value in values]


def _text(value: Any, cent: Decimal | None) -> str:
    match value:
        case None:
            return ""
        case str():
            return _known(value)
        case Decimal() if cent is not None:
            return str(value.quantize(cent, ROUND_HALF_UP, EXACT))
        case Decimal():
            return _figure(value)
        case date():
            return _day(value)
        case int():
            return str(value)
    return _safe(str(value))


def _figure(value: Decimal) -> str:
    """A figure as it is; what was divided to six places."""
    text = str(value)
    if "E" not in text and (len(text) - text.find(".") - 1 <= DIGITS or "." not in text):
        return text
    return format(half_up(value, DIGITS) if int(value.as_tuple().exponent) < -DIGITS else value, "f")


def _safe(text: str) -> str:
    """Text that nothing runs, in quotes where it holds what parts cells or lines."""
    harmless = inert(text)
    return '"' + harmless.replace('"', '""') + '"' if _PARTING.search(harmless) else harmless


_PARTING = re.compile(r'[,"\r\n]')

_known = lru_cache(maxsize=16_384)(_safe)
"""Names come again and again."""


@lru_cache(maxsize=4_096)
def _day(value: date) -> str:
    return value.isoformat()


def _lines(cells: Sequence[Sequence[str]]) -> str:
    """Columns of cells as lines; a line of one empty cell is no empty line, which readers would skip."""
    if len(cells) == 1:
        cells = [[text or '""' for text in cells[0]]]
    lines = map(",".join, zip(*cells, strict=True))
    return "".join(f"{line}\r\n" for line in lines)
