"""Lines: order lines as a CSV file, one column a field, keys beside names; columns at a time, never value by value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.values.money import exponent
from layouts.imprint import Pairs
from layouts.render.csv import inert
from queries.blocks import Block
from queries.frame import Column
from queries.line_columns import quotient

ADDED = ("net", "gross", "discount", "tax", "freight")
"""Amounts of a line that a control total is made of where they are in the file."""

DIGITS = 6
"""Of what was divided."""

LONG, LONGEST = 38, 76
"""Digits of the exact figures that Arrow reckons with: of the usual ones, and of those that are dearer."""


def header(columns: Sequence[Column]) -> bytes:
    """The line of column ids; a member has its key and its name."""
    return ",".join(_safe(name) for column in columns for name in _names(column)).encode() + b"\r\n"


def body(columns: Sequence[Column], block: Block, currency: str) -> bytes:
    """The first columns of some lines as UTF-8; money of `currency` to its minor unit, half away from zero."""
    if not len(block):
        return b""
    cells: list[Any] = []
    for column, read in zip(columns, block.cells, strict=False):
        digits = exponent(currency) if column.unit == "money" else None
        if column.level:
            cells += map(_texts, read)
        else:
            cells.append(_plain(read[0], digits) if len(read) == 1 else _quotients(read[0], read[1], digits))
    return _lines(cells)


@dataclass
class Control:
    """What was written so far: how many lines, and by column and currency the sum of each amount that adds up."""

    lines: int = 0
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def count(self, columns: Sequence[Column], block: Block, currency: str | None = None) -> None:
        """Take in lines that are written; in the currency that all are in, or each in its own."""
        self.lines += len(block)
        read = {column.id: cells[0] for column, cells in zip(columns, block.cells, strict=True)}
        own = read["currency"] if currency is None else pa.array([currency] * len(block), pa.string())
        amounts = {name: read[name].cast(pa.decimal128(LONG, _places(read[name]))) for name in ADDED if name in read}
        summed = pa.table({"own": own, **amounts}).group_by("own").aggregate([(name, "sum") for name in amounts])
        for name, values in amounts.items():
            for code, amount in zip(summed["own"].to_pylist(), summed[f"{name}_sum"].to_pylist(), strict=True):
                added = amount if amount or _is_any(values, own, code) else 0
                self.sums[name, code] = self.sums.get((name, code), Decimal(0)) + added

    def said(self) -> Pairs:
        """Lines, and a control total per amount and currency."""
        totals = (
            (f"Control total {name} {currency}", format(total, "f"))
            for (name, currency), total in sorted(
                self.sums.items(), key=lambda each: (ADDED.index(each[0][0]), each[0])
            )
        )
        return (("Lines", str(self.lines)), *totals)


def _is_any(amounts: Any, own: Any, code: str) -> bool:
    """Whether amounts of a currency cancel out; what comes to nothing because there are none is a plain 0."""
    found = amounts.filter(pc.equal(own, code))
    return bool(pc.any(pc.not_equal(found, pa.scalar(Decimal(0), found.type))).as_py())


def _names(column: Column) -> tuple[str, ...]:
    return (f"{column.id}_key", column.id) if column.level else (column.id,)


# ---- texts ----


def _safe(text: str) -> str:
    """Text that nothing runs, in quotes where it holds what parts cells or lines."""
    harmless = inert(text)
    return '"' + harmless.replace('"', '""') + '"' if _PARTING.search(harmless) else harmless


_PARTING = re.compile(r'[,"\r\n]')

_PERHAPS = r'^[^!-~]*[=+\-@|%＝＋－＠]|[\t\r\n",]'
"""Every text that `_safe` changes, and some more: what it leaves alone need not leave Arrow."""


def _texts(values: Any) -> Any:
    """Texts as cells. Names come again and again: each is looked at once."""
    encoded = values.dictionary_encode()
    known = encoded.dictionary
    perhaps = pc.match_substring_regex(known, _PERHAPS)
    if not pc.any(perhaps).as_py():
        return values
    changed = pa.array([_safe(text) for text in known.filter(perhaps).to_pylist()], known.type)
    return pc.replace_with_mask(known, perhaps, changed).take(encoded.indices)


# ---- figures and days ----


def _plain(values: Any, digits: int | None) -> Any:
    """Values of one column as cells; of amounts to so many places, other figures as they are."""
    kind = values.type
    if pa.types.is_string(kind):
        return _texts(values)
    if pa.types.is_date(kind):
        return _repeated(values)
    if not pa.types.is_decimal(kind):
        return values.cast(pa.string())
    if digits is not None:
        return _rounded(values, digits)
    return _repeated(values) if kind.scale <= DIGITS else _rounded(values, DIGITS)


def _repeated(values: Any) -> Any:
    """Values of which there are few as text, each written once."""
    encoded = values.dictionary_encode()
    return encoded.dictionary.cast(pa.string()).take(encoded.indices)


def _rounded(values: Any, digits: int) -> Any:
    """Exact figures to so many places, half away from zero."""
    try:
        return values.cast(pa.decimal64(18, digits)).cast(pa.string())  # refuses to lose a place
    except pa.ArrowInvalid:
        pass
    places = max(_places(values), digits)
    exact = pa.decimal128 if values.type.precision - _places(values) + places < LONG else pa.decimal256
    most = LONG if exact is pa.decimal128 else LONGEST
    wide = values.cast(exact(most, places))
    rounded = pc.round(wide, digits, "half_towards_infinity").cast(exact(most, digits))
    zero = pa.scalar(Decimal(0), rounded.type)
    lost = pc.and_(pc.less(wide, pa.scalar(Decimal(0), wide.type)), pc.equal(rounded, zero))
    text = rounded.cast(pa.string())
    return pc.if_else(lost, pc.binary_join_element_wise("-", text, ""), text) if pc.any(lost).as_py() else text


def _quotients(above: Any, below: Any, digits: int | None) -> Any:
    """One column divided by another, to so many places; else to DIGITS, without zeros that dividing did not make."""
    divided = _divided(above, below)
    if digits is not None:
        return _rounded(divided, digits)
    text = _rounded(divided, DIGITS)
    exact = pc.equal(divided, pc.round(divided, DIGITS))
    own = max(_places(above) - _places(below), 0)
    short = pc.replace_substring_regex(text, rf"(\.\d{{{own}}}\d*?)0+$" if own else r"\.?0+$", r"\1" if own else "")
    return pc.if_else(exact, short, text)


def _divided(above: Any, below: Any) -> Any:
    """Quotients cut off so far behind DIGITS that no rounding and no zero there is lost; nothing where there is nothing
    to divide by."""
    own = _places(below)
    places = max(_places(above), DIGITS - 1 + max(_places(above) - own, 0))
    for exact, most, whole in ((pa.decimal128, LONG, 10), (pa.decimal256, LONGEST, 20)):
        if 2 * (whole + own) + places < most:
            with suppress(pa.ArrowInvalid):  # one of them is longer
                top, bottom = above.cast(exact(whole + places, places)), below.cast(exact(whole + own, own))
                zero = pa.scalar(Decimal(0), bottom.type)
                return pc.divide(top, pc.if_else(pc.equal(bottom, zero), None, bottom))
    pairs = zip(above.to_pylist(), below.to_pylist(), strict=True)
    divided = (quotient(*pair) for pair in pairs)
    cut = [None if each is None else each.quantize(_FINEST, ROUND_DOWN, _WIDE) for each in divided]
    return pa.array(cut, pa.decimal256(LONGEST, LONG))


_FINEST, _WIDE = Decimal(1).scaleb(-LONG), Context(prec=LONGEST)


def _places(values: Any) -> int:
    return values.type.scale if pa.types.is_decimal(values.type) else 0


# ---- lines ----


def _lines(cells: list[Any]) -> bytes:
    """Columns of cells as lines; a line of one empty cell is no empty line, which readers would skip."""
    if len(cells) == 1:
        [alone] = cells
        full = pc.greater(pc.binary_length(alone), 0).fill_null(False)
        cells = [pc.if_else(full, alone, '""')]
    last = pc.binary_join_element_wise(cells[-1], "\r\n", "", null_handling="replace")
    lines = pc.binary_join_element_wise(*cells[:-1], last, ",", null_handling="replace")
    end = pc.sum(pc.binary_length(lines)).as_py()
    return lines.buffers()[2].slice(0, end).to_pybytes()
