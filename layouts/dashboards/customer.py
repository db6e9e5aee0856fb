"""Customer: one customer's orders, products, prices and rhythm."""

from __future__ import annotations

from dataclasses import replace

from layouts.dashboard import Dashboard
from layouts.dashboards.pieces import COST, card
from layouts.derive.expansion import STANDING
from layouts.marks import Columns, Identity, Mix, OwnRhythm, RankedBars, Response, Rows, Timeline, Waterfall
from layouts.panel import Panel, Question

CARDS = (
    card("net_sales", "Net sales"),
    card("orders", "Orders"),
    card("average_order_value", "Average order value"),
    card("products", "Products bought"),
    card("discount_rate", "Discount rate"),
    card("margin_rate", "Margin rate", needs=COST),
)

IDENTITY = Panel(
    id="identity",
    title="Who it is",
    query=Question(("customer_identity",), versus=()),
    derive="identity-in-words",
    mark=Identity(),
    width=12,
)

TIMELINE = Panel(
    id="timeline",
    title="Orders of two years",
    query=Question(("net_sales",), by=("day", "document", "document_type"), reach="recent", months=36, versus=()),
    derive="order-timeline",
    mark=Timeline(),
    width=8,
)

RHYTHM = Panel(
    id="rhythm",
    title="Rhythm",
    query=Question(("orders",), by=("day",), reach="recent", months=24, versus=()),
    derive="own-rhythm",
    mark=OwnRhythm(height=Timeline.height),
    width=4,
    unit="Days between two days with an order, over two years",
)

MATRIX = Panel(
    id="product-matrix",
    title="Products bought",
    query=Question(
        ("net_sales", "units", "orders", "average_price", "discount_rate", "first_order", "last_order"),
        by=("product",),
        reach="recent",
        months=24,
        versus=(),
        order=(("net_sales", "desc"),),
        totals=True,
    ),
    mark=Rows(height=420),
    width=12,
    unit="Two years",
)

DISCOUNT = Panel(
    id="discount",
    title="Discount rate by {level}",
    query=Question(("discount_rate",), by=("month",), reach="complete", months=12, versus=()),
    mark=Columns(height=320),
    width=6,
)

PRICES = Panel(
    id="prices",
    title="Prices paid, and how quantities go with them",
    query=Question(("units", "net_sales"), by=("product", "document"), reach="recent", months=24, versus=()),
    derive="price-response",
    mark=Response(height=320),
    width=8,
    unit="Net prices of two years",
    note="Slope: by how many percent the quantity differs where the price is one percent higher: an association, not an"
    " effect. It is shown from eight purchases on, at prices that differ by two percent or more.",
)


def _mix(level: str) -> Panel:
    return Panel(
        id=f"by-{level.replace('_', '-')}",
        title="Mix by {level}",
        query=Question(("net_sales",), by=(level,), plan=False, order=(("net_sales", "desc"),), totals=True),
        mark=Mix(rows=5, height=210),
        width=6,
        unit="% of net sales",
    )


BOUGHT = Question(("net_sales",), by=("customer", "subcategory"), reach="complete", versus=())

EXPANSION = Panel(
    id="expansion",
    title="Up-sell and cross-sell",
    query=BOUGHT,
    beside={"before": replace(BOUGHT, back=12)},
    derive="expansion",
    mark=Waterfall(STANDING, height=320),
    width=6,
    note="Over the last twelve complete months, beside the twelve before: more of a subcategory that was bought then is"
    " up-sell, a subcategory that was not is cross-sell.",
)

TYPES = Panel(
    id="by-document-type",
    title="Net sales by document type",
    query=Question(("net_sales",), by=("document_type",), plan=False, order=(("net_sales", "desc"),), totals=True),
    mark=RankedBars(rows=5, height=320),
    width=4,
)

CUSTOMER = Dashboard(
    id="customer",
    title="Customer",
    audience="Account managers and reps",
    rows=(
        (IDENTITY,),
        CARDS,
        (TIMELINE, RHYTHM),
        (MATRIX,),
        (DISCOUNT, EXPANSION),
        (PRICES, TYPES),
        (_mix("channel"), _mix("category")),
    ),
    about="customer",
)
