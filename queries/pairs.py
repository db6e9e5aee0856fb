"""Pairs: how many documents are sales of a member, and of both of two members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from app.values.scope import Scope
from queries.compile import conditions, dimensions
from queries.slice import Slice
from queries.sources import PAIRED, SALES, is_sale
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

BITS = 62
"""Members that one whole number has bits for, beside one for lines without a member."""

Rows = list[tuple[Any, ...]]


def sized(asked: Slice, snapshot: Snapshot) -> Slice:
    """The same slice, told whether the members are so few that a whole number holds those of a document."""
    level = _level(asked)
    if level is None:
        return asked
    key = schema.product.c[f"{level}_key"]
    ((members,),) = snapshot.fetch(select(func.count(key.distinct())), Scope.everything())
    return replace(asked, few=members <= BITS)


def is_of_pairs(asked: Slice) -> bool:
    """Whether members are asked for beside others on the same document."""
    return any(level in PAIRED for level in asked.by)


def _level(asked: Slice) -> str | None:
    """The level whose members on one document are told together, if any."""
    paired = next((PAIRED[level] for level in asked.by if level in PAIRED), None)
    return asked.by[0] if paired is None and _is_of_documents(asked) else paired


def _is_of_documents(asked: Slice) -> bool:
    """Whether documents are counted by a level of goods and by nothing else, over lines."""
    source = asked.source
    if source.fact != SALES or source.rollup is not None or asked.by_month or asked.head is not None:
        return False
    if asked.excluded or asked.only or len(asked.by) != 1 or asked.by[0] not in PAIRED.values():
        return False
    return [(part.counted, part.sales_only, part.credited) for part in asked.parts] == [("document", True, None)]


def baskets_of(asked: Slice) -> Slice:
    """What every slice that is told from the same documents has in common."""
    level = next((PAIRED[level] for level in asked.by if level in PAIRED), asked.by[0])
    return replace(asked, by=(level,), parts=(), totals=False, head=None)


def compile_baskets(asked: Slice, scope: Scope, currency: str) -> Select[Any]:
    """One SELECT: (member, member, documents with both, 0), a member beside itself too; and (-, -, all documents, 1).

    Documents become numbers, a bit a member; equal ones are counted first, for there are far fewer of these.
    """
    source, product, [level] = asked.source, schema.product.c, asked.by
    plain = replace(asked, by=())
    key, one_bit = product[f"{level}_key"], cast(literal_column("1"), BigInteger)
    place = cast(func.dense_rank().over(order_by=key) - literal_column("1"), Integer)
    bit, missing = one_bit.op("<<")(place), one_bit.op("<<")(literal_column(str(BITS)))
    coded = select(product.product_id, key.label("member"), bit.label("bit")).where(key.is_not(None)).cte("coded")
    joined = source.joined(dict.fromkeys(dimensions(plain, scope)))
    joined = joined.join(coded, coded.c.product_id == source.table.c.product_id, isouter=True)
    documents = (
        select(type_coerce(func.bit_or(func.coalesce(coded.c.bit, missing)), BigInteger).label("members"))
        .select_from(joined)
        .where(*conditions(plain, scope, currency), is_sale(source))
        .group_by(source.table.c.document_id)
        .subquery("documents")
    )
    alike = select(documents.c.members, func.count().label("count")).group_by(documents.c.members)
    counted = alike.cte("counted").prefix_with("MATERIALIZED")
    nothing = cast(literal_column("null"), Text)
    every = union_all(select(coded.c.member, coded.c.bit).distinct(), select(nothing, missing))
    members = every.cte("members").prefix_with("MATERIALIZED")
    one, other = members.alias("one"), members.alias("other")
    both = counted.join(one, counted.c.members.op("&")(one.c.bit) != 0)
    both = both.join(other, counted.c.members.op("&")(other.c.bit) != 0)
    number = type_coerce(cast(func.coalesce(func.sum(counted.c.count), literal_column("0")), BigInteger), BigInteger)
    pairs = select(
        one.c.member.label("one"), other.c.member.label("other"), number.label("documents"), _flag(0)
    ).select_from(both)
    pairs = pairs.group_by(one.c.member, other.c.member)
    together = union_all(pairs, select(nothing, nothing, number, _flag(1)).select_from(counted)).subquery("together")
    return select(*together.c)


def _flag(value: int) -> ColumnElement[int]:
    return type_coerce(literal_column(str(value)), Integer).label("is_total")


def pairs_told(asked: Slice, baskets: Rows) -> Rows:
    """The rows of a slice of pairs, those of most documents first."""
    found = [
        tuple(other if level in PAIRED else one for level in asked.by) + (number,) * (len(asked.parts) + 1) + (0,)
        for one, other, number, is_total in baskets
        if not is_total and one is not None and other is not None and one != other
    ]
    width = len(asked.by)
    found.sort(key=lambda row: (-row[width], *(key.encode() for key in row[:width])))
    return found if asked.head is None else [(*row, len(found), 0) for row in found[: asked.head[1]]]


def documents_told(asked: Slice, baskets: Rows, counted: Rows) -> Rows:
    """The rows of a slice of documents by member: as `counted` has them without, and how many documents."""
    everything = sum(number for *_, number, is_total in baskets if is_total)
    alone = {one: number for one, other, number, is_total in baskets if not is_total and one == other}
    first = 1 + asked.totals
    return [
        (*row[:first], everything if asked.totals and row[1] else alone.get(row[0], 0), *row[first:]) for row in counted
    ]


def compile_pairs(asked: Slice, scope: Scope, currency: str) -> Select[Any]:
    """One SELECT: each two members and how many documents are sales of both, of members too many for `few`."""
    source, level = asked.source, _level(asked) or ""
    plain = replace(asked, by=(level,), parts=())
    member = source.key(level)
    held = (
        select(source.table.c.document_id, member.label("member"))
        .select_from(source.joined(dict.fromkeys(dimensions(plain, scope))))
        .where(*conditions(plain, scope, currency), is_sale(source), member.is_not(None))
        .distinct()
        .cte("held_by_documents")
    )
    one, other = held.alias("one"), held.alias("other")
    keys = [(other if each in PAIRED else one).c.member for each in asked.by]
    both = one.join(other, and_(one.c.document_id == other.c.document_id, one.c.member != other.c.member))
    return _told(asked, keys, func.count(), both)


def _told(asked: Slice, keys: Sequence[ColumnElement[Any]], number: ColumnElement[Any], both: Any) -> Select[Any]:
    none = type_coerce(literal_column("0"), BigInteger)
    columns: list[ColumnElement[Any]] = [key.label(f"k{i}") for i, key in enumerate(keys)]
    columns += [number.label(f"p{i}") for i in range(len(asked.parts))]
    columns += [number.label("n"), none.label("held")]
    if asked.head is not None:
        columns += [func.count().over().label("groups"), none.label("all_held")]
    statement = select(*columns).select_from(both).group_by(*keys)
    if asked.head is None:
        return statement
    return statement.order_by(number.desc(), *(key.collate("C") for key in keys)).limit(asked.head[1])
