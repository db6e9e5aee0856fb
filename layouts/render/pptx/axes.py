"""Axes: what stands below and beside a chart, quiet, and only where it says what nothing else does."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from layouts.native.chart import Figure, NativeChart
from layouts.render.pptx.fitting import width_of
from layouts.render.pptx.shapes import safe
from layouts.render.pptx.theme import paint
from layouts.render.pptx.workbook import Sheet

FEW, FEW_BARS = 14, 20
"""Columns and bars up to which each has its figure beside it, and the axis of values is left away."""

SIZE, SMALL = 11, 10
"""Points of what is written in a chart, and where there is much of it."""

LONG = 8
"""Units of an axis from which on its steps are whole ones."""

FIRST, SECOND = (2001, 2002), (2003, 2004)
"""Ids of the axes: across and of values, of the first pair and of the second."""

UNDRAWN = "<a:ln><a:noFill/></a:ln>"

_PLACES = re.compile(r"[.]0+")


@dataclass(frozen=True)
class Drawing:
    """A chart with where its cells are; `wide` by `tall` inches; `bare`: a line alone, without axes."""

    chart: NativeChart
    sheet: Sheet
    wide: float
    tall: float
    bare: bool = False

    @property
    def few(self) -> bool:
        """Whether every figure has room to be written."""
        return len(self.chart.categories) <= (FEW_BARS if self.chart.kind == "bars" else FEW)

    @property
    def told(self) -> bool:
        """Whether figures are written beside the bars, so that no axis has to tell them."""
        chart = self.chart
        written = any(each.labelled or each.texts for each in chart.series)
        return chart.kind in ("bars", "columns") and written and self.few


def axes_of(drawing: Drawing) -> Iterator[str]:
    """The axes that the series stand on."""
    chart = drawing.chart
    for secondary, axes in ((False, FIRST), (True, SECOND)):
        if not any(each.secondary == secondary for each in chart.series):
            continue
        shown = [value for each in chart.series if each.secondary == secondary for value in each.values]
        code = _whole(chart.secondary_format if secondary else chart.number_format, shown)
        if chart.kind == "scatter":
            yield _figures_axis(drawing, axes[0], axes[1], "b", chart.x_format, hidden=secondary, across=True)
        else:
            yield _names_axis(drawing, axes, hidden=secondary)
        side = "b" if chart.kind == "bars" else "r" if secondary else "l"
        hidden = drawing.bare or (drawing.told and not secondary)
        yield _figures_axis(drawing, axes[1], axes[0], side, code, hidden=hidden, secondary=secondary)


def _names_axis(drawing: Drawing, axes: tuple[int, int], *, hidden: bool) -> str:
    chart = drawing.chart
    lying = chart.kind == "bars"
    skip, turned = (1, False) if lying or chart.groups else _spread(drawing)
    # Level and broken into lines where each is written; where some are left out, programs must not break them.
    turn = ' rot="-2700000" vert="horz"' if turned else ' rot="0" vert="horz"' if not lying and skip == 1 else ""
    size = SIZE if len(chart.categories) <= 20 else SMALL
    return (
        f'<c:catAx><c:axId val="{axes[0]}"/><c:scaling><c:orientation val="{"maxMin" if chart.reverse else "minMax"}"/>'
        f'</c:scaling><c:delete val="{int(hidden or drawing.bare)}"/><c:axPos val="{"l" if lying else "b"}"/>'
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="low"/><c:spPr><a:ln w="9525"><a:solidFill>{paint("control")}</a:solidFill></a:ln></c:spPr>'
        f'{text_look(size, "ink" if lying else "muted", turn)}<c:crossAx val="{axes[1]}"/><c:crosses val="autoZero"/>'
        f'<c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="60"/><c:tickLblSkip val="{skip}"/>'
        f'<c:noMultiLvlLbl val="0"/></c:catAx>'
    )


def _spread(drawing: Drawing) -> tuple[int, bool]:
    """Of the names below columns or lines: each how many-th is written, and whether they are turned."""
    chart = drawing.chart
    room = max(drawing.wide - 1.0, 1.0) / max(len(chart.categories), 1)
    longest = max((width_of(name, SIZE) for name in chart.categories), default=0.0)
    widest = max((width_of(word, SIZE) for name in chart.categories for word in name.split(" ")), default=0.0)
    if chart.kind == "columns" and len(chart.categories) <= 30 and longest > room:
        return 1, widest > room or longest > 2.6 * room
    return max(1, math.ceil((longest + 0.15) / room)), False


def _figures_axis(
    drawing: Drawing, axis: int, crossing: int, side: str, code: str, *, hidden: bool, secondary: bool = False,
    across: bool = False,
) -> str:  # fmt: skip
    chart = drawing.chart
    low = f'<c:min val="{chart.minimum}"/>' if chart.minimum is not None and not across and not secondary else ""
    high = ""
    if drawing.bare:
        low, high = _stretched(chart)
    elif not across and chart.minimum is None and chart.stacking != "percent":
        low, high = _grounded(chart, secondary=secondary)
    if across and chart.x_range is not None:
        low, high = f'<c:min val="{chart.x_range[0]}"/>', f'<c:max val="{chart.x_range[1]}"/>'
    elif chart.stacking == "percent":
        high = '<c:max val="1"/>'
    lines = "" if hidden or secondary else (
        f'<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill>{paint("line")}</a:solidFill></a:ln></c:spPr>'
        "</c:majorGridlines>"
    )  # fmt: skip
    crosses = "max" if secondary or (chart.kind == "bars" and chart.reverse) else "autoZero"
    if chart.kind == "scatter":
        crosses = "max" if secondary and not across else "min"
    title = _axis_title(chart.across, lying=True) if across and not hidden else ""
    if chart.kind == "scatter" and not across and not secondary:
        title = _axis_title(chart.unit, lying=False)
    below = "low" if chart.kind == "scatter" and not secondary else "nextTo"
    between = "midCat" if chart.kind == "scatter" else "between"
    quoted = safe(code or "General").replace('"', "&quot;")
    return (
        f'<c:valAx><c:axId val="{axis}"/><c:scaling><c:orientation val="minMax"/>{high}{low}</c:scaling>'
        f'<c:delete val="{int(hidden)}"/><c:axPos val="{side}"/>{lines}{title}'
        f'<c:numFmt formatCode="{quoted}" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="{below}"/><c:spPr>{UNDRAWN}</c:spPr>'
        f'{text_look(SIZE, "muted")}<c:crossAx val="{crossing}"/><c:crosses val="{crosses}"/>'
        f'<c:crossBetween val="{between}"/></c:valAx>'
    )


def _grounded(chart: NativeChart, *, secondary: bool) -> tuple[str, str]:
    """Zero at an end of the axis: left to themselves, programs begin it where the least figure is."""
    known = [
        value for each in chart.series if each.secondary == secondary for value in each.values if value is not None
    ]
    if all(value >= 0 for value in known):
        return '<c:min val="0"/>', ""
    return ("", '<c:max val="0"/>') if all(value <= 0 for value in known) else ("", "")


def _stretched(chart: NativeChart) -> tuple[str, str]:
    """The ends of an axis that nobody reads: the lowest point at the bottom, the highest on top."""
    known = [float(value) for each in chart.series for value in each.values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = (high - low) * 0.08 or abs(high) * 0.5 or 1.0
    return f'<c:min val="{low - room!r}"/>', f'<c:max val="{high + room!r}"/>'


def _whole(code: str, values: Iterable[Figure | None]) -> str:
    """The format of an axis: without places where its steps are whole in that unit."""
    steps = code.split(";")[0]
    if "%" in steps or '"' in steps:
        return code
    sizes = [abs(float(value)) for value in values if value is not None]
    largest = max(sizes, default=0.0) / 1000 ** steps.count(",", steps.rfind("0"))
    return _PLACES.sub("", code) if largest >= LONG else code


def _axis_title(said: str, *, lying: bool) -> str:
    if not said:
        return ""
    turn = "" if lying else ' rot="-5400000" vert="horz"'
    return (
        f"<c:title><c:tx><c:rich><a:bodyPr{turn}/><a:lstStyle/><a:p><a:pPr>{run_look(SIZE, 'muted', 'defRPr')}</a:pPr>"
        f"<a:r>{run_look(SIZE, 'muted', 'rPr')}<a:t>{safe(said)}</a:t></a:r></a:p></c:rich></c:tx>"
        '<c:overlay val="0"/></c:title>'
    )


def run_look(size: float, colour: str, tag: str) -> str:
    """The size and colour of letters."""
    language = ' lang="en-US"' if tag == "rPr" else ""
    return f'<a:{tag}{language} sz="{round(size * 100)}" b="0"><a:solidFill>{paint(colour)}</a:solidFill></a:{tag}>'


def text_look(size: float, colour: str, turn: str = "") -> str:
    """The same for all that is written in a part of a chart; `turn` says how it is turned."""
    return (
        f"<c:txPr><a:bodyPr{turn}/><a:lstStyle/><a:p><a:pPr>{run_look(size, colour, 'defRPr')}</a:pPr>"
        '<a:endParaRPr lang="en-US"/></a:p></c:txPr>'
    )
