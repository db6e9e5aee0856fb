"""Bars in rows: a ranking by value, and the mix of a whole by share."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference, frame_scale
from layouts.columns import Sentiment, member_text, number, others_name, sentiment_of
from layouts.render.plotly.parts import (
    Figure,
    as_few,
    bare,
    bars,
    column_head,
    hidden_axis,
    hover_text,
    name_room,
    names_axis,
    sentence,
    side_figure,
    slots,
)
from queries.frame import Frame, Member, Row

LETTERS = 24
COMPACT_LETTERS = 19

DWARFING = 1.5
"""Others that outweigh the largest row by more than this have their figure, but no bar: it would flatten all others."""

NARROW = 4
"""Panels of so many twelfths or fewer have as little room on a wide screen as any on a phone."""


@dataclass(frozen=True)
class Bar:
    """One row: who, how much now and then, and how the difference reads."""

    name: str
    key: str | None
    value: Decimal
    before: Decimal | None
    text: str
    change: str
    tone: Sentiment
    hover: str


def ranked(answered: AnsweredPanel) -> Figure:
    """Values from the largest down, last year's lighter behind them, the change at the right edge."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None:
        return sentence(answered, "")
    reference = best_reference(frame, metric.id, "last-year")
    found = [_bar(answered, frame, row, reference) for row in frame.rows]
    rows = sorted((bar for bar in found if bar is not None), key=lambda bar: (-bar.value, bar.name))
    kept = rows[: _limit(answered) - (frame.others is not None)]
    if frame.others is not None and (
        rest := _bar(answered, frame, frame.others, reference, others_name(frame, answered.context.locale))
    ):
        kept.append(rest)
    return _figure(answered, kept, reference, float(frame_scale(answered).divisor))


