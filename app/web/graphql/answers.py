"""Answers: figures as the graph tells them, text for text what every other door says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from app.questions import Question, Where
from layouts.render.json import answer_told
from queries.frame import Frame


@strawberry.enum(description="What counts as a sale when.")
class Basis(Enum):
    """The date that figures go by."""

    BOOKED = "booked"
    INVOICED = "invoiced"
    PAID = "paid"


@strawberry.input(description="Only these members of a dimension, or all but these: keys or exact names.")
class FilterInput:
    """A filter."""

    dimension: strawberry.ID
    members: list[str]
    exclude: bool = False


@strawberry.type(description="A column of an answer: `region`, `net_sales`, `net_sales@last-year:change`.")
class Column:
    """What a column holds."""

    id: strawberry.ID
    title: str
    role: str
    dimension: str | None
    metric: str | None
    versus: str | None
    unit: str | None


@strawberry.type(
    description="A value. Money and ratios are text, exact as a file would say them; a member has its key and name."
)
class Cell:
    """One value of a row."""

    column: strawberry.ID
    value: str | None
    key: str | None
    missing: str | None = strawberry.field(description="Why there is no value, as a code.")


@strawberry.type
class Row:
    """Values, column by column."""

    cells: list[Cell]


@strawberry.type(description="Days, both included.")
class Days:
    """A stretch of days; `versus` says what it is compared as."""

    first: str
    last: str
    versus: str | None = None


@strawberry.type
class LeftOut:
    """Lines that the answer leaves out."""

    reason: str
    lines: int


@strawberry.type(description="Which data answered.")
class Provenance:
    """Where figures come from."""

    generation: int
    as_of: str | None
    span: Days | None
    references: list[Days]
    left_out: list[LeftOut]


@strawberry.type
class Answer:
    """The answer to a question: rows, the totals over all of them, and the others beyond a limit."""

    columns: list[Column]
    rows: list[Row]
    totals: Row | None
    others: Row | None
    others_count: int
    currency: str
    notes: list[str]
    provenance: Provenance


def answer_of(frame: Frame, locale: str) -> Answer:
    """The answer that a frame holds."""
    told = answer_told(frame, locale)
    missing = {(each["row"], each["column"]): each["reason"] for each in told["missing"]}
    ids = [column["id"] for column in told["columns"]]

    def row(place: int | str, values: Mapping[str, Any]) -> Row:
        return Row(cells=[_cell(name, values[name], missing.get((place, name))) for name in ids])

    return Answer(
        columns=[_column(each) for each in told["columns"]],
        rows=[row(at, values) for at, values in enumerate(told["rows"])],
        totals=None if told["totals"] is None else row("totals", told["totals"]),
        others=None if told["others"] is None else row("others", told["others"]),
        others_count=told["others_count"],
        currency=told["currency"],
        notes=list(frame.notes),
        provenance=_provenance(told["provenance"]),
    )


def question_of(
    metrics: list[str],
    by: list[str] | None = None,
    where: list[FilterInput] | None = None,
    period: str = "all",
    versus: list[str] | None = None,
    basis: Basis = Basis.BOOKED,
    limit: int | None = None,
    currency: str | None = None,
) -> Question:
    """The question that arguments are."""
    return Question(
        metrics=tuple(metrics),
        by=tuple(by or ()),
        where=wheres(where),
        period=period,
        versus=tuple(versus or ()),
        basis=basis.value,
        limit=limit,
        currency=currency,
    )


def wheres(where: list[FilterInput] | None) -> tuple[Where, ...]:
    """Filters as every door hands them on."""
    return tuple(Where(str(each.dimension), tuple(each.members), each.exclude) for each in where or ())


def _column(told: Mapping[str, Any]) -> Column:
    return Column(
        id=told["id"],
        title=told["title"],
        role=told["role"],
        dimension=told["level"],
        metric=told["metric"],
        versus=told["versus"],
        unit=told["unit"],
    )


def _cell(column: str, value: Any, missing: str | None) -> Cell:
    if isinstance(value, dict):
        return Cell(column=strawberry.ID(column), value=value["name"], key=value["key"], missing=missing)
    return Cell(column=strawberry.ID(column), value=None if value is None else str(value), key=None, missing=missing)


def _provenance(told: Mapping[str, Any]) -> Provenance:
    span = told["span"]
    return Provenance(
        generation=told["generation"],
        as_of=told["as_of"],
        span=None if span is None else Days(**span),
        references=[Days(**each, versus=name) for name, each in told["references"].items() if each is not None],
        left_out=[LeftOut(reason=reason, lines=count) for reason, count in told["rows_left_out"].items()],
    )
