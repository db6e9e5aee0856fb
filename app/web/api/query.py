"""Query: any question of the catalogue, asked as JSON or by an address that a spreadsheet can fetch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import orjson
from pydantic import Field

from app.questions import MOST_MEMBERS, MOST_ROWS, MOST_WORDS, Question, Where, admit, answered
from app.values.errors import Invalid
from app.web.api.answers import QueryTold, headers_of
from app.web.api.door import Answer, Call, Door
from app.web.api.shapes import Asked, Count, Sent
from app.web.api.strict import JSON
from layouts.render import arrow, csv
from layouts.render.json import answer_told
from queries.asking import Recent
from queries.frame import Frame
from queries.query import Direction

CSV, ARROW = "text/csv", arrow.MEDIA_TYPE
MEDIA = (JSON, CSV, ARROW)
_BY_NAME = {"json": JSON, "csv": CSV, "arrow": ARROW}
_KEPT, _LARGEST_KEPT = 1_000, 64 * 1024
"""Answers that a process keeps as bytes, and the largest of them."""

Basis = Literal["booked", "invoiced", "paid"]
_PERIOD = "`2026`, `2026-Q2`, `2026-06`, `this-quarter`, `last-12-months`, `2026-01..2026-06`, `all`, …"
_LIMIT = "The largest so many rows by the order; the rest is one row, `others`. More rows than the most are an error."
_ORDER = "Ids of columns; a leading minus: the largest first."
_VERSUS = "Up to two of `previous`, `last-year`, `budget`, a period."


class Filter(Sent):
    """Only these members of a dimension, or all but these: keys, or exact names whatever the case."""

    dimension: str = Field(max_length=80)
    members: list[str] = Field(min_length=1, max_length=MOST_MEMBERS)
    exclude: bool = False


class QuestionSent(Sent):
    """A question: metrics by dimensions, where, in a period, beside at most two others."""

    metrics: list[str] = Field(min_length=1, max_length=MOST_WORDS, examples=[["net_sales", "orders"]])
    by: list[str] = Field(default_factory=list, max_length=MOST_WORDS, examples=[["region", "month"]])
    where: list[Filter] = Field(default_factory=list, max_length=MOST_WORDS)
    period: str = Field(default="all", max_length=80, description=_PERIOD)
    versus: list[str] = Field(default_factory=list, max_length=2, description=_VERSUS)
    basis: Basis = "booked"
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    order: list[str] = Field(default_factory=list, max_length=MOST_WORDS, description=_ORDER)
    limit: int | None = Field(default=None, ge=1, le=MOST_ROWS, description=_LIMIT)


class QuestionAsked(Asked):
    """The same in an address; lists are separated by commas."""

    metrics: str = Field(max_length=2_000, examples=["net_sales,orders"])
    by: str = Field(default="", max_length=2_000, examples=["region,month"])
    where: str = Field(
        default="",
        max_length=8_000,
        description="`dimension=member,member;dimension!=member`: keys, or exact names whatever the case.",
        examples=["channel=online"],
    )
    period: str = Field(default="all", max_length=80, description=_PERIOD)
    versus: str = Field(default="", max_length=170, description=_VERSUS)
    basis: Basis = "booked"
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    order: str = Field(default="", max_length=2_000, description=_ORDER, examples=["-net_sales"])
    limit: Count | None = Field(default=None, ge=1, le=MOST_ROWS, description=_LIMIT)
    format: Literal["json", "csv", "arrow"] | None = Field(default=None, description="Goes before `Accept`.")


def add(door: Door) -> None:
    """/query."""
    kept = Recent[Answer](_KEPT)

    @door.operation("POST", "/query", scope="read", takes=QuestionSent, answers=QueryTold, media=MEDIA, writes=False)
    def ask(call: Call) -> Answer:
        """Ask for metrics by dimensions.

        The figures are those of the pages and of `salient ask`, inside your rows. `provenance` says which data
        answered. The `rows` scope is needed by document or line.
        """
        sent: QuestionSent = call.body
        question = Question(
            metrics=tuple(sent.metrics),
            by=tuple(sent.by),
            where=tuple(Where(each.dimension, tuple(each.members), each.exclude) for each in sent.where),
            period=sent.period,
            versus=tuple(sent.versus),
            basis=sent.basis,
            limit=sent.limit,
            currency=sent.currency,
            order=_order(sent.order),
        )
        return _answer(call, question, call.media, kept)

    @door.operation("GET", "/query", scope="read", query=QuestionAsked, answers=QueryTold, media=MEDIA)
    def fetch(call: Call) -> Answer:
        """Ask by an address.

        With `format=csv` and a token in the header, it is what Excel and Power Query load as a table.
        """
        asked: QuestionAsked = call.query
        question = Question(
            metrics=_words(asked.metrics),
            by=_words(asked.by),
            where=tuple(_filter(part) for part in asked.where.split(";") if part.strip()),
            period=asked.period,
            versus=_words(asked.versus),
            basis=asked.basis,
            limit=asked.limit,
            currency=asked.currency,
            order=_order(_words(asked.order)),
        )
        return _answer(call, question, _BY_NAME.get(asked.format or "", call.media), kept)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _filter(text: str) -> Where:
    dimension, equals, members = text.partition("=")
    if not equals or not _words(members):
        raise Invalid("A filter is written dimension=member or dimension!=member.")
    return Where(dimension.removesuffix("!").strip(), _words(members), exclude=dimension.endswith("!"))


def _order(columns: Sequence[str]) -> tuple[tuple[str, Direction], ...]:
    return tuple((each.removeprefix("-"), "desc" if each.startswith("-") else "asc") for each in columns)


def _answer(call: Call, question: Question, media: str, kept: Recent[Answer]) -> Answer:
    house, viewer = call.house, call.viewer
    admit(viewer, question)
    with house.engine.snapshot() as snapshot:
        # The number tells the state of the data, the context all that an answer depends on beside the question.
        number = snapshot.generation.number
    key = (number, viewer.context, question, media)
    known = kept.known(key)
    if known is not None:
        return known
    frame = answered(house, viewer, question)
    made = _made(frame, viewer.context.locale, media)
    # Data that came in between answered for a state that may be gone back to.
    is_of_it = frame.provenance.generation == number
    if is_of_it and isinstance(made.body, bytes) and len(made.body) <= _LARGEST_KEPT:
        kept.keep(key, made)
    return made


def _made(frame: Frame, locale: str, media: str) -> Answer:
    told: dict[str, Any] = answer_told(frame, locale)
    headers = headers_of(told["provenance"])
    if media == CSV:
        return Answer(csv.written(frame, locale).encode(), headers, media=CSV)
    if media == ARROW:
        return Answer(arrow.stream(frame, locale), headers, media=ARROW)
    return Answer(orjson.dumps(told | {"notes": list(frame.notes)}), headers)
