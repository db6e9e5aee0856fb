"""Totals: what stands in the last row: sums of what adds up, quotients of printed parts, else the figure as asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from layouts.columns import number
from layouts.handout import Handout
from queries.frame import Column, Frame

NEAR = Decimal("1e-9")
"""A formula has to make the asked figure to this part of it, or it is not written."""


@dataclass(frozen=True)
class Total:
    """The asked figure, and the formula that makes it, if any does."""

    figure: Decimal | int | None
    formula: str = ""


def totals_of(frame: Frame, handout: Handout, letters: Mapping[str, str], first: int, last: int) -> dict[str, Total]:
    """Column id → total, for the columns with figures.

    `letters` are those of the sheet's columns; `first` and `last` the rows of the figures, the others among them, and
    the totals stand in the row below, all counted from 1. A formula that would not make the asked figure, as where
    rows are left out or members overlap, is none.
    """
    if frame.totals is None:
        return {}
    found: dict[str, Total] = {}
    for at, column in enumerate(frame.columns):
        asked = number(frame.totals[at])
        if column.role == "dimension" or column.unit == "day":
            continue
        formula, made = _made(column, frame, handout, letters, (first, last))
        agrees = (
            made is not None and asked is not None and abs(made - asked) <= NEAR * max(abs(Decimal(asked)), Decimal(1))
        )
        found[column.id] = Total(asked, formula if agrees else "")
    return found


def asked_only(frame: Frame, found: Mapping[str, Total]) -> tuple[Column, ...]:
    """The metrics whose totals no formula makes."""
    return tuple(
        column
        for column in frame.columns
        if column.role == "metric" and column.id in found and found[column.id].figure is not None
        if not found[column.id].formula
    )


def _made(
    column: Column, frame: Frame, handout: Handout, letters: Mapping[str, str], rows: tuple[int, int]
) -> tuple[str, Decimal | None]:
    """The formula that may make a column's total, and what it makes."""
    first, last = rows
    of, against = _ids(column)
    match column.role:
        case "metric" | "reference" if column.metric in handout.additive and last >= first:
            mine = letters[column.id]
            return f"=SUM({mine}{first}:{mine}{last})", _sum(frame, column.id)
        case "metric" | "reference":
            suffix = f"@{column.versus}" if column.role == "reference" else ""
            above, below = (f"{name}{suffix}" for name in handout.parts.get(column.metric or "", ("", "")))
            return _quotient(frame, letters, above, below, last + 1)
        case "delta" if of in letters and against in letters:
            now, then = _total(frame, of), _total(frame, against)
            made = None if now is None or then is None else now - then
            return f"={letters[of]}{last + 1}-{letters[against]}{last + 1}", made
        case "change":
            return _quotient(frame, letters, f"{against}:delta", against, last + 1, size=True)
    return "", None


def _quotient(
    frame: Frame, letters: Mapping[str, str], above: str, below: str, row: int, *, size: bool = False
) -> tuple[str, Decimal | None]:
    if above not in letters or below not in letters:
        return "", None
    over, under = _total(frame, above), _total(frame, below)
    cell = f"{letters[below]}{row}"
    made = over / (abs(under) if size else under) if over is not None and under else None
    return f'=IF({cell}=0,"",{letters[above]}{row}/{f"ABS({cell})" if size else cell})', made


def _ids(column: Column) -> tuple[str, str]:
    """The metric's column, and that of what it is compared with."""
    return column.metric or "", f"{column.metric}@{column.versus}"


def _total(frame: Frame, column_id: str) -> Decimal | None:
    figure = None if frame.totals is None else number(frame.totals[frame.index(column_id)])
    return None if figure is None else Decimal(figure)


def _sum(frame: Frame, column_id: str) -> Decimal:
    at = frame.index(column_id)
    rows = (*frame.rows, *([frame.others] if frame.others is not None else []))
    return sum((Decimal(figure) for row in rows if (figure := number(row[at])) is not None), Decimal(0))
