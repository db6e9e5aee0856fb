"""Entities: customers, products, reps and order lines with what hangs together, in the viewer's rows only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import strawberry

from app.questions import filters_of
from app.values.errors import Forbidden
from app.values.money import round_money
from app.values.period import Period
from app.web.graphql.answers import Basis, FilterInput, question_of, wheres
from app.web.graphql.asking import Asking, Info
from app.web.graphql.limits import PAGE
from app.web.graphql.loading import Line, LinesAsked
from app.web.graphql.paging import Connection, after_of, checked, page
from app.web.graphql.parts import (
    After,
    Figure,
    Filters,
    First,
    LineAmount,
    LineDimension,
    Member,
    Related,
    figures_of,
)
from queries.frame import Member as FoundMember

HIDDEN = "This column is not shown to your role."
_NET = LineAmount.NET


@strawberry.interface(description="Whatever can be asked for again by its id.")
class Node:
    """A thing with an id of its own."""

    key: strawberry.ID
    name: str
    level: ClassVar[str] = ""

    @strawberry.field(description="Kind and key, for `node(id:)`.")
    def id(self) -> strawberry.ID:
        """The id."""
        return strawberry.ID(f"{self.level}:{self.key}")


@strawberry.interface
class Entity(Node):
    """Somebody or something that sales are of."""

    @strawberry.field(description="Metrics of this one alone; all of a page are asked for at once.")
    async def figures(
        self,
        info: Info,
        metrics: list[strawberry.ID],
        period: str = "all",
        versus: list[str] | None = None,
        where: Filters | None = None,
        basis: Basis = Basis.BOOKED,
        currency: str | None = None,
    ) -> list[Figure] | None:
        """Figures."""
        question = question_of([str(each) for each in metrics], None, where, period, versus, basis, None, currency)
        found = await info.context.loading.figures(self.level, str(self.key), question)
        return figures_of(found, info.context.viewer.context.locale)

    @strawberry.field(description="Its order lines, the newest first. A token needs the scope rows.")
    async def order_lines(
        self,
        info: Info,
        first: First = PAGE,
        after: After | None = None,
        period: str = "all",
        where: Filters | None = None,
        basis: Basis = Basis.BOOKED,
    ) -> Connection[OrderLine] | None:
        """Order lines."""
        asking = info.context
        wanted = lines_asked(asking, first, after, period, where, basis)
        found = await asking.loading.lines(self.level, str(self.key), wanted)
        own = FilterInput(dimension=strawberry.ID(self.level), members=[str(self.key)])
        return _page_of_lines(
            asking, found, first, after, lambda: _counted(asking, period, [*(where or ()), own], basis)
        )


@strawberry.type
class Customer(Entity):
    """Somebody who bought."""

    level: ClassVar[str] = "customer"

    @strawberry.field
    async def type(self, info: Info) -> str | None:
        """The kind of customer."""
        return await self._told(info, "customer_type")

    @strawberry.field
    async def industry(self, info: Info) -> str | None:
        """The customer's industry."""
        return await self._told(info, "industry")

    @strawberry.field
    async def segment(self, info: Info) -> str | None:
        """The segment the customer is put into."""
        return await self._told(info, "segment")

    @strawberry.field(description="Refused to roles that do not see contact data.")
    async def email(self, info: Info) -> str | None:
        """Contact data."""
        return await self._told(info, "email", "contact")

    @strawberry.field(description="Refused to roles that do not see contact data.")
    async def phone(self, info: Info) -> str | None:
        """Contact data."""
        return await self._told(info, "phone", "contact")

    @strawberry.field(description="What the customer bought, the largest net sales first.")
    async def products(self, info: Info, first: First = PAGE) -> Related[Product] | None:
        """Products."""
        return _related(await _others(self, info, "product"), first, Product)

    @strawberry.field(description="Who sold to the customer, the largest net sales first.")
    async def reps(self, info: Info, first: First = PAGE) -> Related[Rep] | None:
        """Reps."""
        return _related(await _others(self, info, "rep"), first, Rep)

    @strawberry.field(description="Where the customer bought, the largest net sales first.")
    async def regions(self, info: Info) -> list[Member]:
        """Regions."""
        return _members(await _others(self, info, "region"))

    async def _told(self, info: Info, name: str, mask: str = "") -> str | None:
        if mask in info.context.viewer.context.masks:
            raise Forbidden(HIDDEN)
        told = (await info.context.loading.about_customer(str(self.key))).get(name)
        return None if told is None else str(told)


@strawberry.type
class Product(Entity):
    """Something that was sold."""

    level: ClassVar[str] = "product"

    @strawberry.field
    async def category(self, info: Info) -> Member | None:
        """The product's category."""
        return next(iter(_members(await _others(self, info, "category"))), None)

    @strawberry.field
    async def subcategory(self, info: Info) -> Member | None:
        """The product's subcategory."""
        return next(iter(_members(await _others(self, info, "subcategory"))), None)

    @strawberry.field(description="Who bought it, the largest net sales first.")
    async def customers(self, info: Info, first: First = PAGE) -> Related[Customer] | None:
        """Customers."""
        return _related(await _others(self, info, "customer"), first, Customer)

    @strawberry.field(description="Who sold it, the largest net sales first.")
    async def reps(self, info: Info, first: First = PAGE) -> Related[Rep] | None:
        """Reps."""
        return _related(await _others(self, info, "rep"), first, Rep)


