"""Vega: the figure that the screen draws, as SVG and PNG without a browser, at a given width.

Paper and screen have one description: the plain figure of `layouts.render.plotly`. What a browser settles when it draws
is settled here: where things lie, which ticks an axis has, how long a text is, and that none lies over another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from layouts.answered import AnsweredPanel
from layouts.marks import Mark, MixShift, SegmentGrid, SmallMultiples, TreeTable
from layouts.render.plotly import drawable, figure, merged
from layouts.render.plotly.parts import Figure
from layouts.render.vega.engine import png_of, svg_of, use_fonts
from layouts.render.vega.globe import globe
from layouts.render.vega.guides import guides, shapes
from layouts.render.vega.labels import grounds, noted, settled, written
from layouts.render.vega.layers import Row, specified
from layouts.render.vega.letters import shown
from layouts.render.vega.paint import palette
from layouts.render.vega.plot import Plot, plot_of
from layouts.render.vega.segments import segment_grid
from layouts.render.vega.sparks import spark_spec
from layouts.render.vega.traces import drawn, fits
from layouts.theme import Theme, resolve

__all__ = ("Picture", "picture", "png", "spark", "use_fonts", "warm")

TWELFTH, EDGES = 95, 32
"""Pixels that a twelfth of the screen's width has there, and those of them that are a panel's edges."""

SENTENCE = 96
"""Pixels down of a picture that only says why there is none."""

PHONE = 400
"""Pixels of width under which a mark takes the compact form that it has on phones."""

ROOM: Mapping[type[Mark], int] = MappingProxyType({MixShift: 860, SmallMultiples: 480})
"""The same for marks that need more than others."""


@dataclass(frozen=True)
class Picture:
    """A chart as SVG of so many pixels, and the sentence for those who do not see it."""

    svg: str
    width: int
    height: int
    alt: str


def picture(answered: AnsweredPanel, width: int, theme: Theme = "light", accent: str = "") -> Picture | None:
    """The chart of a panel, `width` pixels wide and as high as its mark; `accent` (#rrggbb) takes the place of the
    colour of the actual. None where there is no chart: of cards, tiles, tables and panels without an answer."""
    if answered.state != "ready" or not is_chart(answered):
        return None
    told = figure_at(answered, width)
    is_bare = not told["data"] and not told["layout"]["shapes"]
    height, alt = SENTENCE if is_bare else int(told["layout"]["height"]), alt_of(answered)
    spec, letters = spec_of(told, (width, height), palette(theme, accent), answered.context.locale)
    return Picture(svg_of(spec, letters, alt), width, height, alt)


def is_chart(answered: AnsweredPanel) -> bool:
    """Whether its mark is drawn; cards, tiles and tables are set as text."""
    return isinstance(answered.mark, SegmentGrid) or (drawable(answered) and not isinstance(answered.mark, TreeTable))


def figure_at(answered: AnsweredPanel, width: int) -> Figure:
    """The screen's figure as it would be on a panel, or a phone, of this width."""
    if isinstance(answered.mark, SegmentGrid):
        return segment_grid(answered, width)
    twelfths = min(max((width + EDGES) // TWELFTH, 1), 12)
    told = figure(replace(answered, panel=replace(answered.panel, width=twelfths)))
    wide = width >= ROOM.get(type(answered.mark), PHONE)
    if wide and all(fits(trace, plot_of(told["layout"], width, 1)) for trace in told["data"]):
        return told
    meta = told["layout"]["meta"]
    thicker = meta["few"]["thicker"] if "few" in meta else 1
    data = [{**trace, "width": trace["width"] * thicker} if "width" in trace else trace for trace in told["data"]]
    return {**told, "data": data, "layout": merged(told["layout"], meta["compact"])}


def spec_of(
    told: dict[str, Any], size: tuple[int, int], colours: Mapping[str, str], locale: str
) -> tuple[dict[str, Any], str]:
    """(the Vega specification of a figure, its texts as elements of SVG that lie over it)."""
    shown = resolve(told, colours)
    plot = plot_of(shown["layout"], *size)
    under, over, names = guides(plot, locale)
    below, above = shapes(plot)
    traces, carried = drawn(shown["data"], plot)
    world, projections, keys = globe(shown["data"], plot)
    labels = settled([*names, *keys, *noted(plot), *carried], *size)
    layers = [*below, *under, *world, *traces, *over, *above, grounds(labels)]
    return specified(layers, size, _scales(plot), projections, colours["surface"]), written(labels)


def _scales(plot: Plot) -> list[Row]:
    return [
        {"name": axis.name, "type": "linear", "domain": [axis.low, axis.high], "range": [axis.first, axis.last],
         "zero": False, "nice": False}
        for axis in plot.axes.values()
    ]  # fmt: skip


def alt_of(answered: AnsweredPanel) -> str:
    """What the picture says, in words: title, unit and finding."""
    head = f"{answered.title} ({answered.unit_line})" if answered.unit_line else answered.title
    told = ". ".join(part.strip().removesuffix(".") for part in (head, answered.finding) if part.strip())
    return shown(f"{told}.")


def spark(
    points: Sequence[float | None], width: int = 120, height: int = 28, theme: Theme = "light", accent: str = "",
    alt: str = "",
) -> Picture:  # fmt: skip
    """A line through the points that are known, its last one as a dot, on no ground."""
    return Picture(svg_of(spark_spec(points, (width, height), palette(theme, accent)), spoken=alt), width, height, alt)


def png(svg: str, scale: float = 2.0) -> bytes:
    """A picture in pixels."""
    return png_of(svg, scale)


def warm() -> None:
    """Start the engine now, so that the first picture need not wait for it."""
    png_of(spark((0.0, 1.0)).svg, 1.0)
