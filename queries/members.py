"""Members: what a picker offers, found inside the viewer's rows and never beyond them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, literal_column, or_, select

from app.values.context import QueryContext
from app.values.errors import Conflict, NotAskable, NotFound
from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.period import Period
from app.values.selection import Narrowing
from app.values.words import say
from queries.catalogue.model import Catalogue, Level
from queries.compare import Totalled, Window, settle
from queries.compile import conditions, dimensions
from queries.frame import Member
from queries.names import Names
from queries.route import Wanted, route
from queries.slice import Slice
from queries.sources import Source
from queries.warehouse import schema
from queries.warehouse.engines.engine import Snapshot

EVER = Period("all", "day")
_TABLES = {table.name: table for table in schema.DIMENSIONS}


@dataclass(frozen=True)
class Options:
    """Some members of a level by name, and how many there are in all (the missing one not counted)."""

    members: tuple[Member, ...]
    total: int


@dataclass(frozen=True)
class Search:
    """What is looked for: members of `level` whose name or key holds (or is) `text`, in rows that pass the filters.

    With `texts` it is members whose key or name is one of them, whatever the case. With `after`, a key or "", they come
    by key instead of by name, only those after it: so a list is read in pages whatever changes meanwhile.
    """

    level: str
    text: str = ""
    where: tuple[Narrowing, ...] = ()
    period: Period = EVER
    basis: str = "booked"
    limit: int = 50
    exactly: bool = False
    texts: tuple[str, ...] = ()
    after: str | None = None


def find(search: Search, context: QueryContext, known: Catalogue, names: Names, snapshot: Snapshot) -> Options:
    """The options of a picker: members that occur in rows the viewer may see."""
    level = known.level(search.level)
    if not level.listed:
        raise NotAskable("Nothing can be asked by {title}.", title=say(level.title.lower()))
    if context.scope.is_nothing:
        return Options((), 0)
    if level.id == "document_type":
        # Its names are its keys written as words.
        search = replace(search, text=search.text.replace(" ", "_"))
    generation = snapshot.generation
    settled = settle(
        search.period,
        (),
        search.where,
        today=context.today,
        calendar=context.calendar,
        first=generation.first_day,
        last=generation.last_day,
    )
    if level.id in TIME_LEVELS:
        keys = [key for key in settled.window.keys(level.id, context.calendar) if search.text.lower() in key.lower()]
        if search.after is not None:
            keys = sorted(key for key in keys if key > search.after)
        return Options(tuple(Member(key, key) for key in keys[: search.limit]), len(keys))
    source = _source(search, settled.where, settled.window, context, known, snapshot)
    asked = Slice(source, (), (level.id,), settled.window, settled.where)
    rows = snapshot.fetch(_matching(level, search, asked, context), context.scope)
    keys = [row[0] for row in rows]
    members = names.members(level, keys, snapshot)
    found = [members[key] for key in keys]
    if (
        search.after is None
        and len(found) < search.limit
        and search.text.lower() in NO_MEMBER
        and _has_missing(level, asked, context, snapshot)
    ):
        found.append(Member(NO_MEMBER, NO_MEMBER))
    return Options(tuple(found), rows[0][1] if rows else 0)


def named(
    level_id: str, text: str, context: QueryContext, known: Catalogue, names: Names, snapshot: Snapshot
) -> Member:
    """The member with this key or, whatever the case, this exact name. Raises NotFound, or Conflict for several."""
    level = known.level(level_id)
    if level.id in TIME_LEVELS:
        context.calendar.span(text.upper())
        return Member(text.upper(), text.upper())
    found = find(Search(level_id, text.strip(), exactly=True), context, known, names, snapshot).members
    plain = text.strip().casefold()
    for matches in (
        [member for member in found if member.key == text],
        [member for member in found if member.key.casefold() == plain],
        [member for member in found if member.name.casefold() == plain],
    ):
        if len(matches) > 1:
            keys = ", ".join(member.key for member in matches[:5])
            raise Conflict(
                "Several {plural} are called {text}: use a key ({keys}).",
                plural=say(level.plural.lower()),
                text=text[:60],
                keys=keys,
            )
        if matches:
            return matches[0]
    raise NotFound(
        "There is no {title} {text!r} among the rows that you may see.", title=say(level.title.lower()), text=text[:60]
    )


def _source(
    search: Search,
    where: Iterable[Narrowing | Totalled],
    window: Window,
    context: QueryContext,
    known: Catalogue,
    snapshot: Snapshot,
) -> Source:
    levels = frozenset((search.level, *(each.level for each in where))) | context.scope.levels
    wanted = Wanted((), (search.level,), levels, window, search.basis, context.currency)
    return route(wanted, known, context.calendar, snapshot.generation, {}).source


def _visible(level: Level, asked: Slice, context: QueryContext) -> Select[Any]:
    """The keys of a level in the rows that pass filters and scope."""
    source = asked.source
    joined = source.joined(dict.fromkeys(dimensions(asked, context.scope)))
    return select(source.key(level.id)).select_from(joined).where(*conditions(asked, context.scope, context.currency))


def _matching(level: Level, search: Search, asked: Slice, context: QueryContext) -> Select[Any]:
    """Keys by name, with the number of all that match on every row."""
    visible = _visible(level, asked, context)
    table: Table | None = _TABLES.get(level.table or "")
    if table is None or level.name is None or level.id == "currency":
        inner = visible.where(asked.source.key(level.id).is_not(None)).distinct().subquery()
        key: ColumnElement[Any] = inner.c[0]
        matching = select(key, _count()).where(*_holding(search, key), *_after(search, key)).order_by(key)
        return matching.limit(search.limit)
    key, name = table.c[level.key], table.c[level.name]
    return (
        select(key, _count(), func.min(name))
        .where(key.in_(visible), *_holding(search, key, name), *_after(search, key))
        .group_by(key)
        .order_by(*(() if search.after is not None else (func.min(name),)), key)
        .limit(search.limit)
    )


def _after(search: Search, key: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    return (key > search.after,) if search.after else ()


def _count() -> ColumnElement[int]:
    return func.count().over()


def _holding(search: Search, *columns: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    if search.texts:
        wanted = sorted({text.lower() for text in search.texts})
        return (or_(*(func.lower(column).in_(wanted) for column in columns)),)
    if search.exactly:
        return (or_(*(func.lower(column) == search.text.lower() for column in columns)),)
    if not search.text:
        return ()
    return (or_(*(column.icontains(search.text, autoescape=True) for column in columns)),)


def _has_missing(level: Level, asked: Slice, context: QueryContext, snapshot: Snapshot) -> bool:
    missing = _visible(level, asked, context).where(asked.source.key(level.id).is_(None))
    return bool(snapshot.fetch(missing.with_only_columns(literal_column("1")).limit(1), context.scope))
