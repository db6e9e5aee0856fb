"""Chart: a native chart as the XML that programs for slides draw and edit, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from layouts.native.chart import NativeChart, Series
from layouts.render.pptx.axes import FIRST, SECOND, SIZE, SMALL, UNDRAWN, Drawing, axes_of, run_look, text_look
from layouts.render.pptx.shapes import safe
from layouts.render.pptx.theme import paint
from layouts.render.pptx.workbook import Sheet, number_of

MOST_NAMED = 10
"""Dots that are called by their names."""

_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_PALE = '<a:schemeClr val="bg1"><a:alpha val="70000"/></a:schemeClr>'
_SHOWN = (
    '<c:showLegendKey val="0"/><c:showVal val="{value}"/><c:showCatName val="0"/><c:showSerName val="0"/>'
    '<c:showPercent val="0"/><c:showBubbleSize val="0"/>'
)


def chart_xml(chart: NativeChart, sheet: Sheet, wide: float, tall: float, *, bare: bool = False) -> bytes:
    """The part of a chart whose cells lie as `sheet` says, without the relationship to them."""
    drawing = Drawing(chart, sheet, wide, tall, bare)
    legend = _legend(chart) if chart.legend and not bare else ""
    layout = _edge_to_edge() if bare else "<c:layout/>"
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<c:chartSpace {_NAMESPACES}><c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart>'
        f'<c:autoTitleDeleted val="1"/><c:plotArea>{layout}{"".join(_plots(drawing))}{"".join(axes_of(drawing))}'
        f'<c:spPr><a:noFill/>{UNDRAWN}</c:spPr></c:plotArea>{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/>'
        f"</c:chart><c:spPr><a:noFill/>{UNDRAWN}</c:spPr>{text_look(SIZE, 'muted')}</c:chartSpace>"
    )
    return text.encode()


def _edge_to_edge() -> str:
    return (
        '<c:layout><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
        '<c:x val="0.02"/><c:y val="0.08"/><c:w val="0.96"/><c:h val="0.84"/></c:manualLayout></c:layout>'
    )


def _plots(drawing: Drawing) -> Iterator[str]:
    """What is drawn: bars, lines and dots, each on its pair of axes."""
    chart = drawing.chart
    numbered = list(enumerate(chart.series))
    if chart.kind == "scatter":
        for secondary, axes in ((False, FIRST), (True, SECOND)):
            own = [(at, each) for at, each in numbered if each.secondary == secondary]
            if own:
                drawn = "".join(_dots(drawing, at, each) for at, each in own)
                yield (
                    f'<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>{drawn}{_ids(axes)}'
                    "</c:scatterChart>"
                )
        return
    for secondary, axes in ((False, FIRST), (True, SECOND)):
        own = [(at, each) for at, each in numbered if each.secondary == secondary]
        lines = [(at, each) for at, each in own if chart.kind == "lines" or each.drawn != "bar"]
        if bars := [(at, each) for at, each in own if (at, each) not in lines]:
            yield _bars(drawing, bars, axes)
        if lines:
            drawn = "".join(_line(drawing, at, each) for at, each in lines)
            yield (
                f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{drawn}<c:marker val="1"/>'
                f"{_ids(axes)}</c:lineChart>"
            )


def _ids(axes: tuple[int, int]) -> str:
    return "".join(f'<c:axId val="{axis}"/>' for axis in axes)


def _bars(drawing: Drawing, bars: Sequence[tuple[int, Series]], axes: tuple[int, int]) -> str:
    chart = drawing.chart
    grouping = {"": "clustered", "stacked": "stacked", "percent": "percentStacked"}[chart.stacking]
    lying = "bar" if chart.kind == "bars" else "col"
    drawn = "".join(_bar(drawing, at, each) for at, each in bars)
    return (
        f'<c:barChart><c:barDir val="{lying}"/><c:grouping val="{grouping}"/><c:varyColors val="0"/>{drawn}'
        f'<c:gapWidth val="{chart.gap}"/><c:overlap val="{100 if chart.stacking else chart.overlap}"/>{_ids(axes)}'
        "</c:barChart>"
    )


def _bar(drawing: Drawing, at: int, series: Series) -> str:
    points = "".join(
        f'<c:dPt><c:idx val="{place}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/>{_filled(colour, series)}'
        "</c:dPt>"
        for place, colour in enumerate(series.points)
        if colour != series.colour
    )
    return (
        f"<c:ser>{_named(drawing, at, series)}{_filled(series.colour, series)}"
        f'<c:invertIfNegative val="0"/>{points}{_labels(drawing, series)}{_across(drawing)}{_values(drawing, at)}'
        "</c:ser>"
    )


def _filled(colour: str, series: Series) -> str:
    if series.unseen:
        return f"<c:spPr><a:noFill/>{UNDRAWN}</c:spPr>"
    if series.outlined:
        edge = f'<a:ln w="15875"><a:solidFill>{paint(colour)}</a:solidFill></a:ln>'
        return f"<c:spPr><a:noFill/>{edge}</c:spPr>"
    return f"<c:spPr><a:solidFill>{paint(colour)}</a:solidFill>{UNDRAWN}</c:spPr>"


def _line(drawing: Drawing, at: int, series: Series) -> str:
    if series.unseen:
        stroke = f"<c:spPr>{UNDRAWN}</c:spPr>"
    else:
        dash = '<a:prstDash val="dash"/>' if series.dashed else ""
        stroke = (
            f'<c:spPr><a:ln w="{round(series.width * 12700)}" cap="rnd"><a:solidFill>{paint(series.colour)}'
            f"</a:solidFill>{dash}<a:round/></a:ln></c:spPr>"
        )
    return (
        f'<c:ser>{_named(drawing, at, series)}{stroke}<c:marker><c:symbol val="none"/></c:marker>'
        f"{_last(drawing, series)}{_labels(drawing, series)}{_across(drawing)}{_values(drawing, at)}"
        '<c:smooth val="0"/></c:ser>'
    )


def _last(drawing: Drawing, series: Series) -> str:
    """The newest point of the one line that matters, as a dot."""
    known = [place for place, value in enumerate(series.values) if value is not None]
    if series.unseen or series.colour != "actual" or not known:
        return ""
    colour = "brand" if drawing.bare else series.colour
    return (
        f'<c:dPt><c:idx val="{known[-1]}"/>{_marker(colour, 6 if drawing.bare else 7)}<c:bubble3D val="0"/><c:spPr>'
        f'<a:ln w="{round(series.width * 12700)}" cap="rnd"><a:solidFill>{paint(series.colour)}</a:solidFill>'
        "<a:round/></a:ln></c:spPr></c:dPt>"
    )


def _marker(colour: str, size: int) -> str:
    return (
        f'<c:marker><c:symbol val="circle"/><c:size val="{size}"/><c:spPr><a:solidFill>{paint(colour)}</a:solidFill>'
        f'<a:ln w="6350"><a:solidFill>{paint("surface")}</a:solidFill></a:ln></c:spPr></c:marker>'
    )


def _dots(drawing: Drawing, at: int, series: Series) -> str:
    block = drawing.sheet.dots[at]
    if series.drawn == "line":
        stroke = (
            f'<c:spPr><a:ln w="{round(series.width * 12700)}" cap="rnd"><a:solidFill>{paint(series.colour)}'
            "</a:solidFill><a:round/></a:ln></c:spPr>"
        )
        look = f'{stroke}<c:marker><c:symbol val="none"/></c:marker>'
    else:
        look = f'<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>{_marker(series.colour, 8)}'
        shown = [series.points[place] for place in block.places] if series.points else []
        look += "".join(
            f'<c:dPt><c:idx val="{place}"/>{_marker(colour, 8)}<c:bubble3D val="0"/></c:dPt>'
            for place, colour in enumerate(shown)
            if colour != series.colour
        )
    return (
        f"<c:ser>{_named(drawing, at, series)}{look}{_called(drawing, at)}"
        f"<c:xVal>{_numbers(block.x_ref, block.x)}</c:xVal><c:yVal>{_numbers(block.y_ref, block.y)}</c:yVal>"
        '<c:smooth val="0"/></c:ser>'
    )


def _called(drawing: Drawing, at: int) -> str:
    """The names of the dots that stand farthest out, where dots are members."""
    if any(each.drawn == "line" for each in drawing.chart.series):
        return ""
    everyone = [
        (x, y, own, place)
        for own, block in drawing.sheet.dots.items()
        for place, (x, y) in enumerate(zip(block.x, block.y, strict=True))
        if x is not None and y is not None
    ]
    if not everyone:
        return ""
    middle = [sum(each[axis] for each in everyone) / len(everyone) for axis in (0, 1)]
    spread = [max(abs(each[axis] - middle[axis]) for each in everyone) or 1 for axis in (0, 1)]
    tall = max(0.0, *(each[1] for each in everyone)) - min(0.0, *(each[1] for each in everyone))
    everyone.sort(key=lambda each: -sum(((each[axis] - middle[axis]) / spread[axis]) ** 2 for axis in (0, 1)))
    chosen: list[tuple[float, float, int, int]] = []
    for x, y, own, place in everyone:
        if all(abs(x - each[0]) > 0.6 * spread[0] or abs(y - each[1]) > 0.08 * tall for each in chosen):
            chosen.append((x, y, own, place))
    named = sorted(place for _, _, own, place in chosen[:MOST_NAMED] if own == at)
    if not named:
        return ""
    names = drawing.sheet.dots[at].names
    return _label_list([(place, names[place]) for place in named], "t", SMALL, "muted")


def _named(drawing: Drawing, at: int, series: Series) -> str:
    return (
        f'<c:idx val="{at}"/><c:order val="{at}"/><c:tx><c:strRef><c:f>{drawing.sheet.name_ref(at)}</c:f>'
        f'<c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{safe(series.name)}</c:v></c:pt></c:strCache></c:strRef>'
        "</c:tx>"
    )


def _labels(drawing: Drawing, series: Series) -> str:
    """The figures beside the bars, in the unit of the chart; texts where they say more."""
    if drawing.bare or not drawing.few or (series.unseen and not series.texts):
        return ""
    place = "ctr" if drawing.chart.stacking and series.drawn == "bar" else "t" if series.drawn == "line" else "outEnd"
    if series.texts:
        said = [(at, text) for at, text in enumerate(series.texts) if text]
        return _label_list(said, place, SIZE, "ink")
    if not series.labelled:
        return ""
    code = safe(drawing.chart.number_format).replace('"', "&quot;")
    # A longer bar may lie behind the figure of a shorter one.
    ground = f"<a:solidFill>{_PALE}</a:solidFill>" if drawing.chart.overlap > 0 else "<a:noFill/>"
    return (
        f'<c:dLbls><c:numFmt formatCode="{code}" sourceLinked="0"/><c:spPr>{ground}{UNDRAWN}</c:spPr>'
        f'{text_look(SIZE, "ink")}<c:dLblPos val="{place}"/>{_SHOWN.format(value=1)}</c:dLbls>'
    )


def _label_list(said: Sequence[tuple[int, str]], place: str, size: float, colour: str) -> str:
    """A label of its own text at each of these points, and none at the others."""
    labels = "".join(
        f'<c:dLbl><c:idx val="{at}"/><c:tx><c:rich><a:bodyPr wrap="none"/><a:lstStyle/><a:p><a:pPr>'
        f"{run_look(size, colour, 'defRPr')}</a:pPr><a:r>{run_look(size, colour, 'rPr')}<a:t>{safe(text)}</a:t></a:r>"
        f'</a:p></c:rich></c:tx><c:dLblPos val="{place}"/>{_SHOWN.format(value=1)}</c:dLbl>'
        for at, text in said
    )
    return f"<c:dLbls>{labels}{_SHOWN.format(value=0)}</c:dLbls>"


def _across(drawing: Drawing) -> str:
    chart, sheet = drawing.chart, drawing.sheet
    count = f'<c:ptCount val="{len(chart.categories)}"/>'
    inner = "".join(f'<c:pt idx="{at}"><c:v>{safe(name)}</c:v></c:pt>' for at, name in enumerate(chart.categories))
    if not chart.groups:
        told = f"<c:f>{sheet.categories_ref}</c:f><c:strCache>{count}{inner}</c:strCache>"
        return f"<c:cat><c:strRef>{told}</c:strRef></c:cat>"
    outer = "".join(
        f'<c:pt idx="{at}"><c:v>{safe(name)}</c:v></c:pt>'
        for at, name in enumerate(chart.groups)
        if at == 0 or chart.groups[at - 1] != name
    )
    return (
        f"<c:cat><c:multiLvlStrRef><c:f>{sheet.categories_ref}</c:f><c:multiLvlStrCache>{count}<c:lvl>{inner}</c:lvl>"
        f"<c:lvl>{outer}</c:lvl></c:multiLvlStrCache></c:multiLvlStrRef></c:cat>"
    )


def _values(drawing: Drawing, at: int) -> str:
    values = [number_of(value) for value in drawing.chart.series[at].values]
    return f"<c:val>{_numbers(drawing.sheet.values_ref(at), values)}</c:val>"


def _numbers(place: str, values: Sequence[float | int | None]) -> str:
    points = "".join(
        f'<c:pt idx="{at}"><c:v>{value!r}</c:v></c:pt>' for at, value in enumerate(values) if value is not None
    )
    return (
        f"<c:numRef><c:f>{place}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef>'
    )


def _legend(chart: NativeChart) -> str:
    hidden = "".join(
        f'<c:legendEntry><c:idx val="{at}"/><c:delete val="1"/></c:legendEntry>'
        for at, each in enumerate(chart.series)
        if not each.listed or each.unseen
    )
    return f'<c:legend><c:legendPos val="t"/>{hidden}<c:overlay val="0"/>{text_look(SIZE, "ink")}</c:legend>'
