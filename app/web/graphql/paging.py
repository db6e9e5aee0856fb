"""Paging: connections as Relay has them; cursors are places, so that pages hold whatever comes in between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import strawberry

from app.values.errors import Invalid
from app.web.api import cursors
from app.web.api.rejected import Rejected
from app.web.graphql.asking import Asking
from app.web.graphql.limits import LARGEST_PAGE

T = TypeVar("T")


@strawberry.type(description="Where a page stands.")
class PageInfo:
    """Pages go forwards only."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    """A thing and its place."""

    node: T
    cursor: str


@strawberry.type(description="A page of a list. `totalCount` is counted when asked for.")
class Connection(Generic[T]):
    """A page."""

    edges: list[Edge[T]]
    page_info: PageInfo
    counted: strawberry.Private[Callable[[], int]]

    @strawberry.field
    def nodes(self) -> list[T]:
        """The things without their places."""
        return [edge.node for edge in self.edges]

    @strawberry.field
    def total_count(self) -> int:
        """How many there are on all pages."""
        return self.counted()


def checked(first: int) -> int:
    """The length of a page. Raises Invalid."""
    if not 1 <= first <= LARGEST_PAGE:
        raise Invalid("A page has 1 to {most} things.", most=LARGEST_PAGE)
    return first


def after_of(asking: Asking, name: str, after: str | None) -> tuple[Any, ...] | None:
    """The place that a cursor names. Raises Invalid for what is no cursor of this list."""
    if after is None:
        return None
    try:
        return cursors.position(asking.house.secret, f"graphql {name}", after[:2_000])
    except Rejected as refused:
        raise Invalid(refused.sentence) from None


def page(
    asking: Asking,
    name: str,
    found: Sequence[tuple[Sequence[Any], T]],
    first: int,
    after: str | None,
    counted: Callable[[], int],
) -> Connection[T]:
    """The page of (place, thing), of which there is one more than `first` where another page follows."""
    edges = [
        Edge(node=thing, cursor=cursors.cursor(asking.house.secret, f"graphql {name}", place))
        for place, thing in found[:first]
    ]
    info = PageInfo(
        has_next_page=len(found) > first,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info, counted=counted)
