"""Waterfall: levels that stand on the ground, steps that hang between them, in rows from the top down."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import Sentiment, is_points, member_text, number, sentiment_of, title_of
from layouts.marks import Waterfall
from layouts.render.plotly.parts import (
    TONES,
    Figure,
    Part,
    bare,
    bars,
    column_head,
    font,
    hidden_axis,
    hover_text,
    line,
    name_room,
    names_axis,
    note,
    sentence,
    side_figure,
)
from layouts.render.plotly.rows import COMPACT_LETTERS, letters_of
from queries.frame import Column, Frame, Member, Row

SIDE = 62
"""Pixels of one column of figures at the right edge."""

WORTH_CUTTING = Decimal("0.4")
"""Levels so large that all that happens between them takes less than this part of them are cut off near the ground."""

THICK = 0.56


@dataclass(frozen=True)
class Step:
    """One row: where its bar begins and ends, and what is written beside it."""

    name: str
    key: str | None
    start: Decimal
    end: Decimal
    is_level: bool
    text: str
    tone: Sentiment
    sides: tuple[tuple[str, Sentiment], ...]
    hover: str


def waterfall(answered: AnsweredPanel) -> Figure:
    """Each step from where the one above it ended; its amount at its end, its further figures at the right edge."""
    frame, metric = answered.frame, answered.metric
    steps = [] if frame is None or metric is None else _steps(answered, frame, metric)
    if frame is None or metric is None or not steps:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    scale, sides = frame_scale(answered), _sides(frame)
    names, rows = [step.name for step in steps], len(steps)
    ground = _ground(steps)
    starts = [scale.number(max(ground, min(step.start, step.end))) or 0.0 for step in steps]
    sizes = [(scale.number(max(step.start, step.end)) or 0.0) - at for step, at in zip(steps, starts, strict=True)]
    low, high = min(*starts, 0.0 if not ground else starts[0]), max(a + b for a, b in zip(starts, sizes, strict=True))
    layout = bare(answered, left=name_room(names, letters_of(answered)), right=12 + SIDE * len(sides), top=26, bottom=6)
    room = (high - low or 1.0) * 0.2
    layout["xaxis"] = hidden_axis(range=[low - (room if low < 0 else 0), high + room])
    layout["yaxis"] = names_axis(names, max(rows, 5), letters_of(answered))
    layout["shapes"] = _joints(steps, ground, scale) + (_cuts(steps, starts, high - low) if ground else [])
    labels = [_label(step, place, at + size) for place, (step, at, size) in _counted(steps, starts, sizes)]
    layout["annotations"] = labels + _side_labels(answered, frame, steps, sides, len(sides))
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS), "r": 12 + SIDE * min(1, len(sides))},
        "xaxis": {"range": [low - (room if low < 0 else 0), high + 1.6 * room]},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS)["ticktext"]},
        "annotations": labels + _side_labels(answered, frame, steps, sides[-1:], 1),
    }
    colours = ["token:actual" if step.is_level else _COLOURS.get(step.tone, "token:last-year") for step in steps]
    data = [
        bars(
            sizes, list(range(rows)), colours, keys=[step.key for step in steps], base=starts,
            hover=[step.hover for step in steps], width=THICK,
        )
    ]  # fmt: skip
    return {"data": data, "layout": layout}


_COLOURS = {"pos": "token:pos", "neg": "token:neg"}


def _counted(steps: list[Step], starts: list[float], sizes: list[float]) -> list[tuple[int, tuple[Step, float, float]]]:
    return list(enumerate(zip(steps, starts, sizes, strict=True)))


def _steps(answered: AnsweredPanel, frame: Frame, metric: Column) -> list[Step]:
    dimension, locale = answered.dimension, answered.context.locale
    levels = answered.mark.levels if isinstance(answered.mark, Waterfall) else ()
    found: list[Step] = []
    if dimension is None:
        return found
    at, where, reached = frame.index(metric.id), frame.index(dimension.id), Decimal(0)
    for row in frame.rows:
        member, value = row[where], number(row[at])
        if not isinstance(member, Member) or value is None:
            continue
        is_level = member.key in levels
        start, amount = (Decimal(0), Decimal(value)) if is_level else (reached, Decimal(value))
        reached = start + amount
        name = member_text(member, dimension.level, locale)
        found.append(
            Step(
                name=name,
                key=member.key if dimension.level else None,
                start=start,
                end=reached,
                is_level=is_level,
                text=frame_scale(answered).text(value, plus=not is_level),
                tone="none" if is_level else sentiment_of(value, metric.better),
                sides=tuple(_side(row, frame, column, locale) for column in _sides(frame)),
                hover=_hover(name, row, frame, locale),
            )
        )
    return found


def _sides(frame: Frame) -> list[Column]:
    """The second figure and its difference from a comparison, where the frame has them."""
    figures = [column for column in frame.columns if column.role == "metric"][1:2]
    deltas = [c for c in frame.columns if figures and c.role == "delta" and c.metric == figures[0].metric][:1]
    return figures + deltas


def _side(row: Row, frame: Frame, column: Column, locale: str) -> tuple[str, Sentiment]:
    value = number(row[frame.index(column.id)])
    if value is None:
        return "", "none"
    if is_points(column):
        seen = fmt.half_up(value, 3)
        return fmt.points(value, locale), sentiment_of(seen, column.better)
    if column.unit in fmt.RATIOS:
        return fmt.percent(value, locale), "none"
    return fmt.compact(value, column.unit or "count", locale, frame.currency, plus=column.role == "delta"), "none"


def _hover(name: str, row: Row, frame: Frame, locale: str) -> str:
    facts = []
    for value, column in zip(row, frame.columns, strict=True):
        figure = number(value)
        if column.role == "dimension" and isinstance(value, Member) and column.level:
            facts.append((column.title, member_text(value, column.level, locale)))
        if column.role == "dimension" or figure is None:
            continue
        plus = column.role in ("delta", "change")
        text = (
            fmt.points(figure, locale)
            if is_points(column)
            else fmt.exact(figure, column.unit or "count", locale, frame.currency, plus=plus)
        )
        facts.append((title_of(column, frame, locale), text))
    return hover_text(name, *facts)


def _ground(steps: list[Step]) -> Decimal:
    """Where the picture begins: at zero, or just below where anything happens when that is far above."""
    lowest = min(min(step.end, step.start if not step.is_level else step.end) for step in steps)
    highest = max(max(step.start, step.end) for step in steps)
    moved = highest - lowest
    if lowest <= 0 or moved >= WORTH_CUTTING * highest or not any(not step.is_level for step in steps):
        return Decimal(0)
    return lowest - max(moved, highest / 50) * Decimal("0.45")


def _cuts(steps: list[Step], starts: list[float], width: float) -> list[Part]:
    """Two strokes through each level that is not drawn from zero."""
    found = []
    for place, (step, start) in enumerate(zip(steps, starts, strict=True)):
        for shift in (0.035, 0.05) if step.is_level else ():
            x = start + width * shift
            found.append(
                line(x, x + width * 0.012, place + THICK / 2 + 0.06, place - THICK / 2 - 0.06, "token:surface", 3)
            )
    return found


def _joints(steps: list[Step], ground: Decimal, scale: fmt.Scale) -> list[Part]:
    """Hairlines from the end of each row to the row below."""
    return [
        line(end, end, place + THICK / 2, place + 1 - THICK / 2, "token:outline", 1)
        for place, step in enumerate(steps[:-1])
        if step.end >= ground and (end := scale.number(step.end)) is not None
    ]


def _label(step: Step, place: int, end: float) -> Part:
    # In ink where the bar itself says nothing about good or bad.
    return note(
        step.text, end, place, xref="x", yref="y", xanchor="left", yanchor="middle", xshift=5,
        font=font(12, TONES[step.tone]),
    )  # fmt: skip


def _side_labels(
    answered: AnsweredPanel, frame: Frame, steps: list[Step], sides: list[Column], columns: int
) -> list[Part]:
    """The figures at the right edge, the last column outermost."""
    found = []
    all_sides = _sides(frame)
    for at, column in enumerate(sides):
        shift = 8 + SIDE * (at + 1 + columns - len(sides))
        head = column_head(title_of(column, frame, answered.context.locale), 1, "right")
        found.append({**head, "xshift": shift})
        for place, step in enumerate(steps):
            text, tone = step.sides[all_sides.index(column)]
            found.append({**side_figure(text, place, tone), "xshift": shift})
    return found
