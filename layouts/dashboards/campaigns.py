"""Campaigns: what was sold while each ran, and what of it is more than would have been sold anyway."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.marks import Bands, Campaigns
from layouts.panel import Panel, Question

DATES = Question(("campaign_days",), versus=())

TREND = Panel(
    id="trend",
    title="Net sales and campaigns by week",
    query=Question(("net_sales",), by=("week",), reach="recent", months=15, versus=(), free=("campaign",)),
    beside={"dates": DATES},
    derive="campaign-bands",
    mark=Bands(),
    width=12,
)

LIFT = Panel(
    id="lift",
    title="Campaigns and what they changed",
    query=Question(("net_sales",), by=("campaign", "region"), reach="recent", months=30, versus=()),
    beside={
        "dates": DATES,
        "days": Question(
            ("net_sales",), by=("region", "day"), reach="recent", months=30, versus=(), free=("campaign",)
        ),
    },
    derive="campaign-lift",
    mark=Campaigns(height=300),
    width=12,
    note="Sales during: everything sold in the campaign's regions on its days. Before: the same weekdays just before;"
    " last year: 364 days earlier. Control: regions that had no campaign on these days; the effect is the growth on"
    " last year beyond theirs. Without a control group there is a change and no effect.",
)

CAMPAIGNS = Dashboard(
    id="campaigns",
    title="Campaigns",
    audience="Marketing and sales management",
    rows=((TREND,), (LIFT,)),
)
