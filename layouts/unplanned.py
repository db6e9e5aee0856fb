"""Unplanned: what a panel about a plan shows where no plan is set at the asked level: the actuals, ranked."""

from __future__ import annotations

from dataclasses import replace

from layouts.answered import AnsweredPanel, is_nobody
from layouts.attainment import attainment_of
from layouts.marks import Bullets, RankedBars, VarianceBars
from layouts.panel import Panel

ACTUAL = "net_sales"


def is_unplanned(answered: AnsweredPanel) -> bool:
    """Whether the panel is about a plan that none of the members it shows has."""
    frame = answered.frame
    if answered.state != "ready" or frame is None:
        return False
    match answered.mark:
        case Bullets():
            return bool(frame.partial) or not attainment_of(answered)
        case VarianceBars():
            column = f"{answered.panel.query.metrics[0]}@budget"
            if not frame.has(column):
                return False
            at = frame.index(column)
            return all(row[at] is None or is_nobody(row) for row in frame.rows)
    return False


def instead(panel: Panel) -> Panel:
    """The panel that stands in its place: net sales from the largest down, against last year."""
    rows = panel.mark.rows if isinstance(panel.mark, Bullets | VarianceBars) else RankedBars.rows
    question = replace(
        panel.query,
        metrics=(ACTUAL,),
        versus=("last-year",),
        plan=False,
        order=((ACTUAL, "desc"),),
        limit=rows - 1,
        others=True,
        totals=True,
    )
    mark = RankedBars(rows=rows, height=panel.mark.height)
    title = "Net sales by {level}"
    return replace(panel, title=title, query=question, mark=mark, beside={}, derive="", unit="")