def mix(answered: AnsweredPanel) -> Figure:
    """Each member's share of the total, with its former share, and the difference in points."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None:
        return sentence(answered, "")
    reference = best_reference(frame, metric.id, "last-year")
    total, former = _total(frame, metric.id), _total(frame, f"{metric.id}@{reference}") if reference else None
    if total is None or total <= 0:
        return ranked(answered)
    rows = list(frame.rows) + ([frame.others] if frame.others is not None else [])
    found = []
    for row in rows:
        name = others_name(frame, answered.context.locale) if row is frame.others else None
        bar = _bar(answered, frame, row, reference, name)
        if bar is not None:
            found.append(_share(answered, bar, total, former))
    last = found.pop() if frame.others is not None and found else None
    kept = sorted(found, key=lambda bar: (-bar.value, bar.name))[: _limit(answered) - (last is not None)]
    return _figure(answered, kept + ([last] if last is not None else []), reference if former else None, 0.01)


def letters_of(answered: AnsweredPanel) -> int:
    """How long a name may be on the wide screen."""
    return COMPACT_LETTERS if answered.panel.width <= NARROW else LETTERS


def _limit(answered: AnsweredPanel) -> int:
    return int(getattr(answered.mark, "rows", 8))


def _total(frame: Frame, column_id: str) -> Decimal | None:
    if frame.totals is None or not frame.has(column_id):
        return None
    figure = number(frame.totals[frame.index(column_id)])
    return Decimal(figure) if figure is not None and figure > 0 else None


def _bar(answered: AnsweredPanel, frame: Frame, row: Row, reference: str | None, name: str | None = None) -> Bar | None:
    metric, dimension, locale = answered.metric, answered.dimension, answered.context.locale
    if metric is None or dimension is None:
        return None
    value = number(row[frame.index(metric.id)])
    if value is None:
        return None
    member = row[frame.index(dimension.id)]
    label = name or member_text(member, dimension.level, locale)
    before: fmt.Number | None = None
    change: fmt.Number | None = None
    if reference is not None:
        before = number(row[frame.index(f"{metric.id}@{reference}")])
        change = number(row[frame.index(f"{metric.id}@{reference}:change")])
    unit = metric.unit or "count"
    against = fmt.heading(fmt.reference_name(reference, locale)) if reference else ""
    return Bar(
        name=label,
        key=member.key if isinstance(member, Member) and name is None else None,
        value=Decimal(value),
        before=None if before is None else Decimal(before),
        text=frame_scale(answered).text(value),
        change=_change_text(change, locale) if reference else "",
        tone=sentiment_of(change, metric.better),
        hover=hover_text(
            label,
            (metric.title, fmt.exact(value, unit, locale, frame.currency)),
            (against, fmt.exact(before, unit, locale, frame.currency)),
            (words(locale)("Change"), fmt.percent(change, locale, plus=True)),
        ),
    )


def _change_text(change: fmt.Number | None, locale: str) -> str:
    """A change of a hundred percent or more needs no decimals."""
    large = change is not None and not -1 < change < 1
    return fmt.percent(change, locale, 0 if large else 1, plus=True)


def _share(answered: AnsweredPanel, bar: Bar, total: Decimal, former: Decimal | None) -> Bar:
    locale = answered.context.locale
    share = bar.value / total
    before = bar.before / former if bar.before is not None and former else None
    moved = None if before is None else share - before
    return Bar(
        name=bar.name,
        key=bar.key,
        value=share,
        before=before,
        text=fmt.percent(share, locale, 0 if share >= Decimal("0.1") else 1),
        change=fmt.points(moved, locale),
        # A larger share of one is a smaller share of another: neither is good or bad by itself.
        tone="none",
        hover=f"{bar.hover}<br>{words(locale)('Share')} {fmt.percent(share, locale)}",
    )


def _figure(answered: AnsweredPanel, rows: list[Bar], reference: str | None, divisor: float) -> Figure:
    if not rows:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    names = [bar.name for bar in rows]
    values = [float(bar.value) / divisor for bar in rows]
    before = [None if bar.before is None else float(bar.before) / divisor for bar in rows]
    if len(rows) > 1 and rows[-1].key is None and values[-1] > DWARFING * max(values[:-1]):
        values[-1], before[-1] = 0.0, None
    everything = [*values, *(value for value in before if value is not None)]
    low, high = min(0.0, *everything), max(0.0, *everything)
    room = (high - low or 1.0) * 0.19
    places_shown = slots(len(rows), _limit(answered))
    thick = places_shown / _limit(answered)
    places, keys = list(range(len(rows))), [bar.key for bar in rows]
    traces = []
    if reference is not None:
        traces.append(
            bars(before, places, "token:last-year", keys=keys, hover=[bar.hover for bar in rows], width=0.7 * thick)
        )
    traces.append(
        bars(
            values, places, ["token:actual" if bar.key else "token:actual/0.6" for bar in rows], keys=keys,
            hover=[bar.hover for bar in rows], width=0.4 * thick,
        )
    )  # fmt: skip
    layout = bare(
        answered, left=name_room(names, letters_of(answered)), right=70 if reference else 12, top=26, bottom=6
    )
    layout["barmode"] = "overlay"
    layout["xaxis"] = hidden_axis(range=[low - (room if low < 0 else 0), high + room])
    layout["yaxis"] = names_axis(names, places_shown, letters_of(answered))
    layout["annotations"] = _labels(
        answered, rows, reference, [max(v, b or 0) for v, b in zip(values, before, strict=True)]
    )
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS)},
        "xaxis": {"range": [low - (room if low < 0 else 0), high + 1.5 * room]},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS)["ticktext"]},
    }
    as_few(layout, len(rows), _limit(answered))
    return {"data": traces, "layout": layout}


def _labels(answered: AnsweredPanel, rows: list[Bar], reference: str | None, ends: list[float]) -> list[Figure]:
    labels = []
    for place, (bar, end) in enumerate(zip(rows, ends, strict=True)):
        labels.append(
            {
                **side_figure(bar.text, place, "none"),
                "x": max(end, 0.0),
                "xref": "x",
                "xanchor": "left",
                "xshift": 5,
            }
        )
        if reference is not None:
            labels.append({**side_figure(bar.change, place, bar.tone), "xshift": 66})
    if reference is not None:
        head = column_head(f"Δ {fmt.reference_name(reference, answered.context.locale)}", 1, "right")
        labels.append({**head, "xshift": 66})
    return labels
