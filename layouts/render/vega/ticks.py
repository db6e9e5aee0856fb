"""Ticks: the places and names of an axis: those it tells itself, or round ones as the screen would choose."""

from __future__ import annotations

import math
from datetime import date

from layouts import format as fmt
from layouts.render.vega.plot import Axis, Part
from layouts.settle import month_shift

STEPS = (2, 5, 10)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
DATE_ROOM = 80
"""Pixels that the screen leaves a date."""

Tick = tuple[float, str]


def ticks_of(axis: Axis, layout: Part, locale: str) -> list[Tick]:
    """(value, name) of each tick inside the axis."""
    own = axis.layout
    if own.get("tickmode") == "array" or "tickvals" in own:
        values = [float(value) for value in own.get("tickvals", ())]
        texts = own.get("ticktext") or [""] * len(values)
        return [(value, str(text)) for value, text in zip(values, texts, strict=True) if axis.holds(value, 0.5)]
    if own.get("type") == "date":
        return _dates(axis, locale)
    return _numbers(axis, str(layout.get("separators", ".,")))


def _numbers(axis: Axis, separators: str) -> list[Tick]:
    low, high = sorted((axis.low, axis.high))
    rough = (high - low) / axis.layout.get("nticks", 5)
    if rough <= 0:
        return []
    base = 10.0 ** math.floor(math.log10(rough))
    step = base * next((each for each in STEPS if each >= rough / base * (1 - 1e-9)), 10)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    largest = max(abs(low), abs(high))
    return [(at * step, _written(at * step, step, largest, axis.layout, separators)) for at in range(first, last + 1)]


def _written(value: float, step: float, largest: float, layout: Part, separators: str) -> str:
    """A tick's figure with no more digits than tell it from the next."""
    suffix, form = str(layout.get("ticksuffix", "")), str(layout.get("tickformat", ""))
    if form:
        return _separated(format(value, form.removeprefix(",")), separators, every=form.startswith(",")) + suffix
    range_exponent = math.floor(math.log10(largest) + 0.01) if largest else 0
    exponent = 3 * round((range_exponent - 1) / 3) if abs(range_exponent) > 3 else 0
    digits = max(0, -math.floor(math.log10(step) + 1e-9) + exponent)
    text = format(value / 10.0**exponent, f".{digits}f")
    text = text.rstrip("0").rstrip(".") if digits else text
    return _separated(text, separators, every=False) + (_EXPONENTS.get(exponent, "") if value else "") + suffix


_EXPONENTS = {3: "k", 6: "M", 9: "B", 12: "T", -3: "m", -6: "μ"}


def _separated(text: str, separators: str, *, every: bool) -> str:
    whole, _, part = text.lstrip("-").partition(".")
    if every or part or len(whole) > 4:
        groups = []
        while len(whole) > 3:
            whole, last = whole[:-3], whole[-3:]
            groups.append(last)
        whole = separators[1].join((whole, *reversed(groups)))
    sign = "−" if text.startswith("-") and text.strip("-0.") else ""
    return f"{sign}{whole}{separators[0]}{part}" if part else f"{sign}{whole}"


def _dates(axis: Axis, locale: str) -> list[Tick]:
    """The first days of months, evenly apart, the year under a month where it changes."""
    most = min(max(abs(axis.last - axis.first) / DATE_ROOM, 4), 9) + 1
    months = max(1.0, (axis.high - axis.low) / 30.44 / most)
    step = next((each for each in MONTHS if each >= months), MONTHS[-1])
    start = date.fromordinal(int(axis.low))
    day = date(start.year, 1 if step >= 12 else start.month, 1)
    while (day.month - 1) % min(step, 12) or day.toordinal() < axis.low:
        day = month_shift(day, 1)
    found, year = [], 0
    while day.toordinal() <= axis.high:
        name = str(day.year) if step >= 12 else fmt.month(day, locale)
        found.append((float(day.toordinal()), f"{name}<br>{day.year}" if step < 12 and day.year != year else name))
        year, day = day.year, month_shift(day, step)
    return found
