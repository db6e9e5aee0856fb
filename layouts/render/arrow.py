"""Arrow: an answer as an IPC stream of typed columns, for programs that compute on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa

from layouts.render.csv import figure_text
from layouts.render.json import answer_told
from queries.frame import Column, Frame, Member, Value

MEDIA_TYPE = "application/vnd.apache.arrow.stream"
_DIGITS = 38


def stream(frame: Frame, locale: str) -> bytes:
    """The rows as one batch. A dimension is two columns, key and name; figures are exact decimals, rounded as in the
    other files; whole counts are 64-bit numbers.

    The metadata `salient` holds, as JSON, all that the JSON of the same answer says beside its rows.
    """
    names: list[str] = []
    columns: list[pa.Array] = []
    for at, column in enumerate(frame.columns):
        values = [row[at] for row in frame.rows]
        if column.role == "dimension":
            names += [f"{column.id}_key", column.id]
            columns += [_keys(values), _titles(values)]
        else:
            names.append(column.id)
            columns.append(_figures(values, column, frame.currency))
    beside = {name: said for name, said in answer_told(frame, locale).items() if name != "rows"}
    schema = pa.schema(
        [pa.field(name, held.type) for name, held in zip(names, columns, strict=True)],
        metadata={"salient": json.dumps(beside, ensure_ascii=False)},
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(columns, schema=schema))
    return sink.getvalue().to_pybytes()


def _keys(values: Sequence[Value]) -> pa.Array:
    return pa.array([each.key if isinstance(each, Member) else _text(each) for each in values], pa.string())


def _titles(values: Sequence[Value]) -> pa.Array:
    return pa.array([each.name if isinstance(each, Member) else _text(each) for each in values], pa.string())


def _text(value: Value) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _figures(values: Sequence[Value], column: Column, currency: str) -> pa.Array:
    if any(isinstance(each, Decimal) for each in values):
        exact = [None if each is None else Decimal(_plain(each, column, currency)) for each in values]
        digits = max(-int(each.as_tuple().exponent) for each in exact if each is not None)
        return pa.array(exact, pa.decimal128(_DIGITS, max(digits, 0)))
    if any(isinstance(each, int) for each in values):
        return pa.array(values, pa.int64())
    return pa.array([_text(each) for each in values], pa.string())


def _plain(value: Value, column: Column, currency: str) -> str:
    return figure_text(value, column, currency) if isinstance(value, Decimal) else str(value)
