"""Schema: all that can be asked for as a graph. Everything is read; nothing is changed here."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from graphql.validation import MaxIntrospectionDepthRule
from strawberry.extensions import AddValidationRules
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from app.handing import handout
from app.questions import (
    PERMISSION,
    Look,
    answered,
    dashboards_of,
    explained,
    looked_at,
)
from app.values.selection import Filter
from app.web.graphql.answers import Answer, Basis, answer_of, question_of, wheres
from app.web.graphql.asking import Info
from app.web.graphql.entities import (
    ENTITIES,
    Customer,
    Node,
    OrderLine,
    Product,
    Rep,
    order_lines,
)
from app.web.graphql.kept import Alert, Report, SavedView, Schedule, alerts, reports, saved_views, schedules
from app.web.graphql.limits import PAGE
from app.web.graphql.lists import entities, members
from app.web.graphql.looks import (
    Catalogue,
    Dashboard,
    Explanation,
    Looked,
    catalogue_of,
    dashboard_of,
    explanation_of,
    looked_of,
)
from app.web.graphql.paging import Connection
from app.web.graphql.parts import After, Filters, First, Member
from queries.frame import Member as FoundMember

MOST_ROWS = 2_000
"""Rows of one answer; more are refused, never cut."""

Ids = list[strawberry.ID]
Period = Annotated[
    str, strawberry.argument(description="2025, 2025-Q2, 2025-03, this-year, last-12-months, year-to-date, all.")
]
Versus = Annotated[list[str], strawberry.argument(description="Up to two of previous, last-year, budget, a period.")]
Limit = Annotated[
    int, strawberry.argument(description="The so many rows with the largest first metric; the rest is `others`.")
]


@strawberry.type(description="Who asks.")
class Me:
    """The viewer."""

    name: str
    role: str
    permissions: list[str]
    hidden: list[str] = strawberry.field(description="Kinds of columns that are not shown: cost, contact.")
    today: str
    currency: str
    locale: str


@strawberry.type
class Query:
    """Everything is inside the rows that whoever asks may see."""

    @strawberry.field
    def me(self, info: Info) -> Me:
        """Who asks, and with what rights."""
        viewer = info.context.viewer
        return Me(
            name=viewer.name,
            role=viewer.role,
            permissions=sorted(viewer.permissions),
            hidden=sorted(viewer.context.masks),
            today=viewer.context.today.isoformat(),
            currency=viewer.context.currency,
            locale=viewer.context.locale,
        )

    @strawberry.field
    def catalogue(self, info: Info) -> Catalogue | None:
        """Metrics and dimensions that can be asked for."""
        info.context.viewer.require(PERMISSION)
        return catalogue_of(info.context)

    @strawberry.field(description="Figures: metrics by dimensions, filtered, in a period, compared.")
    def query(
        self,
        info: Info,
        metrics: Ids,
        by: Ids | None = None,
        where: Filters | None = None,
        period: Period = "all",
        versus: Versus | None = None,
        basis: Basis = Basis.BOOKED,
        limit: Limit | None = None,
        currency: str | None = None,
    ) -> Answer | None:
        """The answer to a question."""
        asking = info.context
        question = question_of(_plain(metrics), _plain(by), where, period, versus, basis, limit, currency)
        return answer_of(answered(asking.house, asking.viewer, question, MOST_ROWS), asking.viewer.context.locale)

    @strawberry.field(description="How a question is answered; its SQL for those who may read it.")
    def explain(
        self,
        info: Info,
        metrics: Ids,
        by: Ids | None = None,
        where: Filters | None = None,
        period: Period = "all",
        versus: Versus | None = None,
        basis: Basis = Basis.BOOKED,
        limit: Limit | None = None,
        currency: str | None = None,
    ) -> Explanation | None:
        """The explanation of a question."""
        question = question_of(_plain(metrics), _plain(by), where, period, versus, basis, limit, currency)
        return explanation_of(explained(info.context.house, info.context.viewer, question))

    @strawberry.field
    def dashboards(self, info: Info) -> list[Dashboard] | None:
        """The dashboards that are open to whoever asks."""
        asking = info.context
        return [dashboard_of(asking, each) for each in dashboards_of(asking.house, asking.viewer)]

    @strawberry.field(description="A dashboard, or one panel of it, with all its figures, as on the screen.")
    def dashboard(
        self,
        info: Info,
        id: strawberry.ID,  # noqa: A002
        panel: strawberry.ID | None = None,
        where: Filters | None = None,
        period: Period | None = None,
        versus: Versus | None = None,
        basis: Basis = Basis.BOOKED,
        currency: str | None = None,
    ) -> Looked | None:
        """A dashboard with its figures."""
        asking = info.context
        look = Look(
            dashboard=str(id),
            panel=None if panel is None else str(panel),
            where=wheres(where),
            period=period or "",
            versus=None if versus is None else tuple(versus),
            basis=basis.value,
            currency=currency,
        )
        view = looked_at(asking.house, asking.viewer, look)
        return looked_of(handout(asking.house, asking.viewer, view))

    @strawberry.field(description="Members of a dimension by key, in rows that whoever asks may see.")
    def members(
        self,
        info: Info,
        dimension: strawberry.ID,
        search: str = "",
        where: Filters | None = None,
        period: Period = "all",
        first: First = PAGE,
        after: After | None = None,
    ) -> Connection[Member] | None:
        """Members of a dimension."""
        return members(info.context, str(dimension), search, where, period, first, after, _member)

    @strawberry.field
    def customers(
        self,
        info: Info,
        search: str = "",
        where: Filters | None = None,
        period: Period = "all",
        first: First = PAGE,
        after: After | None = None,
    ) -> Connection[Customer] | None:
        """Customers by key."""
        return entities(info.context, Customer, search, where, period, first, after)

    @strawberry.field
    def products(
        self,
        info: Info,
        search: str = "",
        where: Filters | None = None,
        period: Period = "all",
        first: First = PAGE,
        after: After | None = None,
    ) -> Connection[Product] | None:
        """Products by key."""
        return entities(info.context, Product, search, where, period, first, after)

    @strawberry.field
    def reps(
        self,
        info: Info,
        search: str = "",
        where: Filters | None = None,
        period: Period = "all",
        first: First = PAGE,
        after: After | None = None,
    ) -> Connection[Rep] | None:
        """Reps by key."""
        return entities(info.context, Rep, search, where, period, first, after)

    @strawberry.field(description="Order lines, the newest first. A token needs the scope rows.")
    def order_lines(
        self,
        info: Info,
        first: First = PAGE,
        after: After | None = None,
        period: Period = "all",
        where: Filters | None = None,
        basis: Basis = Basis.BOOKED,
    ) -> Connection[OrderLine] | None:
        """Order lines."""
        return order_lines(info.context, first, after, period, where, basis)

    @strawberry.field(description="A customer, product or rep by its id; null for what is not there for whoever asks.")
    def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002
        """A thing by its id."""
        asking = info.context
        asking.viewer.require(PERMISSION)
        level, _, key = str(id).partition(":")
        kind = ENTITIES.get(level)
        if kind is None or not key:
            return None
        only = Filter(level, (key,))
        found = asking.house.asker.members(level, asking.viewer.context, where=(only,), limit=1)
        return next((kind(key=strawberry.ID(each.key), name=each.name) for each in found), None)

    @strawberry.field
    def saved_views(self, info: Info) -> list[SavedView] | None:
        """Views that whoever asks keeps, and those that were shared."""
        return saved_views(info.context)

    @strawberry.field
    def reports(self, info: Info) -> list[Report] | None:
        """Reports that whoever asks may use."""
        return reports(info.context)

    @strawberry.field
    def schedules(self, info: Info) -> list[Schedule] | None:
        """One's own schedules; to administrators everybody's."""
        return schedules(info.context)

    @strawberry.field
    def alerts(self, info: Info) -> list[Alert] | None:
        """One's own alerts, those that fire first."""
        return alerts(info.context)


class Quiet(strawberry.Schema):
    """A schema whose errors are told to whoever asks, and logged by the door where they are accidents."""

    def process_errors(self, errors: list[Any], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: see door.py."""


def schema() -> strawberry.Schema:
    """The schema, made once per server."""
    return Quiet(
        query=Query,
        types=[Customer, Product, Rep],
        config=StrawberryConfig(auto_camel_case=True),
        extensions=[lambda: AddValidationRules([MaxIntrospectionDepthRule])],
    )


def _plain(ids: Ids | None) -> list[str]:
    return [str(each) for each in ids or ()]


def _member(found: FoundMember) -> Member:
    return Member(key=strawberry.ID(found.key), name=found.name)
