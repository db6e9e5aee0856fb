"""Heat table: members by months, each cell its change on last year."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from layouts.narrative import longest_decline
from layouts.render.plotly.parts import (
    Figure,
    Part,
    bare,
    font,
    hover_text,
    name_room,
    names_axis,
    note,
    sentence,
    value_axis,
)
from layouts.render.plotly.rows import COMPACT_LETTERS, letters_of
from queries.frame import Frame, Member, Value

STRONGEST = Decimal("0.25")
"""A change of this size or more has the full colour."""

FEWEST = 6
"""Fewer months than this leave room on the right instead of growing into stripes."""

FAINT = Decimal("0.08")
"""The full colour is never reached by less than this, so that small changes stay pale."""


def heat(answered: AnsweredPanel) -> Figure:
    """Rows by member, the largest sales on top; columns by month; a cell without a base stays empty."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None or len(frame.columns) < 3:
        return sentence(answered, "")
    change = f"{metric.id}@last-year:change"
    if not frame.has(change):
        return sentence(answered, words(answered.context.locale)("There is no last year to compare with."))
    rows, columns = frame.columns[0], frame.columns[1]
    cells = {(_key(record[rows.id]), _key(record[columns.id])): record for record in frame.records()}
    limit = int(getattr(answered.mark, "rows", 12))
    members = _shown(frame, rows.id, metric.id, limit)
    months = sorted({month for _, month in cells if month})[-12:]
    locale = answered.context.locale
    names = [member_text(member, rows.level, locale) for member in members]
    grid = [[_figure(cells.get((member.key, month), {}).get(change)) for month in months] for member in members]
    hover = [
        [_hover(answered, frame, name, month, cells.get((member.key, month), {})) for month in months]
        for member, name in zip(members, names, strict=True)
    ]
    trace = _trace(grid, [member.key for member in members], hover, locale)
    layout = bare(answered, left=name_room(names, letters_of(answered)), right=8, top=26, bottom=6)
    layout["xaxis"] = value_axis(
        side="top", showgrid=False, tickmode="array", tickvals=list(range(len(months))), tickangle=0,
        ticktext=[fmt.time_name(month, locale, short=True) for month in months],
        range=[-0.5, max(len(months), FEWEST) - 0.5],
    )  # fmt: skip
    layout["yaxis"] = names_axis(names, limit, letters_of(answered))
    every = len({member for member, _ in cells})
    if every > len(members):
        text = words(locale)("the {count} of {all} that have changed most", count=len(members), all=every)
        layout["margin"]["b"] = 22
        layout["annotations"] = [
            note(text, 1, 0, xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-4,
                 font=font(11, "token:muted"))
        ]  # fmt: skip
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS - 3)},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS - 3)["ticktext"]},
        # The latest months only: all of them would be too small to read, and the table has them.
        "xaxis": {"range": [max(0, len(months) - FEWEST) - 0.5, max(len(months), FEWEST) - 0.5]},
    }
    return {"data": [trace], "layout": layout}


def _trace(grid: list[list[Decimal | None]], keys: list[str], hover: list[list[str]], locale: str) -> Part:
    """The cells, from unfavourable over none to favourable, as pale as their figures are small."""
    strongest = float(_strength(grid))
    width = len(grid[0]) if grid else 0
    return {
        "type": "heatmap",
        "x": list(range(width)),
        "y": list(range(len(grid))),
        "z": [[None if cell is None else float(cell) for cell in row] for row in grid],
        "zmin": -strongest,
        "zmax": strongest,
        "colorscale": [[0, "token:neg/0.55"], [0.5, "token:line/0.45"], [1, "token:pos/0.55"]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": [[_short(cell, locale) for cell in row] for row in grid],
        "texttemplate": "%{text}",
        "textfont": font(11),
        "customdata": [[key] * width for key in keys],
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "hoverongaps": False,
    }


def _key(value: Value) -> str:
    return value.key if isinstance(value, Member) else ""


def _figure(value: Value) -> Decimal | None:
    figure = number(value)
    return None if figure is None else Decimal(figure)


def _sums(frame: Frame, dimension: str, column: str) -> dict[Member, Decimal]:
    """A column added up over the months of each member."""
    sums: dict[Member, Decimal] = {}
    for record in frame.records():
        member = record[dimension]
        if isinstance(member, Member):
            sums[member] = sums.get(member, Decimal(0)) + (_figure(record[column]) or Decimal(0))
    return sums


def _shown(frame: Frame, dimension: str, metric: str, limit: int) -> list[Member]:
    """The members whose sales have changed most, the one that the finding names among them; the largest on top."""
    sizes = _sums(frame, dimension, metric)
    moves = _sums(frame, dimension, f"{metric}@last-year:delta")
    decline = longest_decline(frame, metric)
    told = decline[0] if decline is not None else None
    moved = sorted(sizes, key=lambda member: (member != told, -abs(moves[member]), member.name))[:limit]
    return sorted(moved, key=lambda member: (-sizes[member], member.name))


def _strength(grid: list[list[Decimal | None]]) -> Decimal:
    largest = max((abs(cell) for row in grid for cell in row if cell is not None), default=Decimal(0))
    return min(max(largest, FAINT), STRONGEST)


def _short(cell: Decimal | None, locale: str) -> str:
    """Whole percents with their sign, without the percent sign that every cell would repeat."""
    return "" if cell is None else fmt.decimal_text(cell * 100, locale, 0, plus=True)


def _hover(answered: AnsweredPanel, frame: Frame, name: str, month: str, record: dict[str, Value]) -> str:
    metric, locale = answered.metric, answered.context.locale
    if metric is None or not record:
        return ""
    before, unit = f"{metric.id}@last-year", metric.unit or "count"
    return hover_text(
        f"{name}, {fmt.time_name(month, locale)}",
        (metric.title, fmt.exact(_figure(record.get(metric.id)), unit, locale, frame.currency)),
        (
            fmt.heading(fmt.reference_name("last-year", locale)),
            fmt.exact(_figure(record.get(before)), unit, locale, frame.currency),
        ),
        (words(locale)("Change"), fmt.percent(_figure(record.get(f"{before}:change")), locale, plus=True)),
    )
