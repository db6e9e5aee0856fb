"""Sales: the months against budget and last year, the seasons of three years, and growth by region and month."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.derive.bridge import LEVELS
from layouts.marks import Columns, Grid, HeatTable, RankedBars, Seasonal, ShareLines, Waterfall
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
    mark=RankedBars(height=Columns.height),
    width=4,
)

BRIDGE = Panel(
    id="bridge",
    title="Price, volume and mix",
    query=Question(("net_sales",), plan=False),
    beside={"items": Question(("net_sales", "units"), by=("product",), plan=False)},
    derive="bridge",
    mark=Waterfall(LEVELS, height=Columns.height),
    width=4,
)

MONTHS = Panel(
    id="months",
    title="Net sales by month and year",
    query=Question(("net_sales",), by=("month",), reach="seasons", versus=()),
    derive="seasonality",
    mark=Grid(dated=True, height=HeatTable.height),
    width=5,
)

MIX = Panel(
    id="mix",
    title="Mix by {level} over time",
    query=Question(("net_sales",), by=("goods", "month"), reach="year", versus=()),
    derive="mix-over-time",
    mark=ShareLines(),
    width=4,
    unit="% of the month",
)

SALES = Dashboard(
    id="sales",
    title="Sales",
    audience="Managers and finance",
    rows=((BY_MONTH, SEASONS), (BRIDGE, MIX, CHANNELS), (GROWTH, MONTHS)),
)
