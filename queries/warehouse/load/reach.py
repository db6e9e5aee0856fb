"""Reach: what the SQL made of a mapping may touch, judged on DuckDB's own reading of it before it runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import duckdb

from app.values.errors import Invalid

_FROM = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST"})
"""What may stand after FROM; not functions that give rows (of a file, say), pivots, listings of the catalogue."""

_HELPERS = frozenset({"clean", "slug", "divide"})
_CLOCK = frozenset({"today", "now", "get_current_time", "get_current_timestamp", "transaction_timestamp"})
_TELLING = ("current_", "pg_", "has_", "inet_", "json_serialize", "json_deserialize", "json_execute")
_TELLING_NAMES = frozenset({
    "getvariable", "session_user", "user", "col_description", "obj_description", "shobj_description", "format_pg_type",
    "format_type", "map_to_pg_oid", "get_block_size",
})  # fmt: skip
"""Functions that tell of the machine, its settings or its catalogue, or that run SQL given as text."""


def judge(connection: duckdb.DuckDBPyConnection, title: str, sql: str, sources: Collection[str]) -> None:
    """Refuse a select that is not one statement over `sources` alone, or that calls what no expression may call.

    Raises Invalid with a sentence about the feed called `title`.
    """
    row = connection.execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if tree.get("error"):
        raise Invalid(f"The mapping's feed “{title}” is not understood: {tree.get('error_message')}")
    if len(tree["statements"]) != 1:
        raise Invalid(f"The mapping's feed “{title}” is not understood: an expression is not a statement.")
    for node in _nodes(tree):
        if _is_strange(node, sources):
            raise Invalid(
                f"The mapping's feed “{title}” reads what is not among its sources; an expression may"
                " only name columns of the feed's own."
            )
        name = str(node.get("function_name") or "").lower()
        if name and name not in _callable():
            raise Invalid(
                f"The mapping's feed “{title}” calls {name}(), which no expression may: it is unknown, tells of this"
                " machine, or says something else each time."
            )


def _is_strange(node: dict[str, Any], sources: Collection[str]) -> bool:
    """Whether a part of a FROM, told by its `sample`, is another one than a source or what is made of sources."""
    if "sample" not in node or "select_list" in node:
        return False
    named = (node.get("catalog_name"), node.get("schema_name"))
    is_other = node["type"] == "BASE_TABLE" and (any(named) or node["table_name"] not in sources)
    return node["type"] not in _FROM or is_other


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(part)


@cache
def _callable() -> frozenset[str]:
    """The functions of a row or a window whose value follows from their arguments, and the clock."""
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(
            "select function_name, bool_and(coalesce(stability = 'CONSISTENT', true)) from duckdb_functions()"
            " where function_type in ('scalar', 'aggregate', 'macro') group by all"
        ).fetchall()
    pure = {name for name, is_steady in found if is_steady and not name.startswith(_TELLING)}
    windows = {"row_number", "rank", "dense_rank", "rank_dense", "percent_rank", "cume_dist", "ntile"}
    windows |= {"lag", "lead", "first_value", "last_value", "nth_value", "first", "last", "any_value"}
    return frozenset((pure - _TELLING_NAMES) | windows | _HELPERS | _CLOCK)