@strawberry.type
class Rep(Entity):
    """Somebody who sold."""

    level: ClassVar[str] = "rep"

    @strawberry.field(description="The teams in which the rep sold, as they were at the sale.")
    async def teams(self, info: Info) -> list[Member]:
        """Teams."""
        return _members(await _others(self, info, "team"))

    @strawberry.field(description="Who bought from the rep, the largest net sales first.")
    async def customers(self, info: Info, first: First = PAGE) -> Related[Customer] | None:
        """Customers."""
        return _related(await _others(self, info, "customer"), first, Customer)

    @strawberry.field(description="What the rep sold, the largest net sales first.")
    async def products(self, info: Info, first: First = PAGE) -> Related[Product] | None:
        """Products."""
        return _related(await _others(self, info, "product"), first, Product)


E = TypeVar("E", bound=Entity)


@strawberry.type(description="A line of an order, invoice, receipt or credit note; amounts in the line's currency.")
class OrderLine:
    """A line."""

    values: strawberry.Private[Mapping[str, Any]]

    @strawberry.field
    def document(self) -> Member | None:
        """The document with its number."""
        return self._member("document")

    @strawberry.field
    def line_number(self) -> int:
        """The number of the line in its document."""
        return int(self.values["line_number"])

    @strawberry.field
    def document_type(self) -> str:
        """What kind of document it is."""
        return str(self.values["document_type"])

    @strawberry.field(description="The day, or null for one that did not come yet.")
    def day(self, of: Basis = Basis.BOOKED) -> date | None:
        """The day of order, invoice or payment."""
        found: date | None = self.values[_DAYS[of]]
        return found

    @strawberry.field
    def customer(self) -> Customer | None:
        """Who bought."""
        return _entity(self.values["customer"], Customer)

    @strawberry.field
    def product(self) -> Product | None:
        """What was sold."""
        return _entity(self.values["product"], Product)

    @strawberry.field
    def rep(self) -> Rep | None:
        """Who sold."""
        return _entity(self.values["rep"], Rep)

    @strawberry.field(description="The member of a dimension: team, region, country, channel or campaign.")
    def member(self, dimension: LineDimension) -> Member | None:
        """A member of the line's."""
        return self._member(dimension.value)

    @strawberry.field
    def currency(self) -> str:
        """The currency of the line's amounts."""
        return str(self.values["currency"])

    @strawberry.field
    def quantity(self) -> str | None:
        """How many."""
        return self._amount("quantity")

    @strawberry.field(
        description="An amount as text, exact as it is kept; what is converted is rounded to the minor unit."
        " Cost and margin are refused to roles that do not see them."
    )
    def amount(self, info: Info, of: LineAmount = _NET) -> str | None:
        """An amount."""
        if of in _COST and of.value not in self.values:
            raise Forbidden(HIDDEN)
        if of is not LineAmount.NET_SALES or "net_sales" not in self.values:
            # Where all lines are in one currency, the net amount is net sales.
            return self._amount("net" if of is LineAmount.NET_SALES else of.value)
        value = self.values["net_sales"]
        return None if value is None else format(round_money(value, info.context.viewer.context.currency), "f")

    def _member(self, name: str) -> Member | None:
        found = self.values[name]
        return Member(key=strawberry.ID(found.key), name=found.name) if isinstance(found, FoundMember) else None

    def _amount(self, name: str) -> str | None:
        value = self.values[name]
        return None if value is None else format(Decimal(value), "f")


_COST = frozenset({LineAmount.COST, LineAmount.MARGIN})
_DAYS = {Basis.BOOKED: "order_date", Basis.INVOICED: "invoice_date", Basis.PAID: "payment_date"}
ENTITIES: Mapping[str, type[Customer] | type[Product] | type[Rep]] = {
    each.level: each for each in (Customer, Product, Rep)
}


def lines_asked(
    asking: Asking, first: int, after: str | None, period: str, where: Filters | None, basis: Basis
) -> LinesAsked:
    """Which lines are asked for. Raises Forbidden for those who may not see rows."""
    asking.viewer.require("rows")
    place = after_of(asking, "orderLines", after)
    return LinesAsked(
        where=filters_of(asking.house, asking.viewer.context, wheres(where)),
        period=str(Period.parse(period)),
        basis=basis.value,
        after=None if place is None else (date.fromisoformat(place[0]), place[1]),
        limit=checked(first),
    )


def order_lines(
    asking: Asking, first: int, after: str | None, period: str, where: Filters | None, basis: Basis
) -> Connection[OrderLine]:
    """A page of all order lines."""
    found = asking.loading.read_lines(lines_asked(asking, first, after, period, where, basis))
    return _page_of_lines(asking, found, first, after, lambda: _counted(asking, period, where, basis))


async def _others(mine: Entity, info: Info, other: str) -> tuple[FoundMember, ...]:
    return await info.context.loading.related(mine.level, str(mine.key), other)


def _related(found: tuple[FoundMember, ...], first: int, kind: type[Any]) -> Related[Any]:
    nodes = [kind(key=each.key, name=each.name) for each in found[: checked(first)]]
    return Related(nodes=nodes, total_count=len(found))


def _members(found: tuple[FoundMember, ...]) -> list[Member]:
    return [Member(key=strawberry.ID(each.key), name=each.name) for each in found]


def _entity(found: Any, kind: type[E]) -> E | None:
    return kind(key=strawberry.ID(found.key), name=found.name) if isinstance(found, FoundMember) else None


def _page_of_lines(
    asking: Asking, found: list[Line], first: int, after: str | None, counted: Callable[[], int]
) -> Connection[OrderLine]:
    things = [((day.isoformat(), key), OrderLine(values=values)) for (day, key), values in found]
    return page(asking, "orderLines", things, first, after, counted)


def _counted(asking: Asking, period: str, where: Filters | None, basis: Basis) -> int:
    context = asking.viewer.context
    filters = filters_of(asking.house, context, wheres(where))
    return asking.house.asker.rows(filters, Period.parse(period), basis.value, context, limit=0).total
