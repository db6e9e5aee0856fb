"""Native: what each mark becomes in Office programs, which draw bars, columns, lines, dots and tables themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from layouts import marks
from layouts.answered import AnsweredPanel
from layouts.native import bars, grids, times
from layouts.native.chart import NativeChart, NativeGrid, Series

__all__ = ["NATIVES", "Native", "NativeChart", "NativeGrid", "Series", "native", "native_chart", "native_grid"]


@dataclass(frozen=True)
class Native:
    """`told` says in words what a mark becomes; `draw` makes it, None where the table says it all."""

    told: str
    draw: Callable[[AnsweredPanel], NativeChart | NativeGrid | None] | None = None


TABLE = Native("the table itself")

NATIVES: Mapping[type[object], Native] = MappingProxyType(
    {
        marks.Card: Native("a line of its trend", times.trend),
        marks.Cumulative: Native("lines by day", times.cumulative),
        marks.VarianceBars: Native("bars of value and difference", bars.variance),
        marks.Movers: Native("bars of value and difference", bars.variance),
        marks.RankedBars: Native("bars, last year's behind them", bars.ranked),
        marks.Map: Native("ranked bars", bars.ranked),
        marks.Mix: Native("bars of shares, the former ones behind them", bars.mix),
        marks.Bullets: Native("bars inside their outlined plan", bars.bullets),
        marks.Ranking: Native("bars with what is attained at their ends", bars.ranking),
        marks.Columns: Native("columns beside each other", times.columns),
        marks.Seasonal: Native("a line a year", times.seasonal),
        marks.Bands: Native("a line, weeks of campaigns in another colour", times.bands),
        marks.ShareLines: Native("lines of shares", times.shares),
        marks.Lines: Native("lines", times.lines),
        marks.SmallMultiples: Native("lines of the largest in one chart", times.multiples),
        marks.MixShift: Native("100 % stacked columns, buyer by buyer", times.mix_shift),
        marks.Timeline: Native("dots with a line over them", times.timeline),
        marks.Quadrant: Native("dots in four colours", times.quadrant),
        marks.Waterfall: Native("stacked columns on a clear base", bars.waterfall),
        marks.Pareto: Native("columns with a line on a second axis", bars.pareto),
        marks.Distribution: Native("columns by bin", bars.distribution),
        marks.Flow: Native("stacked columns, those who went below zero", bars.flow),
        marks.HeatTable: Native("a shaded table of changes", grids.heat),
        marks.Grid: Native("a shaded table", grids.grid),
        marks.Matrix: Native("a shaded table", grids.matrix),
        marks.SegmentGrid: Native("a shaded table of five by five", grids.segment_grid),
        marks.Cohorts: Native("a shaded table", grids.cohorts),
        marks.Risks: TABLE,
        marks.TreeTable: TABLE,
        marks.Rows: TABLE,
        marks.Ledger: TABLE,
        marks.Needed: TABLE,
        marks.Keeping: TABLE,
        marks.Campaigns: TABLE,
        marks.Reconciled: TABLE,
        marks.Tail: TABLE,
        marks.Preferred: TABLE,
        marks.Discounts: TABLE,
        marks.Declining: TABLE,
        marks.Frequent: TABLE,
        marks.Deciles: TABLE,
        marks.Segmented: TABLE,
        marks.OwnRhythm: TABLE,
        marks.Identity: TABLE,
        marks.Response: TABLE,
    }
)
"""Every mark, and what Office programs draw for it."""


def native(answered: AnsweredPanel) -> NativeChart | NativeGrid | None:
    """What the panel is in an Office program beside its table; None where that is all, or there is no answer."""
    draw = NATIVES[type(answered.mark)].draw
    return draw(answered) if draw is not None and answered.state == "ready" else None


def native_chart(answered: AnsweredPanel) -> NativeChart | None:
    """The panel's chart, if it is one."""
    found = native(answered)
    return found if isinstance(found, NativeChart) else None


def native_grid(answered: AnsweredPanel) -> NativeGrid | None:
    """The panel's shaded table, if it is one."""
    found = native(answered)
    return found if isinstance(found, NativeGrid) else None
