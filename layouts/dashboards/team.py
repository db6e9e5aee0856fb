"""Team: who stands where against quota, how it spreads, who rises and falls, and whom each wins and keeps."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.dashboards.pieces import COST, card, moved
from layouts.marks import (
    ROW,
    Bullets,
    Distribution,
    Keeping,
    Lines,
    Movers,
    Needed,
    Ranking,
    Rows,
    SmallMultiples,
)
from layouts.panel import Panel, Question

TABLE = 300
"""Pixels of the tables: the first few people, and the others by scrolling."""

STANDING = Question(
    ("quota_attainment", "net_sales", "quota"), by=("rep",), versus=(), order=(("quota_attainment", "desc"),)
)
REST = Question(("quota",), by=("rep",), reach="rest", versus=())
"""The quota that is still to come."""


CARDS = (
    card("quota_attainment", "Quota attained", versus=("last-year",)),
    card("net_sales", "Net sales", plan=True),
    card("revenue_per_rep", "Net sales per rep"),
    card("customers", "Customers"),
    card("new_customers", "New customers"),
    card("discount_rate", "Discount rate"),
    card("margin_rate", "Gross margin", needs=COST),
)

ATTAINMENT = Panel(
    id="attainment",
    title="Attainment by {level}",
    query=STANDING,
    beside={"rest": REST},
    derive="pace",
    mark=Bullets(rows=10, height=10 * ROW + 40),
    width=4,
    unit="% of quota; the tick is pace",
)

RANKING = Panel(
    id="ranking",
    title="Ranking by attainment",
    query=STANDING,
    beside={"rest": REST},
    derive="pace",
    mark=Ranking(rows=10, height=10 * ROW + 40),
    width=4,
    unit="bars are net sales, placed by % of quota",
)

SPREAD = Panel(
    id="distribution",
    title="How attainment spreads",
    query=STANDING,
    derive="distribution",
    mark=Distribution(height=10 * ROW + 40),
    width=4,
    unit="people by attainment to date",
)

TRENDS = Panel(
    id="trends",
    title="Net sales by month and {level}",
    query=Question(("net_sales",), by=("rep", "month"), reach="recent", months=14, versus=()),
    mark=SmallMultiples(height=380),
    width=12,
    unit="all on one scale; the figure is the last complete month's, the ring is the running one",
)

SIDE_BY_SIDE = Panel(
    id="compare",
    title="Side by side",
    query=Question(("net_sales",), by=("rep", "week"), versus=()),
    derive="compare",
    mark=Lines(height=Movers.height),
    width=7,
)

MOVED = moved("movers", "Customers that moved most", "customer", each=5, width=5)

NEEDED = Panel(
    id="needed",
    title="What it takes to reach the quota",
    query=STANDING,
    beside={"rest": REST},
    derive="pace",
    mark=Needed(height=TABLE),
    width=12,
)

KEPT = Panel(
    id="keeping",
    title="Customers won and kept",
    query=Question(("new_customers",), by=("rep",), reach="year", versus=()),
    beside={"each": Question(("orders",), by=("rep", "customer"), reach="year", versus=("last-year",))},
    derive="keeping",
    mark=Keeping(height=TABLE),
    width=7,
    note="Customers count for the rep who sold to them at the time.",
)

FIGURES = Panel(
    id="figures",
    title="Prices and orders by {level}",
    query=Question(
        ("discount_rate", "average_order_value", "orders", "customers"), by=("rep",), versus=("last-year",), totals=True
    ),
    mark=Rows(height=TABLE),
    width=12,
)

MARGIN = Panel(
    id="margin",
    title="Margin by {level}",
    query=Question(("margin_rate", "margin"), by=("rep",), versus=("last-year",), totals=True),
    mark=Rows(height=TABLE),
    width=5,
    needs=COST,
)

TEAM = Dashboard(
    id="team",
    title="Team",
    audience="Team leads and sales management",
    rows=(
        CARDS,
        (ATTAINMENT, RANKING, SPREAD),
        (TRENDS,),
        (SIDE_BY_SIDE, MOVED),
        (NEEDED,),
        (KEPT, MARGIN),
        (FIGURES,),
    ),
)
