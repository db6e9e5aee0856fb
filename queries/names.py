"""Names: what members are called, read from the dimensions once per state of them and kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, Table, select

from app.values.hierarchy import NO_MEMBER
from app.values.scope import Scope
from queries.catalogue.model import Level
from queries.frame import Member
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

WHOLE = 20_000
"""Members up to which a level's names are kept whole; of larger levels only those met are looked up."""
_KEPT_LEVELS = 60
_KEPT_MEMBERS = 100_000
_TABLES: Mapping[str, Table] = {table.name: table for table in schema.DIMENSIONS}
_DOCUMENT_TYPES = {name.lower().replace(" ", "_"): name for name in ("Invoice", "Order", "Receipt", "Credit note")}


class Called(dict[str, Member]):
    """Members by key, each made when it is met first: of thousands few are. One without a name is called by its key."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, key: str) -> Member:
        name = self._names.get(key) or ("(none)" if key == NO_MEMBER else key)
        found = self[key] = Member(key, name)
        return found


class Names:
    """The names of members, per level and version of the dimensions."""

    def __init__(self) -> None:
        self._whole: OrderedDict[tuple[int, str], Called | None] = OrderedDict()
        self._single: OrderedDict[tuple[int, str, str], str] = OrderedDict()
        self._guard = threading.Lock()

    def members(self, level: Level, keys: Iterable[str], snapshot: Snapshot) -> dict[str, Member]:
        """A member for each key; a key without a name is called by its key."""
        wanted = set(keys)
        names = self._names(level, wanted, snapshot)
        return {key: names[key] for key in wanted}

    def _names(self, level: Level, keys: set[str], snapshot: Snapshot) -> Called:
        if level.id == "document_type":
            return Called(_DOCUMENT_TYPES)
        if level.table not in _TABLES or level.name is None:
            return Called({})
        version = snapshot.generation.dims_version
        with self._guard:
            known = (version, level.id) in self._whole
            whole = self._whole.get((version, level.id))
        if not known:
            rows = snapshot.fetch(named(level).limit(WHOLE + 1), Scope.everything())
            whole = Called(latest(rows)) if len(rows) <= WHOLE else None
            with self._guard:
                self._whole[version, level.id] = whole
                while len(self._whole) > _KEPT_LEVELS:
                    self._whole.popitem(last=False)
        return whole if whole is not None else Called(self._looked_up(level, keys, version, snapshot))

    def _looked_up(self, level: Level, keys: set[str], version: int, snapshot: Snapshot) -> dict[str, str]:
        with self._guard:
            found = {key: name for key in keys if (name := self._single.get((version, level.id, key))) is not None}
        missing = sorted(keys - found.keys())
        if missing:
            key_column = _TABLES[level.table or ""].c[level.key]
            read = latest(snapshot.fetch(named(level).where(key_column.in_(missing)), Scope.everything()))
            found.update(read)
            with self._guard:
                self._single.update(((version, level.id, key), name) for key, name in read.items())
                while len(self._single) > _KEPT_MEMBERS:
                    self._single.popitem(last=False)
        return found


def named(level: Level) -> Select[Any]:
    """Keys and names of a level's members; where members have versions, with the day each version begins."""
    table = _TABLES[level.table or ""]
    key, name = table.c[level.key], table.c[level.name or level.key]
    columns = [key, name, *([table.c.valid_from] if "valid_from" in table.c else [])]
    return select(*columns).where(key.is_not(None)).distinct().order_by(*columns)


def latest(rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    """Names by key; of several versions of a member the latest one counts."""
    if len({row[0] for row in rows}) < len(rows):
        rows = sorted(rows, key=lambda row: ((row[2] if len(row) > 2 else None) or date.min, row[1] or ""))
    return {row[0]: row[1] for row in rows if row[1] and row[0] != NO_MEMBER}
