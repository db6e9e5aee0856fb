"""Overview: how the company stands now, against plan and last year, and where the gap is."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.marks import Bullets, Card, Cumulative, Mix, RankedBars, VarianceBars
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

OVERVIEW = Dashboard(
    id="overview",
    title="Overview",
    audience="Executives and directors",
    rows=(CARDS, (CUMULATIVE, VARIANCE), (CUSTOMERS, MIX, REPS)),
)
