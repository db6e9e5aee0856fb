"""Products: what sells, what is left of it, what grows, what shrinks, and what hangs on how few."""

from __future__ import annotations

from dataclasses import replace

from layouts.dashboard import Dashboard
from layouts.dashboards.pieces import COST, card
from layouts.derive.waterfall import LEVELS
from layouts.marks import Card, Discounts, Matrix, MixShift, Pareto, Preferred, Quadrant, Tail, TreeTable, Waterfall
from layouts.panel import Panel, Question

EACH = Question(("net_sales",), by=("goods",), start="product", plan=False, order=(("net_sales", "desc"),))
"""Every product, or, inside of one, every customer of it."""

TOP_TEN = Panel(
    id="top-ten",
    title="Share of the ten largest",
    query=EACH,
    derive="top-share",
    mark=Card("top_share"),
    width=2,
    note="The part of net sales that the ten largest products make.",
)

CARDS = (
    card("net_sales", "Net sales", plan=True),
    card("units", "Units"),
    card("margin_rate", "Margin rate", needs=COST),
    card("products", "Products sold"),
    card("return_rate", "Return rate"),
    TOP_TEN,
)

TREE = Panel(
    id="tree",
    title="Net sales by {level}",
    query=Question(
        ("net_sales", "units"), by=("goods",), plan=False, order=(("net_sales", "desc"),), limit=500, totals=True
    ),
    beside={
        "trail": Question(("net_sales",), by=("goods", "trail"), reach="trail", versus=()),
        "margin": Question(("margin_rate",), by=("goods",), versus=(), totals=True, needs=COST),
    },
    derive="tree",
    mark=TreeTable(opens=("category", "subcategory")),
    width=12,
)

MARGIN = Panel(
    id="margin-waterfall",
    title="From gross sales to gross margin",
    query=Question(
        ("gross_sales", "discount", "returns", "net_sales", "costed_net_sales", "cost", "margin"), plan=False
    ),
    derive="margin-waterfall",
    mark=Waterfall(LEVELS, height=Quadrant.height),
    width=5,
    needs=COST,
)

EARNING = Question(
    ("net_sales", "margin", "costed_net_sales"),
    by=("goods",),
    start="product",
    versus=("last-year",),
    order=(("net_sales", "desc"),),
)

CORNERS = Panel(
    id="quadrant",
    title="Growth and margin by {level}",
    query=EARNING,
    derive="quadrant",
    mark=Quadrant(),
    width=7,
    unit="Growth on last year against margin rate; area is net sales",
    needs=COST,
)

CONCENTRATION = Panel(
    id="pareto",
    title="Concentration of net sales by {level}",
    query=EACH,
    derive="pareto",
    mark=Pareto(),
    width=6,
)

TAIL = Panel(
    id="tail",
    title="The tail: small, and below average in growth and margin",
    query=EARNING,
    beside={"last": Question(("last_order",), by=("goods",), start="product", versus=())},
    derive="tail",
    mark=Tail(),
    width=12,
    needs=COST,
)

TOGETHER = Panel(
    id="together",
    title="Bought together, by {level}",
    query=Question(("orders",), by=("goods",), start="subcategory", reach="recent", months=12, versus=(), totals=True),
    beside={
        "pairs": Question(
            ("orders",),
            by=("goods", "beside"),
            start="subcategory",
            reach="recent",
            months=12,
            versus=(),
            order=(("orders", "desc"),),
            limit=2_000,
        ),
    },
    derive="attach",
    mark=Matrix(),
    width=6,
    unit="Lift: how many times as often as by chance",
)

SEGMENTS = Question(("net_sales",), by=("segment", "category"), reach="complete", versus=())

PREFERRED = Panel(
    id="preferred",
    title="What each segment prefers",
    query=SEGMENTS,
    beside={"before": replace(SEGMENTS, back=12), "earlier": replace(SEGMENTS, back=24)},
    derive="preferred",
    mark=Preferred(rows=24, height=360),
    width=12,
    unit="% of the segment’s net sales in twelve complete months",
)

SHIFT = Panel(
    id="mix-shift",
    title="How the mix of each segment shifts",
    query=Question(("net_sales",), by=("segment", "category", "quarter"), reach="complete", months=39, versus=()),
    derive="mix-shift",
    mark=MixShift(),
    width=12,
    unit="% of the segment’s net sales by quarter",
    note="Whole quarters only. The change is against the earliest quarter of the same season that is shown. Choose an"
    " industry or a segment in the filters to see its own mix.",
)

SOLD = Question(
    ("discount_rate", "units", "net_sales"), by=("goods",), start="subcategory", reach="complete", versus=(), plan=False
)
EARNED = replace(SOLD, metrics=("margin",), needs=COST)

DISCOUNTS = Panel(
    id="discounts",
    title="Discounts, and what became of the volume, by {level}",
    query=SOLD,
    beside={
        "before": replace(SOLD, back=12),
        "margin": EARNED,
        "margin_before": replace(EARNED, back=12),
    },
    derive="discounts",
    mark=Discounts(rows=40, height=360),
    width=12,
    unit="Twelve complete months beside the twelve before",
    note="What went together, not what caused it: seasons, prices and customers changed as well.",
)

PRODUCTS = Dashboard(
    id="products",
    title="Products",
    audience="Product marketing and sales management",
    rows=(CARDS, (TREE,), (CORNERS, MARGIN), (CONCENTRATION, TOGETHER), (SHIFT,), (PREFERRED,), (DISCOUNTS,), (TAIL,)),
)
