"""Lines as a file of text: byte for byte what the rules say of each value by itself, whatever the names and amounts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.money import EXACT, exponent
from layouts.render.csv import inert
from layouts.render.lines import Control, body, header
from queries.blocks import Block
from queries.frame import Column, Member
from queries.line_columns import OF_LINES, SHOWN, Shown

EVIL = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "  =1", "|cmd", "\r\n=1", "＝1", "\x1c=1", "\xa0-2", "\u2028+1", "%x"),
    *(
        "é=1",
        "a-b",
        'say "a"',
        "Aldergate, Inc.",
        "",
        " ",
        "two\nlines",
        "'quoted",
        "ORD-2026-1",
        "0",
        "日本, 株式会社",
    ),
)
TEXTS = st.sampled_from(EVIL) | st.text(max_size=12).filter(lambda text: "\x00" not in text)
BY_ID = {each.id: each for each in SHOWN}


# ---- what the rules say of one value ----


def cell(text: str) -> str:
    harmless = inert(text)
    return '"' + harmless.replace('"', '""') + '"' if any(part in harmless for part in ',"\r\n') else harmless


def told(value: Any, column: Column, currency: str) -> list[str]:
    if column.level:
        return [cell(value.key), cell(value.name)] if isinstance(value, Member) else ["", ""]
    if isinstance(value, Decimal) and column.unit == "money":
        return [str(value.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP, EXACT))]
    if isinstance(value, Decimal):
        lost = int(value.as_tuple().exponent) < -6
        return [format(value.quantize(Decimal("0.000001"), ROUND_HALF_UP, EXACT) if lost else value, "f")]
    if isinstance(value, date):
        return [value.isoformat()]
    return ["" if value is None else cell(value) if isinstance(value, str) else str(value)]


def one_by_one(columns: Sequence[Column], rows: Sequence[Sequence[Any]], currency: str) -> bytes:
    lines = []
    for row in rows:
        cells = [each for value, column in zip(row, columns, strict=True) for each in told(value, column, currency)]
        lines.append((cells[0] or '""') if len(cells) == 1 else ",".join(cells))
    return "".join(f"{line}\r\n" for line in lines).encode()


# ---- lines at random ----


def figures(draw: st.DrawFn, count: int, *, scale: int, digits: int) -> pa.Array:
    most = 10**digits - 1
    some = st.none() | st.integers(-99, 99) | st.integers(-most, most)
    values = draw(st.lists(some, min_size=count, max_size=count))
    scaled = [None if each is None else Decimal(each).scaleb(-scale) for each in values]
    return pa.array(scaled, pa.decimal128(min(digits + 2, 38), scale))


def read_for(draw: st.DrawFn, shown: Shown, count: int) -> tuple[pa.Array, ...]:
    def many(kind: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(st.none() | kind, min_size=count, max_size=count))

    if shown.name is not None:
        keys, names = many(TEXTS), many(TEXTS)
        named = [None if key is None else name or key for key, name in zip(keys, names, strict=True)]
        return pa.array(keys, pa.string()), pa.array(named, pa.string())
    if shown.unit == "date":
        return (pa.array(many(st.dates()), pa.date32()),)
    if shown.unit == "count":
        return (pa.array(many(st.integers(-(2**63), 2**63 - 1)), pa.int64()),)
    if shown.unit == "text":
        return (pa.array(many(TEXTS), pa.string()),)
    # Values by themselves are divided to 28 digits: of longer quotients the rules do not say every zero.
    digits = draw(st.sampled_from((16, 34))) if shown.over is None else 16
    size = {"scale": draw(st.sampled_from((0, 2, 3, 4, 6, 10, 12))), "digits": digits}
    if shown.over is None:
        return (figures(draw, count, **size),)
    below = draw(st.sampled_from((size["scale"], 0, 3, 4)))
    return figures(draw, count, **size), figures(draw, count, scale=below, digits=16)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[tuple[Column, ...], Block]:
    ids = draw(st.lists(st.sampled_from(OF_LINES), min_size=1, max_size=8, unique=True))
    laid, count = tuple(BY_ID[each] for each in ids), draw(st.integers(0, 6))
    money = draw(st.sampled_from(("money", "quantity")))
    columns = tuple(
        Column(each.id, each.title, "metric", level=each.id if each.name is not None else None,
               unit=money if each.unit == "amount" else each.unit)
        for each in laid
    )  # fmt: skip
    return columns, Block(laid, tuple(read_for(draw, each, count) for each in laid))


@settings(deadline=None, max_examples=300)
@given(blocks(), st.sampled_from(("EUR", "JPY", "KWD", "CLF")))
def test_every_line_is_what_the_rules_say_of_its_values(made: tuple[tuple[Column, ...], Block], currency: str) -> None:
    columns, block = made
    written = body(columns, block, currency)
    assert written == one_by_one(columns, block.rows(), currency)
    read = list(csv.reader(io.StringIO(written.decode(), newline="")))
    assert [len(line) for line in read] == [header(columns).count(b",") + 1] * len(block)


AMOUNTS = st.lists(
    st.tuples(st.sampled_from(("EUR", "USD", "JPY")), st.none() | st.decimals(-(10**9), 10**9, places=4)), max_size=8
)


@settings(deadline=None)
@given(st.lists(AMOUNTS, max_size=4), st.booleans())
def test_control_totals_are_the_sums_of_what_was_written(pieces: list[Any], converted: bool) -> None:
    laid = (BY_ID["net"], BY_ID["currency"])
    columns = tuple(Column(each.id, each.title, "metric", unit="quantity") for each in laid)
    control, sums = Control(), dict[str, Decimal]()
    for piece in pieces:
        amounts = pa.array([amount for _, amount in piece], pa.decimal128(18, 4))
        codes = pa.array([code for code, _ in piece], pa.string())
        control.count(columns, Block(laid, ((amounts,), (codes,))), "GBP" if converted else None)
        for code, amount in piece:
            own = "GBP" if converted else code
            sums[own] = sums.get(own, Decimal(0)) + (amount or 0)
    told = dict(control.said())
    assert told.pop("Lines") == str(sum(map(len, pieces)))
    assert told == {f"Control total net {code}": format(total, "f") for code, total in sums.items()}


def test_nothing_divided_by_less_than_nothing_has_no_sign() -> None:
    shown = next(each for each in SHOWN if each.over is not None)
    column = Column(shown.id, shown.title, "metric", unit="ratio")
    block = Block((shown,), ((pa.array([Decimal("0.00")]), pa.array([Decimal("-7.00")])),))
    assert body((column,), block, "EUR") == one_by_one((column,), block.rows(), "EUR") == b"0\r\n"


@pytest.mark.parametrize("text", EVIL)
def test_a_name_that_a_spreadsheet_would_run_is_inert_and_every_other_as_it_was(text: str) -> None:
    column = Column("industry", "Industry", "dimension", unit="text")
    block = Block((BY_ID["industry"],), ((pa.array([text, "Acme", text]),),))
    read = list(csv.reader(io.StringIO(body((column,), block, "EUR").decode(), newline="")))
    assert read == [[inert(text)], ["Acme"], [inert(text)]]
