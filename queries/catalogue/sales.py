"""Sales metrics: what was sold, given back, earned, and to how many."""

from __future__ import annotations

from typing import Literal

from queries.catalogue.model import Better, Change, Collected, Distinct, Documents, Fact, Metric, Ratio, Sum

COST = frozenset({"cost"})
_SALES: Fact = "sales_line"


def _money(
    metric_id: str,
    title: str,
    definition: str,
    *terms: tuple[int, str],
    better: Better | None = None,
    needs: frozenset[str] = frozenset(),
    listed: bool = True,
    credited: str | None = None,
) -> Metric:
    expression = Sum(terms)
    return Metric(
        metric_id, title, definition, "money", "money", "additive", _SALES, expression, needs, better, listed, credited
    )


def _share(
    metric_id: str, title: str, definition: str, parts: Ratio, better: Better, needs: frozenset[str] = frozenset()
) -> Metric:
    return Metric(metric_id, title, definition, "ratio", "percent", "never", _SALES, parts, needs, better)


def _money_per(metric_id: str, title: str, definition: str, parts: Ratio) -> Metric:
    return Metric(metric_id, title, definition, "money", "money", "never", _SALES, parts, better="up")


def _day(metric_id: str, title: str, definition: str, what: Literal["first_day", "last_day"]) -> Metric:
    return Metric(metric_id, title, definition, "day", "day", "never", _SALES, Collected(what))


METRICS: tuple[Metric, ...] = (
    _money(
        "net_sales",
        "Net sales",
        "Gross sales less discounts and returns, without tax and freight.",
        (1, "net"),
        better="up",
    ),
    _money(
        "gross_sales",
        "Gross sales",
        "Quantity times unit price of everything sold, before discounts and returns.",
        (1, "gross"),
        better="up",
    ),
    _money("discount", "Discount", "What was taken off the price of everything sold.", (1, "discount"), better="down"),
    _money("returns", "Returns", "The net amount of what customers gave back.", (1, "returned"), better="down"),
    _share(
        "return_rate",
        "Return rate",
        "Returns as a share of gross sales less discounts.",
        Ratio("returns", "sales_before_returns"),
        "down",
    ),
    _money(
        "cost",
        "Cost",
        "What the goods sold, less those given back, cost us, as far as it is known.",
        (1, "cost"),
        needs=COST,
    ),
    _money(
        "margin",
        "Gross margin",
        "Net sales less cost, over the lines whose cost is known.",
        (1, "costed_net"),
        (-1, "cost"),
        better="up",
        needs=COST,
    ),
    _share(
        "margin_rate",
        "Margin rate",
        "Gross margin as a share of the net sales whose cost is known.",
        Ratio("margin", "costed_net_sales"),
        "up",
        COST,
    ),
    Metric(
        "units",
        "Units",
        "Quantity sold less quantity given back.",
        "quantity",
        "decimal",
        "additive",
        _SALES,
        Sum(((1, "quantity"),)),
        better="up",
    ),
    Metric(
        "lines",
        "Lines",
        "Lines of all documents, credit notes included.",
        "count",
        "integer",
        "additive",
        _SALES,
        Sum(((1, "lines"),)),
    ),
    Metric(
        "orders",
        "Orders",
        "Distinct sale documents; credit notes do not count.",
        "count",
        "integer",
        "never",
        _SALES,
        Documents("orders", "document_id"),
        better="up",
    ),
    Metric(
        "customers",
        "Customers",
        "Distinct customers who bought something; a credit note alone does not count.",
        "count",
        "integer",
        "never",
        _SALES,
        Distinct("customer"),
        better="up",
    ),
    Metric(
        "products",
        "Products sold",
        "Distinct products that were sold; a credit note alone does not count.",
        "count",
        "integer",
        "never",
        _SALES,
        Distinct("product"),
        better="up",
    ),
    Metric(
        "new_customers",
        "New customers",
        "Customers whose first purchase in the whole company lies in the period.",
        "count",
        "integer",
        "additive",
        _SALES,
        Sum(((1, "new_customers"),)),
        better="up",
    ),
    _money_per(
        "average_order_value",
        "Average order value",
        "Net sales divided by the number of orders.",
        Ratio("net_sales", "orders"),
    ),
    _money_per(
        "revenue_per_rep",
        "Revenue per rep",
        "Net sales divided by the number of reps who sold something.",
        Ratio("net_sales", "reps"),
    ),
    _money_per(
        "net_sales_per_customer",
        "Net sales per customer",
        "Net sales divided by the number of customers who bought something.",
        Ratio("net_sales", "customers"),
    ),
    _share(
        "discount_rate",
        "Discount rate",
        "Discount as a share of gross sales.",
        Ratio("discount", "gross_sales"),
        "down",
    ),
    _money_per(
        "average_price",
        "Average price",
        "Gross sales less discounts and returns, divided by the units that are left.",
        Ratio("net_sales", "units"),
    ),
    _day("first_order", "First order", "The day of the first order in the period.", "first_day"),
    _day("last_order", "Last order", "The day of the last order in the period.", "last_day"),
    Metric(
        "months_bought",
        "Months bought in",
        "Bit n is set when something was bought n months before the last month of the period.",
        "count",
        "integer",
        "never",
        _SALES,
        Collected("months"),
        listed=False,
    ),
    Metric(
        "growth",
        "Growth",
        "Change of net sales against the comparison, by default the same period last year.",
        "ratio",
        "signed_percent",
        "never",
        _SALES,
        Change("net_sales", "last-year"),
        better="up",
    ),
    _money("tax", "Tax", "Tax charged on the lines.", (1, "tax")),
    _money("freight", "Freight", "Freight charged on the lines.", (1, "freight")),
    _money(
        "sales_before_returns",
        "Sales before returns",
        "Gross sales less discounts.",
        (1, "gross"),
        (-1, "discount"),
        better="up",
        listed=False,
    ),
    _money(
        "costed_net_sales",
        "Net sales with known cost",
        "Net sales of the lines whose cost is known.",
        (1, "costed_net"),
        better="up",
        needs=COST,
        listed=False,
    ),
    _money(
        "credited_net_sales",
        "Credited net sales",
        "Net sales of the lines that a rep is credited with.",
        (1, "net"),
        better="up",
        listed=False,
        credited="rep",
    ),
    Metric(
        "reps",
        "Selling reps",
        "Distinct reps who sold something; a credit note alone does not count.",
        "count",
        "integer",
        "never",
        _SALES,
        Distinct("rep"),
        listed=False,
    ),
)
