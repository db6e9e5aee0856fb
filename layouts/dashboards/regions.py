"""Regions: where sales come from, on the map and in order, and how each place stands against its plan."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.dashboards.sales import GROWTH
from layouts.marks import Bullets, Grid, HeatTable, Map, RankedBars, Rows
from layouts.panel import Panel, Question

MAP = Panel(
    id="map",
    title="Net sales by {level}",
    query=Question(("net_sales",), by=("map",), plan=False, order=(("net_sales", "desc"),), totals=True),
    mark=Map(),
    width=7,
)

RANKED = Panel(
    id="ranked",
    title="Net sales by {level}",
    query=Question(
        ("net_sales",), by=("place",), plan=False, order=(("net_sales", "desc"),), limit=9, others=True, totals=True
    ),
    mark=RankedBars(rows=10, height=380),
    width=5,
)

ATTAINMENT = Panel(
    id="attainment",
    title="Budget attainment by {level}",
    query=Question(
        ("budget_attainment", "net_sales", "budget"),
        by=("place",),
        start="region",
        versus=(),
        order=(("budget_attainment", "desc"),),
    ),
    beside={"rest": Question(("budget",), by=("place",), start="region", reach="rest", versus=())},
    mark=Bullets(rows=11, height=HeatTable.height),
    width=5,
    unit="% of budget; the tick is pace",
)

WEEKS = Panel(
    id="weeks",
    title="Units by week and {level}",
    query=Question(("units",), by=("place", "week"), start="region", reach="recent", months=4, versus=()),
    derive="by-week",
    mark=Grid(),
    width=12,
    unit="Units",
)

TABLE = Panel(
    id="places",
    title="Figures by {level}",
    query=Question(
        ("net_sales", "orders", "customers", "new_customers", "average_order_value", "return_rate"),
        by=("place",),
        start="region",
        versus=("last-year",),
        order=(("net_sales", "desc"),),
        totals=True,
    ),
    mark=Rows(),
    width=12,
)

REGIONS = Dashboard(
    id="regions",
    title="Regions",
    audience="Regional leads",
    rows=((MAP, RANKED), (ATTAINMENT, GROWTH), (WEEKS,), (TABLE,)),
)
