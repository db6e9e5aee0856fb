"""Hierarchies: the levels of place, team, goods, customer and time, and the paths that drilling follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

HIERARCHIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "place": ("market", "country", "region", "state", "city"),
        "team": ("department", "team", "rep"),
        "goods": ("category", "subcategory", "product"),
        "customer": ("industry", "segment", "customer"),
        "time": ("year", "quarter", "month", "day"),
        "fiscal": ("fiscal_year", "fiscal_quarter", "fiscal_month"),
    }
)

SINGLES: tuple[str, ...] = ("week", "channel", "campaign", "document_type", "currency", "document", "line")

ACCOUNT_OWNER = "account_owner"
"""A level that only scopes use: the rep who owns the customer today."""

NO_MEMBER = "(none)"
"""The key of the member that stands for a missing value."""

LEVELS: frozenset[str] = frozenset(SINGLES).union(*HIERARCHIES.values())
TIME_LEVELS: frozenset[str] = frozenset((*HIERARCHIES["time"], *HIERARCHIES["fiscal"], "week"))

PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "place": ("market", "country", "region", "rep", "customer", "document", "line"),
        "team": ("team", "rep", "customer", "document", "line"),
        "goods": ("category", "subcategory", "product", "customer", "document", "line"),
        "customer": ("industry", "segment", "customer", "document", "line"),
        "time": ("year", "quarter", "month", "day", "document", "line"),
        "fiscal": ("fiscal_year", "fiscal_quarter", "fiscal_month", "day", "document", "line"),
    }
)


def hierarchy_of(level: str) -> str | None:
    """The hierarchy a level belongs to, or None for a single dimension."""
    return next((name for name, levels in HIERARCHIES.items() if level in levels), None)


def ancestors(level: str) -> tuple[str, ...]:
    """The levels above `level` in its hierarchy, top first: `ancestors("region") == ("market", "country")`."""
    name = hierarchy_of(level)
    if name is None:
        return ()
    levels = HIERARCHIES[name]
    return levels[: levels.index(level)]


def settle_level(by: str, drilled: Iterable[str]) -> str:
    """The level that `by` means after drilling.

    A hierarchy's name settles to the first level of its path below the deepest drilled one; a level stays itself.
    `settle_level("place", ()) == "market"`; `settle_level("place", ("market", "country")) == "region"`.
    """
    path = PATHS.get(by)
    # "customer" names both a hierarchy and its leaf level; asked for as a dimension it is the leaf.
    if path is None or by in LEVELS:
        return by
    depths = [path.index(level) for level in drilled if level in path]
    return path[min(max(depths, default=-1) + 1, len(path) - 1)]
