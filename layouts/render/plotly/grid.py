"""Grid: rows by columns of figures, each cell shaded by its size; shares and indexes stand apart at the right."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import member_text, number
from layouts.marks import Grid
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
from queries.frame import Column, Frame, Member, Row

FEWEST = 6
"""Fewer columns than this leave room on the right instead of growing into stripes."""

GAP = 0.35
"""What lies between the cells and the columns that stand apart, in widths of a cell."""

ON_A_PHONE = 5
"""Columns that can be read there: the newest."""

DIGIT = 6.2
"""Pixels that a digit takes in a cell; a cell has four more."""


def grid(answered: AnsweredPanel) -> Figure:
    """One row a member, one column a metric column of the first kind; others of their own kind behind a gap."""
    frame, metric = answered.frame, answered.metric
    mark = answered.mark if isinstance(answered.mark, Grid) else Grid()
    rows = [] if frame is None else [row for row in frame.rows if isinstance(row[0], Member)][: mark.rows]
    if frame is None or metric is None or not rows:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    cells = [column for column in frame.columns if column.role == "metric" and column.metric == metric.metric]
    apart = [column for column in frame.columns if column.role == "metric" and column.metric != metric.metric]
    names = [member_text(row[0], frame.columns[0].level, answered.context.locale) for row in rows]
    places = [*range(len(cells)), *(len(cells) + GAP + at for at in range(len(apart)))]
    layout = bare(answered, left=name_room(names, letters_of(answered)), right=8, top=26, bottom=24)
    width = max(places[-1] + 1, FEWEST)
    layout["xaxis"] = value_axis(
        side="top", showgrid=False, tickmode="array", tickvals=places, tickangle=0,
        ticktext=[column.title for column in (*cells, *apart)], range=[-0.5, width - 0.5],
    )  # fmt: skip
    layout["yaxis"] = names_axis(names, max(len(rows), 5), letters_of(answered))
    data = [_cells(answered, frame, rows, cells, places[: len(cells)], mark)]
    data += [
        _cells(answered, frame, rows, [each], [at], mark) for each, at in zip(apart, places[len(cells) :], strict=True)
    ]
    running = _running(answered, rows, cells, mark)
    if running:
        layout["annotations"] = [
            note(running, 1, 0, xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-6,
                 font=font(11, "token:muted"))
        ]  # fmt: skip
    layout["meta"]["cell"] = round(max(len(text) for line in data[0]["text"] for text in line) * DIGIT) + 4
    newest = max(0, len(cells) - max(1, ON_A_PHONE - len(apart)))
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS - 5)},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS - 5)["ticktext"]},
        "xaxis": {"range": [newest - 0.5, places[-1] + 0.5]},
    }
    return {"data": data, "layout": layout}


def _cells(
    answered: AnsweredPanel, frame: Frame, rows: list[Row], columns: list[Column], places: list[float], mark: Grid
) -> Part:
    """The cells of some columns, shaded together from the smallest to the largest of them."""
    grid = [[number(row[frame.index(column.id)]) for column in columns] for row in rows]
    known = [float(value) for line in grid for value in line if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    plain = columns[0].metric == "total" or low == high
    return {
        "type": "heatmap",
        "x": places,
        "y": list(range(len(rows))),
        "dx": 1,
        "z": [[None if value is None else float(value) for value in line] for line in grid],
        "zmin": low,
        "zmax": high if high > low else low + 1,
        "colorscale": [[0, "token:actual/0.05"], [1, "token:actual/0.05" if plain else "token:actual/0.42"]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": [
            [_text(answered, value, column) for value, column in zip(line, columns, strict=True)] for line in grid
        ],
        "texttemplate": "%{text}",
        "textfont": font(11),
        "customdata": [[_key(row, column, mark) for column in columns] for row in rows],
        "hovertext": [[_hover(answered, frame, row, column) for column in columns] for row in rows],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "hoverongaps": False,
    }


def _key(row: Row, column: Column, mark: Grid) -> str | None:
    """What a click on a cell means: its row's member, or the month that row and column make together."""
    key = row[0].key if isinstance(row[0], Member) else ""
    if not mark.dated:
        return key
    return f"{column.id}-{key}" if column.id.isdigit() else None


def _text(answered: AnsweredPanel, value: fmt.Number | None, column: Column) -> str:
    if value is None:
        return ""
    if column.unit in fmt.RATIOS:
        return fmt.percent(value, answered.context.locale, 0)
    return frame_scale(answered).text(value)


def _hover(answered: AnsweredPanel, frame: Frame, row: Row, column: Column) -> str:
    value = number(row[frame.index(column.id)])
    if value is None:
        return ""
    name = member_text(row[0], frame.columns[0].level, answered.context.locale)
    figure = fmt.exact(Decimal(value), column.unit or "count", answered.context.locale, frame.currency)
    return hover_text(name, (column.title, figure))


def _running(answered: AnsweredPanel, rows: list[Row], columns: list[Column], mark: Grid) -> str:
    """That a cell of today's month or week is not whole yet."""
    today, locale = answered.context.today, answered.context.locale
    week = f"{today.isocalendar().year}-W{today.isocalendar().week:02d}"
    month = today.strftime("%Y-%m")
    shown = {_key(row, column, mark) for row in rows for column in columns} | {column.id for column in columns}
    found = next((key for key in (month, week) if key in shown), None)
    return words(locale)("{period} to date", period=fmt.time_name(found, locale)) if found else ""
