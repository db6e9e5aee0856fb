"""Products: what sells, what is left of it, what grows and what hangs on how few."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.derive.waterfall import LEVELS
from layouts.marks import Pareto, Waterfall
from layouts.panel import Panel, Question

COST = frozenset({"cost"})

MARGIN = Panel(
    id="margin-waterfall",
    title="From gross sales to gross margin",
    query=Question(
        ("gross_sales", "discount", "returns", "net_sales", "costed_net_sales", "cost", "margin"), plan=False
    ),
    derive="margin-waterfall",
    mark=Waterfall(LEVELS),
    width=6,
    needs=COST,
)

CONCENTRATION = Panel(
    id="pareto",
    title="Concentration of net sales by {level}",
    query=Question(
        ("net_sales",),
        by=("goods",),
        start="product",
        versus=(),
        order=(("net_sales", "desc"),),
        limit=2_000,
        others=True,
    ),
    derive="pareto",
    mark=Pareto(),
    width=6,
)

PRODUCTS = Dashboard(
    id="products",
    title="Products",
    audience="Product marketing and sales management",
    rows=((MARGIN, CONCENTRATION),),
)
