"""Pairs: how many documents are sales of both of two members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, cast, func, literal_column, select, type_coerce

from app.values.scope import Scope
from queries.compile import conditions, dimensions
from queries.slice import Slice
from queries.sources import PAIRED, is_sale
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

BITS = 62
"""Members that one whole number has bits for."""


def sized(asked: Slice, snapshot: Snapshot) -> Slice:
    """The same slice; of pairs, told whether the members are so few that a whole number holds those of a document."""
    level = _level(asked)
    if level is None:
        return asked
    key = schema.product.c[f"{level}_key"]
    ((members,),) = snapshot.fetch(select(func.count(key.distinct())), Scope.everything())
    return replace(asked, few=members <= BITS)


def is_of_pairs(asked: Slice) -> bool:
    """Whether members are asked for beside others on the same document."""
    return _level(asked) is not None


def _level(asked: Slice) -> str | None:
    return next((PAIRED[level] for level in asked.by if level in PAIRED), None)


def compile_pairs(asked: Slice, scope: Scope, currency: str) -> Select[Any]:
    """One SELECT: each two members and how many documents are sales of both; a document counts once for a member."""
    return (_by_bits if asked.few else _by_join)(asked, scope, currency)


def _by_bits(asked: Slice, scope: Scope, currency: str) -> Select[Any]:
    """Documents become numbers, a bit a member; equal ones are counted first, for there are far fewer of these."""
    source, product, level = asked.source, schema.product.c, _level(asked)
    plain = replace(asked, by=(), parts=())
    key = product[f"{level}_key"]
    place = cast(func.dense_rank().over(order_by=key) - literal_column("1"), Integer)
    bit = cast(literal_column("1"), BigInteger).op("<<")(place)
    coded = select(product.product_id, key.label("member"), bit.label("bit")).where(key.is_not(None)).cte("coded")
    joined = source.joined(dict.fromkeys(dimensions(plain, scope)))
    joined = joined.join(coded, coded.c.product_id == source.table.c.product_id)
    documents = (
        select(type_coerce(func.bit_or(coded.c.bit), BigInteger).label("members"))
        .select_from(joined)
        .where(*conditions(plain, scope, currency), is_sale(source))
        .group_by(source.table.c.document_id)
        .subquery("documents")
    )
    alike = select(documents.c.members, func.count().label("count")).group_by(documents.c.members)
    counted = alike.cte("counted").prefix_with("MATERIALIZED")
    members = select(coded.c.member, coded.c.bit).distinct().cte("members").prefix_with("MATERIALIZED")
    one, other = members.alias("one"), members.alias("other")
    both = counted.join(one, counted.c.members.op("&")(one.c.bit) != 0)
    both = both.join(other, and_(counted.c.members.op("&")(other.c.bit) != 0, one.c.bit != other.c.bit))
    keys = [(other if each in PAIRED else one).c.member for each in asked.by]
    return _told(asked, keys, cast(func.sum(counted.c.count), BigInteger), both)


def _by_join(asked: Slice, scope: Scope, currency: str) -> Select[Any]:
    """Every member of a document beside every other one."""
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
