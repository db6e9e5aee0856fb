"""Me: one rep's own day: how far, what it takes, whose orders rise and fall, what came in."""

from __future__ import annotations

from dataclasses import replace

from layouts.dashboard import Dashboard
from layouts.dashboards.customers import DECLINING
from layouts.dashboards.pieces import card, moved
from layouts.dashboards.team import REST, STANDING
from layouts.marks import ROW, Bullets, Columns, Cumulative, Needed, Rows
from layouts.panel import Panel, Question

CARDS = (
    card("quota_attainment", "Quota attained", versus=("last-year",)),
    card("net_sales", "Net sales"),
    card("orders", "Orders"),
    card("average_order_value", "Average order"),
    card("customers", "Customers"),
    card("new_customers", "New customers"),
)

NEEDED = Panel(
    id="needed",
    title="What it takes to reach the quota",
    query=STANDING,
    beside={"rest": REST},
    derive="pace",
    mark=Needed(height=120),
    width=12,
)

ATTAINMENT = Panel(
    id="attainment",
    title="Attainment by {level}",
    query=STANDING,
    beside={"rest": REST},
    derive="pace",
    mark=Bullets(height=Cumulative.height),
    width=4,
    unit="% of quota; the tick is pace",
)

PROGRESS = Panel(
    id="progress",
    title="Net sales against quota",
    query=Question(("net_sales",), by=("day",), reach="history", versus=()),
    beside={
        "plan": Question(("quota",), by=("month",), reach="cycle", versus=()),
        "rest": Question(("quota",), by=("month",), reach="rest", versus=()),
    },
    mark=Cumulative(earlier=8),
    width=8,
)

DAYS = Panel(
    id="days",
    title="Day by day",
    query=Question(("net_sales",), by=("day",), reach="recent", months=1, versus=()),
    mark=Columns(height=8 * ROW + 60),
    width=6,
)

NEWEST = Panel(
    id="newest",
    title="Newest orders",
    query=Question(
        ("net_sales", "lines"),
        by=("document", "day", "customer"),
        reach="recent",
        months=2,
        versus=(),
        order=(("day", "desc"), ("net_sales", "desc")),
        limit=15,
    ),
    mark=Rows(rows=15, height=8 * ROW + 60),
    width=6,
)

SILENT = replace(DECLINING, id="silent", title="Own customers who fell silent or buy less")

ME = Dashboard(
    id="me",
    title="My day",
    audience="Reps and account managers",
    own="rep",
    rows=(
        CARDS,
        (NEEDED,),
        (PROGRESS, ATTAINMENT),
        (
            moved("my-customers", "Customers that moved most", "customer", each=4, width=6),
            moved("my-products", "Products that moved most", "product", each=4, width=6),
        ),
        (SILENT,),
        (DAYS, NEWEST),
    ),
)
