"""Shapes of the API: what every model of a request or an answer is made of."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

Item = TypeVar("Item")

LARGEST_PAGE = 200


class Sent(BaseModel):
    """The body of a request: no field but those that are declared, and nothing read as what it is not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Told(BaseModel):
    """The body of an answer. Money and ratios are text, ids are text, instants are ISO 8601 in UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(BaseModel):
    """The query of an address; every value arrives as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _digits(value: Any) -> Any:
    """Digits as they are written in a number, and no other of Python's ways."""
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit() and len(value) < 12):
        raise ValueError("write a whole number")
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("write true or false")
    return value


Count = Annotated[int, BeforeValidator(_digits)]
"""A whole number in the query of an address."""

Flag = Annotated[bool, BeforeValidator(_flag)]
"""true or false in the query of an address."""

Figure = Annotated[
    str | int | float | bool | dict[str, str] | None,
    WithJsonSchema({"description": "Text for money, ratios and days; a number for whole counts; a member; or null."}),
]
"""One value of a row."""


class Paged(Asked):
    """The query of a list."""

    limit: Count = Field(default=50, ge=1, le=LARGEST_PAGE, description="How many at most; more than that is an error.")
    cursor: str | None = Field(
        default=None, max_length=2000, description="`next` of the page before; without it the first page."
    )


class Page(Told, Generic[Item]):
    """A part of a list; `next` is the cursor of the page after it, or null on the last one."""

    items: list[Item]
    next: str | None


class Fault(Told):
    """What is wrong with one part of a request: `body.where[0].level`, `query.limit`."""

    path: str
    sentence: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). `reference` is the number to quote; `errors` names each part that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    reference: str
    errors: list[Fault] | None = None


def name_of(model: Any) -> str:
    """What a model is called in the document: `Page[SavedView]` is `SavedViewPage`."""
    outer, bracket, inner = model.__name__.partition("[")
    return f"{inner.rstrip(']')}{outer}" if bracket else outer
