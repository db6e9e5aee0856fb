"""Cumulative: the running total of this period over every earlier one of its kind, the plan, and today's dot."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from app.values.words import Words, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.curves import Curve, Curves, curves_of
from layouts.render.plotly.parts import Figure, Part, bare, font, hover_text, note, plain, sentence, value_axis
from layouts.settle import month_shift

APART = 15
"""Pixels between two labels at the right edge."""


def cumulative(answered: AnsweredPanel) -> Figure:
    """Lines over the days of the cycle; the labels stand where the lines end."""
    curves = curves_of(answered)
    metric, t = answered.metric, words(answered.context.locale)
    if curves is None or metric is None or not curves.current.values:
        return sentence(answered, t("Choose a month, a quarter or a year that has begun to see how it builds up."))
    locale = answered.context.locale
    shown = [curves.current, *curves.earlier, *([curves.plan] if curves.plan else [])]
    highest = max(max(curve.values, default=Decimal(0)) for curve in shown)
    scale = frame_scale(answered)
    layout = bare(answered, left=38, right=104, top=10, bottom=26)
    layout["xaxis"] = _days(curves, locale)
    layout["yaxis"] = value_axis(
        rangemode="tozero", nticks=5, tickformat=f",.{scale.digits}f" if scale.divisor < 1000 else ""
    )
    layout["hovermode"] = "closest"
    data = _earlier(answered, curves, scale)
    if curves.plan is not None:
        data.append(_line(curves.plan, scale, "token:plan", 1.2, _hover(answered, curves.plan, t("Plan")), dash="dot"))
    now = _name(curves, curves.cycle.start, locale)
    data.append(_line(curves.current, scale, "token:actual", 2.8, _hover(answered, curves.current, now)))
    today, value = len(curves.current.values), curves.current.values[-1]
    data.append(
        {
            "type": "scatter", "mode": "markers", "x": [today], "y": [scale.number(value)], "hoverinfo": "skip",
            "cliponaxis": False,
            "marker": {"color": "token:actual", "size": 9, "line": {"color": "token:surface", "width": 1.5}},
        }
    )  # fmt: skip
    ends = _ends(curves, scale, t)
    top = max(scale.number(highest) or 1.0, 1e-9) * 1.06
    layout["yaxis"]["range"] = [min(0.0, *(scale.number(min(c.values)) or 0.0 for c in shown if c.values)), top]
    plot = answered.mark.height - 36
    layout["annotations"] = _labels(ends, top, plot, curves.days, 11)
    if today < curves.days:
        layout["annotations"].append(
            note(f"<b>{plain(t('Today'))} {scale.text(value)}</b>", today, scale.number(value) or 0.0, xanchor="left",
                 yanchor="top", xshift=6, yshift=-5, font=font(12))
        )  # fmt: skip
    layout["meta"]["compact"] = {"margin": {"l": 30, "r": 94}}
    return {"data": data, "layout": layout}


def _name(curves: Curves, start: date, locale: str) -> str:
    """What a cycle is called: "Q4 2026", "Nov 2026", "2026"."""
    match curves.cycle.months:
        case 1:
            return fmt.month(start, locale, year=True)
        case 3 if start.month % 3 == 1:
            return fmt.time_name(f"{start.year}-Q{(start.month + 2) // 3}", locale)
        case 12 if start.month == 1:
            return str(start.year)
    last = month_shift(start, curves.cycle.months - 1)
    return f"{fmt.month(start, locale, year=True)} – {fmt.month(last, locale, year=True)}"


def _days(curves: Curves, locale: str) -> Part:
    """The axis of days: month names where months begin, or every seventh day of a month."""
    start = curves.cycle.start
    if curves.cycle.months == 1:
        places = list(range(1, curves.days + 1, 7))
        names = [str(place) for place in places]
    else:
        firsts = [month_shift(start, step) for step in range(curves.cycle.months)]
        places = [(first - start).days + 1 for first in firsts]
        names = [fmt.month(first, locale) for first in firsts]
    return value_axis(
        range=[1, curves.days], tickmode="array", tickvals=places, ticktext=names, showgrid=False, ticks="outside",
        ticklen=4, tickcolor="token:line", ticklabelposition="outside right" if curves.cycle.months > 1 else "outside",
        showline=True, linecolor="token:line",
    )  # fmt: skip


def _line(curve: Curve, scale: fmt.Scale, colour: str, width: float, hover: list[str], dash: str = "solid") -> Part:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(range(1, len(curve.values) + 1)),
        "y": [_rounded(scale.number(value)) for value in curve.values],
        "line": {"color": colour, "width": width, "dash": dash, "shape": "linear"},
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def _earlier(answered: AnsweredPanel, curves: Curves, scale: fmt.Scale) -> list[Part]:
    """The oldest first, so that last year's lies on top of the others."""
    locale = answered.context.locale
    lines = []
    for place, curve in reversed(list(enumerate(curves.earlier))):
        if place == curves.last_year:
            continue
        name = _name(curves, curve.start, locale)
        quiet = _line(curve, scale, "token:older", 1.1, [], "solid")
        day = plain(words(locale)("day {day}: {amount}", day="%{x}", amount="%{y}"))
        quiet["hovertemplate"] = f"<b>{plain(name)}</b><br>{day} {plain(scale.label)}<extra></extra>"
        lines.append(quiet)
    if curves.last_year is not None:
        curve = curves.earlier[curves.last_year]
        hover = _hover(answered, curve, _name(curves, curve.start, locale))
        lines.append(_line(curve, scale, "token:last-year", 2, hover))
    return lines


def _hover(answered: AnsweredPanel, curve: Curve, name: str) -> list[str]:
    metric, frame, locale = answered.metric, answered.frame, answered.context.locale
    unit = (metric.unit if metric is not None else None) or "money"
    currency = frame.currency if frame is not None else answered.context.currency
    t = words(locale)
    return [
        hover_text(
            t("{curve}, day {day}", curve=name, day=step + 1),
            (
                t("to {day}", day=fmt.day(curve.start + timedelta(days=step), locale)),
                fmt.exact(value, unit, locale, currency),
            ),
        )
        for step, value in enumerate(curve.values)
    ]


def _ends(curves: Curves, scale: fmt.Scale, t: Words) -> list[tuple[str, float, str]]:
    """(label, height, colour) of what ends at the right edge."""
    ends = []
    if curves.plan is not None and len(curves.plan.values) == curves.days:
        ends.append((t("Plan"), curves.plan.values[-1], "token:plan"))
    if curves.last_year is not None:
        ends.append((t("Last year"), curves.earlier[curves.last_year].values[-1], "token:muted"))
    if len(curves.current.values) == curves.days:
        ends.append((t("Actual"), curves.current.values[-1], "token:actual"))
    return [(f"{name} {scale.text(value)}", scale.number(value) or 0.0, colour) for name, value, colour in ends]


def _labels(ends: list[tuple[str, float, str]], top: float, plot: int, days: int, size: int) -> list[Part]:
    """Labels beside the ends of their lines, pushed apart where they would touch."""
    labels, above = [], None
    for text, height, colour in sorted(ends, key=lambda end: -end[1]):
        wanted = height / top * plot
        place = wanted if above is None else min(wanted, above - APART)
        above = place
        labels.append(
            note(plain(text), days, height, xanchor="left", yanchor="middle", xshift=6, yshift=round(place - wanted),
                 font=font(size, colour))
        )  # fmt: skip
    return labels
