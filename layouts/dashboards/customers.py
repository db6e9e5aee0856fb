"""Customers: who they are worth, who comes, stays and goes, who declines, and how few make how much."""

from __future__ import annotations

from dataclasses import replace

from layouts.dashboard import Dashboard
from layouts.dashboards.pieces import card
from layouts.derive.flow import STANDING
from layouts.marks import (
    Card,
    Cohorts,
    Deciles,
    Declining,
    Flow,
    Frequent,
    Pareto,
    RankedBars,
    Rows,
    Segmented,
    SegmentGrid,
    Waterfall,
)
from layouts.panel import Panel, Question

NOW = Question(("net_sales", "orders"), by=("customer",), reach="complete", versus=())
"""Every customer of the last twelve complete months: asked once, read by several panels."""

BEFORE = Question(("net_sales",), by=("customer",), reach="complete", back=12, versus=())

LAST = Question(("last_order",), by=("customer",), reach="complete", months=15, versus=())
"""The one thing that no sums kept beside the lines tell: asked by itself, the others are quick."""

MONTHS = Question(("months_bought",), by=("customer",), reach="complete", months=60, versus=())

SCORED, SCORED_LAST = (replace(each, free=("customer",)) for each in (NOW, LAST))
"""The same of everybody, whichever customers are chosen: fifths of a few would say nothing."""

YEAR = "Over the last twelve complete months, beside the twelve before."


def _derived(panel_id: str, title: str, derive: str, metric: str, note: str) -> Panel:
    return Panel(
        id=panel_id,
        title=title,
        query=NOW,
        beside={"before": BEFORE},
        derive=derive,
        mark=Card(metric),
        width=2,
        note=note,
    )


CARDS = (
    card("customers", "Customers"),
    card("new_customers", "New customers"),
    card("net_sales_per_customer", "Net sales per customer"),
    _derived(
        "net-retention",
        "Net retention",
        "net-retention",
        "net_retention",
        "What the customers of the twelve months before bring in the last twelve complete months, as a part of what"
        " they brought then. New customers are not in it.",
    ),
    _derived(
        "customers-retained",
        "Customers retained",
        "customers-retained",
        "retention",
        "The part of the customers of the twelve months before who bought again in the last twelve complete months.",
    ),
    _derived(
        "top-ten",
        "Share of the ten largest",
        "top-ten-customers",
        "top_share",
        "The part of net sales that the ten largest customers make in the last twelve complete months.",
    ),
)

DECLINING = Panel(
    id="declining",
    title="Declining customers",
    query=Question(
        ("net_sales",),
        by=("customer",),
        reach="complete",
        months=15,
        versus=(),
        order=(("net_sales", "desc"),),
        limit=250,
    ),
    beside={
        "months": Question(
            ("orders", "net_sales"), by=("customer", "month"), reach="complete", months=15, versus=(), among="main"
        ),
        "last": LAST,
    },
    derive="declining",
    mark=Declining(rows=40, height=330),
    width=12,
    unit="Three complete months against the twelve before",
    note="Of the 250 largest customers of fifteen months: the last three complete months against the twelve before."
    " Silent: so few orders come by chance less than once in twenty times, by the usual number and by last year's."
    " At risk is what the last twelve months brought, times the part that is missing.",
    opens="customer",
)

CONCENTRATION = Panel(
    id="pareto",
    title="Concentration of net sales by {level}",
    query=Question(
        ("net_sales",), by=("customer",), versus=(), order=(("net_sales", "desc"),), limit=1_000, others=True
    ),
    derive="pareto",
    mark=Pareto(),
    width=6,
)

FLOW = Panel(
    id="flow",
    title="New, active and lapsed customers",
    query=MONTHS,
    derive="customer-flow",
    mark=Flow(height=Pareto.height),
    width=6,
    unit="Customers by quarter",
    note="Active: bought in the quarter. Active before + new + returned − lapsed = active.",
)

BRIDGE = Panel(
    id="revenue-bridge",
    title="From last year's customers to this year's",
    query=NOW,
    beside={"before": BEFORE},
    derive="revenue-bridge",
    mark=Waterfall(STANDING, height=410),
    width=5,
    note=YEAR,
)

DECILES = Panel(
    id="deciles",
    title="Customers by value, and where they came from",
    query=NOW,
    beside={"before": BEFORE},
    derive="deciles",
    mark=Deciles(rows=10, height=410),
    width=7,
    unit="Customers by tenths of their number",
    note=YEAR,
)


def _contribution(level: str) -> Panel:
    return Panel(
        id=f"by-{level}",
        title="Contribution and growth by {level}",
        query=Question(
            ("net_sales",), by=(level,), plan=False, order=(("net_sales", "desc"),), limit=9, others=True, totals=True
        ),
        mark=RankedBars(rows=9, height=370),
        width=5,
    )


RFM = Panel(
    id="segments",
    title="Segments by when, how often and for how much",
    query=SCORED,
    beside={"last": SCORED_LAST},
    derive="segments",
    mark=Segmented(rows=8, height=370),
    width=7,
    unit="Customers of twelve months",
    note="Fifths by days since the last order, orders and net sales of twelve complete months, of all customers whoever"
    " is chosen. A segment opens its customers; the list below has them by name, those to win back first.",
)

GRID = Panel(
    id="segment-grid",
    title="Recency by frequency and money",
    query=SCORED,
    beside={"last": SCORED_LAST},
    derive="segment-grid",
    mark=SegmentGrid(),
    width=7,
    unit="Customers of twelve months, and their share of net sales",
    note="Scores from 1 to 5: how lately somebody ordered, and the mean of how often and for how much, rounded down."
    " A cell opens its customers.",
)

LIST = Panel(
    id="segment-list",
    title="Customers to win back first",
    query=SCORED,
    beside={"last": SCORED_LAST},
    derive="segment-list",
    mark=Rows(rows=40, height=370),
    width=12,
    unit="By segment, then by net sales of twelve months",
    opens="customer",
)

FREQUENT = Panel(
    id="frequent",
    title="Who orders most often",
    query=Question(
        ("orders",),
        by=("customer",),
        reach="recent",
        months=24,
        versus=(),
        order=(("orders", "desc"),),
        limit=25,
    ),
    beside={
        # On which days is all that is read of it, and lines are counted faster than orders.
        "days": Question(("lines",), by=("customer", "day"), reach="recent", months=24, versus=(), among="main"),
    },
    derive="frequent",
    mark=Frequent(rows=25, height=380),
    width=7,
    unit="Days between two days with an order, over two years",
    opens="customer",
)

COHORTS = Panel(
    id="cohorts",
    title="Who comes back, by the quarter of the first purchase",
    query=MONTHS,
    derive="cohorts",
    mark=Cohorts(rows=8, height=380),
    width=5,
    unit="% who bought so many quarters later",
)

CUSTOMERS = Dashboard(
    id="customers",
    title="Customers",
    audience="Account managers, sales and marketing",
    rows=(
        CARDS,
        (DECLINING,),
        (CONCENTRATION, FLOW),
        (BRIDGE, DECILES),
        (GRID, _contribution("segment")),
        (RFM, _contribution("industry")),
        (LIST,),
        (FREQUENT, COHORTS),
    ),
)
