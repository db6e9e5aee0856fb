"""Charts: a native chart made ready for a slide: how large it is, names that fit, figures as other files have them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.values.money import exponent
from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.format import half_up
from layouts.native import NativeChart, Series
from layouts.native.chart import Figure
from layouts.render.csv import RATIO_DIGITS
from layouts.render.pptx.fitting import height_of, plain, shortened

BAR = 0.62
"""Inches that a bar may take at most with what is around it; fewer bars make a lower chart, not thicker bars."""

COLUMN = 2.4
"""The same of a column's width."""

LONGEST_NAME = {"bars": (3.4, 1), "columns": (1.5, 2), "lines": (1.5, 1), "scatter": (2.4, 1)}
"""Inches and lines of a name in a chart: programs give names all the room they ask for, and the picture the rest."""

LONGEST_SERIES = 2.4
"""Inches of a name in the legend."""


def measures(chart: NativeChart, wide: float, tall: float) -> tuple[float, float]:
    """Width and height of a chart: one of few bars is smaller, its bars are not larger."""
    count, extra = len(chart.categories), 0.7 + (0.3 if chart.legend else 0.0)
    if chart.kind == "bars":
        return wide, min(tall, extra + count * BAR)
    if chart.kind == "columns":
        return min(wide, 1.4 + count * COLUMN), tall
    return wide, tall


def _told(series: Series, chart: NativeChart, answered: AnsweredPanel) -> tuple[Figure | None, ...]:
    """Money to its minor unit, and ratios to as many digits as files for other programs have."""
    code = chart.secondary_format if series.secondary else chart.number_format
    if "%" in code:
        digits = RATIO_DIGITS
    elif answered.metric is not None and answered.metric.unit == "money" and answered.frame is not None:
        digits = exponent(answered.frame.currency)
    else:
        return series.values
    return tuple(half_up(value, digits) if isinstance(value, Decimal) else value for value in series.values)


def _short(name: str, wide: float, lines: int) -> str:
    return shortened(plain(name), wide, height_of(lines, 11), 11)


def ready_to_draw(chart: NativeChart, answered: AnsweredPanel) -> NativeChart:
    """The chart with names that fit, figures as other files have them, and the texts of stacked columns on top of them.

    Programs write labels into stacked columns, where a small step has no room: a line that is not seen carries them.
    """
    wide, lines = LONGEST_NAME[chart.kind]
    chart = replace(
        chart,
        categories=tuple(_short(name, wide, lines) for name in chart.categories),
        groups=tuple(_short(name, LONGEST_SERIES, 1) for name in chart.groups),
        series=tuple(
            replace(
                each,
                name=_short(each.name, LONGEST_SERIES, 1),
                values=_told(each, chart, answered),
                x=tuple(half_up(at, RATIO_DIGITS) if isinstance(at, Decimal) else at for at in each.x),
            )
            for each in chart.series
        ),
    )
    if chart.stacking != "stacked" or not any(each.texts for each in chart.series):
        return chart
    tops, texts = [], []
    for at in range(len(chart.categories)):
        values = [Decimal(value) for each in chart.series if (value := each.values[at]) is not None]
        tops.append(sum((value for value in values if value > 0), Decimal(0)))
        texts.append(next((each.texts[at] for each in chart.series if each.texts and each.texts[at]), ""))
    bare = tuple(replace(each, texts=()) for each in chart.series)
    height = words(answered.context.locale)("Height of the labels")
    carrier = Series(height, tuple(tops), "ink", "line", unseen=True, listed=False, texts=tuple(texts))
    return replace(chart, series=(*bare, carrier))
