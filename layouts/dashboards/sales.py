"""Sales: the months against budget and last year, the seasons of three years, and growth by region and month."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.marks import Columns, HeatTable, RankedBars, Seasonal
from layouts.panel import Panel, Question

BY_MONTH = Panel(
    id="by-month",
    title="Net sales by {level}",
    query=Question(("net_sales",), by=("time",), reach="year", order=()),
    mark=Columns(),
    width=7,
)

SEASONS = Panel(
    id="seasons",
    title="Seasons",
    query=Question(("net_sales",), by=("month",), reach="seasons", versus=()),
    mark=Seasonal(),
    width=5,
)

GROWTH = Panel(
    id="growth",
    title="Growth on last year by {level} and month",
    query=Question(("net_sales",), by=("place", "month"), reach="year", versus=("last-year",), start="region"),
    mark=HeatTable(),
    width=7,
    unit="%, net sales",
)

CHANNELS = Panel(
    id="channels",
    title="Net sales by channel",
    query=Question(("net_sales",), by=("channel",), plan=False, order=(("net_sales", "desc"),), totals=True),
    mark=RankedBars(height=HeatTable.height),
    width=5,
)

SALES = Dashboard(
    id="sales",
    title="Sales",
    audience="Managers and finance",
    rows=((BY_MONTH, SEASONS), (GROWTH, CHANNELS)),
)
