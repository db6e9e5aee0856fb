"""Blocks: some order lines as columns of Arrow, laid out as a list's columns, in their order, or as rows of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.values.hierarchy import NO_MEMBER
from queries.line_columns import Shown, values_of


@dataclass(frozen=True)
class Block:
    """Lines as they were read: of each column one array, or two where a name stands beside a key or one figure is
    divided by another."""

    laid: tuple[Shown, ...]
    cells: tuple[tuple[pa.Array, ...], ...]

    def __len__(self) -> int:
        return len(self.cells[0][0])

    def rows(self) -> list[tuple[Any, ...]]:
        """The same as values: members, whole numbers, exact decimals, days and texts."""
        columns = [array.to_pylist() for cells in self.cells for array in cells]
        return [values_of(row, self.laid) for row in zip(*columns, strict=True)]


def block_of(table: pa.Table, laid: tuple[Shown, ...]) -> Block:
    """A table of a line's key and then all cells of its columns."""
    arrays = iter([_one(column) for column in table.columns[1:]])
    cells = tuple(tuple(next(arrays) for _ in each.cells) for each in laid)
    return Block(
        laid, tuple(_named(own) if each.name is not None else own for each, own in zip(laid, cells, strict=True))
    )


def in_order(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The lines in the order of their keys, which stand in the first column; keys that are not there are left out."""
    places = pc.index_in(pa.array(keys, pa.string()), value_set=_one(table.column(0)))
    return table.take(places.drop_null())


def by_customer(block: Block, customers: Sequence[str]) -> Block:
    """The lines customer after customer, whose keys stand in the first column, in this order; otherwise as they are."""
    places = pc.index_in(block.cells[0][0].fill_null(NO_MEMBER), value_set=pa.array(customers, pa.string()))
    order = pc.sort_indices(places)
    return Block(block.laid, tuple(tuple(array.take(order) for array in cells) for cells in block.cells))


def _named(cells: tuple[pa.Array, ...]) -> tuple[pa.Array, ...]:
    """A key and its name: the key itself where there is no other, nothing where there is no key."""
    key, name = cells
    known = pc.and_kleene(pc.is_valid(name), pc.greater(pc.binary_length(name), 0)).fill_null(False)
    return key, pc.if_else(pc.and_(known, pc.is_valid(key)), name, key)


def _one(column: pa.ChunkedArray) -> pa.Array:
    """The column in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
