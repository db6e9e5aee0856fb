"""Loading: what a graph asks of each of many things, read for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from strawberry.dataloader import DataLoader

from app.questions import Question, admit, asked, context_for
from app.values.period import Period
from app.values.selection import Filter
from app.values.viewer import Viewer
from queries import ledger
from queries.frame import Frame, Member
from queries.listing import Place, newest
from queries.query import Query

if TYPE_CHECKING:
    from app.assembly import House

AT_ONCE = 500
"""Things that one question to the data names."""

_OF_CUSTOMERS = ("customer", "customer_type", "industry", "segment", "email", "phone")

Line = tuple[Place, dict[str, Any]]


@dataclass(frozen=True)
class LinesAsked:
    """Which of somebody's lines: so many after a place."""

    where: tuple[Filter, ...]
    period: str
    basis: str
    after: Place | None
    limit: int


class Loading:
    """The loaders of one request: each kind of question has one."""

    def __init__(self, house: House, viewer: Viewer) -> None:
        self.house = house
        self.viewer = viewer
        self._loaders: dict[Hashable, DataLoader[str, Any]] = {}

    async def figures(self, level: str, key: str, question: Question) -> Mapping[str, Any]:
        """The columns' values of one member: the question, asked of all members that it is asked of."""
        frame, at = await self._of(("figures", level, question), key, lambda keys: self._figures(level, question, keys))
        return {"frame": frame, "at": at}

    async def related(self, level: str, key: str, other: str) -> tuple[Member, ...]:
        """Members of another level in a member's rows, those with the largest net sales first."""
        found: tuple[Member, ...] = await self._of(
            ("related", level, other), key, lambda keys: self._related(level, other, keys)
        )
        return found

    async def about_customer(self, key: str) -> Mapping[str, Any]:
        """What is known of a customer; what a mask hides is not among it."""
        found: Mapping[str, Any] = await self._of(("customer",), key, self._customers)
        return found

    async def lines(self, level: str, key: str, wanted: LinesAsked) -> list[Line]:
        """A member's order lines, the newest first, and one more than asked if there is."""
        found: list[Line] = await self._of(("lines", level, wanted), key, lambda keys: self._lines(level, wanted, keys))
        return found

    async def _of(self, kind: Hashable, key: str, read: Callable[[list[str]], list[Any]]) -> Any:
        if kind not in self._loaders:

            async def load(keys: list[str]) -> list[Any]:
                return read(keys)

            self._loaders[kind] = DataLoader(load_fn=load, max_batch_size=AT_ONCE)
        return await self._loaders[kind].load(key)

    def _figures(self, level: str, question: Question, keys: list[str]) -> list[tuple[Frame, int | None]]:
        admit(self.viewer, question)
        query = replace(asked(self.house, self.viewer, question), by=(level,), totals=False)
        query = replace(query, where=(*query.where, Filter(level, tuple(keys))))
        frame = self.house.asker.ask(query, context_for(self.viewer, question))
        at = {value.key: row for row, value in enumerate(frame.values(level)) if isinstance(value, Member)}
        return [(frame, at.get(key)) for key in keys]

    def _related(self, level: str, other: str, keys: list[str]) -> list[tuple[Member, ...]]:
        query = Query(
            ("net_sales",),
            by=(level, other),
            where=(Filter(level, tuple(keys)),),
            period=Period.parse("all"),
            order=(("net_sales", "desc"),),
        )
        frame = self.house.asker.ask(query, self.viewer.context)
        found: dict[str, list[Member]] = {}
        for mine, its, _ in frame.rows:
            if isinstance(mine, Member) and isinstance(its, Member):
                found.setdefault(mine.key, []).append(its)
        return [tuple(found.get(key, ())) for key in keys]

    def _customers(self, keys: list[str]) -> list[Mapping[str, Any]]:
        everything = Period.parse("all")
        wanted = ledger.Asked((Filter("customer", tuple(keys)),), everything, "booked", columns=_OF_CUSTOMERS)
        with self.house.engine.snapshot() as snapshot:
            page = ledger.page(wanted, (), range(len(keys)), self.viewer.context, snapshot)
        ids = [column.id for column in page.columns]
        found = {row.customer.key: dict(zip(ids, row.values, strict=True)) for row in page.rows}
        return [found.get(key, {}) for key in keys]

    def _lines(self, level: str, wanted: LinesAsked, keys: list[str]) -> list[list[Line]]:
        found: dict[str, list[Line]] = {key: [] for key in keys}
        where = (*wanted.where, Filter(level, tuple(keys)))
        for place, values in self.read_lines(replace(wanted, where=where), each=level):
            of = values[level]
            found[of.key].append((place, values))
        return [found[key] for key in keys]

    def read_lines(self, wanted: LinesAsked, each: str | None = None) -> list[Line]:
        """Order lines, the newest first, and one more than asked if there is."""
        with self.house.engine.snapshot() as snapshot:
            return newest(
                wanted.where,
                Period.parse(wanted.period),
                wanted.basis,
                self.viewer.context,
                snapshot,
                after=wanted.after,
                limit=wanted.limit + 1,
                each=each,
            )
