"""Overview: how the company stands now, against plan and last year, and where the gap is."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.dashboards.pieces import COST, card, moved
from layouts.marks import Bullets, Cumulative, Mix, RankedBars, Risks, VarianceBars
from layouts.panel import Panel, Question

CARDS = (
    card("net_sales", "Net sales", plan=True),
    card("budget_attainment", "Budget attained", versus=("last-year",)),
    card("quota_attainment", "Quota attained", versus=("last-year",)),
    card("margin_rate", "Gross margin", needs=COST),
    card("orders", "Orders"),
    card("customers", "Customers"),
    card("new_customers", "New customers"),
)

CUMULATIVE = Panel(
    id="cumulative",
    title="Cumulative net sales",
    query=Question(("net_sales",), by=("day",), reach="history", versus=()),
    beside={
        "plan": Question(("budget",), by=("month",), reach="cycle", versus=()),
        "rest": Question(("budget",), by=("month",), reach="rest", versus=()),
    },
    mark=Cumulative(),
    width=7,
)

VARIANCE = Panel(
    id="variance",
    title="Variance to {reference} by {level}",
    query=Question(
        ("net_sales",), by=("place",), start="region", order=(("net_sales", "desc"),), limit=40, totals=True
    ),
    mark=VarianceBars(),
    width=5,
)

CUSTOMERS = Panel(
    id="top-customers",
    title="Largest customers",
    query=Question(
        ("net_sales",), by=("customer",), plan=False, order=(("net_sales", "desc"),), limit=7, others=True, totals=True
    ),
    mark=RankedBars(),
    width=4,
)

MIX = Panel(
    id="category-mix",
    title="Mix by {level}",
    query=Question(
        ("net_sales",), by=("goods",), plan=False, order=(("net_sales", "desc"),), limit=7, others=True, totals=True
    ),
    mark=Mix(),
    width=4,
    unit="% of net sales",
)

REPS = Panel(
    id="rep-attainment",
    title="Attainment by sales rep",
    query=Question(
        ("quota_attainment", "net_sales", "quota"), by=("rep",), versus=(), order=(("quota_attainment", "desc"),)
    ),
    beside={"rest": Question(("quota",), by=("rep",), reach="rest", versus=())},
    mark=Bullets(),
    width=4,
    unit="% of quota; the tick is pace",
)

RISKS = Panel(
    id="risks",
    title="Risks",
    query=Question(("budget_attainment",), plan=False, versus=("last-year",)),
    beside={
        "margin": Question(("margin_rate",), plan=False, versus=("last-year",), needs=COST),
        "accounts": Question(
            ("net_sales",),
            by=("customer",),
            reach="complete",
            months=15,
            versus=(),
            order=(("net_sales", "desc"),),
            limit=25,
        ),
        "months": Question(
            ("orders", "net_sales"), by=("customer", "month"), reach="complete", months=15, versus=(), among="accounts"
        ),
    },
    derive="risks",
    mark=Risks(),
    width=12,
    unit="By fixed rules",
    note="Budget: behind under 100%, badly under 95%. Key accounts: the 25 largest, by their orders of three complete"
    " months against the twelve before; badly from 5% of their sales at risk. Margin: from half a point less than last"
    " year, badly from two. Data: no sale for four days, badly for eight.",
)


MOVED = (
    moved("moved-customers", "Largest moves by customer", "customer", each=3, width=4),
    moved("moved-goods", "Largest moves by product", "goods", start="product", each=3, width=4),
    moved("moved-places", "Largest moves by {level}", "place", start="region", each=3, width=4),
)

OVERVIEW = Dashboard(
    id="overview",
    title="Overview",
    audience="Executives and directors",
    rows=(CARDS, (RISKS,), (CUMULATIVE, VARIANCE), (CUSTOMERS, MIX, REPS), MOVED),
)
