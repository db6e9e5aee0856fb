"""Timeline: each document as a dot on its day, as high as its amount, and above them the sum of twelve months."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import shorten, wrap

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import member_text, number
from layouts.render.plotly.parts import (
    SMALL,
    Figure,
    Part,
    bare,
    column_head,
    font,
    hover_text,
    line,
    note,
    sentence,
    value_axis,
)
from queries.frame import Frame, Member, Row

MOST_DOTS = 300
"""More documents than this are one smear: the largest are drawn, the table has all."""

MOST_STEPS = 120
"""Points of the rolling sum."""

NOTE = 160
"""Letters of a note that are shown at its mark."""

SPLIT = (0.56, 0.44)
RETURNED = "credit_note"


def timeline(answered: AnsweredPanel) -> Figure:
    """The rolling sum as a line over a strip of dots; credit notes hang below. The frame is `derive.timeline`'s.

    Of very many documents the largest are dots, and the sum, which counts all, is drawn at fewer days.
    """
    frame, metric, locale = answered.frame, answered.metric, answered.context.locale
    t = words(locale)
    if frame is None or metric is None or not frame.rows:
        return sentence(answered, t("There is no figure to draw here."))
    scale = frame_scale(answered)
    shown = _largest(frame.rows, frame.index(metric.id))
    steps = _steps(frame.rows)
    days = [_key(row, 0) for row in shown]
    amounts = [scale.number(number(row[frame.index(metric.id)])) or 0.0 for row in shown]
    rolled = [_key(row, 0) for row in steps]
    rolling = [scale.number(number(row[frame.index("rolling")])) for row in steps]
    hover = [_hover(answered, frame, row) for row in shown]
    data: list[Part] = [
        {
            "type": "scatter", "mode": "lines", "x": rolled, "y": rolling, "yaxis": "y2", "hoverinfo": "skip",
            "line": {"color": "token:actual", "width": 2, "shape": "hv"}, "customdata": [None] * len(rolled),
        },
        {
            "type": "scatter", "mode": "markers", "x": days, "y": amounts, "customdata": days,
            "marker": {
                "size": 9, "line": {"width": 1, "color": "token:surface"},
                "color": ["token:neg" if _key(row, 2) == RETURNED else "token:actual" for row in shown],
            },
            "hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>", "cliponaxis": False,
        },
    ]  # fmt: skip
    low, high = min(0.0, *amounts), max(0.0, *amounts) or 1.0
    sums = [value for value in rolling if value is not None]
    layout = bare(answered, left=52, right=64, top=22, bottom=40)
    layout["xaxis"] = value_axis(
        type="date", showgrid=False, anchor="y", range=_range(answered, rolled), tickformat="%b\n%Y"
    )
    layout["yaxis"] = value_axis(domain=[0, SPLIT[1]], range=[low * 1.15, high * 1.15], nticks=4)
    layout["yaxis2"] = value_axis(
        domain=[SPLIT[0], 1], range=[min(0.0, *sums), (max(sums, default=0) or 1) * 1.12], nticks=4, anchor="x"
    )
    layout["shapes"] = [line(0, 1, 0, 0, "token:ink", 1, xref="paper")]
    last = frame.rows[-1][frame.index("rolling")]
    unit = scale.label or metric.title
    dots = t("Each document, {unit}", unit=unit)
    if len(shown) < len(frame.rows):
        dots = t("The {n} largest of {count} documents, {unit}", n=len(shown), count=len(frame.rows), unit=unit)
    layout["annotations"] = [
        column_head(t("Twelve months to each day, {unit}", unit=unit), 0, "left"),
        {**column_head(dots, 0, "left"), "y": SPLIT[1]},
        note(
            scale.text(number(last)), 0, rolling[-1] or 0, yref="y2", xanchor="left", xshift=6, yanchor="middle",
            font=font(SMALL),
        ) | {"x": rolled[-1]},
    ]  # fmt: skip
    return {"data": data, "layout": layout}


def with_notes(drawn: Figure | None, noted: Sequence[tuple[str, str]], title: str) -> Figure | None:
    """The same figure with a mark, called `title`, on each day somebody wrote a note, its beginning to be read there.

    The list of notes beside the picture says them in full. What is drawn without days stays as it is.
    """
    axis = (drawn or {}).get("layout", {}).get("xaxis", {}).get("range")
    if drawn is None or not axis:
        return drawn
    first, last = axis[0], max(axis[1], *(day for day, _ in noted))
    shown = [(day, text) for day, text in noted if day >= first]
    if not shown:
        return drawn
    mark: Part = {
        "type": "scatter", "mode": "markers", "x": [day for day, _ in shown], "y": [0] * len(shown),
        "marker": {
            "symbol": "triangle-up", "size": 11, "color": "token:brand", "line": {"width": 1, "color": "token:surface"},
        },
        "customdata": [None] * len(shown), "cliponaxis": False,
        "hovertext": ["<br>".join(wrap(escape(shorten(text, NOTE), quote=False), 40)) for _, text in shown],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip
    named = {**column_head(f"▲ {title}", 1, "right"), "y": SPLIT[1], "font": font(SMALL, "token:brand")}
    layout = {
        **drawn["layout"],
        "xaxis": {**drawn["layout"]["xaxis"], "range": [first, last]},
        "annotations": [*drawn["layout"]["annotations"], named],
    }
    return {**drawn, "data": [*drawn["data"], mark], "layout": layout}


def _largest(rows: tuple[Row, ...], at: int) -> list[Row]:
    """The rows of the largest amounts either way, still in the order of their days."""
    largest = sorted(range(len(rows)), key=lambda place: -abs(float(number(rows[place][at]) or 0)))[:MOST_DOTS]
    return [rows[place] for place in sorted(largest)]


def _steps(rows: tuple[Row, ...]) -> list[Row]:
    """One row a day, the last of it; of many days so many evenly spaced, the first and the last among them."""
    daily = list({_key(row, 0): row for row in rows}.values())
    if len(daily) <= MOST_STEPS:
        return daily
    return [daily[round(step * (len(daily) - 1) / (MOST_STEPS - 1))] for step in range(MOST_STEPS)]


def _range(answered: AnsweredPanel, days: list[str]) -> list[str]:
    span = answered.frame.provenance.span if answered.frame is not None else None
    end = max(days) if span is None else span.last_day.isoformat()
    return [min(days), max(end, max(days))]


def _key(row: Row, at: int) -> str:
    value = row[at]
    return value.key if isinstance(value, Member) else ""


def _hover(answered: AnsweredPanel, frame: Frame, row: Row) -> str:
    locale = answered.context.locale

    def money(column_id: str) -> str:
        return fmt.exact(number(row[frame.index(column_id)]), "money", locale, frame.currency)

    return hover_text(
        member_text(row[1], "document", locale),
        (member_text(row[2], "document_type", locale), member_text(row[0], "day", locale)),
        (frame.column("net_sales").title, money("net_sales")),
        (frame.column("rolling").title, money("rolling")),
    )
