"""Plotly figures: each mark as a plain dict whose colours are token names, for the browser to resolve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from layouts.answered import AnsweredPanel
from layouts.marks import (
    Bands,
    Bullets,
    Columns,
    Cumulative,
    Distribution,
    Flow,
    Grid,
    HeatTable,
    Lines,
    Map,
    Mark,
    Matrix,
    Mix,
    MixShift,
    Movers,
    Pareto,
    Quadrant,
    RankedBars,
    Ranking,
    Seasonal,
    ShareLines,
    SmallMultiples,
    Timeline,
    TreeTable,
    VarianceBars,
    Waterfall,
)
from layouts.render.plotly.bands import bands
from layouts.render.plotly.bullets import bullets
from layouts.render.plotly.columns import columns
from layouts.render.plotly.cumulative import cumulative
from layouts.render.plotly.distribution import distribution
from layouts.render.plotly.flow import customer_flow
from layouts.render.plotly.geo import choropleth
from layouts.render.plotly.grid import grid
from layouts.render.plotly.heat import heat
from layouts.render.plotly.lines import lines
from layouts.render.plotly.matrix import matrix
from layouts.render.plotly.multiples import multiples
from layouts.render.plotly.pareto import pareto
from layouts.render.plotly.parts import Figure, sentence
from layouts.render.plotly.quadrant import quadrant
from layouts.render.plotly.ranking import ranking
from layouts.render.plotly.rows import mix, ranked
from layouts.render.plotly.seasonal import seasonal
from layouts.render.plotly.shares import shares
from layouts.render.plotly.shift import mix_shift
from layouts.render.plotly.timeline import timeline
from layouts.render.plotly.variance import variance
from layouts.render.plotly.waterfall import waterfall
from layouts.render.tree import tree

COMPACT_BELOW = 480
"""Pixels of width under which `layout.meta.compact` is to be merged into the layout."""

_FIGURES: Mapping[type[Mark], Callable[[AnsweredPanel], Figure]] = MappingProxyType(
    {
        Cumulative: cumulative,
        Flow: customer_flow,
        Timeline: timeline,
        VarianceBars: variance,
        RankedBars: ranked,
        Mix: mix,
        MixShift: mix_shift,
        Bullets: bullets,
        Columns: columns,
        Seasonal: seasonal,
        HeatTable: heat,
        Grid: grid,
        Bands: bands,
        ShareLines: shares,
        Map: choropleth,
        Waterfall: waterfall,
        Pareto: pareto,
        Movers: variance,
        Distribution: distribution,
        SmallMultiples: multiples,
        Lines: lines,
        Ranking: ranking,
        Quadrant: quadrant,
        Matrix: matrix,
        TreeTable: tree,
    }
)


def drawable(answered: AnsweredPanel) -> bool:
    """Whether the panel is a picture; cards and plain tables are drawn without plotly."""
    return type(answered.mark) in _FIGURES


def figure(answered: AnsweredPanel, width_hint: int | None = None) -> Figure:
    """{"data": […], "layout": {…}} of a panel.

    Every colour is "token:name" (or "token:name/strength"); a mark's `customdata` is its member's key, None where a
    click means nothing. `layout.meta` is {"panel", "level", "gesture", "compact"}: `compact` is what to merge into the
    layout on narrow screens, which is done here when `width_hint` (pixels) says that the screen is narrow; `roomy`,
    where a mark says so, are the pixels of its own width below which that holds on any screen, and `cell` those that a
    column needs: the oldest columns are left out where they are not there.
    """
    draw = _FIGURES.get(type(answered.mark))
    if answered.state != "ready" or draw is None:
        return sentence(answered, answered.sentence)
    drawn = draw(answered)
    if width_hint is not None and width_hint < COMPACT_BELOW:
        drawn["layout"] = merged(drawn["layout"], drawn["layout"]["meta"]["compact"])
    return drawn


def merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the values of `extra`, mappings merged at every depth, lists replaced."""
    result = dict(base)
    for key, value in extra.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result
