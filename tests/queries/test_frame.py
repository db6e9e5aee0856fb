"""An answer travels as text and comes back the same to the last digit."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.calendar import Span
from app.values.errors import Invalid
from queries.frame import OTHERS_ROW, TOTALS_ROW, Column, Frame, Member, Provenance, Source

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
values = st.one_of(
    st.none(),
    words,
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    days,
    st.builds(Member, words, words),
)
spans = st.builds(Span, days, days, st.booleans(), days)
provenances = st.builds(
    Provenance,
    generation=st.integers(0, 10**6),
    as_of=st.none() | days | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    span=st.none() | spans,
    references=st.dictionaries(words, spans, max_size=2),
    rows_left_out=st.dictionaries(words, st.integers(0, 99), max_size=2),
    sources=st.lists(
        st.builds(Source, words, words, st.lists(st.tuples(words, words), max_size=2).map(tuple)), max_size=2
    ).map(tuple),
)
columns = st.builds(
    Column,
    id=words,
    title=words,
    role=st.sampled_from(["dimension", "metric", "reference", "delta", "change"]),
    metric=st.none() | words,
    versus=st.none() | words,
)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """A frame of any columns, with or without totals and others."""
    held = tuple(draw(st.lists(columns, max_size=3)))
    row = st.tuples(*(values for _ in held))
    return Frame(
        columns=held,
        rows=tuple(draw(st.lists(row, max_size=4))),
        provenance=draw(provenances),
        currency=draw(st.sampled_from(["", "EUR"])),
        totals=draw(st.none() | row),
        others=draw(st.none() | row),
        others_count=draw(st.integers(0, 9)),
        reasons=draw(st.dictionaries(st.tuples(st.integers(OTHERS_ROW, 4), words), words, max_size=3)),
        notes=tuple(draw(st.lists(words, max_size=2))),
    )


@settings(max_examples=150)
@given(frames())
def test_every_answer_survives_its_text(frame: Frame) -> None:
    back = Frame.from_json(frame.to_json())
    assert back == frame
    assert repr(back) == repr(frame)  # 1.0 and 1.00, 1 and True are equal, but not the same


def test_money_is_text_on_the_way() -> None:
    frame = Frame((Column("net_sales", "Net sales", "metric"),), ((Decimal("0.10"),),), Provenance(1, None, None))
    assert b'"0.10"' in frame.to_json()
    assert isinstance(orjson.loads(frame.to_json()), dict)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\x80\x04.", b'{"columns": [{"colour": 1}]}', b"null"])
def test_what_is_no_answer_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        Frame.from_json(text)


def test_a_binary_fraction_never_enters_an_answer() -> None:
    frame = Frame((Column("a", "A", "metric"),), ((0.1,),), Provenance(1, None, None))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        frame.to_json()


def test_figures_are_found_by_their_column() -> None:
    frame = Frame(
        columns=(Column("region", "Region", "dimension"), Column("orders", "Orders", "metric")),
        rows=((Member("n", "North"), 3), (Member("s", "South"), None)),
        provenance=Provenance(1, None, None),
        totals=(None, 3),
        reasons={(1, "orders"): "no_base", (TOTALS_ROW, "orders"): "no_base"},
    )
    assert frame.values("orders") == (3, None)
    assert frame.column("region").title == "Region"
    assert frame.has("orders")
    assert not frame.has("net_sales")
    assert next(frame.records()) == {"region": Member("n", "North"), "orders": 3}
    with pytest.raises(KeyError):
        frame.index("net_sales")
