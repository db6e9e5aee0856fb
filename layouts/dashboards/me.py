"""Me: one rep's own day: how far, what it takes, whose orders rise and fall, what came in."""

from __future__ import annotations

from dataclasses import replace

from layouts.dashboard import Dashboard
from layouts.dashboards.customers import DECLINING
from layouts.dashboards.team import REST, STANDING
from layouts.marks import ROW, Bullets, Card, Columns, Cumulative, Movers, Needed, Rows
from layouts.panel import Panel, Question


def _card(metric: str, title: str, *, plan: bool = False, compared: bool = False) -> Panel:
    return Panel(
        id=metric.replace("_", "-"),
        title=title,
        query=Question((metric,), plan=plan, versus=("last-year",) if compared else None),
        beside={"trail": Question((metric,), by=("trail",), reach="trail", versus=())},
        mark=Card(metric),
        width=2,
    )


def _moved(panel_id: str, title: str, level: str) -> Panel:
    def question(direction: str) -> Question:
        return Question(
            ("net_sales",),
            by=(level,),
            versus=("last-year",),
            order=(("net_sales@last-year:delta", "desc" if direction == "up" else "asc"),),
            limit=4,
            others=direction == "up",
            totals=direction == "up",
        )

    return Panel(
        id=panel_id,
        title=title,
        query=question("up"),
        beside={"down": question("down")},
        derive="movers",
        mark=Movers(rows=8, height=8 * ROW + 60),
        width=6,
    )


CARDS = (
    _card("quota_attainment", "Quota attained", compared=True),
    _card("net_sales", "Net sales"),
    _card("orders", "Orders"),
    _card("average_order_value", "Average order"),
    _card("customers", "Customers"),
    _card("new_customers", "New customers"),
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
            _moved("my-customers", "Customers that moved most", "customer"),
            _moved("my-products", "Products that moved most", "product"),
        ),
        (SILENT,),
        (DAYS, NEWEST),
    ),
)
