"""Customer sales: what every customer bought, line by line, and who buys most, how often, how and on which paper."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.dashboards.pieces import card
from layouts.marks import ROW, Ledger, RankedBars
from layouts.panel import Panel, Question
from layouts.ready import Preset, ReadyMade

LINES = Panel(
    id="lines",
    title="Sales by customer, line by line",
    query=Question(
        ("net_sales", "orders", "units", "discount_rate", "average_price", "lines"),
        by=("customer",),
        versus=(),
        order=(("net_sales", "desc"),),
        limit=50,
        others=True,
        totals=True,
    ),
    mark=Ledger(),
    width=12,
)


def _ranked(panel_id: str, title: str, metric: str, by: str, rows: int) -> Panel:
    return Panel(
        id=panel_id,
        title=title,
        query=Question(
            (metric,),
            by=(by,),
            plan=False,
            order=((metric, "desc"),),
            limit=rows,
            others=metric == "net_sales",
            totals=True,
        ),
        mark=RankedBars(rows=rows, height=rows * ROW + 70),
        width=6,
    )


VIEWS = (
    ReadyMade(
        "Customer value",
        "For owners",
        "period=last-12-months&columns=customer,segment,document,net,margin,discount_rate,order_date&sort=net:desc",
    ),
    ReadyMade(
        "Buying behaviour",
        "For sales",
        "period=last-12-months&columns=customer,days_between,quantity_per_order,order_date,product,quantity,net_price,"
        "net&sort=days_between:asc",
    ),
    ReadyMade(
        "Segments",
        "For marketing",
        "period=last-12-months&columns=customer,segment,industry,customer_type,net,document,product,channel,campaign"
        "&sort=segment:asc,net:desc",
    ),
    ReadyMade(
        "Revenue distribution",
        "For finance",
        "period=last-12-months&basis=invoiced&columns=customer,net,document,document_type,gross,discount,tax,freight,"
        "invoice_date,payment_date&sort=net:desc",
    ),
)
"""One page for the four whom it is for."""

PRESETS = (
    Preset(
        "review-pack",
        "Review pack",
        "For a review with the customer",
        "columns=customer,order_date,document,product,quantity,net_price,discount_rate,net&sort=net:desc",
    ),
    Preset(
        "reconciliation",
        "Reconciliation",
        "For accounting, with a control total of every amount",
        "columns=customer,document,document_type,invoice_date,payment_date,gross,discount,net,tax,freight"
        "&sort=customer:asc",
    ),
)
"""Files for a purpose, of the lines that stand."""

CUSTOMER_SALES = Dashboard(
    id="customer-sales",
    title="Customer sales",
    audience="Owners, sales, marketing and finance",
    permission="rows",
    views=VIEWS,
    presets=PRESETS,
    rows=(
        tuple(
            card(metric, title)
            for metric, title in (
                ("net_sales", "Net sales"),
                ("customers", "Customers"),
                ("orders", "Orders"),
                ("average_order_value", "Average order value"),
                ("discount_rate", "Discount rate"),
            )
        ),
        (LINES,),
        (
            _ranked("most", "Who buys most", "net_sales", "customer", 8),
            _ranked("often", "Who orders most often", "orders", "customer", 8),
        ),
        (
            _ranked("by-document-type", "Net sales by document type", "net_sales", "document_type", 4),
            _ranked("by-channel", "Net sales by channel", "net_sales", "channel", 4),
        ),
    ),
)
