"""Card: what one figure's card says, from its title to its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from app.values.words import Words, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import Sentiment, is_points, number, sentiment_of
from layouts.marks import Card
from layouts.settle import TRAIL, month_shift
from queries.frame import Column, Frame, Member
from queries.spell import PLAN_OF

Shape = Literal["up", "diamond", "down"]
Mood = Literal["pos", "warn", "neg", "none"]

SLIPPING = Decimal("-0.05")
"""Behind the plan by more than this share of it is behind; by less it is at risk."""

LONGEST_STATE = 18
"""Letters that a state may have."""

STILL = Decimal("0.005")
"""A change smaller than this is none."""


@dataclass(frozen=True)
class CardFace:
    """Everything a card shows.

    `rows` are (label, text, sentiment); `spark` holds thirteen points, oldest first, None where there is no figure;
    `state` is (word, shape, mood) or None; `plan_share` is the figure as a share of its plan, None without one.
    """

    title: str
    definition: str
    value_text: str
    exact_text: str
    rows: tuple[tuple[str, str, Sentiment], ...]
    spark: tuple[float | None, ...]
    state: tuple[str, Shape, Mood] | None
    plan_share: Decimal | None
    spoken: str


def card_face(answered: AnsweredPanel, definition: str = "") -> CardFace:
    """The face of an answered card; without an answer its figures are em dashes. `definition` explains the metric."""
    frame = answered.frame if answered.state == "ready" else None
    metric = answered.mark.metric if isinstance(answered.mark, Card) else answered.panel.query.metrics[0]
    locale = answered.context.locale
    t = words(locale)
    definition = t(definition or answered.panel.note)
    if frame is None or not frame.rows:
        return CardFace(answered.title, definition, fmt.MISSING, answered.sentence, (), (None,) * TRAIL, None, None, "")
    row = dict(zip((column.id for column in frame.columns), frame.rows[0], strict=True))
    column = frame.column(metric)
    value = number(row[metric])
    unit = column.unit or "count"
    share = None if _covered(metric, frame) else _plan_share(metric, row)
    rows = _comparisons(frame, metric, row, locale)
    face_value = fmt.compact(value, unit, locale, frame.currency)
    state = _state(metric, frame, row, t)
    return CardFace(
        title=answered.title,
        definition=definition,
        value_text=face_value,
        exact_text=fmt.exact(value, unit, locale, frame.currency),
        rows=rows,
        spark=spark_points(answered, metric),
        state=state,
        plan_share=share,
        spoken=_spoken(answered.title, face_value, rows, fmt.within(state[0], locale) if state else ""),
    )


def _spoken(title: str, value: str, rows: tuple[tuple[str, str, Sentiment], ...], state: str) -> str:
    """The card in one sentence, for those who hear it."""
    return "; ".join(
        (
            f"{title}: {value}, {state}" if state else f"{title}: {value}",
            *(f"{label} {text}" for label, text, _ in rows),
        )
    )


def _comparisons(
    frame: Frame, metric: str, row: Mapping[str, object], locale: str
) -> tuple[tuple[str, str, Sentiment], ...]:
    found = []
    for column in frame.columns:
        if column.metric != metric or column.role != "reference" or column.versus is None:
            continue
        label = words(locale)("vs {reference}", reference=fmt.reference_name(column.versus, locale))
        found.append((label, *difference(frame, column, row, locale)))
    return tuple(found)


def difference(frame: Frame, reference: Column, row: Mapping[str, object], locale: str) -> tuple[str, Sentiment]:
    """How far a figure is from a reference, in words: percent, or points for a ratio."""
    plain = bool(_covered(reference.metric or "", frame)) and (
        reference.versus == "budget" or reference.unit == "ratio"
    )
    text, sentiment = _difference(frame, reference, row, locale)
    return text, "none" if plain else sentiment


def _difference(frame: Frame, reference: Column, row: Mapping[str, object], locale: str) -> tuple[str, Sentiment]:
    delta = frame.column(f"{reference.id}:delta") if frame.has(f"{reference.id}:delta") else None
    if delta is not None and is_points(delta):
        figure = _figure(row, delta.id)
        return fmt.points(figure, locale), sentiment_of(figure, delta.better)
    change_id = f"{reference.id}:change"
    figure = _figure(row, change_id)
    better = frame.column(change_id).better if frame.has(change_id) else None
    return fmt.percent(figure, locale, plus=True), sentiment_of(figure, better)


def _figure(row: Mapping[str, object], column_id: str) -> Decimal | None:
    value = row.get(column_id)
    return Decimal(value) if isinstance(value, Decimal | int) else None


def _covered(metric: str, frame: Frame) -> str:
    """What the metric's plan is set for, where that is a part of the figures only; empty otherwise."""
    return frame.partial.get(PLAN_OF.get(metric, metric.removesuffix("_attainment")), "")


def _plan_share(metric: str, row: Mapping[str, object]) -> Decimal | None:
    if metric.endswith("_attainment"):
        return _figure(row, metric)
    change = _figure(row, f"{metric}@budget:change")
    return None if change is None else 1 + change


def _state(metric: str, frame: Frame, row: Mapping[str, object], t: Words) -> tuple[str, Shape, Mood] | None:
    covered = _covered(metric, frame)
    if covered and metric.endswith("_attainment"):
        return covered if len(covered) <= LONGEST_STATE else t("Part plan"), "diamond", "none"
    share = None if covered else _plan_share(metric, row)
    if share is not None:
        if share >= 1:
            return t("On track"), "up", "pos"
        return (t("At risk"), "diamond", "warn") if share - 1 >= SLIPPING else (t("Behind"), "down", "neg")
    for column in frame.columns:
        if column.metric == metric and column.role == "change" and column.versus != "budget":
            figure = (
                _figure(row, f"{metric}@{column.versus}:delta") if frame.column(metric).unit in fmt.RATIOS else None
            )
            moved = _figure(row, column.id) if figure is None else figure
            if moved is None:
                continue
            if abs(moved) < STILL:
                return t("Level"), "diamond", "none"
            mood = sentiment_of(moved, column.better)
            return (t("Rising"), "up", mood) if moved > 0 else (t("Falling"), "down", mood)
    return None


def spark_points(answered: AnsweredPanel, metric: str) -> tuple[float | None, ...]:
    """Thirteen steps of the trend, oldest first; a step without an answer is None. Floats: for pixels only."""
    frame = answered.frames.get("trail")
    if frame is None or not frame.has(metric):
        return (None,) * TRAIL
    level = next(column for column in frame.columns if column.role == "dimension")
    at, position = frame.index(level.id), frame.index(metric)
    found = {member.key: number(row[position]) for row in frame.rows if isinstance(member := row[at], Member)}
    span = frame.provenance.span
    keys = sorted(found)[-TRAIL:] if span is None else _steps(level.level or "month", span.start)
    points = tuple(None if (value := found.get(key)) is None else float(value) for key in keys)
    return (None,) * (TRAIL - len(points)) + points


def _steps(level: str, start: date) -> tuple[str, ...]:
    if level == "week":
        weeks = (start + timedelta(weeks=step) for step in range(TRAIL))
        return tuple(f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in weeks)
    return tuple(month_shift(start, step).strftime("%Y-%m") for step in range(TRAIL))
