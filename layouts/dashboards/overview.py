"""Overview: how the company stands now, against plan and last year, and where the gap is."""

from __future__ import annotations

from typing import Literal

from layouts.dashboard import Dashboard
from layouts.marks import ROW, Bullets, Card, Cumulative, Mix, Movers, RankedBars, Risks, VarianceBars
from layouts.panel import Panel, Question


def _card(
    metric: str, title: str, *, plan: bool = False, versus: tuple[str, ...] | None = None, cost: bool = False
) -> Panel:
    return Panel(
        id=metric.replace("_", "-"),
        title=title,
        query=Question((metric,), plan=plan, versus=versus),
        beside={"trail": Question((metric,), by=("trail",), reach="trail", versus=())},
        mark=Card(metric),
        width=2,
        needs=frozenset({"cost"}) if cost else frozenset(),
    )


CARDS = (
    _card("net_sales", "Net sales", plan=True),
    _card("budget_attainment", "Budget attained", versus=("last-year",)),
    _card("quota_attainment", "Quota attained", versus=("last-year",)),
    _card("margin_rate", "Gross margin", cost=True),
    _card("orders", "Orders"),
    _card("customers", "Customers"),
    _card("new_customers", "New customers"),
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
        "margin": Question(("margin_rate",), plan=False, versus=("last-year",), needs=frozenset({"cost"})),
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


def _moved(panel_id: str, title: str, by: str, start: str | None = None) -> Panel:
    def question(direction: Literal["asc", "desc"]) -> Question:
        return Question(
            ("net_sales",),
            by=(by,),
            start=start,
            versus=("last-year",),
            order=(("net_sales@last-year:delta", direction),),
            limit=3,
            others=direction == "desc",
            totals=direction == "desc",
        )

    return Panel(
        id=panel_id,
        title=title,
        query=question("desc"),
        beside={"down": question("asc")},
        derive="movers",
        mark=Movers(rows=6, height=6 * ROW + 60),
        width=4,
    )


MOVED = (
    _moved("moved-customers", "Largest moves by customer", "customer"),
    _moved("moved-goods", "Largest moves by product", "goods", start="product"),
    _moved("moved-places", "Largest moves by {level}", "place", start="region"),
)

OVERVIEW = Dashboard(
    id="overview",
    title="Overview",
    audience="Executives and directors",
    rows=(CARDS, (RISKS,), (CUMULATIVE, VARIANCE), (CUSTOMERS, MIX, REPS), MOVED),
)
