"""Dashboards: panels, nothing else. Adding one is one file here and one line below."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.dashboards.campaigns import CAMPAIGNS
from layouts.dashboards.customer import CUSTOMER
from layouts.dashboards.customer_sales import CUSTOMER_SALES
from layouts.dashboards.customers import CUSTOMERS
from layouts.dashboards.data_quality import DATA_QUALITY
from layouts.dashboards.me import ME
from layouts.dashboards.overview import OVERVIEW
from layouts.dashboards.products import PRODUCTS
from layouts.dashboards.regions import REGIONS
from layouts.dashboards.sales import SALES
from layouts.dashboards.team import TEAM

DASHBOARDS: tuple[Dashboard, ...] = (
    OVERVIEW,
    SALES,
    REGIONS,
    PRODUCTS,
    CUSTOMERS,
    CUSTOMER,
    CUSTOMER_SALES,
    TEAM,
    ME,
    CAMPAIGNS,
    DATA_QUALITY,
)


def dashboards() -> tuple[Dashboard, ...]:
    """Every dashboard, in the order of the navigation."""
    return DASHBOARDS
