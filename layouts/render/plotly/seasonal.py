"""Seasonal lines: one line a year over the months, the running month apart."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.narrative import years_of
from layouts.render.plotly.parts import Figure, Part, bare, font, hover_text, note, sentence, time_axis, value_axis

STYLES = (("token:actual", 2.8), ("token:last-year", 2.0), ("token:older", 1.6), ("token:older", 1.1))


def seasonal(answered: AnsweredPanel) -> Figure:
    """The latest year dark, the one before lighter, older ones lighter still; each named where it ends."""
    by_year = years_of(answered)
    if not by_year:
        return sentence(answered, words(answered.context.locale)("There is no figure to draw here."))
    locale, scale = answered.context.locale, frame_scale(answered)
    layout = bare(answered, left=38, right=44, top=10, bottom=26)
    layout["xaxis"] = time_axis(
        range=[0.8, 12.2], tickvals=list(range(1, 13)),
        ticktext=[fmt.time_name(f"2024-{month:02d}", locale, short=True) for month in range(1, 13)],
    )  # fmt: skip
    highest = max(max(months.values()) for months in by_year.values())
    lowest = min(min(months.values()) for months in by_year.values())
    top = (scale.number(highest) or 1.0) * 1.08
    layout["yaxis"] = value_axis(range=[min(0.0, scale.number(lowest) or 0.0), top], nticks=5)
    data: list[Part] = []
    ends = []
    for age, year in enumerate(sorted(by_year, reverse=True)):
        colour, width = STYLES[min(age, len(STYLES) - 1)]
        months = by_year[year]
        whole = {month: value for month, value in months.items() if not _running(answered, year, month)}
        data[:0] = _lines(answered, year, months, whole, (colour, width))
        if whole:
            last = max(whole)
            ends.append((str(year), last, scale.number(whole[last]) or 0.0, age))
    layout["annotations"] = _labels(ends, top, answered.mark.height - 36)
    layout["meta"]["compact"] = {
        "margin": {"l": 30, "r": 36},
        "xaxis": {
            "tickvals": list(range(1, 13, 2)),
            "ticktext": [fmt.time_name(f"2024-{month:02d}", locale, short=True) for month in range(1, 13, 2)],
        },
    }
    return {"data": data, "layout": layout}


def _running(answered: AnsweredPanel, year: int, month: int) -> bool:
    today = answered.context.today
    return (year, month) == (today.year, today.month)


def _lines(
    answered: AnsweredPanel, year: int, months: dict[int, Decimal], whole: dict[int, Decimal], style: tuple[str, float]
) -> list[Part]:
    """The complete months as a line, and the running one as a hollow point after it."""
    scale, (colour, width) = frame_scale(answered), style
    parts = [_line(answered, year, whole, scale) | {"mode": "lines", "line": {"color": colour, "width": width}}]
    rest = {month: value for month, value in months.items() if month not in whole}
    if rest:
        before = {month: value for month, value in whole.items() if month == min(rest) - 1}
        parts.append(
            _line(answered, year, {**before, **rest}, scale)
            | {
                "mode": "lines+markers",
                "line": {"color": colour, "width": 1.4, "dash": "dot"},
                "marker": {
                    "color": "token:surface",
                    "size": [0] * len(before) + [7] * len(rest),
                    "line": {"color": colour, "width": 1.6},
                },
            }
        )
    return parts


def _line(answered: AnsweredPanel, year: int, months: dict[int, Decimal], scale: fmt.Scale) -> Part:
    metric, frame, locale = answered.metric, answered.frame, answered.context.locale
    currency = frame.currency if frame is not None else answered.context.currency
    unit = (metric.unit if metric is not None else None) or "count"
    title = metric.title if metric is not None else ""
    places = sorted(months)
    keys = [f"{year}-{month:02d}" for month in places]
    return {
        "type": "scatter",
        "x": places,
        "y": [scale.number(months[month]) for month in places],
        "customdata": keys,
        "hovertext": [
            hover_text(
                _month(key, locale, running=_running(answered, year, month)),
                (title, fmt.exact(months[month], unit, locale, currency)),
            )
            for key, month in zip(keys, places, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }


def _month(key: str, locale: str, *, running: bool) -> str:
    name = fmt.time_name(key, locale)
    return words(locale)("{month} to date", month=name) if running else name


def _labels(ends: list[tuple[str, int, float, int]], top: float, plot: int) -> list[Part]:
    """Each year beside the end of its line; those that end together are pushed apart."""
    labels: list[Part] = []
    above: dict[int, float] = {}
    for name, month, height, age in sorted(ends, key=lambda end: -end[2]):
        wanted = height / top * plot
        place = min(wanted, above.get(month, wanted + 15) - 15)
        above[month] = place
        colour = "token:ink" if age == 0 else "token:muted"
        text = f"<b>{name}</b>" if age == 0 else name
        labels.append(
            note(text, month, height, xanchor="left", yanchor="middle", xshift=7, yshift=round(place - wanted),
                 font=font(11, colour))
        )  # fmt: skip
    return labels
