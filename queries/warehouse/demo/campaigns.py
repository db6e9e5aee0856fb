"""Campaigns of the demo company: when they ran, whom they were for and how many orders came through them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from queries.warehouse.demo.places import COUNTRY_OF, REGIONS
from queries.warehouse.demo.plot import (
    FAILING_CAMPAIGN,
    FAILING_DISCOUNT_PERMILLE,
    FAILING_REGIONS,
    WINNING_CAMPAIGN,
    WINNING_REGIONS,
    Plot,
)


@dataclass(frozen=True)
class Campaign:
    """A campaign, the regions it was for, and its share of their orders while it ran."""

    key: str
    name: str
    kind: str
    starts: date
    ends: date
    regions: frozenset[str]
    share: float
    extra_discount_permille: int = 0


_ORDINARY: tuple[tuple[str, str, str, int, int, str, float], ...] = (
    ("warehouse-forum", "Warehouse Forum", "Trade fair", 36, 2, "emea", 0.05),
    ("ergonomics-weeks", "Ergonomics Weeks", "Webinar", 33, 2, "americas", 0.04),
    ("refer-a-plant", "Refer a Plant", "Referral", 30, 3, "apac", 0.05),
    ("year-end-stock-up", "Year-end Stock-up", "Discount", 26, 2, "emea", 0.06),
    ("safety-audit-mailing", "Safety Audit Mailing", "Email", 23, 2, "americas", 0.04),
    ("lean-floor-tour", "Lean Floor Tour", "Trade fair", 20, 2, "apac", 0.05),
    ("bench-upgrade", "Bench Upgrade", "Email", 17, 2, "emea", 0.04),
    ("trade-in-truck", "Trade in your Truck", "Discount", 14, 2, "americas", 0.06),
    ("service-starter", "Service Starter", "Email", 11, 2, "emea", 0.04),
    ("summer-fit-out", "Summer Fit-out", "Webinar", 7, 2, "apac", 0.05),
)
"""Key, name, kind, months back, months long, market and share of its orders; none of them moved sales visibly."""


def campaigns(plot: Plot) -> tuple[Campaign, ...]:
    """All campaigns, oldest first; the last two are those with a story."""
    found = []
    for key, name, kind, back, length, market, share in _ORDINARY:
        regions = frozenset(entry.key for entry in REGIONS if COUNTRY_OF[entry.country].market == market)
        ends = plot.month(back - length) - timedelta(days=1)
        discount = 20 if kind == "Discount" else 0
        found.append(Campaign(key, name, kind, plot.month(back), ends, regions, share, discount))
    worked = plot.happens("campaign-worked")
    failed = plot.happens("campaign-failed")
    found.append(
        Campaign(
            WINNING_CAMPAIGN, "Northern Safety Days", "Trade fair", *plot.winning,
            frozenset(WINNING_REGIONS), 0.34 if worked else 0.04,
        )
    )  # fmt: skip
    found.append(
        Campaign(
            FAILING_CAMPAIGN, "Grand Clearance", "Discount", *plot.failing,
            frozenset(FAILING_REGIONS), 0.45, FAILING_DISCOUNT_PERMILLE if failed else 0,
        )
    )  # fmt: skip
    return tuple(found)


def campaign_rows(plot: Plot) -> dict[str, list[object]]:
    """The staged `campaign` table by column."""
    known = campaigns(plot)
    return {
        "campaign_key": [campaign.key for campaign in known],
        "campaign": [campaign.name for campaign in known],
        "campaign_type": [campaign.kind for campaign in known],
        "starts": [campaign.starts for campaign in known],
        "ends": [campaign.ends for campaign in known],
    }
