"""Bullets: attainment in rows, a bar inside its outlined plan, a tick where it should stand today."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.attainment import Attainment, attainment_of
from layouts.columns import Sentiment
from layouts.render.plotly.parts import (
    Figure,
    Part,
    as_few,
    bare,
    bars,
    font,
    hover_text,
    line,
    name_room,
    names_axis,
    note,
    sentence,
    side_figure,
    slots,
    value_axis,
)
from layouts.render.plotly.rows import COMPACT_LETTERS, letters_of

WIDEST = 2.5
"""Attainment beyond this is cut off on the picture, never in its figure."""


def bullets(answered: AnsweredPanel) -> Figure:
    """The best and, if there are many, the last, with those between counted."""
    everyone = attainment_of(answered)
    if not everyone:
        return sentence(answered, words(answered.context.locale)("There is no plan at this level."))
    limit = int(getattr(answered.mark, "rows", 8))
    placed, gap = _placed(everyone, limit)
    shown = slots(len(everyone), limit)
    thick = shown / limit
    names = [row.name for _, row in placed]
    layout = bare(answered, left=name_room(names, letters_of(answered)), right=52, top=28, bottom=8)
    edge = min(WIDEST, max(1.04, *(float(max(row.share, row.pace)) * 1.03 for _, row in placed)))
    locale = answered.context.locale
    layout["xaxis"] = value_axis(
        range=[0, edge],
        side="top",
        tickmode="array",
        tickvals=[0, 0.5, 1, 1.5, 2],
        ticktext=[fmt.percent(step, locale, 0) for step in _halves()],
    )
    layout["yaxis"] = names_axis(names, shown, letters_of(answered)) | {"tickvals": [place for place, _ in placed]}
    layout["shapes"] = [shape for place, row in placed for shape in _frame(place, row, thick)]
    layout["annotations"] = [_figure(answered, place, row) for place, row in placed]
    if gap:
        layout["annotations"].append(
            note(
                words(locale)("⋮ {count} more", count=gap),
                0,
                limit // 2,
                xanchor="left",
                xshift=4,
                font=font(11, "token:muted"),
            )
        )
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS)},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS)["ticktext"]},
    }
    as_few(layout, len(everyone), limit, [s for at, row in placed for s in _frame(at, row, 1)])
    trace = bars(
        [min(edge, max(0.0, float(row.share))) for _, row in placed],
        [place for place, _ in placed],
        "token:actual",
        keys=[row.key for _, row in placed],
        hover=[_hover(answered, row) for _, row in placed],
        width=0.34 * thick,
    )
    return {"data": [trace], "layout": layout}


def _halves() -> tuple[Decimal, ...]:
    return tuple(Decimal(step) / 2 for step in range(5))


def _placed(everyone: tuple[Attainment, ...], limit: int) -> tuple[list[tuple[int, Attainment]], int]:
    """(row number, attainment) of those that fit, and how many are left out in the middle."""
    if len(everyone) <= limit:
        return list(enumerate(everyone)), 0
    first = limit // 2
    last = limit - first - 1
    tail = enumerate(everyone[-last:], start=first + 1)
    return [*enumerate(everyone[:first]), *tail], len(everyone) - first - last


def _frame(place: int, row: Attainment, thick: float) -> list[Part]:
    outline = {
        "type": "rect", "x0": 0, "x1": 1, "y0": place - 0.3 * thick, "y1": place + 0.3 * thick, "layer": "below",
        "line": {"color": "token:outline", "width": 1}, "fillcolor": "rgba(0,0,0,0)",
    }  # fmt: skip
    pace = float(row.pace)
    return [outline, line(pace, pace, place - 0.34 * thick, place + 0.34 * thick, "token:forecast", 2, layer="above")]


def _figure(answered: AnsweredPanel, place: int, row: Attainment) -> Part:
    behind = row.share < row.pace * Decimal("0.9")
    tone: Sentiment = "pos" if row.share >= row.pace else "neg" if behind else "none"
    return {**side_figure(fmt.percent(row.share, answered.context.locale, 0), place, tone), "xshift": 46}


def _hover(answered: AnsweredPanel, row: Attainment) -> str:
    locale = answered.context.locale
    t = words(locale)
    currency = answered.frame.currency if answered.frame is not None else answered.context.currency
    return hover_text(
        row.name,
        (t("Attainment"), fmt.percent(row.share, locale)),
        (t("Pace today"), fmt.percent(row.pace, locale)),
        (t("Net sales"), fmt.exact(row.actual, "money", locale, currency)),
        (t("Plan for the whole period"), fmt.exact(row.planned, "money", locale, currency)),
    )
