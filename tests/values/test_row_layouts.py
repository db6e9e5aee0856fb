"""How a table is laid out survives being kept, and whatever is sent instead of a layout is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.errors import Invalid, Refusal, TooBig
from app.values.row_layouts import (
    MOST_COLUMNS,
    MOST_TABLES,
    LaidColumn,
    RowLayout,
    RowLayouts,
)
from tests.values.strategies import column_ids, layouts

kept = st.lists(st.tuples(column_ids, layouts), max_size=4, unique_by=lambda entry: entry[0]).map(
    lambda tables: RowLayouts(tuple(tables))
)


@given(kept)
def test_every_layout_survives_its_text(laid: RowLayouts) -> None:
    assert RowLayouts.parse(str(laid)) == laid
    assert str(RowLayouts.parse(str(laid))) == str(laid)
    assert str(laid).isascii()


@given(kept, column_ids, layouts)
def test_a_table_is_laid_out_anew_and_reset(laid: RowLayouts, table: str, layout: RowLayout) -> None:
    assert laid.laid(table, layout).of(table) == layout
    assert laid.laid(table, layout).laid(table, RowLayout()) == laid.laid(table, RowLayout())
    assert laid.laid(table, RowLayout()).of(table) == RowLayout()


def test_a_table_without_a_layout_has_an_empty_one() -> None:
    assert RowLayouts.parse("").of("lines") == RowLayout()
    assert str(RowLayouts()) == ""


@pytest.mark.parametrize(
    "told",
    [
        [], 1, None, {"": {}}, {"a": []}, {"a": {"rows": 1}}, {"a": {"columns": {}}}, {"a": {"columns": ["net"]}},
        {"a": {"columns": [{"width": 100}]}}, {"a": {"columns": [{"id": 1}]}}, {"a": {"columns": [{"id": "n\x00"}]}},
        {"a": {"columns": [{"id": "net", "width": 23}]}}, {"a": {"columns": [{"id": "net", "width": 2001}]}},
        {"a": {"columns": [{"id": "net", "width": True}]}}, {"a": {"columns": [{"id": "net", "width": 99.5}]}},
        {"a": {"columns": [{"id": "net", "pin": "top"}]}}, {"a": {"columns": [{"id": "net", "hidden": 1}]}},
        {"a": {"columns": [{"id": "net", "script": "x"}]}}, {"a": {"columns": [{"id": "net"}, {"id": "net"}]}},
        {"a": {"sort": [["net"]]}}, {"a": {"sort": [["net", "up"]]}}, {"a": {"sort": "net"}},
        {"a": {"sort": [["net", "asc"], ["net", "desc"]]}}, {"a": {"sort": [[["net"], "asc"]]}},
    ],
)  # fmt: skip
def test_what_is_no_layout_is_refused_with_a_sentence(told: object) -> None:
    with pytest.raises(Invalid) as refused:
        RowLayouts.parse(json.dumps(told))
    assert refused.value.sentence.endswith(".")


def test_there_is_an_end_to_tables_and_columns() -> None:
    with pytest.raises(TooBig):
        RowLayouts(tuple((str(number), RowLayout()) for number in range(MOST_TABLES + 1)))
    with pytest.raises(TooBig):
        RowLayout(tuple(LaidColumn(str(number)) for number in range(MOST_COLUMNS + 1)))


@given(st.text() | st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner)).map(json.dumps))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        laid = RowLayouts.parse(text)
    except Refusal:
        return
    assert RowLayouts.parse(str(laid)) == laid


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(Invalid):
        RowLayouts.parse("[" * 19_000)


def test_columns_are_shown_hidden_moved_and_pinned() -> None:
    laid = RowLayout().or_else(("customer", "net", "cost"))
    assert laid.or_else(("other",)) == laid
    assert laid.moved("cost", -1).shown == ("customer", "cost", "net")
    assert laid.moved("customer", -1).shown == laid.moved("cost", 5).shown == laid.shown
    assert laid.toggled("net").shown == ("customer", "cost")
    assert laid.toggled("net").toggled("net").shown == ("customer", "cost", "net")
    pinned = laid.pinned("net", "left")
    assert pinned.column("net") == LaidColumn("net", None, "left")
    assert pinned.pinned("net", None) == laid
    assert RowLayout(laid.columns, (("net", "desc"),)).toggled("net").sort == ()
