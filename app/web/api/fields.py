"""Fields: what several resources of the API say in the same words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
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

DecimalText = Annotated[
    str,
    Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$", description="A number as text.", examples=["250000", "-0.05"]),
]

RecurrenceText = Annotated[
    str,
    Field(
        max_length=200,
        description="When: five fields of cron, or words such as “weekdays at 07:00”, “monthly on day 31 at 07:00” or "
        "“2nd working day after quarter close at 07:00”. It is answered in its one spelling.",
        examples=["weekdays at 07:00", "0 7 * * 1-5"],
    ),
]

Zone = Annotated[str, Field(max_length=60, description="A time zone of the IANA list.", examples=["Europe/Madrid"])]

Recipients = Annotated[
    list[str],
    Field(
        max_length=1000,
        description="“person:” with the number of an account, “role:” or “team:” with an id, “address:” with one that "
        "an administrator gave leave for, or “channel:” with the id of a chat’s room that has leave.",
        examples=[["person:7", "role:executive"]],
    ),
]


def decimal_text(number: Decimal) -> str:
    """A number as a DecimalText: no powers of ten, no zeros that say nothing."""
    return f"{number.normalize():f}" if number else "0"


class Kept(Paged):
    """The query of a list of kept things."""

    deleted: Flag = Field(default=False, description="Instead of them, your own that were deleted in the last 30 days.")
