"""Plan metrics: budget and quota, and how sales stand against them."""

from __future__ import annotations

from queries.catalogue.model import Difference, Metric, Ratio, Sum

METRICS: tuple[Metric, ...] = (
    Metric(
        "budget",
        "Budget",
        "The net sales planned for the period.",
        "money",
        "money",
        "additive",
        "budget",
        Sum(((1, "amount"),)),
    ),
    Metric(
        "budget_variance",
        "Variance to budget",
        "Net sales less budget.",
        "money",
        "money",
        "additive",
        None,
        Difference("net_sales", "budget"),
        better="up",
    ),
    Metric(
        "budget_attainment",
        "Budget attainment",
        "Net sales as a share of budget.",
        "ratio",
        "percent",
        "never",
        None,
        Ratio("net_sales", "budget"),
        better="up",
    ),
    Metric(
        "quota",
        "Quota",
        "The net sales asked of reps and teams for the period.",
        "money",
        "money",
        "additive",
        "quota",
        Sum(((1, "amount"),)),
    ),
    Metric(
        "quota_attainment",
        "Quota attainment",
        "Net sales that reps are credited with as a share of their quota.",
        "ratio",
        "percent",
        "never",
        None,
        Ratio("credited_net_sales", "quota"),
        better="up",
    ),
)
