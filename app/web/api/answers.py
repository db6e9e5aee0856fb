"""Answers: rows of figures as the API tells them; the shape of a question's answer and of a panel."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.web.api.shapes import Figure, Told

Row = dict[str, Figure]


class ColumnTold(Told):
    """What a column holds. `unit` money comes as plain decimals, ratio as fractions (`0.0512`), both as text."""

    id: str
    title: str
    role: Literal["dimension", "metric", "reference", "delta", "change"]
    level: str | None
    metric: str | None
    versus: str | None
    unit: str | None


class Days(Told):
    """From the first day to the last, both included."""

    first: str
    last: str


class ProvenanceTold(Told):
    """Which data answered: its version and newest day, the days asked for and compared with, and what was left out."""

    generation: int
    as_of: str | None
    span: Days | None
    references: dict[str, Days]
    rows_left_out: dict[str, int]


class MissingTold(Told):
    """Why a figure is null: the row by its number from 0, or `totals`, or `others`."""

    row: int | Literal["totals", "others"]
    column: str
    reason: str


class AnswerTold(Told):
    """The rows of an answer by column id; `others` is what a limit left, `totals` the figures over all rows."""

    currency: str
    columns: list[ColumnTold]
    rows: list[Row]
    totals: Row | None
    others: Row | None
    others_count: int
    missing: list[MissingTold]
    provenance: ProvenanceTold


class QueryTold(AnswerTold):
    """The answer to a question; `notes` are sentences for people."""

    notes: list[str]


class PanelTold(Told):
    """A panel with its answer. `state` is ready, empty, refused or error; `sentence` says why there are no figures."""

    id: str
    title: str
    state: Literal["ready", "empty", "refused", "error"]
    sentence: str
    unit: str
    finding: str
    notes: list[str]
    link: str
    currency: str | None = None
    columns: list[ColumnTold] | None = None
    rows: list[Row] | None = None
    totals: Row | None = None
    others: Row | None = None
    others_count: int | None = None
    missing: list[MissingTold] | None = None
    provenance: ProvenanceTold | None = None


class Said(Told):
    """One line of what a paper says about itself."""

    name: str
    text: str


class DashboardTold(Told):
    """A dashboard, or one panel of it, through a selection."""

    format: int = Field(alias="schema", description="Raised when a reader would have to change.")
    title: str
    subtitle: str
    made_for: str
    link: str
    imprint: list[Said]
    sentences: list[str]
    panels: list[PanelTold]


def headers_of(provenance: dict[str, Any]) -> dict[str, str]:
    """What a file of plain rows cannot say itself."""
    left_out = ", ".join(f"{code}={count}" for code, count in provenance["rows_left_out"].items())
    return {
        "Salient-Generation": str(provenance["generation"]),
        "Salient-As-Of": provenance["as_of"] or "",
        "Salient-Rows-Left-Out": left_out,
    }
