"""Ranking: members by attainment, each with its place, a bar of its amount and what that attains."""

from __future__ import annotations

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
    column_head,
    font,
    hidden_axis,
    hover_text,
    name_room,
    names_axis,
    note,
    plain,
    sentence,
    side_figure,
    slots,
)
from layouts.render.plotly.rows import COMPACT_LETTERS, letters_of

SIDE = 52
"""Pixels of the column of attainment at the right edge."""


def ranking(answered: AnsweredPanel) -> Figure:
    """The highest attainment on top, so that a small territory stands beside a large one."""
    t, locale = words(answered.context.locale), answered.context.locale
    everyone, frame = attainment_of(answered), answered.frame
    if not everyone or frame is None:
        return sentence(answered, t("There is no plan at this level."))
    limit = int(getattr(answered.mark, "rows", 16))
    places = placed(len(everyone), limit)
    shown = [(place, everyone[at]) for place, at in places]
    names = [f"{at + 1}  {everyone[at].name}" for _, at in places]
    scale = fmt.scale_for([row.actual for _, row in shown], "money", locale, frame.currency)
    slot_count = slots(len(everyone), limit)
    thick = slot_count / limit
    values = [scale.number(row.actual) or 0.0 for _, row in shown]
    layout = bare(answered, left=name_room(names, letters_of(answered)), right=SIDE, top=26, bottom=6)
    layout["xaxis"] = hidden_axis(range=[min(0.0, *values), (max(values) or 1.0) * 1.28])
    layout["yaxis"] = names_axis(names, slot_count, letters_of(answered)) | {"tickvals": [place for place, _ in places]}
    layout["annotations"] = [
        column_head(t("Net sales, {unit}", unit=scale.label) if scale.label else t("Net sales"), 0, "left"),
        {**column_head(t("attained"), 1, "right"), "xshift": SIDE - 4},
        *(_amount(scale.text(row.actual), value, place) for (place, row), value in zip(shown, values, strict=True)),
        *({**side_figure(fmt.percent(row.share, locale, 0), place, _tone(row)), "xshift": SIDE - 4}
          for place, row in shown),
    ]  # fmt: skip
    if len(everyone) > len(shown):
        text = plain(t("⋮ {count} more", count=len(everyone) - len(shown)))
        layout["annotations"].append(note(text, 0, limit // 2, xanchor="left", font=font(11, "token:muted")))
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS)},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS)["ticktext"]},
    }
    as_few(layout, len(everyone), limit)
    hover = [
        hover_text(
            row.name,
            (t("Net sales"), fmt.exact(row.actual, "money", locale, frame.currency)),
            (t("Attained"), fmt.percent(row.share, locale)),
        )
        for _, row in shown
    ]
    rows = [place for place, _ in shown]
    trace = bars(values, rows, "token:actual", keys=[row.key for _, row in shown], hover=hover, width=0.46 * thick)
    return {"data": [trace], "layout": layout}


def placed(count: int, limit: int) -> list[tuple[int, int]]:
    """(row, position) of those that fit: the first and, with a row left free between them, the last."""
    if count <= limit:
        return [(at, at) for at in range(count)]
    first = limit // 2
    last = limit - first - 1
    return [(at, at) for at in range(first)] + [(first + 1 + at, count - last + at) for at in range(last)]


def _amount(text: str, value: float, place: int) -> Part:
    return {**side_figure(text, place, "none"), "x": max(value, 0.0), "xref": "x", "xanchor": "left", "xshift": 5}


def _tone(row: Attainment) -> Sentiment:
    return "pos" if row.share >= row.pace else "neg" if row.share < row.pace * 9 / 10 else "none"
