"""Fields: what several resources of the API say in the same words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from app.web.api.shapes import Flag, Paged


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("write a moment between the years 1 and 9999") from None


Instant = Annotated[
    AwareDatetime, AfterValidator(_utc), Field(description="ISO 8601 with its zone.", examples=["2026-11-23T07:00:00Z"])
]
"""A moment, which is answered in UTC."""

Address = Annotated[
    str,
    Field(
        description="A dashboard or one panel of it with its period, filters and comparisons, as the browser’s address "
        "bar shows it, from /d/ on. What is relative in it, such as period=ytd, stays so.",
        examples=["/d/overview?period=ytd", "/d/sales/by-region?period=2026-Q3"],
    ),
]

Visibility = Literal["private", "team", "role", "everyone"]
"""Who may use a thing besides its owner."""

Roles = Annotated[
    list[str],
    Field(max_length=100, description="Ids of roles, when the visibility is “role”.", examples=[["executive"]]),
]


class Kept(Paged):
    """The query of a list of kept things."""

    deleted: Flag = Field(default=False, description="Instead of them, your own that were deleted in the last 30 days.")
