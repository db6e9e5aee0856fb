"""Statements: SQLAlchemy selects compiled once per shape, and rows whose numbers have the same types everywhere."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Select
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import _MutableCoreSingleExecuteParams
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Date, Float, Integer, Numeric

_KEPT_SHAPES = 500


class Statements:
    """Compiles statements for one dialect; statements of equal shape share one compilation."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._compiled: OrderedDict[Any, SQLCompiler] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, statement: Select[Any]) -> tuple[str, Sequence[Any] | _MutableCoreSingleExecuteParams]:
        """SQL text and its parameters, lists for IN spelt out."""
        key = statement._generate_cache_key()
        if key is None:
            return _expanded(statement.compile(dialect=self.dialect), None)
        with self._lock:
            compiled = self._compiled.get(key.key)
            if compiled is not None:
                self._compiled.move_to_end(key.key)
        if compiled is None:
            compiled = statement.compile(dialect=self.dialect, cache_key=key)
            with self._lock:
                self._compiled[key.key] = compiled
                while len(self._compiled) > _KEPT_SHAPES:
                    self._compiled.popitem(last=False)
        return _expanded(compiled, key.bindparams)

    def literal(self, statement: Select[Any]) -> str:
        """SQL text with its values written out, for people to read."""
        return str(statement.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True}))


def _expanded(compiled: Any, bindparams: Any) -> tuple[str, Any]:
    values = compiled.construct_params(extracted_parameters=bindparams, escape_names=False)
    state = compiled._process_parameters_for_postcompile(values)
    if compiled.positional:
        return state.statement, [state.parameters[name] for name in state.positiontup or ()]
    return state.statement, state.parameters


def agreed_types(statement: Select[Any], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Integer columns as int and Numeric ones as Decimal, whatever the engine's driver made of them."""
    wanted: dict[int, type] = {}
    for index, column in enumerate(statement.selected_columns):
        kind = column.type
        if isinstance(kind, Integer):
            wanted[index] = int
        elif _is_exact(kind):
            wanted[index] = Decimal
    deviating = {index: to for index, to in wanted.items() if not _is_already(rows, index, to)}
    if not deviating:
        return rows
    return [
        tuple(deviating[i](value) if i in deviating and value is not None else value for i, value in enumerate(row))
        for row in rows
    ]


def agreed_columns(statement: Select[Any], table: pa.Table) -> pa.Table:
    """A table of the statement's columns, Integer ones as 64-bit numbers and Numeric ones as exact decimals."""
    arrays = []
    for column, read in zip(statement.selected_columns, table.columns, strict=True):
        kind = column.type
        if isinstance(kind, Integer):
            arrays.append(read.cast(pa.int64()))
        elif _is_exact(kind) and not pa.types.is_decimal(read.type):
            arrays.append(pa.chunked_array([_exact(read.to_pylist())]))
        else:
            arrays.append(read)
    return pa.table(arrays, names=[str(at) for at in range(len(arrays))])


def table_of(statement: Select[Any], rows: list[tuple[Any, ...]]) -> pa.Table:
    """Rows of agreed types as a table of the statement's columns."""
    read = list(zip(*rows, strict=True)) if rows else [() for _ in statement.selected_columns]
    arrays = [_array(column.type, values) for column, values in zip(statement.selected_columns, read, strict=True)]
    return pa.table(arrays, names=[str(at) for at in range(len(arrays))])


def _array(kind: Any, values: Sequence[Any]) -> pa.Array:
    if isinstance(kind, Integer):
        return pa.array(values, pa.int64())
    if isinstance(kind, Date):
        return pa.array(values, pa.date32())
    return _exact(values) if _is_exact(kind) else pa.array(values, pa.string())


def _exact(values: Sequence[Any]) -> pa.Array:
    """Exact figures with all the places that any of them has."""
    found = [None if value is None else Decimal(value) for value in values]
    places = max((-int(each.as_tuple().exponent) for each in found if each is not None), default=0)
    return pa.array(found, pa.decimal128(38, max(places, 0)))


def _is_exact(kind: Any) -> bool:
    return isinstance(kind, Numeric) and not isinstance(kind, Float)


def _is_already(rows: list[tuple[Any, ...]], index: int, to: type) -> bool:
    # A column has one type in the database, so its first value speaks for all.
    first = next((row[index] for row in rows if row[index] is not None), None)
    return first is None or isinstance(first, to)
