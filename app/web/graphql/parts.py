"""Parts: what things of the graph are made of: members, figures, amounts, and what stands beside another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from app.web.graphql.answers import FilterInput
from layouts.columns import in_language
from layouts.render.json import answer_told

Filters = list[FilterInput]
First = Annotated[int, strawberry.argument(description="How long a page is, at most 200.")]
After = Annotated[str, strawberry.argument(description="The `endCursor` of the page before.")]

T = TypeVar("T")


@strawberry.enum(description="Dimensions that a line has a member of.")
class LineDimension(Enum):
    """A dimension."""

    TEAM = "team"
    REGION = "region"
    COUNTRY = "country"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"


@strawberry.enum(description="Amounts of a line; NET_SALES is the net amount in the reporting currency.")
class LineAmount(Enum):
    """An amount."""

    UNIT_PRICE = "unit_price"
    GROSS = "gross"
    DISCOUNT = "discount"
    NET = "net"
    NET_SALES = "net_sales"
    TAX = "tax"
    FREIGHT = "freight"
    COST = "cost"
    MARGIN = "margin"


@strawberry.type(description="A member of a dimension.")
class Member:
    """A key and a name."""

    key: strawberry.ID
    name: str


@strawberry.type(description="A figure: money and ratios are text, as in a file.")
class Figure:
    """A value of a metric."""

    column: strawberry.ID
    title: str
    unit: str | None
    value: str | None
    missing: str | None


@strawberry.type(description="The first so many of what hangs together, and how many there are.")
class Related(Generic[T]):
    """Things beside another."""

    nodes: list[T]
    total_count: int


def figures_of(found: Mapping[str, Any], locale: str) -> list[Figure]:
    """The figures of one thing, as a file would say them."""
    told, at = answer_told(in_language(found["frame"], locale), locale), found["at"]
    missing = {each["column"]: each["reason"] for each in told["missing"] if each["row"] == at}
    return [
        Figure(
            column=column["id"],
            title=column["title"],
            unit=column["unit"],
            value=None if at is None or (value := told["rows"][at][column["id"]]) is None else str(value),
            missing=missing.get(column["id"], "no-data" if at is None else None),
        )
        for column in told["columns"]
        if column["role"] != "dimension"
    ]
